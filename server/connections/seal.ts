// Seals the secrets of connections for D1 (design: connections). A sealed text is
//   v1.<key id>.<base64url of 12 bytes of nonce, ciphertext, 16 bytes of tag>
// AES-256-GCM; key and key id come from EXECUTOR_SECRET_KEY by HKDF-SHA-256. The place it is stored at is part of what
// is authenticated: a ciphertext that was moved to another row, table or owner does not open.
import { parseSecretKey } from './secret-key.ts'

export interface Place {
  table: string
  row: string
  /** `org`, or the id of a person. */
  owner: string
}

export type Opened =
  | { ok: true; value: Record<string, unknown> }
  /** `unknown_key`: sealed with a key that is neither the current nor the previous one. `damaged`: changed or moved. */
  | { ok: false; reason: 'malformed' | 'unknown_key' | 'damaged' }

export interface Vault {
  seal(value: Record<string, unknown>, place: Place): Promise<string>
  open(sealed: string, place: Place): Promise<Opened>
  /** False for what the previous key sealed: it should be sealed again. */
  usesCurrentKey(sealed: string): Promise<boolean>
  /** Names of the keys, which say nothing of them; `previous` is null when there is none, or the same one. */
  keyIds(): Promise<KeyIds>
}

export interface KeyIds {
  current: string
  previous: string | null
}

interface Key {
  id: string
  aes: CryptoKey
}

const VERSION = 'v1'
const NONCE_BYTES = 12
const TAG_BYTES = 16
const SALT = new TextEncoder().encode('executor')

/** Make one per isolate: keys are derived on first use and kept. Throws on a key that env.ts would have refused. */
export function createVault({ key, previousKey }: { key: string; previousKey?: string }): Vault {
  const texts = previousKey === undefined ? [key] : [key, previousKey]
  const secrets = texts.map((text) => {
    const bytes = parseSecretKey(text)
    if (!bytes) throw new Error('a secret key has at least 32 bytes, as base64 or hex')
    return bytes
  })
  let derived: Key[] | undefined
  const keys = async (): Promise<Key[]> => (derived ??= await Promise.all(secrets.map(deriveKey)))
  const currentKey = async (): Promise<Key> => {
    const [current] = await keys()
    if (!current) throw new Error('there is always a current key')
    return current
  }

  return {
    async seal(value, place) {
      const { id, aes } = await currentKey()
      const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES))
      const algorithm = { name: 'AES-GCM', iv: nonce, additionalData: additionalData(id, place) }
      const plain = new TextEncoder().encode(JSON.stringify(value))
      const sealed = new Uint8Array(await crypto.subtle.encrypt(algorithm, aes, plain))
      return [VERSION, id, toBase64Url(new Uint8Array([...nonce, ...sealed]))].join('.')
    },

    async open(text, place) {
      const parts = partsOf(text)
      if (!parts) return { ok: false, reason: 'malformed' }
      const key = (await keys()).find(({ id }) => id === parts.keyId)
      if (!key) return { ok: false, reason: 'unknown_key' }
      const iv = parts.bytes.subarray(0, NONCE_BYTES)
      const algorithm = { name: 'AES-GCM', iv, additionalData: additionalData(key.id, place) }
      try {
        const plain = await crypto.subtle.decrypt(algorithm, key.aes, parts.bytes.subarray(NONCE_BYTES))
        const value: Record<string, unknown> = JSON.parse(new TextDecoder().decode(plain))
        return { ok: true, value }
      } catch {
        return { ok: false, reason: 'damaged' }
      }
    },

    async usesCurrentKey(text) {
      return partsOf(text)?.keyId === (await currentKey()).id
    },

    async keyIds() {
      const [current, previous] = (await keys()).map(({ id }) => id)
      if (current === undefined) throw new Error('there is always a current key')
      return { current, previous: previous === undefined || previous === current ? null : previous }
    },
  }
}

async function deriveKey(secret: Uint8Array<ArrayBuffer>): Promise<Key> {
  const base = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits', 'deriveKey'])
  const hkdf = (purpose: string) => ({
    name: 'HKDF',
    hash: 'SHA-256',
    salt: SALT,
    info: new TextEncoder().encode(purpose),
  })
  const id = await crypto.subtle.deriveBits(hkdf('connection key id'), base, 48)
  const aes = await crypto.subtle.deriveKey(hkdf('connection key'), base, { name: 'AES-GCM', length: 256 }, false, [
    'encrypt',
    'decrypt',
  ])
  return { id: toBase64Url(new Uint8Array(id)), aes }
}

/** JSON keeps the parts apart: no two places have the same text. */
function additionalData(keyId: string, { table, row, owner }: Place): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify([VERSION, keyId, table, row, owner]))
}

function partsOf(text: string): { keyId: string; bytes: Uint8Array<ArrayBuffer> } | null {
  const match = /^v1\.([\w-]{8})\.([\w-]+)$/.exec(text)
  const [, keyId, body] = match ?? []
  if (keyId === undefined || body === undefined) return null
  const bytes = fromBase64Url(body)
  return bytes && bytes.length >= NONCE_BYTES + TAG_BYTES ? { keyId, bytes } : null
}

function toBase64Url(bytes: Uint8Array): string {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
    return Uint8Array.from(binary, (character) => character.charCodeAt(0))
  } catch {
    return null
  }
}
