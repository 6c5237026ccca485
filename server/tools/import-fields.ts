// What an admin types when confirming an import.
import type { AuthMethod } from '../../drizzle/shapes.ts'

/** Members of `tools` inside the sandbox, and of every JavaScript object. */
const RESERVED_SLUGS = new Set(['search', 'describe', 'results', 'then', 'catch', 'finally', 'prototype', 'toJSON'])

/** Null when `slug` can name an integration, else what is wrong with it. */
export function problemOfSlug(slug: string): string | null {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(slug)) {
    return 'Use letters, digits and _, beginning with a letter: programs write this name as tools.<name>.'
  }
  return RESERVED_SLUGS.has(slug) || slug in Object.prototype ? `“${slug}” is a reserved name. Choose another.` : null
}

/** An identifier made of a title: `GitHub v3 REST API` → `github`. */
export function suggestSlug(title: string, taken: ReadonlySet<string>): string {
  const noise = /^(api|apis|rest|restful|http|web|the|service|public|open|openapi|swagger|v?\d+(\.\d+)*)$/i
  const words = title
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
  const telling = words.filter((word) => !noise.test(word))
  const base = (telling.length > 0 ? telling : words).join('_').toLowerCase().slice(0, 40).replace(/_+$/, '')
  const safe = problemOfSlug(base) === null ? base : `api_${base}`.replace(/_+$/, '')
  let slug = safe
  for (let number = 2; taken.has(slug); number++) slug = `${safe}${number}`
  return slug
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
  return method.fields.length === 0 && method.placements.length === 0
}
