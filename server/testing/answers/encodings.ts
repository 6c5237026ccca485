// Content codings: named rightly, wrongly, twice or not at all; cut off; and bombs.
import {
  brotliCompressSync,
  constants,
  createBrotliCompress,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib'
import { failed, file, invalid, ok } from './expected.ts'
import type { AnswerCase } from './table.ts'
import { type Answer, endless, head, whole } from './wire.ts'

const TEXT = `{"a":"${'ü'.repeat(2000)}"}`
const VALUE = { a: 'ü'.repeat(2000) }
const TOO_LARGE = failed('answer_too_large', {
  message:
    'The answer is larger than the limit of 10 MiB. Ask for less at a time, with a narrower filter, fewer fields or a smaller page.',
  retryable: false,
})

function encoded(coding: string, body: Uint8Array, type = 'application/json'): Answer {
  return whole(200, { 'content-type': type, ...(coding && { 'content-encoding': coding }) }, body)
}

const MIB = Buffer.alloc(1024 * 1024)
let member: Buffer | undefined
/** 64 MiB of zeros in 64 KiB; as many as are asked for make one stream. */
const zeros = () => (member ??= gzipSync(Buffer.alloc(64 * 1024 * 1024)))

function brotliBomb(): Answer {
  return (socket) => {
    socket.write(head(200, { 'content-encoding': 'br', 'content-type': 'application/json' }))
    const brotli = createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })
    brotli.on('data', (bytes: Buffer) => socket.write(bytes))
    const go = () => {
      if (socket.destroyed) return
      brotli.write(MIB)
      brotli.flush(constants.BROTLI_OPERATION_FLUSH, () => setImmediate(go))
    }
    go()
  }
}

export const encodingCases: AnswerCase[] = [
  ...(
    [
      ['gzip', gzipSync(TEXT)],
      ['GZIP', gzipSync(TEXT)],
      ['x-gzip', gzipSync(TEXT)],
      ['br', brotliCompressSync(TEXT)],
      ['deflate', deflateSync(TEXT)],
      ['deflate', deflateRawSync(TEXT)],
      ['zstd', zstdCompressSync(TEXT)],
      ['identity', Buffer.from(TEXT)],
      ['utf-8', Buffer.from(TEXT)],
      ['aws-chunked', Buffer.from(TEXT)],
      ['gzip, gzip', gzipSync(gzipSync(TEXT))],
      ['gzip, br', brotliCompressSync(gzipSync(TEXT))],
      ['br, gzip', gzipSync(brotliCompressSync(TEXT))],
      ['deflate, gzip', gzipSync(deflateSync(TEXT))],
      ['gzip, aws-chunked', gzipSync(TEXT)],
      ['gzip', Buffer.concat([gzipSync(TEXT.slice(0, 9)), gzipSync(TEXT.slice(9))])],
    ] as const
  ).map(([coding, body], index) => ({
    name: `${coding} (${index})`,
    answer: encoded(coding, body),
    expected: ok(VALUE),
  })),
  { name: 'gzip of nothing', answer: encoded('gzip', gzipSync('')), expected: ok(null) },
  { name: 'nothing, as gzip', answer: encoded('gzip', Buffer.alloc(0)), expected: ok(null) },
  { name: 'gzip that is not said to be', answer: encoded('', gzipSync(TEXT)), expected: ok(VALUE) },
  { name: 'gzip twice, said once', answer: encoded('gzip', gzipSync(gzipSync(TEXT))), expected: ok(VALUE) },
  {
    name: 'an archive, compressed once more on its way',
    answer: encoded('gzip', gzipSync(gzipSync('tar')), 'application/gzip'),
    expected: ok(file('application/gzip', gzipSync('tar').length)),
  },
  { name: 'plain, as gzip', answer: encoded('gzip', Buffer.from(TEXT)), expected: failed('interrupted') },
  { name: 'plain, as Brotli', answer: encoded('br', Buffer.from(TEXT)), expected: failed('interrupted') },
  {
    name: 'plain, as deflate',
    answer: encoded('deflate', Buffer.from('{"a":1}')),
    // Node's own decoder makes something of anything.
    expected: ok({ a: 1 }),
    inNode: invalid(/is not valid JSON/),
  },
  { name: 'plain, as zstd', answer: encoded('zstd', Buffer.from('{"a":1}')), expected: ok({ a: 1 }) },
  {
    name: 'gzip that is cut off',
    answer: encoded('gzip', gzipSync(TEXT).subarray(0, -9)),
    expected: failed('interrupted'),
    // Node's own decoder hands on what there is.
    inNode: invalid(/is not valid JSON/),
  },
  {
    name: 'gzip with garbage behind it',
    answer: encoded('gzip', Buffer.concat([gzipSync(TEXT), Buffer.from('garbage')])),
    expected: failed('interrupted'),
  },
  {
    name: 'gzip of zeros without end',
    answer: endless(head(200, { 'content-encoding': 'gzip', 'content-type': 'application/json' }), zeros),
    expected: TOO_LARGE,
  },
  { name: 'Brotli of zeros without end', answer: brotliBomb(), expected: TOO_LARGE },
  ...(
    [
      ['zeros that are not said to be gzip', '', 1],
      ['zeros in gzip in gzip', 'gzip', 2],
      ['zeros in gzip in gzip, as both', 'gzip, gzip', 2],
    ] as const
  ).map(([name, coding, times]) => ({
    name,
    answer: ((socket, request) => {
      const bomb = times === 2 ? gzipSync(zeros()) : zeros()
      encoded(coding, bomb)(socket, request)
    }) satisfies Answer,
    expected: TOO_LARGE,
  })),
  {
    name: 'zeros in deflate',
    answer: (socket, request) => encoded('deflate', deflateSync(Buffer.alloc(64 * 1024 * 1024)))(socket, request),
    expected: TOO_LARGE,
  },
  {
    name: 'zeros in zstd',
    answer: (socket, request) => encoded('zstd', zstdCompressSync(Buffer.alloc(64 * 1024 * 1024)))(socket, request),
    expected: TOO_LARGE,
  },
]
