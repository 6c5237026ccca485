// Answers that break a promise of HTTP or of their own headers. Each writes to the socket itself.
import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import type { Reply } from './reply.ts'

export const BROKEN_KINDS = [
  'invalid-json',
  'empty-json',
  'truncated',
  'html-as-json',
  'json-as-png',
  'connection-closed',
  'endless-drip',
  'never-answers',
  'huge',
  'gzip-bomb',
  'not-gzip',
] as const

const JSON_TYPE = { 'content-type': 'application/json' }
const HUGE_BYTES = 256 * 1024 * 1024
const CHUNK_BYTES = 64 * 1024
const DRIP_INTERVAL_MS = 50

function written(write: (response: ServerResponse) => void): Reply {
  return { status: 200, body: { write } }
}

function* chunks(totalBytes: number): Generator<Buffer> {
  const chunk = Buffer.alloc(CHUNK_BYTES, ' ')
  for (let sent = 0; sent < totalBytes; sent += CHUNK_BYTES) yield chunk
}

/** Stops producing as soon as the client is gone. */
function pipe(source: NodeJS.ReadableStream, response: ServerResponse): void {
  source.pipe(response)
  response.on('close', () => source.unpipe(response))
}

export const brokenAnswers: Record<(typeof BROKEN_KINDS)[number], Reply> = {
  'invalid-json': written((response) => {
    response.writeHead(200, JSON_TYPE).end('{"name": "Ada", "tickets": [1001, 1002,')
  }),
  'empty-json': written((response) => {
    response.writeHead(200, JSON_TYPE).end()
  }),
  truncated: written((response) => {
    response.writeHead(200, { ...JSON_TYPE, 'content-length': 1000 })
    response.write('{"name": "Ada"', () => response.destroy())
  }),
  'html-as-json': written((response) => {
    response.writeHead(200, JSON_TYPE).end('<!doctype html><title>Maintenance</title><h1>Back soon</h1>')
  }),
  'json-as-png': written((response) => {
    response.writeHead(200, { 'content-type': 'image/png' }).end('{"name": "Ada"}')
  }),
  'connection-closed': written((response) => {
    response.destroy()
  }),
  'endless-drip': written((response) => {
    response.writeHead(200, JSON_TYPE)
    response.write('[')
    const timer = setInterval(() => response.write(' '), DRIP_INTERVAL_MS)
    response.on('close', () => clearInterval(timer))
  }),
  'never-answers': written(() => {}),
  huge: written((response) => {
    response.writeHead(200, JSON_TYPE)
    pipe(Readable.from(chunks(HUGE_BYTES)), response)
  }),
  'gzip-bomb': written((response) => {
    response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' })
    pipe(Readable.from(chunks(HUGE_BYTES)).pipe(createGzip()), response)
  }),
  'not-gzip': written((response) => {
    response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' }).end('{"name": "Ada"}')
  }),
}
