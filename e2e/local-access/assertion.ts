// The claims of an application token, the way Access issues them to a person and to a service token.
import { randomBytes } from 'node:crypto'
import type { JWTPayload } from 'jose'
import type { Identity, ServiceToken } from './identities.ts'

interface Application {
  issuer: string
  audience: string
  /** How long the token is good for, in seconds. */
  lifetime: number
}

function common({ issuer, audience, lifetime }: Application, now: number): JWTPayload {
  const iat = Math.floor(now / 1000)
  return { type: 'app', iss: issuer, aud: [audience], iat, nbf: iat, exp: iat + lifetime }
}

export function personClaims(application: Application, person: Identity, now: number): JWTPayload {
  return {
    ...common(application, now),
    sub: person.sub,
    email: person.email,
    name: person.name,
    groups: [...person.groups],
    identity_nonce: randomBytes(12).toString('base64url'),
    country: 'US',
  }
}

/** A service token has a name and no person: `sub` is there and empty, `email` is not there. */
export function serviceClaims(application: Application, token: ServiceToken, now: number): JWTPayload {
  return { ...common(application, now), sub: '', common_name: token.id }
}
