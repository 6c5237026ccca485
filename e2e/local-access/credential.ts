// Who is asking, by the credentials that Access knows: a service token, the browser's cookie, an OAuth token.
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { readCookie } from './answer.ts'
import type { Identity, ServiceToken } from './identities.ts'

export const COOKIE = 'CF_Authorization'
/** Prefix of the opaque access tokens of Managed OAuth. */
export const OAUTH_PREFIX = 'oauth:'

export type Caller =
  /** `token` is the browser's own application token: it goes on to the application as cookie and as assertion. */
  | { kind: 'browser'; token: string }
  | { kind: 'oauth'; person: Identity }
  | { kind: 'service'; token: ServiceToken }
  | { kind: 'nobody'; sentBearer: boolean }
  | { kind: 'refused' }

export interface CredentialChecks {
  serviceTokens: readonly ServiceToken[]
  isBrowserToken(token: string): Promise<boolean>
  findOauthPerson(accessToken: string): Promise<Identity | undefined>
}

function equals(left: string, right: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(left), digest(right))
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}

/** A service token that is wrong is refused outright: there is nobody who could sign in. */
export async function identifyCaller(request: IncomingMessage, checks: CredentialChecks): Promise<Caller> {
  const id = single(request.headers['cf-access-client-id'])
  const secret = single(request.headers['cf-access-client-secret'])
  if (id !== undefined || secret !== undefined) {
    const token = checks.serviceTokens.find((known) => known.id === id)
    return token && equals(token.secret, secret ?? '') ? { kind: 'service', token } : { kind: 'refused' }
  }

  const cookie = readCookie(request, COOKIE)
  if (cookie !== undefined && (await checks.isBrowserToken(cookie))) return { kind: 'browser', token: cookie }

  const bearer = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
  if (bearer?.startsWith(OAUTH_PREFIX)) {
    const person = await checks.findOauthPerson(bearer.slice(OAUTH_PREFIX.length))
    if (person) return { kind: 'oauth', person }
  }
  return { kind: 'nobody', sentBearer: bearer !== undefined }
}
