// The catalog of a server at an address, whichever kind of HTTP it speaks there.
import type { Fetch } from '../adapter.ts'
import type { EndpointDocument } from '../endpoints.ts'
import { readCatalog } from './catalog.ts'

export async function readServer(url: string, fetch: Fetch): Promise<EndpointDocument> {
  const kinds = ['http', 'sse'] as const
  const [first, second] = /\/sse\/?$/.test(new URL(url).pathname) ? kinds.toReversed() : kinds
  const read = await readCatalog(url, first, fetch)
  // HTTP with SSE answers a POST to its address with any refusal of 4xx (2025-03-26, backwards compatibility).
  if (read.ok) return read
  const { status = 0, code, message } = read.error
  if (status === 401 || status === 403) return { ok: false, code: 'needs_credential', message }
  const again = status >= 400 && status < 429 ? await readCatalog(url, second, fetch) : null
  return again?.ok ? again : { ok: false, code, message }
}
