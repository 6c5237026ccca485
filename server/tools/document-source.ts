// Fetching a document by its URL, for an import.
import { type Outbound, OutboundError } from '../net/outbound.ts'
import { type Chunks, MAX_DOCUMENT_BYTES } from './document-bytes.ts'

export type FetchedDocument = { ok: true; url: string; chunks: Chunks } | { ok: false; code: string; message: string }

/** `address` may lack its scheme. The chunks are a stream that may still fail with `OutboundError` while it is read. */
export async function fetchDocument(
  { outbound }: { outbound: Outbound },
  address: string,
  maxBytes: number = MAX_DOCUMENT_BYTES,
): Promise<FetchedDocument> {
  const url = parseAddress(address)
  if (url === null) {
    return { ok: false, code: 'invalid_url', message: 'This is not a web address: it should look like https://…' }
  }
  const accept = 'application/json, application/yaml;q=0.9, text/yaml;q=0.9, */*;q=0.5'
  try {
    const response = await outbound.send(new Request(url, { headers: { accept } }), { maxBytes })
    if (response.ok && response.body !== null) return { ok: true, url: url.href, chunks: response.body }
    await response.body?.cancel()
    return { ok: false, code: 'bad_status', message: `${url.host} answered ${response.status} instead of a document.` }
  } catch (error) {
    if (error instanceof OutboundError) return { ok: false, code: error.code, message: error.message }
    throw error
  }
}

function parseAddress(address: string): URL | null {
  const text = address.trim()
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`)
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:') && text !== '' ? url : null
}
