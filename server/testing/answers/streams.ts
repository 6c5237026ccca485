// Streams of events, and answers without a body.
import { ok, failed, matching } from './expected.ts'
import type { AnswerCase } from './table.ts'
import { type Answer, chunk, endless, head, LAST_CHUNK, pieces, silence, whole } from './wire.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const EVENTS = head(200, { 'content-type': 'text/event-stream' })

const FEED = [
  '\ufeff: a comment\nretry: 5\nid: 7\nevent: tick\ndata: {"n":12345678901234567890}\n\n',
  'data: two\ndata: lines\r\n\r\nevent: none\n\nid\ndata:  5\r\rdata\n\ndata: [DONE]',
]

/** Each part on its own, a moment after the one before. */
function slowly(...parts: string[]): Answer {
  return (socket) => {
    const rest = [...parts]
    const next = () => {
      socket.write(rest.shift() ?? '')
      if (rest.length > 0) setTimeout(next, 10)
      else socket.end()
    }
    next()
  }
}

function counts(events: number): object {
  const has = (value: unknown) => Array.isArray(value) && value.length === events
  return matching(has, `${events} events`)
}

const events: AnswerCase[] = [
  {
    name: 'a stream of events',
    answer: pieces(EVENTS, ...FEED),
    expected: ok({
      events: [
        { event: 'tick', id: '7', data: { n: '12345678901234567890' } },
        { event: 'message', id: '7', data: 'two\nlines' },
        { event: 'message', data: ' 5' },
        { event: 'message', data: '' },
        { event: 'message', data: '[DONE]' },
      ],
      truncated: false,
    }),
  },
  {
    name: 'a stream of no events',
    answer: whole(200, { 'content-type': 'text/event-stream' }),
    expected: ok(null),
  },
  {
    name: 'a stream of events whose line breaks come in halves',
    answer: slowly(EVENTS, 'data: a\r', '\n\r', '\nda', 'ta: b', '\r', '\r', 'data: ü\n\n'),
    expected: ok({ events: [{ data: 'a' }, { data: 'b' }, { data: 'ü' }], truncated: false }),
  },
  {
    name: 'an event that is nested too deeply for a value',
    answer: pieces(EVENTS, `data: ${'['.repeat(5000)}${']'.repeat(5000)}\n\n`),
    expected: ok({ events: [{ data: '['.repeat(5000) + ']'.repeat(5000) }] }),
  },
  {
    name: 'more events than are collected',
    answer: endless(EVENTS, () => 'data:x\n\n'.repeat(500)),
    expected: ok({ events: counts(10_000), truncated: true }),
  },
  {
    name: 'more bytes of events than are collected',
    answer: endless(EVENTS, () => `data:${'x'.repeat(10_000)}\n\n`),
    expected: ok({ truncated: true }),
  },
  {
    name: 'one event without end',
    answer: endless(`${EVENTS}data:`, () => 'x'.repeat(10_000)),
    expected: ok({ events: [], truncated: true }),
  },
  {
    name: 'a feed that goes on when the time is over',
    answer: endless(EVENTS, () => 'data: {"n":1}\n\n', 20),
    timeoutMs: 300,
    expected: ok({
      truncated: true,
      events: matching((value) => JSON.stringify(value).startsWith('[{"event"'), 'some'),
    }),
  },
  {
    name: 'a feed in which nothing happens',
    answer: silence(EVENTS),
    timeoutMs: 200,
    expected: ok({ events: [], truncated: true }),
  },
  {
    name: 'a feed that breaks off',
    answer: pieces(head(200, { 'content-type': 'text/event-stream', 'content-length': 99 }), 'data: 1\n\ndata: 2'),
    expected: ok({ events: [{ data: '1' }], truncated: true }),
  },
  {
    name: 'a feed that breaks off before its first event',
    answer: pieces(head(200, { 'content-type': 'text/event-stream', 'content-length': 99 }), 'data: 1'),
    expected: failed('interrupted', { retryable: true }),
  },
]

const empty: AnswerCase[] = [
  {
    name: '304',
    answer: pieces(head(304, { etag: '"1"', connection: 'close' })),
    expected: { ok: true, status: 304, data: null, headers: { etag: '"1"' } },
  },
  {
    name: 'HEAD',
    method: 'HEAD',
    answer: pieces(head(200, { ...JSON_TYPE, 'content-length': 99, 'x-a': 'b', connection: 'close' })),
    expected: ok(null, { headers: { 'x-a': 'b' } }),
  },
  { name: 'a type and a length of 0', answer: whole(200, JSON_TYPE), expected: ok(null) },
  {
    name: 'a type and no chunk',
    answer: pieces(head(200, { ...JSON_TYPE, 'transfer-encoding': 'chunked' }), LAST_CHUNK),
    expected: ok(null),
  },
  {
    name: 'chunks',
    answer: pieces(
      head(200, { ...JSON_TYPE, 'transfer-encoding': 'chunked' }),
      chunk('{"a'),
      chunk('":1}'),
      LAST_CHUNK,
    ),
    expected: ok({ a: 1 }),
  },
  {
    name: 'no length, and the end of the connection',
    answer: pieces(head(200, JSON_TYPE), '{"a":1}'),
    expected: ok({ a: 1 }),
  },
]

export const streamCases: AnswerCase[] = [...events, ...empty]
