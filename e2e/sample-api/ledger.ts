// Every request that reached the sample company, so that a test can say what an agent's call really sent. Credentials
// are kept as digests only.
import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

export interface LedgerCredential {
  placement: 'bearer' | 'basic' | 'query' | 'cookie' | 'header'
  /** Of the header or parameter. */
  name: string
  /** First 12 hexadecimal digits. Of the token for bearer, of `user:password` for basic. */
  sha256: string
}

export interface LedgerEntry {
  number: number
  method: string
  path: string
  /** Without `api_key`. */
  query: Record<string, string[]>
  /** Lower-case names; without credentials and without what the connection needs for itself. */
  headers: Record<string, string>
  credentials: LedgerCredential[]
  body: { bytes: number; sha256: string; /** Text of at most 4 KiB. */ text?: string } | null
  /** Null until the answer's headers are sent. */
  status: number | null
}

export interface Ledger {
  entries: () => LedgerEntry[]
  record: (request: { method: string; url: URL; headers: IncomingHttpHeaders; body: Buffer }) => LedgerEntry
  clear: () => void
}

const MAX_ENTRIES = 2_000
const MAX_TEXT_BYTES = 4_096
const NOT_SHOWN = new Set(['connection', 'keep-alive', 'host', 'transfer-encoding'])
const SECRET_HEADER = /key|token|secret|auth|cookie|assertion/

export function createLedger(): Ledger {
  let entries: LedgerEntry[] = []
  let count = 0
  return {
    entries: () => entries,
    clear: () => {
      entries = []
      count = 0
    },
    record: ({ method, url, headers, body }) => {
      const entry: LedgerEntry = {
        number: ++count,
        method,
        path: url.pathname,
        query: queryOf(url),
        headers: shownHeaders(headers),
        credentials: credentialsOf(headers, url),
        body: bodyOf(body),
        status: null,
      }
      entries.push(entry)
      if (entries.length > MAX_ENTRIES) entries.shift()
      return entry
    },
  }
}

export function digest(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex').slice(0, 12)
}

function isSecret(name: string): boolean {
  return name !== 'idempotency-key' && SECRET_HEADER.test(name)
}

function queryOf(url: URL): Record<string, string[]> {
  const names = [...new Set(url.searchParams.keys())].filter((name) => name !== 'api_key')
  return Object.fromEntries(names.map((name) => [name, url.searchParams.getAll(name)]))
}

function shownHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const shown = Object.entries(headers).filter(([name]) => !NOT_SHOWN.has(name) && !isSecret(name))
  return Object.fromEntries(shown.map(([name, value]) => [name, String(value)]))
}

function credentialsOf(headers: IncomingHttpHeaders, url: URL): LedgerCredential[] {
  const inHeaders = Object.entries(headers)
    .filter(([name]) => isSecret(name))
    .map(([name, value]): LedgerCredential => {
      const text = String(value)
      const [, scheme = '', secret = ''] = (name === 'authorization' && /^(bearer|basic)\s+(.*)$/i.exec(text)) || []
      if (/^bearer$/i.test(scheme)) return { placement: 'bearer', name, sha256: digest(secret) }
      if (scheme !== '') return { placement: 'basic', name, sha256: digest(Buffer.from(secret, 'base64')) }
      return { placement: name === 'cookie' ? 'cookie' : 'header', name, sha256: digest(text) }
    })
  const inQuery = url.searchParams
    .getAll('api_key')
    .map((key): LedgerCredential => ({ placement: 'query', name: 'api_key', sha256: digest(key) }))
  return [...inHeaders, ...inQuery]
}

function bodyOf(body: Buffer): LedgerEntry['body'] {
  if (body.byteLength === 0) return null
  const text = body.byteLength <= MAX_TEXT_BYTES ? decodeText(body) : null
  return { bytes: body.byteLength, sha256: digest(body), ...(text !== null && { text }) }
}

function decodeText(body: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    return null
  }
}
