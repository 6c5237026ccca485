// Values as the journal keeps them: JSON, in which a file is `{"$file": {name, type, base64}}` and bytes are
// `{"$bytes": base64}`. A real key `$file` or `$bytes` gets one more `$`, so that reading gives back what was written.
import { FileValue } from '../sandbox/file.ts'

const reserved = /^\$+(?:file|bytes)$/

/** Throws `RangeError` when the value is nested too deeply for JSON. `undefined` is written as `null`. */
export function writeValue(value: unknown): string {
  return JSON.stringify(value ?? null, function (this: Record<string, unknown>, key, part: unknown) {
    // `part` has been through `toJSON` already, which leaves a file's bytes out.
    const whole = this[key]
    if (whole instanceof FileValue) {
      return { $file: { name: whole.name, type: whole.type, base64: toBase64(whole.bytes) } }
    }
    if (whole instanceof Uint8Array) return { $bytes: toBase64(whole) }
    if (!isRecord(part) || !Object.keys(part).some((key) => reserved.test(key))) return part
    return Object.fromEntries(Object.entries(part).map(([key, field]) => [reserved.test(key) ? `$${key}` : key, field]))
  })
}

export function readValue(text: string): unknown {
  if (!text.includes('$file"') && !text.includes('$bytes"')) return JSON.parse(text)
  return JSON.parse(text, (_key, part: unknown) => {
    if (!isRecord(part)) return part
    const { $file: file, $bytes: bytes } = part
    if (isRecord(file)) {
      return new FileValue(String(file['name']), String(file['type']), fromBase64(file['base64']))
    }
    if (typeof bytes === 'string') return fromBase64(bytes)
    if (!Object.keys(part).some((key) => reserved.test(key))) return part
    return Object.fromEntries(
      Object.entries(part).map(([key, field]) => [reserved.test(key) ? key.slice(1) : key, field]),
    )
  })
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

function fromBase64(text: unknown): Uint8Array {
  return new Uint8Array(Buffer.from(String(text), 'base64'))
}
