// The second half of a resumable upload: the content goes to the address that the first half was answered with. Each
// request takes up where the one before it ended, so that no byte is taken twice.
import type { ToolErrorShape } from '../../../drizzle/shapes.ts'
import { FileValue } from '../../sandbox/file.ts'
import type { CallableTool, Fetch, ToolResult } from '../adapter.ts'
import type { Binding } from '../openapi/binding.ts'
import { callOperation } from '../openapi/call.ts'
import { fixed } from './request.ts'

/** Of one request, half of what server/net lets one have; a multiple of 256 KiB, as Google asks for. */
const PART_BYTES = 8 * 1024 * 1024
/** A service may take less than it was sent, but not ever less. */
const MAX_SHORT_PARTS = 8
/** `Resume Incomplete`: not a redirect, as it names no location. */
const INCOMPLETE = 308

export async function sendMedia(
  tool: CallableTool,
  started: ToolResult & { ok: true },
  media: FileValue,
  fetch: Fetch,
): Promise<ToolResult> {
  const session = sessionOf(started.headers['location'])
  if (session === null) return failed('The upload was accepted, but not the address that it should go to.')
  const size = media.bytes.length
  let sent = 0
  for (let shortParts = 0; shortParts < MAX_SHORT_PARTS;) {
    const end = Math.min(sent + PART_BYTES, size)
    const part = new FileValue(media.name, media.type, media.bytes.subarray(sent, end))
    const isWhole = sent === 0 && end === size
    const range = isWhole ? [] : [fixed('header', 'Content-Range', `bytes ${sent}-${end - 1}/${size}`)]
    const binding: Binding = {
      method: 'PUT',
      path: session.pathname + session.search,
      parameters: range,
      body: { mediaType: '*/*', isRequired: true, key: 'media' },
      accept: 'application/json',
    }
    const result = await callOperation({ ...tool, binding, baseUrl: session.origin }, { media: part }, fetch)
    if (result.ok || result.error.status !== INCOMPLETE) return result
    const received = Number(/^bytes=0-(\d{1,15})$/.exec(result.headers?.['range'] ?? '')?.[1] ?? -1) + 1
    if (received <= sent || received > end || received === size) break
    if (received < end) shortParts++
    sent = received
  }
  return failed(`The upload broke off: ${sent.toLocaleString('en')} of ${size.toLocaleString('en')} bytes were taken.`)
}

/** As with a redirect, the service says where to; the credential stays with the hosts that it is for. */
function sessionOf(location: string | undefined): URL | null {
  if (location === undefined || !URL.canParse(location)) return null
  const url = new URL(location)
  const isPlain = (url.protocol === 'https:' || url.protocol === 'http:') && !url.username && !url.password
  return isPlain ? url : null
}

function failed(message: string): ToolResult {
  const error: ToolErrorShape = { code: 'upload_failed', message, retryable: false }
  return { ok: false, error }
}
