// The team's signing keys: RS256, the current and the previous one published, as Access does.
import { randomBytes } from 'node:crypto'
import {
  createLocalJWKSet,
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JSONWebKeySet,
  type JWK,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from 'jose'

interface SigningKey {
  kid: string
  privateKey: CryptoKey
  publicJwk: JWK
}

async function generate(): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair('RS256')
  const kid = randomBytes(32).toString('hex')
  return { kid, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' } }
}

export interface SigningKeys {
  jwks(): JSONWebKeySet
  /** Signs exactly these claims with the current key: callers add `iat`, `exp` and the rest. */
  sign(claims: JWTPayload): Promise<string>
  /** The claims of a token of ours that is in force, else null. */
  verify(token: string, expected: { issuer: string; audience: string }): Promise<JWTPayload | null>
  /** Makes a new current key; the one before stays published, the one before that is gone. */
  rotate(): Promise<void>
}

export async function createSigningKeys(): Promise<SigningKeys> {
  let [current, previous] = await Promise.all([generate(), generate()])
  const jwks = (): JSONWebKeySet => ({ keys: [current.publicJwk, previous.publicJwk] })
  return {
    jwks,
    sign: (claims) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: current.kid, typ: 'JWT' }).sign(current.privateKey),
    async verify(token, { issuer, audience }) {
      try {
        const options = { issuer, audience, algorithms: ['RS256'], requiredClaims: ['exp', 'sub'] }
        return (await jwtVerify(token, createLocalJWKSet(jwks()), options)).payload
      } catch {
        return null
      }
    },
    async rotate() {
      ;[current, previous] = [await generate(), current]
    },
  }
}
