// Some upstreams repeat the credential of a request in their answer: an echo, an error that quotes the address, a link.
// Programs, journals and people get the answer without it.
import type { ToolResult } from '../integrations/adapter.ts'
import { FileValue } from '../sandbox/file.ts'

const HIDDEN = '•••'
/** Shorter values are found in words, and are no secrets. */
const LEAST_CHARACTERS = 8
const ASTERISK = 0x2a

/**
 * The same result with `•••` for each of the values, wherever it stands in a text or a name, as it is or encoded for a
 * URL or in JSON. In files it is overwritten with as many asterisks; what is compressed or encrypted in a file is not
 * looked into. The parts of the result that hold one are changed in place.
 */
export function withoutSecrets<Result extends ToolResult>(result: Result, secrets: readonly string[]): Result {
  const forms = formsOf(secrets)
  if (forms.length === 0) return result
  const copy = { ...result, ...(result.headers && { headers: { ...result.headers } }) }
  hideIn(copy, forms)
  return copy
}

/** Whether a text, or the bytes of one, have one of the values in them. */
export function holdsSecret(text: string | Uint8Array, secrets: readonly string[]): boolean {
  const bytes =
    typeof text === 'string' ? Buffer.from(text) : Buffer.from(text.buffer, text.byteOffset, text.byteLength)
  return formsOf(secrets).some((form) => bytes.includes(form))
}

/** Longest first: one may be a part of another. */
function formsOf(secrets: readonly string[]): string[] {
  const forms = secrets
    .filter((secret) => secret.length >= LEAST_CHARACTERS)
    .flatMap((secret) => [
      secret,
      encodeURIComponent(secret),
      new URLSearchParams({ '': secret }).toString().slice(1),
      JSON.stringify(secret).slice(1, -1),
      secret.replaceAll('/', String.raw`\/`),
    ])
  return [...new Set(forms)].sort((a, b) => b.length - a.length)
}

/** Never recurses: an upstream decides how deep its answer is. */
function hideIn(root: object, forms: readonly string[]): void {
  const open: object[] = [root]
  const shortest = forms.at(-1)?.length ?? 0
  for (let owner = open.pop(); owner !== undefined; owner = open.pop()) {
    for (const name of Object.keys(owner)) {
      const value: unknown = Reflect.get(owner, name)
      if (typeof value === 'string') {
        if (value.length >= shortest && holds(value, forms)) put(owner, name, hide(value, forms))
      } else if (value instanceof FileValue) {
        put(owner, name, hideInFile(value, forms))
      } else if (typeof value === 'object' && value !== null) {
        open.push(value)
      }
      if (name.length >= shortest && holds(name, forms)) rename(owner, name, hide(name, forms))
    }
  }
}

function holds(text: string, forms: readonly string[]): boolean {
  for (const form of forms) if (text.includes(form)) return true
  return false
}

function hide(text: string, forms: readonly string[]): string {
  return forms.reduce((hidden, form) => hidden.replaceAll(form, HIDDEN), text)
}

/** Defined, as to assign `__proto__` would do something else. */
function put(owner: object, name: string, value: unknown): void {
  Object.defineProperty(owner, name, { value, writable: true, enumerable: true, configurable: true })
}

function rename(owner: object, name: string, to: string): void {
  put(owner, to, Reflect.get(owner, name))
  Reflect.deleteProperty(owner, name)
}

function hideInFile(file: FileValue, forms: readonly string[]): FileValue {
  const bytes = Buffer.from(file.bytes.buffer, file.bytes.byteOffset, file.bytes.byteLength)
  for (const form of forms) {
    const wanted = Buffer.from(form)
    for (let at = bytes.indexOf(wanted); at !== -1; at = bytes.indexOf(wanted, at)) {
      bytes.fill(ASTERISK, at, at + wanted.length)
    }
  }
  return holds(file.name, forms) ? new FileValue(hide(file.name, forms), file.type, file.bytes) : file
}
