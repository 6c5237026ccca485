const MIN_BYTES = 32

/** The bytes of EXECUTOR_SECRET_KEY, written as hex or base64 (either alphabet); null when that is not a usable key. */
export function parseSecretKey(text: string): Uint8Array<ArrayBuffer> | null {
  const bytes = /^(?:[\da-f]{2})+$/i.test(text) ? fromHex(text) : fromBase64(text)
  // Random bytes repeat little: a key of a few repeated characters is something that somebody typed.
  return bytes && bytes.length >= MIN_BYTES && new Set(bytes).size >= MIN_BYTES / 4 ? bytes : null
}

function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  const standard = text.replaceAll('-', '+').replaceAll('_', '/')
  if (!/^[A-Za-z\d+/]+={0,2}$/.test(standard)) return null
  try {
    return Uint8Array.from(atob(standard), (character) => character.charCodeAt(0))
  } catch {
    return null
  }
}
