// The parts of a multipart body (RFC 2046, 5.1).

export interface Part {
  headers: Headers
  bytes: Uint8Array
}

const MAX_PARTS = 1000
const HEADER = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*?)[ \t]*$/

/** Null when it is not whole: without its boundary, without the last one, or in too many parts. */
export function partsOf(body: Uint8Array, boundary: string): Part[] | null {
  if (boundary === '') return null
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const delimiter = `\n--${boundary}`
  const parts: Part[] = []
  let start = bytes.indexOf(delimiter.slice(1)) + delimiter.length - 1
  if (start < delimiter.length - 1) return null
  while (parts.length < MAX_PARTS) {
    if (bytes.toString('latin1', start, start + 2) === '--') return parts
    const end = bytes.indexOf(delimiter, start)
    if (end < 0) return null
    parts.push(partOf(bytes.subarray(start, bytes[end - 1] === 13 ? end - 1 : end)))
    start = end + delimiter.length
  }
  return null
}

/** `bytes` begin with the end of the line that the boundary is on. */
function partOf(bytes: Buffer): Part {
  const headers = new Headers()
  let at = bytes.indexOf('\n') + 1
  for (let end = bytes.indexOf('\n', at); at > 0 && end >= 0; end = bytes.indexOf('\n', at)) {
    const line = bytes.toString('utf8', at, end).replace(/\r$/, '')
    at = end + 1
    if (line === '') break
    const [, name, value = ''] = HEADER.exec(line) ?? []
    if (name !== undefined && /^[\t\x20-\x7e\x80-\xff]*$/.test(value)) headers.append(name, value)
  }
  return { headers, bytes: at > 0 ? bytes.subarray(at) : bytes.subarray(bytes.length) }
}
