// Fetching a document by its URL: for an import, or to see whether it has changed since.
import { type Outbound, OutboundError } from '../net/outbound.ts'
import { parseAddress } from './address.ts'
import { type Chunks, MAX_DOCUMENT_BYTES } from './imports/receive.ts'

export interface FetchedDocument {
  ok: true
  notModified: false
  url: string
  /** A stream that may still fail with `OutboundError` while it is read. */
  chunks: Chunks
  etag?: string
  lastModified?: string
}

export type FetchResult =
  | FetchedDocument
  /** Only when it was asked for: what is known already is still what there is. */
  | { ok: true; notModified: true }
  | { ok: false; code: string; message: string }

export interface FetchOptions {
  maxBytes?: number
  /** `etag` and `lastModified` of the answer before. */
  ifNoneMatch?: string
  ifModifiedSince?: string
}

export const DOCUMENT_TYPES = 'application/json, application/yaml;q=0.9, text/yaml;q=0.9, */*;q=0.5'
const LONGEST_VALIDATOR = 500

/** `address` may lack its scheme. */
export async function fetchDocument(
  { outbound }: { outbound: Outbound },
  address: string,
  { maxBytes = MAX_DOCUMENT_BYTES, ifNoneMatch, ifModifiedSince }: FetchOptions = {},
): Promise<FetchResult> {
  const url = parseAddress(address)
  if (url === null) return NO_ADDRESS
  const headers = new Headers({ accept: DOCUMENT_TYPES })
  if (ifNoneMatch !== undefined) headers.set('if-none-match', ifNoneMatch)
  if (ifModifiedSince !== undefined) headers.set('if-modified-since', ifModifiedSince)
  try {
    const response = await outbound.send(new Request(url, { headers }), { maxBytes })
    if (response.status === 304 && (ifNoneMatch ?? ifModifiedSince) !== undefined)
      return { ok: true, notModified: true }
    if (response.ok && response.body !== null) {
      return { ok: true, notModified: false, url: url.href, chunks: response.body, ...validatorsOf(response) }
    }
    await response.body?.cancel()
    return { ok: false, code: 'bad_status', message: `${url.host} answered ${response.status} instead of a document.` }
  } catch (error) {
    if (error instanceof OutboundError) return { ok: false, code: error.code, message: error.message }
    throw error
  }
}

export const NO_ADDRESS = {
  ok: false,
  code: 'invalid_url',
  message: 'This is not a web address: it should look like https://…',
} as const

/** What tells whether a document has changed (RFC 9110, section 8.8). */
export function validatorsOf({ headers }: Response): { etag?: string; lastModified?: string } {
  const short = (name: string) => {
    const value = headers.get(name) ?? ''
    return value !== '' && value.length <= LONGEST_VALIDATOR ? value : undefined
  }
  const etag = short('etag')
  const lastModified = short('last-modified')
  return { ...(etag !== undefined && { etag }), ...(lastModified !== undefined && { lastModified }) }
}
