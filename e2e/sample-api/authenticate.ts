// Who is calling: the ways in, and what each key and token may do.
import type { IncomingHttpHeaders } from 'node:http'
import type { Scope } from '../sample-oauth/clients.ts'
import { SAMPLE_API_KEY, SAMPLE_BASIC_PASSWORD, SAMPLE_BASIC_USER, SAMPLE_READ_ONLY_KEY } from './credentials.ts'
import type { TokenCheck } from './introspect.ts'

export type CredentialPlacement = 'bearer' | 'query' | 'basic' | 'oauth'

export interface Caller {
  placement: CredentialPlacement | null
  mayWrite: boolean
  /** Of an access token. */
  token?: {
    scopes: readonly string[]
    /** Id of the person it was issued to; null for a client that acts as itself. */
    personId: string | null
    clientId: string
  }
}

export type Authentication =
  | { ok: true; caller: Caller }
  /** `isInvalid`: there was a credential, and it does not hold. */
  | { ok: false; detail: string; isInvalid: boolean }

const NOBODY =
  'Send an API key as "Authorization: Bearer …" or "?api_key=…", or a user name and password as HTTP Basic.'

/** `checkToken` asks the authorization server, where there is one. */
export async function authenticate(
  headers: IncomingHttpHeaders,
  query: URLSearchParams,
  checkToken?: TokenCheck,
): Promise<Authentication> {
  const [, scheme = '', value = ''] = /^(\S+)\s+(.*)$/.exec(headers.authorization ?? '') ?? []
  if (scheme.toLowerCase() === 'bearer') {
    const byToken = await checkToken?.(value)
    if (!byToken) return byKey('bearer', value)
    const mayWrite = byToken.scopes.some((scope) => scope !== 'read')
    return { ok: true, caller: { placement: 'oauth', mayWrite, token: byToken } }
  }
  if (scheme.toLowerCase() === 'basic') {
    const isRight = Buffer.from(value, 'base64').toString() === `${SAMPLE_BASIC_USER}:${SAMPLE_BASIC_PASSWORD}`
    if (isRight) return { ok: true, caller: { placement: 'basic', mayWrite: true } }
    return { ok: false, detail: 'The user name or the password is wrong.', isInvalid: true }
  }
  const key = query.get('api_key')
  return key === null ? { ok: false, detail: NOBODY, isInvalid: false } : byKey('query', key)
}

function byKey(placement: CredentialPlacement, key: string): Authentication {
  if (key === SAMPLE_API_KEY) return { ok: true, caller: { placement, mayWrite: true } }
  if (key === SAMPLE_READ_ONLY_KEY) return { ok: true, caller: { placement, mayWrite: false } }
  return { ok: false, detail: 'This API key is not known. Check that it was copied whole.', isInvalid: true }
}

/** What an access token has to be good for. */
export function scopeFor({ method, tag }: { method: string; tag: string }): Scope {
  if (method === 'get') return 'read'
  return tag === 'Invoices' ? 'invoices.write' : 'write'
}
