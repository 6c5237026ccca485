// Is this a token that our team's Access issued for this application, and is it in force now?
// Says nothing about who it is (principal.ts) or what they may do.
import { errors, type JWTPayload, jwtVerify } from 'jose'
import { createKeySet, KeysUnavailable } from './keys.ts'

export type RefusedToken =
  | 'missing'
  | 'malformed'
  | 'algorithm'
  | 'unknown_key'
  | 'bad_signature'
  | 'wrong_issuer'
  | 'wrong_audience'
  | 'wrong_type'
  | 'no_expiry'
  | 'expired'
  | 'not_yet_valid'
  | 'keys_unavailable'

/** `reason` is for the log only; `detail` may hold more of it, and never the token. */
export type Verification = { ok: true; claims: JWTPayload } | { ok: false; reason: RefusedToken; detail?: string }

export type Verify = (token: string | null) => Promise<Verification>

export interface VerifierOptions {
  /** `https://<team>.cloudflareaccess.com`: the issuer, and the place of its keys. */
  teamDomain: URL
  /** AUD tags; a token needs one of them. */
  audiences: readonly string[]
  fetch: (request: Request) => Promise<Response>
  now?: () => number
}

const CLOCK_TOLERANCE_SECONDS = 30
const MAX_TOKEN_LENGTH = 16 * 1024

/** Make one per isolate: it keeps the keys. */
export function createVerifier({ teamDomain, audiences, fetch, now = Date.now }: VerifierOptions): Verify {
  const keys = createKeySet({ url: new URL('/cdn-cgi/access/certs', teamDomain), fetch, now })
  return async (token) => {
    if (token === null || token === '') return { ok: false, reason: 'missing' }
    // Two headers arrive as one, joined by a comma: whose word would count?
    if (token.length > MAX_TOKEN_LENGTH || token.includes(',')) return { ok: false, reason: 'malformed' }
    try {
      const { payload } = await jwtVerify(token, keys, {
        algorithms: ['RS256'],
        issuer: teamDomain.origin,
        audience: [...audiences],
        requiredClaims: ['exp'],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        currentDate: new Date(now()),
      })
      // Access also issues tokens for its own login domain (`org`), which admit to no application.
      if (payload.type !== undefined && payload.type !== 'app') return { ok: false, reason: 'wrong_type' }
      return { ok: true, claims: payload }
    } catch (error) {
      return { ok: false, reason: reasonOf(error), detail: error instanceof Error ? error.message : String(error) }
    }
  }
}

function reasonOf(error: unknown): RefusedToken {
  if (error instanceof KeysUnavailable) return 'keys_unavailable'
  if (error instanceof errors.JWTExpired) return 'expired'
  if (error instanceof errors.JOSEAlgNotAllowed) return 'algorithm'
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    return 'unknown_key'
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'bad_signature'
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'iss') return 'wrong_issuer'
    if (error.claim === 'aud') return 'wrong_audience'
    if (error.claim === 'exp') return 'no_expiry'
    if (error.claim === 'nbf') return 'not_yet_valid'
  }
  return 'malformed'
}
