// Who is calling: the three ways in, and what each key may do.
import type { IncomingHttpHeaders } from 'node:http'
import { SAMPLE_API_KEY, SAMPLE_BASIC_PASSWORD, SAMPLE_BASIC_USER, SAMPLE_READ_ONLY_KEY } from './credentials.ts'

export type CredentialPlacement = 'bearer' | 'query' | 'basic'

export interface Caller {
  placement: CredentialPlacement | null
  mayWrite: boolean
}

export type Authentication = { ok: true; caller: Caller } | { ok: false; detail: string }

const NOBODY =
  'Send an API key as "Authorization: Bearer …" or "?api_key=…", or a user name and password as HTTP Basic.'

export function authenticate(headers: IncomingHttpHeaders, query: URLSearchParams): Authentication {
  const [, scheme = '', value = ''] = /^(\S+)\s+(.*)$/.exec(headers.authorization ?? '') ?? []
  if (scheme.toLowerCase() === 'bearer') return byKey('bearer', value)
  if (scheme.toLowerCase() === 'basic') {
    const isRight = Buffer.from(value, 'base64').toString() === `${SAMPLE_BASIC_USER}:${SAMPLE_BASIC_PASSWORD}`
    if (isRight) return { ok: true, caller: { placement: 'basic', mayWrite: true } }
    return { ok: false, detail: 'The user name or the password is wrong.' }
  }
  const key = query.get('api_key')
  return key === null ? { ok: false, detail: NOBODY } : byKey('query', key)
}

function byKey(placement: CredentialPlacement, key: string): Authentication {
  if (key === SAMPLE_API_KEY) return { ok: true, caller: { placement, mayWrite: true } }
  if (key === SAMPLE_READ_ONLY_KEY) return { ok: true, caller: { placement, mayWrite: false } }
  return { ok: false, detail: 'This API key is not known. Check that it was copied whole.' }
}
