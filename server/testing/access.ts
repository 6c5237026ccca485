// A stand-in for a team's Access: it signs tokens with real keys and serves the public ones.
import { exportJWK, generateKeyPair, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose'

export const TEAM_DOMAIN = new URL('https://acme.cloudflareaccess.com')
export const AUDIENCE = 'a'.repeat(64)

export interface TestAccess {
  /** For `createVerifier`: answers the certs URL. */
  fetch(request: Request): Promise<Response>
  /** Times that `fetch` was called. */
  fetches: number
  /** When set, `fetch` answers with it instead. */
  outage: (() => Response | Promise<Response>) | undefined
  /** A token of the current key; `undefined` removes a claim. */
  sign(claims?: JWTPayload, header?: Partial<JWTHeaderParameters>): Promise<string>
  /** A new current key; the one before stays published, as with Access. */
  rotate(): Promise<void>
  publicKeyPem(): Promise<string>
}

/** Making an RSA key takes a while: tests that do not need one of their own share `first`. */
export async function createTestAccess(first?: TeamKey): Promise<TestAccess> {
  let current = first ?? (await newTeamKey())
  let published = [current.jwk]
  const access: TestAccess = {
    fetches: 0,
    outage: undefined,
    async fetch(request) {
      access.fetches++
      if (access.outage) return access.outage()
      if (request.url !== `${TEAM_DOMAIN.origin}/cdn-cgi/access/certs`) return new Response(null, { status: 404 })
      return Response.json({ keys: published })
    },
    async sign(claims = {}, header = {}) {
      const now = Math.floor(Date.now() / 1000)
      const payload = { ...personClaims(), iat: now, nbf: now, exp: now + 300, ...claims }
      return new SignJWT(payload)
        .setProtectedHeader({ alg: 'RS256', kid: current.kid, typ: 'JWT', ...header })
        .sign(current.privateKey)
    },
    async rotate() {
      const previous = current.jwk
      current = await newTeamKey(`key-${published.length + 1}-${access.fetches}`)
      published = [current.jwk, previous]
    },
    async publicKeyPem() {
      const spki = await crypto.subtle.exportKey('spki', current.publicKey)
      if (!(spki instanceof ArrayBuffer)) throw new Error('an spki export is bytes')
      const base64 = btoa(String.fromCharCode(...new Uint8Array(spki)))
      return `-----BEGIN PUBLIC KEY-----\n${base64.replace(/(.{64})/g, '$1\n')}\n-----END PUBLIC KEY-----\n`
    },
  }
  return access
}

export function personClaims(email = 'ada@example.com'): JWTPayload {
  return { iss: TEAM_DOMAIN.origin, aud: [AUDIENCE], sub: `subject-of-${email.toLowerCase()}`, email, type: 'app' }
}

export function serviceClaims(commonName = 'robot.access'): JWTPayload {
  return { iss: TEAM_DOMAIN.origin, aud: [AUDIENCE], sub: '', common_name: commonName, email: undefined, type: 'app' }
}

export type TeamKey = Awaited<ReturnType<typeof newTeamKey>>

export async function newTeamKey(kid = 'key-1') {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
  return { kid, privateKey, publicKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' } }
}
