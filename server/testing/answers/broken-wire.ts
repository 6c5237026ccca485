// Answers that break HTTP itself, and answers that take their time: nothing of it may hang a call, or crash it.
import { failed, NONE, ok } from './expected.ts'
import type { AnswerCase } from './table.ts'
import { chunk, endless, head, LAST_CHUNK, pieces, silence } from './wire.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const CHUNKED = head(200, { ...JSON_TYPE, 'transfer-encoding': 'chunked' })
const BODY = '{"a":1}'
const READ = ok({ a: 1 })
const BROKEN = failed('interrupted', { retryable: true, message: 'The answer broke off before its end.' })
const NO_ANSWER_IN_TIME = failed('timeout', { retryable: true })

const connection: AnswerCase[] = [
  {
    name: 'a reset',
    answer: (socket) => void socket.resetAndDestroy(),
    expected: failed('unreachable', { retryable: true }),
  },
  { name: 'an end without a word', answer: pieces(), expected: failed('unreachable', { retryable: true }) },
  { name: 'half a status line', answer: pieces('HTTP/1.'), expected: NONE },
  { name: 'half of the headers', answer: pieces('HTTP/1.1 200 OK\r\ncontent-ty'), expected: NONE },
  { name: 'another protocol', answer: pieces('SSH-2.0-OpenSSH_9.0\r\n'), expected: NONE },
  { name: 'TLS', answer: pieces(Buffer.from('15030300020228', 'hex')), expected: NONE },
  { name: 'nothing but a body', answer: pieces(BODY), expected: NONE },
  {
    name: 'a reset in the body',
    answer: (socket) => {
      socket.write(head(200, { ...JSON_TYPE, 'content-length': 100 }) + BODY, () =>
        setTimeout(() => socket.resetAndDestroy(), 30),
      )
    },
    expected: BROKEN,
  },
  {
    name: 'an answer, and another one',
    answer: pieces(
      head(200, { ...JSON_TYPE, 'content-length': 7 }),
      `${BODY}${head(200, { 'content-length': 7 })}{"b":2}`,
    ),
    expected: READ,
  },
]

const status: AnswerCase[] = [
  ...['000', '0', '-1', 'OK', ''].map((status) => ({
    name: `status "${status}"`,
    answer: pieces(head(`${status} Reason`, { 'content-length': 7 }), BODY),
    expected: NONE,
  })),
  ...['99', '600', '999', '2000'].map((status) => ({
    name: `status "${status}"`,
    answer: pieces(head(`${status} Reason`, { 'content-length': 7 }), BODY),
    expected: failed('invalid_response'),
    inNode: failed(/^(unreachable|invalid_response)$/),
  })),
  {
    name: 'a switch to another protocol',
    answer: pieces(head(101, { upgrade: 'websocket', connection: 'upgrade' })),
    expected: failed(/^(unreachable|invalid_response)$/),
  },
  {
    name: 'no reason',
    answer: pieces('HTTP/1.1 200\r\ncontent-type: application/json\r\ncontent-length: 7\r\n\r\n', BODY),
    expected: READ,
  },
  {
    name: 'HTTP/1.0',
    answer: pieces(`HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n${BODY}`),
    expected: READ,
  },
  {
    name: 'early hints',
    answer: pieces(
      head(103, { link: '</a>; rel=preload' }),
      head(200, { ...JSON_TYPE, 'content-length': 7, connection: 'close' }),
      BODY,
    ),
    expected: READ,
    // Where Cloudflare runs it, what stands before the Worker takes these out.
    inWorkerd: failed('invalid_response'),
  },
  {
    name: '100 Continue without end',
    answer: endless('', () => head(100), 5),
    timeoutMs: 300,
    expected: failed(/^(unreachable|invalid_response|timeout)$/),
  },
  {
    name: 'early hints without end',
    answer: endless('', () => head(103), 5),
    timeoutMs: 300,
    expected: failed(/^(timeout|invalid_response)$/),
  },
]

const lengths: AnswerCase[] = [
  {
    name: 'less than its length',
    answer: pieces(head(200, { ...JSON_TYPE, 'content-length': 100 }), BODY),
    expected: BROKEN,
  },
  {
    name: 'more than its length',
    answer: pieces(head(200, { 'content-type': 'text/plain', 'content-length': 4 }), BODY),
    expected: ok('{"a"'),
  },
  {
    name: 'two lengths',
    answer: pieces(head(200, JSON_TYPE).replace(/\r\n$/, 'content-length: 7\r\ncontent-length: 3\r\n\r\n'), BODY),
    expected: NONE,
  },
  ...['-7', 'x', '0x7'].map((length) => ({
    name: `a length of ${length}`,
    answer: pieces(head(200, { 'content-length': length }), BODY),
    expected: NONE,
  })),
  {
    name: 'a length beyond numbers',
    answer: pieces(head(200, { ...JSON_TYPE, 'content-length': '99999999999999999999999' }), BODY),
    expected: failed(/^(unreachable|answer_too_large)$/),
  },
  {
    name: 'a length above the limit',
    answer: pieces(head(200, { ...JSON_TYPE, 'content-length': 11 * 1024 * 1024 }), BODY),
    expected: failed('answer_too_large', { retryable: false }),
  },
  {
    name: 'no length, and no end',
    answer: endless(head(200, JSON_TYPE), () => Buffer.alloc(100_000, ' ')),
    expected: failed('answer_too_large'),
  },
  {
    name: 'chunks without end',
    answer: endless(CHUNKED, () => chunk(Buffer.alloc(100_000, ' '))),
    expected: failed('answer_too_large'),
  },
  { name: 'a chunk of no size', answer: pieces(CHUNKED, chunk(BODY), 'zz\r\n\r\n'), expected: BROKEN },
  {
    name: 'a chunk of a size beyond numbers',
    answer: pieces(CHUNKED, `ffffffffffffffffff\r\n${BODY}\r\n`),
    expected: BROKEN,
  },
  { name: 'chunks without the last', answer: pieces(CHUNKED, chunk(BODY)), expected: BROKEN },
  { name: 'a chunk that is cut off', answer: pieces(CHUNKED, `ff\r\n${BODY}`), expected: BROKEN },
  {
    name: 'a body in single bytes',
    answer: pieces(CHUNKED, '1\r\n \r\n'.repeat(60_000), LAST_CHUNK),
    // Each costs a Worker as much as a thousand. Node puts together what came together.
    expected: failed('invalid_response', { message: 'The answer came in more than 50000 small pieces.' }),
    inNode: ok(null),
  },
]

const headers: AnswerCase[] = [
  {
    name: 'a header of 1 MB',
    answer: pieces(head(200, { 'x-big': 'a'.repeat(1_000_000), 'content-length': 7 }), BODY),
    expected: NONE,
  },
  {
    name: 'headers without end',
    answer: endless('HTTP/1.1 200 OK\r\n', () => `x-a: ${'b'.repeat(1000)}\r\n`),
    expected: NONE,
  },
  {
    name: 'a header without a colon',
    answer: pieces('HTTP/1.1 200 OK\r\nno colon\r\ncontent-length: 7\r\n\r\n', BODY),
    expected: NONE,
  },
  {
    name: 'a header with a zero',
    answer: pieces(head(200, { 'x-a': 'b\0c', 'content-length': 7 }), BODY),
    expected: NONE,
  },
  {
    name: 'a header that is not ASCII',
    answer: pieces(
      Buffer.from(head(200, { ...JSON_TYPE, 'x-a': 'caf\xe9', 'content-length': 7, connection: 'close' }), 'latin1'),
      BODY,
    ),
    expected: READ,
  },
]

const time: AnswerCase[] = [
  {
    name: 'no answer',
    answer: silence(),
    timeoutMs: 200,
    expected: failed('timeout', { retryable: true, message: 'There was no complete answer within 0.2 s.' }),
  },
  {
    name: 'half of the headers, and no more',
    answer: silence('HTTP/1.1 200 OK\r\ncontent-ty'),
    timeoutMs: 200,
    expected: NO_ANSWER_IN_TIME,
  },
  {
    name: 'headers, and no more',
    answer: silence(head(200, { ...JSON_TYPE, 'content-length': 7 })),
    timeoutMs: 200,
    expected: NO_ANSWER_IN_TIME,
  },
  {
    name: 'half of a body, and no more',
    answer: silence(head(200, { ...JSON_TYPE, 'content-length': 7 }), '{"a'),
    timeoutMs: 200,
    expected: NO_ANSWER_IN_TIME,
  },
  {
    name: 'a refusal, and no more',
    answer: silence(head(500, { ...JSON_TYPE, 'content-length': 7 })),
    timeoutMs: 200,
    expected: NO_ANSWER_IN_TIME,
  },
  {
    name: 'a drip of headers',
    answer: endless('HTTP/1.1 200 OK\r\n', () => 'x', 10),
    timeoutMs: 300,
    expected: NO_ANSWER_IN_TIME,
  },
  {
    name: 'a drip of a body',
    answer: endless(head(200, JSON_TYPE), () => ' ', 10),
    timeoutMs: 300,
    expected: NO_ANSWER_IN_TIME,
  },
  {
    name: 'a drip of chunks',
    answer: endless(CHUNKED, () => chunk(' '), 10),
    timeoutMs: 300,
    expected: NO_ANSWER_IN_TIME,
  },
  {
    name: 'a drip of lines',
    answer: endless(head(200, { 'content-type': 'application/x-ndjson' }), () => '{}\n', 10),
    timeoutMs: 300,
    expected: NO_ANSWER_IN_TIME,
  },
  {
    name: 'a drip of gzip',
    answer: endless(head(200, { ...JSON_TYPE, 'content-encoding': 'gzip' }), () => '\x1f', 10),
    timeoutMs: 300,
    expected: failed(/^(timeout|interrupted)$/),
  },
  {
    name: 'redirects that take their time',
    answer: (socket) =>
      void setTimeout(() => socket.end(head(302, { location: '/a', 'content-length': 0, connection: 'close' })), 120),
    timeoutMs: 300,
    expected: NO_ANSWER_IN_TIME,
  },
]

export const brokenCases: AnswerCase[] = [...connection, ...status, ...lengths, ...headers, ...time]
