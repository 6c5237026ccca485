// What a client keeps for us between two requests of one tool call (`requestState` of 2026-07-28). It comes back as
// whoever holds it wants it to be, so it is signed, expires, and is bound to the principal and the tool that it was made
// for. It is readable, and allows nothing that `resume` does not: to ask again for a run of one's own.
import { createRequestStateCodec, type RequestStateCodec } from '@modelcontextprotocol/server'
import { parseSecretKey } from '../connections/secret-key.ts'

/** Somebody may come back to a question after lunch, and a run that is lost to the client can still be resumed. */
const ttlSeconds = 24 * 60 * 60

/** `boundTo` is what has to be the same when the state comes back. Throws on a key that env.ts would have refused. */
export function createStates(secretKey: string, boundTo: readonly unknown[]): RequestStateCodec {
  const bind = () => JSON.stringify(boundTo)
  // Most requests carry no state and get none: the key is derived when it is needed.
  const codec = async () => createRequestStateCodec({ key: await deriveKey(secretKey), ttlSeconds, bind })
  return {
    mint: async (payload, context) => (await codec()).mint(payload, context),
    verify: async (state, context) => (await codec()).verify(state, context),
  }
}

/** HKDF-SHA-256 of EXECUTOR_SECRET_KEY, as in connections/seal.ts, for a purpose of its own. */
async function deriveKey(secretKey: string): Promise<Uint8Array> {
  const secret = parseSecretKey(secretKey)
  if (!secret) throw new Error('a secret key has at least 32 bytes, as base64 or hex')
  const text = new TextEncoder()
  const hkdf = { name: 'HKDF', hash: 'SHA-256', salt: text.encode('executor'), info: text.encode('request state key') }
  const base = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits'])
  return new Uint8Array(await crypto.subtle.deriveBits(hkdf, base, 256))
}
