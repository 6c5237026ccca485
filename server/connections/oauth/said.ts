// Words of a server, before a person reads them.

const MAX_WORDS = 300
/** Controls, line and paragraph separators, and what changes the direction of the text around it. */
const UNREADABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu

/** On one line, bounded, without `secrets`; empty where there are none. */
export function said(words: unknown, secrets: readonly string[] = []): string {
  if (typeof words !== 'string') return ''
  let text = words.slice(0, MAX_WORDS * 4)
  for (const secret of secrets) {
    if (secret !== '') text = text.replaceAll(secret, '•••').replaceAll(encodeURIComponent(secret), '•••')
  }
  text = text.replaceAll(UNREADABLE, ' ').replaceAll(/\s+/g, ' ').trim()
  return text.length > MAX_WORDS ? `${text.slice(0, MAX_WORDS)}…` : text
}

/** `error` and `error_description` of RFC 6749, sections 4.1.2.1 and 5.2, as one sentence of the server's. */
export function saidError(error: unknown, description: unknown, secrets: readonly string[] = []): string {
  const [code, words] = [said(error, secrets), said(description, secrets)]
  if (words === '') return code === '' ? 'error' : code
  return code === '' ? words : `${words.replace(/\.+$/, '')} (${code})`
}
