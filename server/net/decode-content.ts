// Content codings (RFC 9110, 8.4.1) that the platform's `fetch` left in place. A Worker undoes exactly `gzip` and `br`,
// Node also `deflate` and lists of codings, and neither `zstd`. Besides, some upstreams compress twice, or do not say that
// they compress. So what is left is told by the bytes themselves: what is decoded already does not begin like this.
import { OutboundError } from './outbound-error.ts'

type Decoder = 'gunzipSync' | 'inflateSync' | 'inflateRawSync' | 'brotliDecompressSync' | 'zstdDecompressSync'

const CODINGS: ReadonlySet<string> = new Set(['br', 'deflate', 'gzip', 'x-gzip', 'zstd'])
const TEXT = /^(?:text\/|[^/]+\/(?:[^/]+\+)?(?:json|xml|yaml|javascript)\b)/i

/** Whether something is left to undo in an answer with these headers, whose body begins with `start`. */
export function isLeftEncoded(headers: Headers, start: Uint8Array): boolean {
  return codingsOf(headers).length > 0 || isUnnamedGzip(headers, start)
}

/** What nothing is known for, or what is damaged, stays as it is. Throws `too_large` above `maxBytes`. */
export function decodeContent(body: Uint8Array, headers: Headers, maxBytes: number): Uint8Array {
  let bytes = body
  for (const coding of codingsOf(headers).toReversed()) bytes = undo(decoderFor(coding, bytes), bytes, maxBytes)
  if (isUnnamedGzip(headers, bytes)) bytes = undo('gunzipSync', bytes, maxBytes)
  return bytes
}

/** The codings in the order in which they were applied; none when every platform undoes them. */
function codingsOf(headers: Headers): string[] {
  const header = headers.get('content-encoding') ?? ''
  if (header === 'gzip' || header === 'br') return []
  return (header.toLowerCase().match(/[^\s,]+/g) ?? []).filter((coding) => CODINGS.has(coding)).slice(0, 4)
}

/** A text never begins like this; a file may well be an archive. */
function isUnnamedGzip(headers: Headers, bytes: Uint8Array): boolean {
  return begins(bytes, 0x1f, 0x8b) && TEXT.test(headers.get('content-type') ?? '')
}

function decoderFor(coding: string, bytes: Uint8Array): Decoder | null {
  const [first = 0, second = 0] = bytes
  const isZlib = (first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0
  if (coding === 'gzip' || coding === 'x-gzip') return begins(bytes, 0x1f, 0x8b) ? 'gunzipSync' : null
  if (coding === 'zstd') return begins(bytes, 0x28, 0xb5, 0x2f, 0xfd) ? 'zstdDecompressSync' : null
  if (coding === 'deflate' && isZlib) return 'inflateSync'
  // These two begin like anything.
  if ((coding !== 'deflate' && coding !== 'br') || isText(bytes)) return null
  return coding === 'br' ? 'brotliDecompressSync' : 'inflateRawSync'
}

/** By the decoders that count what they put out: a stream's holds all that one chunk of it grows to. */
function undo(decoder: Decoder | null, bytes: Uint8Array, maxOutputLength: number): Uint8Array {
  // Node's modules are asked for when they are needed: a Worker without them starts all the same.
  const zlib = decoder && globalThis.process?.getBuiltinModule?.('node:zlib')
  if (!decoder || !zlib) return bytes
  try {
    return zlib[decoder](bytes, { maxOutputLength })
  } catch (error) {
    // Node's words, and a Worker's.
    if (error instanceof Error && /larger than|Memory limit/.test(error.message)) throw tooLarge(maxOutputLength)
    return bytes
  }
}

function begins(bytes: Uint8Array, ...start: number[]): boolean {
  return start.every((byte, index) => bytes[index] === byte)
}

function isText(bytes: Uint8Array): boolean {
  try {
    return !new TextDecoder('utf-8', { fatal: true }).decode(bytes).includes('\0')
  } catch {
    return false
  }
}

export function tooLarge(maxBytes: number): OutboundError {
  const size = maxBytes >= 1024 * 1024 ? `${Math.floor(maxBytes / 1024 / 1024)} MiB` : `${maxBytes} bytes`
  return new OutboundError('too_large', `The answer is larger than the limit of ${size}.`)
}
