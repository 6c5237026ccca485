import { type ClientCapabilities, isInputRequiredResult } from '@modelcontextprotocol/server'
import { expect, test } from 'vitest'
import type { PendingQuestion, RunOutcome } from '../runs/outcome.ts'
import { answerOutcome } from './ask-person.ts'
import type { Exchange } from './exchange.ts'

const RUN = 'run_1'

const question = (id: string): PendingQuestion => ({
  id,
  question: 'send',
  tool: 'helpdesk.tickets.delete',
  account: 'helpdesk@main',
  summary: 'Delete a ticket',
  link: `https://executor.example.com/approvals/${id}`,
  expiresAt: 0,
})

const waitingFor = (...ids: string[]): RunOutcome => {
  return { run: RUN, state: 'waiting', waiting: ids.map(question), calls: [], emitted: [], logs: '' }
}

/** A client that opens links, unless it says otherwise. */
async function answer(outcome: RunOutcome, exchange: Partial<Exchange> = {}) {
  const result = await answerOutcome(outcome, {
    clientName: 'agent 1',
    capabilities: { elicitation: { url: {} } },
    state: undefined,
    responses: undefined,
    keep: async (state) => JSON.stringify(state),
    ...exchange,
  })
  if (!isInputRequiredResult(result)) {
    const [first] = result.content ?? []
    return { text: first?.type === 'text' ? first.text : '', asked: undefined, state: undefined }
  }
  return { text: undefined, asked: result.inputRequests, state: JSON.parse(result.requestState ?? 'null') }
}

test('a client that can open links is asked to open one for each question, and keeps the run', async () => {
  const { asked, state } = await answer(waitingFor('apr_1', 'apr_2'))
  expect(asked).toEqual({
    apr_1: {
      method: 'elicitation/create',
      params: {
        mode: 'url',
        message: 'helpdesk.tickets.delete through helpdesk@main needs approval. Sign in to Executor there to answer.',
        url: 'https://executor.example.com/approvals/apr_1',
      },
    },
    apr_2: { method: 'elicitation/create', params: expect.objectContaining({ mode: 'url' }) },
  })
  expect(state).toEqual({ run: RUN, opened: [], rounds: 1 })
})

test('clients that declare no URL elicitation get the text', async () => {
  const declared: ClientCapabilities[] = [{}, { elicitation: {} }, { elicitation: { form: {} } }, { sampling: {} }]
  for (const capabilities of declared) {
    const { text } = await answer(waitingFor('apr_1'), { capabilities })
    expect(text).toContain('The run waits for a person.')
  }
})

test('whatever does not wait is answered as to everybody', async () => {
  const succeeded: RunOutcome = { run: RUN, state: 'succeeded', value: 42, emitted: [], logs: '' }
  expect(await answer(succeeded)).toMatchObject({ text: '42' })
  const running: RunOutcome = { run: RUN, state: 'running', calls: [], emitted: [], logs: '' }
  expect((await answer(running)).text).toContain('still going on')
})

test('a link that was opened is waited for and not asked for again; a new question is', async () => {
  const state = { run: RUN, opened: [], rounds: 1 }
  const responses = { apr_1: { action: 'accept' } }
  const same = await answer(waitingFor('apr_1'), { state, responses })
  expect(same).toMatchObject({ asked: undefined, state: { run: RUN, opened: ['apr_1'], rounds: 2 } })

  const another = await answer(waitingFor('apr_1', 'apr_2'), { state: same.state, responses: undefined })
  expect(Object.keys(another.asked ?? {})).toEqual(['apr_2'])
  expect(another.state).toEqual({ run: RUN, opened: ['apr_1'], rounds: 3 })

  const next = await answer(waitingFor('apr_2'), { state: another.state, responses: {} })
  expect(Object.keys(next.asked ?? {})).toEqual(['apr_2'])
  expect(next.state).toMatchObject({ opened: [] })
})

test('who declines or cancels opening a link gets the text, and so does the last of many rounds', async () => {
  const state = { run: RUN, opened: [], rounds: 1 }
  for (const action of ['decline', 'cancel']) {
    const { text } = await answer(waitingFor('apr_1', 'apr_2'), { state, responses: { apr_2: { action } } })
    expect(text).toContain('approvals/apr_1')
    expect(text).toContain('resume({ run: "run_1" })')
  }
  const answered = { apr_0: { action: 'decline' } }
  expect((await answer(waitingFor('apr_1'), { state, responses: answered })).asked).toHaveProperty('apr_1')

  let last = await answer(waitingFor('apr_1'))
  let rounds = 0
  for (; last.state !== undefined; rounds++) last = await answer(waitingFor('apr_1'), { state: last.state })
  expect(rounds).toBe(6)
  expect(last.text).toContain('The run waits for a person.')
})

test('responses that are none, or of another kind, answer nothing', async () => {
  const state = { run: RUN, opened: [], rounds: 1 }
  for (const response of [{}, { action: 'approve' }, { action: 7 }, { roots: [] }, { approved: true }]) {
    const { asked } = await answer(waitingFor('apr_1'), { state, responses: { apr_1: response } })
    expect(asked).toHaveProperty('apr_1')
  }
})

test('a hundred questions are not put to a person at once', async () => {
  const { asked } = await answer(waitingFor(...Array.from({ length: 100 }, (_, index) => `apr_${index}`)))
  expect(Object.keys(asked ?? {})).toHaveLength(8)
})
