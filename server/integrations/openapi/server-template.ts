// A server's URL with values for its variables. An enum is the document's own choice; any other value was typed by
// somebody, and may fill in the place that the variable has, and nothing beyond it: no other scheme, user, port, host,
// query or fragment, and no step up in the path.
import type { Server } from '../../../drizzle/shapes.ts'

export type ServerExpansion = { ok: true; url: string } | { ok: false; message: string; variable?: string }

type Variable = NonNullable<Server['variables']>[string]

/** Where a variable stands. `url` is the beginning of everything, as in `{endpoint}/v1`; `root` is right behind the host. */
type Position = 'url' | 'scheme' | 'host' | 'label' | 'port' | 'root' | 'path' | 'nowhere'

const LABEL = /^[a-z\d]([a-z\d-]*[a-z\d])?$/i
const SEGMENT = /^[\w.~-]+$/
const PATH_RULE = 'Letters, digits and - . _ ~ between single slashes are allowed, and no steps "." or "..".'

/** The base URL that `values` make, absolute http(s) and without a trailing slash. A value that is left out is the default. */
export function expandServer(server: Server, values: Readonly<Record<string, string>>): ServerExpansion {
  let url = ''
  let rest = server.url
  for (;;) {
    const found = /^([^{}]*)\{([^{}]*)\}/.exec(rest)
    if (!found) break
    const [whole, literal = '', name = ''] = found
    rest = rest.slice(whole.length)
    url += literal
    const variable = own(server.variables, name)
    const value = own(values, name)?.trim() || variable?.default
    if (value === undefined) return { ok: false, message: `"${name}" needs a value.`, variable: name }
    const problem = problemOf(variable, value, () => positionOf(url, rest, variable))
    if (problem) return { ok: false, message: `"${name}" ${problem}`, variable: name }
    const isAfterSlash = /^[^/]*:\/\/[^/]+\/(.*\/)?$/.test(url)
    const trimmed = rest.startsWith('/') ? value.replace(/\/$/, '') : value
    url += isAfterSlash ? trimmed.replace(/^\//, '') : trimmed
  }
  return plainUrl(url + rest)
}

/** The URL with every variable's default; null when that is not enough to make one. */
export function serverDefault(server: Server): string | null {
  const expanded = expandServer(server, {})
  return expanded.ok ? expanded.url : null
}

/** What is wrong with a value, as the rest of a sentence; empty when nothing is. */
function problemOf(variable: Variable | undefined, value: string, position: () => Position): string {
  const choices = variable?.values ?? []
  if (choices.length > 0) return choices.includes(value) ? '' : `must be one of ${choices.slice(0, 30).join(', ')}.`
  // The document's own default may be anything that makes a plain URL in the end.
  if (value === variable?.default) return ''
  switch (position()) {
    case 'url':
      return plainUrl(value).ok ? '' : 'must be an absolute http(s) URL without a user, query or fragment.'
    case 'scheme':
      return value === 'https' || value === 'http' ? '' : 'must be https or http.'
    case 'host':
      return isHost(value) ? '' : 'must be the name of a host, such as api.example.com.'
    case 'label':
      return isLabel(value) ? '' : 'is one part of the name of a host: letters, digits and hyphens only.'
    case 'port':
      return /^\d{1,5}$/.test(value) ? '' : 'must be the number of a port.'
    case 'root':
      return value.startsWith('/') && isPath(value) ? '' : `must begin with "/". ${PATH_RULE}`
    case 'path':
      return isPath(value) ? '' : `is part of a path. ${PATH_RULE}`
    default:
      return 'stands where nothing but its default can be.'
  }
}

/** `before` is expanded, `after` is not. */
function positionOf(before: string, after: string, variable: Variable | undefined): Position {
  const endsThere = after === '' || after.startsWith('/')
  if (before === '') return after.startsWith('://') ? 'scheme' : endsThere ? 'url' : 'nowhere'
  const [, authority, path] = /^https?:\/\/([^/?#@\\]*)(\/[^?#@\\]*)?$/i.exec(before) ?? []
  if (authority === undefined) return 'nowhere'
  if (path !== undefined) return 'path'
  const fallback = variable?.default
  if (authority !== '' && (fallback === '' || fallback?.startsWith('/'))) return 'root'
  if (authority.includes(':')) return 'port'
  const endsHost = endsThere || after.startsWith(':')
  return endsHost && (authority === '' || fallback?.includes('.')) ? 'host' : 'label'
}

function plainUrl(text: string): ServerExpansion {
  const refuse = (message: string): ServerExpansion => ({ ok: false, message })
  if (/[\s\p{Cc}\\{}]/u.test(text) || !/^https?:\/\/[^/]/i.test(text) || !URL.canParse(text)) {
    return refuse(`"${text}" is not an absolute http(s) URL.`)
  }
  const url = new URL(text)
  if (url.username || url.password) return refuse('The URL must not contain a user or a password.')
  if (/[?#]/.test(text)) return refuse('The URL of a server has no query and no fragment.')
  return { ok: true, url: (url.origin + url.pathname).replace(/\/+$/, '') }
}

function isLabel(text: string): boolean {
  return text.length < 64 && LABEL.test(text)
}

/** A name, or an address in its usual form: what a URL reads as another host than it seems to say is neither. */
function isHost(text: string): boolean {
  if (!text.split('.').every(isLabel) || !URL.canParse(`https://${text}`)) return false
  return new URL(`https://${text}`).hostname === text.toLowerCase()
}

function isPath(text: string): boolean {
  return text
    .replaceAll(/^\/|\/$/g, '')
    .split('/')
    .every(isSegment)
}

function isSegment(text: string): boolean {
  return SEGMENT.test(text) && text !== '.' && text !== '..'
}

function own<Value>(record: Readonly<Record<string, Value>> | undefined, key: string): Value | undefined {
  return record && Object.hasOwn(record, key) ? record[key] : undefined
}
