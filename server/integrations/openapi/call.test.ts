import { expect, test } from 'vitest'
import { OutboundError } from '../../net/outbound.ts'
import { openApi } from './adapter.ts'

function toolWith(...names: string[]) {
  const parameters = names.map((name) => ({ key: name, name, in: 'query', style: 'form', explode: true }))
  const binding = { method: 'GET', path: '/a', parameters, accept: 'application/json, */*;q=0.8' }
  return { operation: 'GET /a', inputSchema: true, baseUrl: 'https://api.example.com', binding }
}

const tooLarge = new OutboundError('too_large', 'The answer is larger than the limit of 10 MiB.')

test('an answer that is too large says what asks for less', async () => {
  const messageOf = async (...names: string[]) => {
    const result = await openApi.call(toolWith(...names), {}, () => Promise.reject(tooLarge))
    return result.ok ? '' : `${result.error.code}: ${result.error.message}`
  }
  const large = 'answer_too_large: The answer is larger than the limit of 10 MiB. Ask for less at a time, with'
  expect(await messageOf('page', 'per_page', 'q', 'fields')).toBe(`${large} per_page, fields.`)
  expect(await messageOf('$top', 'page[size]', 'maxResults', 'perPage', 'pageSize')).toBe(
    `${large} $top, page[size], maxResults, perPage, pageSize.`,
  )
  expect(await messageOf('page', 'maximum', 'fieldset')).toBe(
    `${large} a narrower filter, fewer fields or a smaller page.`,
  )
})

test('what the network refuses keeps its code, while sending and while reading', async () => {
  const refusal = new OutboundError('blocked_address', 'No.')
  const expected = { ok: false, error: { code: 'blocked_address', message: 'No.', retryable: false } }
  expect(await openApi.call(toolWith(), {}, () => Promise.reject(refusal))).toEqual(expected)
  const broken = () => new ReadableStream({ pull: (controller) => controller.error(refusal) })
  expect(await openApi.call(toolWith(), {}, async () => new Response(broken()))).toEqual(expected)
  const headers = { 'content-type': 'text/event-stream' }
  expect(await openApi.call(toolWith(), {}, async () => new Response(broken(), { headers }))).toEqual(expected)
  const unreachable = { ok: false, error: { code: 'unreachable', retryable: true } }
  expect(await openApi.call(toolWith(), {}, () => Promise.reject(new TypeError('x')))).toMatchObject(unreachable)
})

test('a stream of events that the caller gave up is given up, whatever had come', async () => {
  const aborted = new OutboundError('aborted', 'The request was cancelled.')
  const parts = ['data: 1\n\n']
  const body = new ReadableStream({
    pull(controller) {
      const part = parts.shift()
      if (part === undefined) controller.error(aborted)
      else controller.enqueue(new TextEncoder().encode(part))
    },
  })
  const answer = new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  expect(await openApi.call(toolWith(), {}, async () => answer)).toMatchObject({
    ok: false,
    error: { code: 'aborted' },
  })
})
