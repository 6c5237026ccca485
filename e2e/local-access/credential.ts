// Who is asking, by the credentials that Access knows: a service token, a token of a linked application, the browser's
// cookie, an OAuth token.
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { readCookie } from './answer.ts'
import type { Identity, ServiceToken } from './identities.ts'
import type { LinkedToken } from './site.ts'

export const COOKIE = 'CF_Authorization'
/** Prefix of the opaque access tokens of Managed OAuth. */
export const OAUTH_PREFIX = 'oauth:'

export type Caller =
  /** `token` is the browser's own application token: it goes on to the application as cookie and as assertion. */
  | { kind: 'browser'; token: string }
  | { kind: 'oauth'; person: Identity }
  | { kind: 'service'; token: ServiceToken }
  /** By a token of an application that this one is linked to. */
  | { kind: 'linked'; person: Identity; from: LinkedToken['from'] }
  | { kind: 'nobody'; sentBearer: boolean }
  | { kind: 'refused' }

export interface CredentialChecks {
  serviceTokens: readonly ServiceToken[]
  findLinkedPerson(token: LinkedToken): Promise<Identity | undefined>
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

  // Service Auth, which the rule belongs to, is asked before any Allow policy.
  const bearer = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
  const tokens = { 'cf-access-token': single(request.headers['cf-access-token']), authorization: bearer } as const
  for (const from of ['cf-access-token', 'authorization'] as const) {
    const value = tokens[from]
    const person = value === undefined ? undefined : await checks.findLinkedPerson({ value, from })
    if (person) return { kind: 'linked', person, from }
  }

  const cookie = readCookie(request, COOKIE)
  if (cookie !== undefined && (await checks.isBrowserToken(cookie))) return { kind: 'browser', token: cookie }

  if (bearer?.startsWith(OAUTH_PREFIX)) {
    const person = await checks.findOauthPerson(bearer.slice(OAUTH_PREFIX.length))
    if (person) return { kind: 'oauth', person }
  }
  return { kind: 'nobody', sentBearer: bearer !== undefined }
}
