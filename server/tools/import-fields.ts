// What an admin types when confirming an import.
import type { AuthMethod } from '../../drizzle/shapes.ts'
import { sendsNothing } from '../connections/method.ts'

/** Members of `tools` inside the sandbox, and of every JavaScript object. */
const RESERVED_SLUGS = new Set(['search', 'describe', 'results', 'then', 'catch', 'finally', 'prototype', 'toJSON'])

/** Null when `slug` can name an integration, else what is wrong with it. */
export function problemOfSlug(slug: string): string | null {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(slug)) {
    return 'Use letters, digits and _, beginning with a letter: programs write this name as tools.<name>.'
  }
  return RESERVED_SLUGS.has(slug) || slug in Object.prototype ? `“${slug}” is a reserved name. Choose another.` : null
}

/** Words of a title that say only that something is an API. */
const NOISE =
  /^(apis?|rest|restful|http|web|the|service|public|open|openapi|swagger|official|specs?|specifications?|definitions?|docs|documentation|extensions?|v?\d+(\.\d+)*)$/i
/** A title with more than these is a sentence; whose API it is says the server's name better. */
const MOST_WORDS = 3

/** An identifier made of a title, `GitHub v3 REST API` → `github`, or of the server's name where that says more. */
export function suggestSlug(title: string, server: string | undefined, taken: ReadonlySet<string>): string {
  const plain = title
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/['’]s\b/g, '')
  const words = wordsOf(plain)
  // What stands behind a plus, a comma or a bracket is said beside the name.
  const telling = plain
    .split(/[+,([]/)
    .map((part) => wordsOf(part).filter((word) => !NOISE.test(word)))
    .find((part) => part.length > 0)
  const host = registrableLabel(server)
  const isHostBetter =
    host !== null && (telling === undefined || (telling.length > MOST_WORDS && plain.toLowerCase().includes(host)))
  const chosen = isHostBetter ? wordsOf(host) : (telling ?? words)
  const base = chosen.join('_').toLowerCase().slice(0, 40).replace(/_+$/, '')
  const safe = problemOfSlug(base) === null ? base : `api_${base}`.replace(/_+$/, '')
  let slug = safe
  for (let number = 2; taken.has(slug); number++) slug = `${safe}${number}`
  return slug
}

function wordsOf(text: string): string[] {
  return text.split(/[^A-Za-z0-9]+/).filter((word) => word !== '')
}

/** What an organisation registered: `github` of `https://api.github.com`, `acme` of `https://acme.co.uk`; null for an address. */
function registrableLabel(server: string | undefined): string | null {
  const labels = server === undefined ? [] : (URL.parse(server)?.hostname.split('.') ?? [])
  const [top = '', second = '', third] = labels.toReversed()
  if (labels.length < 2 || !/^[a-z]/.test(top)) return null
  const isShared = top.length === 2 && /^(com?|org|net|gov|edu|ac)$/.test(second)
  return isShared ? (third ?? null) : second
}

/** An absolute http(s) URL that paths can be appended to, without its trailing slash. */
export function parseBaseUrl(text: string): { ok: true; url: string } | { ok: false; message: string } {
  const url = URL.parse(text.trim())
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return { ok: false, message: 'Give the whole address that calls go to, for example https://api.example.com/v1' }
  }
  if (url.username !== '' || url.password !== '') {
    return { ok: false, message: 'Leave user name and password out of the address; they belong to a connection.' }
  }
  if (url.search !== '' || url.hash !== '') {
    return { ok: false, message: 'Leave out everything from ? or # on: paths are appended to this address.' }
  }
  return { ok: true, url: url.href.replace(/\/+$/, '') }
}

const NO_CREDENTIAL: AuthMethod = { id: 'none', label: 'No credential', fields: [], placements: [] }

/** The method to connect with at once, where no method asks for a credential. */
export function publicMethod(methods: readonly AuthMethod[]): AuthMethod | null {
  return methods.every(isPublic) ? (methods[0] ?? NO_CREDENTIAL) : null
}

function isPublic(method: AuthMethod): boolean {
  return method.fields.length === 0 && sendsNothing(method)
}
