// Where the values of a credential go in a request. Pure. Everything that could fail is found before anything is sent.
import type { AuthMethod, Placement } from '../../drizzle/shapes.ts'

/** A placement with its values filled in. */
export type Filled =
  | { in: 'header'; name: string; value: string }
  | { in: 'query'; name: string; value: string }
  | { in: 'cookie'; name: string; value: string }
  | { in: 'basic'; user: string; password: string }

/** `field` is the first field whose value does not fit, when one is to blame. Messages never quote a value. */
export type FilledPlacements = { ok: true; filled: Filled[] } | { ok: false; field: string | null; message: string }

const FIELD = /\{([A-Za-z_]\w*)\}/g
const COOKIE_VALUE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/
const HEADER_VALUE = /^[\x20-\x7e\x80-\xff]*$/

export function fillPlacements(method: AuthMethod, values: ReadonlyMap<string, string>): FilledPlacements {
  const filled: Filled[] = []
  for (const placement of method.placements) {
    const missing = templatesOf(placement)
      .flatMap(fieldsOf)
      .find((field) => !values.has(field))
    if (missing !== undefined) return { ok: false, field: missing, message: `A value for ${missing} is missing.` }
    const one = fillOne(placement, values)
    const problem = problemOf(one)
    if (problem !== null) {
      return { ok: false, field: templatesOf(placement).flatMap(fieldsOf)[0] ?? null, message: problem }
    }
    filled.push(one)
  }
  return { ok: true, filled }
}

export function templatesOf(placement: Placement): string[] {
  return placement.in === 'basic' ? [placement.userTemplate, placement.passwordTemplate] : [placement.template]
}

/** What a placement fills, and nothing else can fill beside it: `header x-api-key`. */
export function targetOf(placement: Placement): string {
  if (placement.in === 'basic') return 'header authorization'
  return `${placement.in} ${placement.in === 'header' ? placement.name.toLowerCase() : placement.name}`
}

/** The fields that a template names. */
export function fieldsOf(template: string): string[] {
  return Array.from(template.matchAll(FIELD), ([, field = '']) => field)
}

export function applyFilled(filled: Filled, { url, headers }: { url: URL; headers: Headers }): void {
  switch (filled.in) {
    case 'header':
      headers.set(filled.name, filled.value)
      break
    case 'query':
      setParameter(url, filled.name, filled.value)
      break
    case 'cookie':
      headers.set('cookie', withCookie(headers.get('cookie') ?? '', filled.name, filled.value))
      break
    case 'basic':
      headers.set('authorization', `Basic ${basicCredentials(filled)}`)
  }
}

/** RFC 7617, section 2. */
export function basicCredentials({ user, password }: { user: string; password: string }): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(`${user}:${password}`)))
}

function withCookie(cookies: string, name: string, value: string): string {
  const others = cookies.split(/; */).filter((pair) => pair !== '' && !pair.startsWith(`${name}=`))
  return [...others, `${name}=${value}`].join('; ')
}

function fillOne(placement: Placement, values: ReadonlyMap<string, string>): Filled {
  // One pass: what looks like a field inside a value stays as it is.
  const fill = (template: string) => template.replace(FIELD, (_, field: string) => values.get(field) ?? '')
  if (placement.in === 'basic') {
    return { in: 'basic', user: fill(placement.userTemplate), password: fill(placement.passwordTemplate) }
  }
  return { in: placement.in, name: placement.name, value: fill(placement.template) }
}

function problemOf(filled: Filled): string | null {
  if (filled.in === 'basic')
    return filled.user.includes(':') ? 'A user name for basic authentication has no colon.' : null
  if (filled.in === 'cookie' && !COOKIE_VALUE.test(filled.value)) {
    return 'A cookie holds letters, digits and most signs, but no spaces, quotes, commas, semicolons or backslashes.'
  }
  if (filled.in === 'header' && !HEADER_VALUE.test(filled.value)) {
    return 'A header holds one line of plain text; this value has a line break or a character that no header can carry.'
  }
  return null
}

/** Leaves the rest of the query as it was written: `URLSearchParams` would encode it anew. */
function setParameter(url: URL, name: string, value: string): void {
  const others = url.search
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '' && !new URLSearchParams(pair).has(name))
  url.search = [...others, `${encodeURIComponent(name)}=${encodeURIComponent(value)}`].join('&')
}
