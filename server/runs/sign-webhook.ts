// Signatures of the Standard Webhooks specification 1.0.0 (https://www.standardwebhooks.com), symmetric: `v1`.

const PREFIX = 'whsec_'
/** The specification asks for 24 to 64. */
const SECRET_BYTES = 32

/** A new signing secret as its receiver keeps it: `whsec_` and base64. */
export function newSigningSecret(): string {
  return PREFIX + toBase64(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)))
}

/**
 * The headers that say which message this is, when it was sent, and that it is ours. One signature for each secret: after
 * a change of secrets a receiver finds the one it knows. `id` must hold no `.`; `sentAt` is in epoch milliseconds.
 */
export async function webhookHeaders(
  message: { id: string; sentAt: number; body: string },
  secrets: readonly string[],
): Promise<Record<string, string>> {
  const timestamp = String(Math.floor(message.sentAt / 1000))
  const signed = new TextEncoder().encode(`${message.id}.${timestamp}.${message.body}`)
  const signatures = await Promise.all(secrets.map((secret) => signatureOf(signed, secret)))
  return {
    'webhook-id': message.id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  }
}

async function signatureOf(signed: Uint8Array<ArrayBuffer>, secret: string): Promise<string> {
  const bytes = Uint8Array.from(atob(secret.slice(PREFIX.length)), (character) => character.charCodeAt(0))
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  return `v1,${toBase64(new Uint8Array(await crypto.subtle.sign('HMAC', key, signed)))}`
}

function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}
