import { HIDDEN } from './redact.ts'

/** The texts of a value that its redacted copy leaves out, longest first. */
export function hiddenTexts(value: unknown, redacted: unknown): string[] {
  const found = new Set<string>()
  collect(value, redacted, found)
  found.delete('')
  return [...found].sort((a, b) => b.length - a.length)
}

/** A text without these texts, however they were written into it: as they are, in JSON, in a URL or in a form. */
export function hideTexts(text: string, texts: readonly string[]): string {
  let hidden = text
  for (const secret of texts) {
    const inForm = new URLSearchParams({ s: secret }).toString().slice(2)
    for (const written of new Set([secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), inForm])) {
      hidden = hidden.replaceAll(written, () => HIDDEN)
    }
  }
  return hidden
}

function collect(value: unknown, redacted: unknown, found: Set<string>): void {
  if (redacted === HIDDEN) return collectTexts(value, found)
  if (!isObject(value) || !isObject(redacted)) return
  for (const [name, part] of Object.entries(value)) {
    if (Object.hasOwn(redacted, name)) collect(part, redacted[name], found)
  }
}

function collectTexts(value: unknown, found: Set<string>): void {
  if (typeof value === 'string') found.add(value)
  else if (isObject(value)) for (const part of Object.values(value)) collectTexts(part, found)
  else if (typeof value === 'number' || typeof value === 'boolean') found.add(`${value}`)
}

/** Lists too: their places are names like any other. */
function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array)
}
