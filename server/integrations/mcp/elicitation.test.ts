// Questions of a server, in both eras: the call ends with the question, and goes on when it is made again with the answer.
import { expect, test } from 'vitest'
import { AGREE, type AskingOptions, ASKING_URL, askingServer, ROOM } from '../../testing/mcp/asking-server.ts'
import type { AnsweredQuestion, CallContext, ToolResult } from '../adapter.ts'
import { mcp } from './adapter.ts'

const ERAS: AskingOptions[] = [
  { era: 'modern' },
  { era: 'legacy', asks: 'in the answer' },
  { era: 'legacy', asks: 'aside' },
]

function open(options: AskingOptions) {
  const server = askingServer(options)
  const memory = new Map<string, unknown>()
  const call = (name: string, answers: AnsweredQuestion[] = []): Promise<ToolResult> => {
    const binding = { url: ASKING_URL, transport: 'http', method: 'tools/call', name }
    const tool = { operation: `tool ${name}`, inputSchema: {}, binding, baseUrl: ASKING_URL }
    const context: CallContext = { memory, schemas: () => Promise.resolve(new Map()), isBlocked: () => false, answers }
    return mcp.call(tool, { of: name }, server.fetch, context)
  }
  /** Answers every question until there is none. */
  const callThrough = async (name: string, answer: AnsweredQuestion['answer']) => {
    const answers: AnsweredQuestion[] = []
    for (;;) {
      const result = await call(name, answers)
      if (result.ok || result.question === undefined) return { result, answers }
      answers.push({ question: result.question, answer })
    }
  }
  return { ...server, memory, call, callThrough }
}

const dataOf = (result: ToolResult): unknown => (result.ok ? JSON.parse(String(result.data)) : result.error)

test.each(ERAS)('a question ends the call, and its answer reaches the server: %o', async (options) => {
  const desk = open(options)
  const asked = await desk.call('book')
  const question = { mode: 'form', ...ROOM }
  expect(asked).toMatchObject({ ok: false, error: { code: 'input_required', details: question }, question })
  // One of the newer era has done nothing; an older one was told that it was dismissed, and went on as it liked.
  expect(desk.done).toHaveLength(options.era === 'modern' ? 0 : 1)
  const { result, answers } = await desk.callThrough('book', { action: 'accept', content: { room: 'c', seats: 2 } })
  expect(answers).toHaveLength(1)
  expect(dataOf(result)).toEqual([{ action: 'accept', content: { room: 'c', seats: 2 } }])
  expect(desk.listeners()).toBe(0)
})

test.each(ERAS)('several questions come one after the other, and each answer is given once: %o', async (options) => {
  const { callThrough } = open(options)
  const { result, answers } = await callThrough('both', { action: 'accept', content: { room: 'a', seats: 1 } })
  expect(answers.map(({ question }) => question.message)).toEqual(['Which room?', 'And for tomorrow?'])
  expect(dataOf(result)).toHaveLength(2)
})

test.each(ERAS)('what a person declines or dismisses is told to the server as that: %o', async (options) => {
  const { callThrough } = open(options)
  expect(dataOf((await callThrough('book', { action: 'decline' })).result)).toEqual([{ action: 'decline' }])
  expect(dataOf((await callThrough('sign', { action: 'cancel' })).result)).toEqual([{ action: 'cancel' }])
})

test.each(ERAS)(
  'a URL that was opened is known again by where it leads, whatever its ticket is: %o',
  async (options) => {
    const { call } = open(options)
    const url = AGREE.url.replace('ticket=1', 'ticket=2')
    const answer = { action: 'accept' } as const
    const question = { mode: 'url', message: AGREE.message, url } as const
    expect(dataOf(await call('sign', [{ question, answer }]))).toEqual([{ action: 'accept' }])
    const elsewhere = { ...question, url: 'https://evil.example/c/7' }
    expect(await call('sign', [{ question: elsewhere, answer }])).toMatchObject({ question: AGREE })
    expect(await call('sign', [{ question: { ...question, message: 'Another' }, answer }])).toMatchObject({
      question: AGREE,
    })
  },
)

test('a server of 2026-07-28 goes on from where it asked, and begins anew when it has forgotten', async () => {
  const desk = open({ era: 'modern' })
  const asked = await desk.call('contract')
  const question = asked.ok ? undefined : asked.question
  expect(question).toMatchObject({ url: 'https://sign.example.com/contract-1', resume: { state: 'contract-1' } })
  // The state is between the server and its client.
  expect(asked).toMatchObject({ error: { details: expect.not.objectContaining({ resume: expect.anything() }) } })
  if (question === undefined) throw new Error('Nothing was asked')
  const answers: AnsweredQuestion[] = [{ question, answer: { action: 'accept' } }]
  desk.requests.length = 0
  expect(dataOf(await desk.call('contract', answers))).toBe('contract-1')
  expect(desk.requests).toEqual(['POST tools/call'])
  desk.contracts.clear()
  desk.requests.length = 0
  // What was signed was forgotten with it: the answer is passed on to the same question, asked anew.
  expect(dataOf(await desk.call('contract', answers))).toBe('contract-1')
  expect(desk.requests).toEqual(['POST tools/call', 'POST tools/call', 'POST tools/call'])
})

test('an answer is only given to the question that a person read', async () => {
  const { call } = open({ era: 'modern' })
  const answer = { action: 'accept', content: { room: 'a' } } as const
  const other = { mode: 'form', ...ROOM, message: 'Delete every room?' } as const
  expect(await call('book', [{ question: other, answer }])).toMatchObject({
    ok: false,
    question: { message: ROOM.message },
  })
})

test('a server that refuses until a URL was visited (-32042) asks for it, and for nothing once that was declined', async () => {
  const desk = open({ era: 'legacy' })
  desk.toVisit.add('https://login.example.com/1')
  const asked = await desk.call('quick')
  const question = { mode: 'url', message: 'Connect first', url: 'https://login.example.com/1' } as const
  expect(asked).toMatchObject({ ok: false, question })
  // It was not done after all: the person is asked again.
  expect(await desk.call('quick', [{ question, answer: { action: 'accept' } }])).toMatchObject({ question })
  const declined = await desk.call('quick', [{ question, answer: { action: 'decline' } }])
  expect(declined).toMatchObject({
    ok: false,
    error: { code: 'input_required', message: expect.stringContaining('Connect first') },
  })
  expect(declined).not.toHaveProperty('question')
  desk.toVisit.clear()
  expect(await desk.call('quick', [{ question, answer: { action: 'accept' } }])).toMatchObject({ ok: true })
})

test('a server that asks for ever is not answered for ever', async () => {
  const desk = open({ era: 'legacy' })
  desk.toVisit.add('https://login.example.com/1')
  const { result, answers } = await desk.callThrough('quick', { action: 'accept' })
  expect(answers).toHaveLength(10)
  expect(result).toMatchObject({
    ok: false,
    error: { code: 'input_required', message: expect.stringContaining('10 times') },
  })
})

test.each(['javascript:alert(1)', 'data:text/html,hi', 'https://bank.example@evil.example/', 'file:///etc/passwd'])(
  'nobody is asked to open %s',
  async (url) => {
    const desk = open({ era: 'legacy' })
    desk.toVisit.add(url)
    const asked = await desk.call('quick')
    expect(asked).toMatchObject({ ok: false, error: { code: 'unsupported_request' } })
    expect(asked).not.toHaveProperty('question')
  },
)

test('a stream is listened to while a tool is called, and a server without one is asked for it once', async () => {
  const offering = open({ era: 'legacy', asks: 'aside' })
  for (const _ of [1, 2, 3]) expect(await offering.call('quick')).toMatchObject({ ok: true })
  expect(offering.requests.filter((request) => request === 'GET')).toHaveLength(3)
  expect(offering.listeners()).toBe(0)
  const silent = open({ era: 'legacy', offersStream: false })
  for (const _ of [1, 2, 3]) expect(await silent.call('quick')).toMatchObject({ ok: true })
  expect(silent.requests.filter((request) => request === 'GET')).toHaveLength(1)
  expect(silent.requests.filter((request) => request === 'POST initialize')).toHaveLength(1)
  const modern = open({ era: 'modern' })
  expect(await modern.call('quick')).toMatchObject({ ok: true })
  expect(modern.requests).toEqual(['POST server/discover', 'POST tools/call'])
})

test('of calls that are under way together none is asked what may be the other one’s question', async () => {
  const desk = open({ era: 'legacy', asks: 'aside' })
  await desk.call('quick')
  const answers: AnsweredQuestion[] = [
    { question: { mode: 'form', ...ROOM }, answer: { action: 'accept', content: { room: 'a', seats: 1 } } },
  ]
  const [first, second] = await Promise.all([desk.call('book', answers), desk.call('book', answers)])
  // The server was told that it was dismissed, by whichever of them listened.
  for (const result of [first, second]) expect(dataOf(result)).toEqual([{ action: 'cancel' }])
  expect([...desk.memory.keys()].filter((key) => key.startsWith('calls'))).toEqual([])
})

test('what the server says meanwhile comes with the result, bounded', async () => {
  const desk = open({ era: 'legacy' })
  expect((await desk.call('quick')).notes).toEqual({
    progress: { progress: 1, total: 2, message: 'halfway' },
    logs: [{ level: 'info', text: 'desk: begins quick' }],
    left: 0,
  })
  // Also with a question.
  expect((await desk.call('book')).notes?.logs).toHaveLength(1)
})
