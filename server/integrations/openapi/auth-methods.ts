// Security schemes and requirements as the ways to connect that an admin chooses from: each alternative of a
// requirement (OR) is a method, and the schemes that one alternative names together (AND) are its fields.
import type { AuthField, AuthMethod, Placement } from '../../../drizzle/shapes.ts'
import { isRecord, ownEntries, ownText, shorten } from '../json-value.ts'
import type { Dialect } from './dialect.ts'
import type { DocumentIndex, Place } from './document-index.ts'
import { resolveReference } from './references.ts'

const MAX_METHODS = 12

type Scheme =
  | { ok: true; label: string; description: string; fields: AuthField[]; placements: Placement[] }
  | { ok: false; reason: string }

export interface AuthReading {
  methods: AuthMethod[]
  /** `header X-Api-Key`, lower case: parameters that a credential fills in and a caller must not. */
  credentialParameters: Set<string>
}

export function readAuth(
  index: DocumentIndex,
  dialect: Dialect,
  operations: readonly Place[],
  report: (place: string, reason: string) => void,
): AuthReading {
  const section: Place = dialect === '2' ? ['securityDefinitions'] : ['components', 'securitySchemes']
  const schemes = new Map<string, Scheme>()
  for (const name of index.keys(section)) {
    const resolved = resolveReference(index, index.get([...section, name]))
    const scheme = resolved.ok ? readScheme(resolved.value) : ({ ok: false, reason: resolved.problem } as const)
    if (!scheme.ok) report(`#/${section.join('/')}/${name}`, scheme.reason)
    schemes.set(name, scheme)
  }
  const alternatives = schemes.size === 0 ? [] : requirements(index, operations)
  const isUnused = alternatives.every((names) => names.length === 0)
  const wanted = isUnused ? [...alternatives, ...[...schemes.keys()].map((name) => [name])] : alternatives
  const methods = wanted.slice(0, MAX_METHODS).flatMap((names) => methodOf(names, schemes) ?? [])
  const credentialParameters = new Set(
    [...schemes.values()].flatMap((scheme) =>
      scheme.ok
        ? scheme.placements.flatMap((placement) =>
            placement.in === 'basic' ? [] : parameterKey(placement.in, placement.name),
          )
        : [],
    ),
  )
  return { methods: unique(schemes.size === 0 ? [noMethod(), bearerMethod()] : methods), credentialParameters }
}

export function parameterKey(where: string, name: string): string {
  return `${where} ${where === 'header' ? name.toLowerCase() : name}`
}

/** The distinct alternatives of the document and of its operations, in the order they first appear; `[]` is none. */
function requirements(index: DocumentIndex, operations: readonly Place[]): string[][] {
  const found = new Map<string, string[]>()
  const add = (security: unknown) => {
    const list: unknown[] = Array.isArray(security) ? security : []
    const alternatives =
      list.length === 0 ? [[]] : list.map((entry) => (isRecord(entry) ? Object.keys(entry).sort() : []))
    for (const names of alternatives) if (!found.has(names.join('\n'))) found.set(names.join('\n'), names)
  }
  const shared = index.get(['security'])
  if (shared !== undefined) add(shared)
  for (const place of operations) {
    const security = index.get([...place, 'security'])
    if (security !== undefined || shared === undefined) add(security)
  }
  // No credential comes last, unless nothing else is ever asked for.
  return [...found.values()].sort((a, b) => Number(a.length === 0) - Number(b.length === 0))
}

function methodOf(names: string[], schemes: Map<string, Scheme>): AuthMethod | null {
  if (names.length === 0) return noMethod()
  const parts = names.map((name) => [name, schemes.get(name)] as const)
  const method: AuthMethod = { id: names.map(identifier).join('_'), label: '', fields: [], placements: [] }
  const labels: string[] = []
  const descriptions: string[] = []
  for (const [name, scheme] of parts) {
    if (!scheme?.ok) return null
    // Two keys of one method need names of their own.
    const rename = (field: string) => (names.length === 1 ? field : `${identifier(name)}_${field}`)
    const inTemplate = (template: string) =>
      template.replaceAll(/\{(\w+)\}/g, (_, field: string) => `{${rename(field)}}`)
    labels.push(scheme.label)
    if (scheme.description) descriptions.push(scheme.description)
    for (const field of scheme.fields) {
      method.fields.push({
        ...field,
        name: rename(field.name),
        label: names.length === 1 ? field.label : `${field.label} (${name})`,
      })
    }
    for (const placement of scheme.placements) {
      method.placements.push(
        placement.in === 'basic'
          ? {
              in: 'basic',
              userTemplate: inTemplate(placement.userTemplate),
              passwordTemplate: inTemplate(placement.passwordTemplate),
            }
          : { ...placement, template: inTemplate(placement.template) },
      )
    }
  }
  const description = descriptions.join(' ')
  return { ...method, label: labels.join(' + '), ...(description ? { description } : {}) }
}

function readScheme(scheme: unknown): Scheme {
  const description = shorten(ownText(scheme, 'description'), 400)
  const type = ownText(scheme, 'type').toLowerCase()
  if (type === 'basic') return basicScheme(description)
  if (type === 'http') return httpScheme(ownText(scheme, 'scheme'), description)
  if (type === 'apikey') return keyScheme(ownText(scheme, 'in'), ownText(scheme, 'name'), description)
  if (type === 'oauth2' || type === 'openidconnect') {
    const kind = type === 'oauth2' ? 'OAuth 2.0' : 'OpenID Connect'
    const scopes = scopesOf(scheme)
    const hint = scopes.length > 0 ? ` Scopes: ${shorten(scopes.join(', '), 200)}.` : ''
    return bearerScheme(
      `Access token (${kind})`,
      `The API uses ${kind}. Paste an access token that was issued for you; it is sent as a bearer token.${hint}`,
    )
  }
  return {
    ok: false,
    reason:
      type === 'mutualtls' ? 'Client certificates cannot be used.' : `The security scheme "${type}" is not known.`,
  }
}

function httpScheme(name: string, description: string): Scheme {
  const scheme = name.toLowerCase()
  if (scheme === 'bearer') return bearerScheme('Bearer token', description)
  if (scheme === 'basic') return basicScheme(description)
  const isToken = /^[!#$%&'*+.^_`|~\w-]+$/.test(name)
  if (
    !isToken ||
    ['digest', 'hoba', 'mutual', 'negotiate', 'ntlm', 'oauth', 'scram-sha-1', 'scram-sha-256'].includes(scheme)
  ) {
    return { ok: false, reason: `HTTP authentication "${name}" needs a computed answer and cannot be used.` }
  }
  const label = `${name} token`
  return {
    ok: true,
    label,
    description,
    fields: [{ name: 'token', label: 'Token', isSecret: true }],
    placements: [{ in: 'header', name: 'Authorization', template: `${name} {token}` }],
  }
}

function keyScheme(where: string, name: string, description: string): Scheme {
  const isPlace = where === 'header' || where === 'query' || where === 'cookie'
  if (!isPlace || !name) return { ok: false, reason: 'The API key has no name or no place.' }
  const isAuthorization = where === 'header' && name.toLowerCase() === 'authorization'
  const field: AuthField = { name: 'token', label: isAuthorization ? 'Authorization' : 'API key', isSecret: true }
  if (isAuthorization) field.hint = 'The whole value of the header, with its prefix, for example "Bearer …".'
  return {
    ok: true,
    label: `API key (${where} ${name})`,
    description,
    fields: [field],
    placements: [{ in: where, name, template: '{token}' }],
  }
}

function basicScheme(description: string): Scheme {
  return {
    ok: true,
    label: 'User name and password',
    description,
    fields: [
      { name: 'user', label: 'User name', isSecret: false },
      { name: 'password', label: 'Password', isSecret: true },
    ],
    placements: [{ in: 'basic', userTemplate: '{user}', passwordTemplate: '{password}' }],
  }
}

function bearerScheme(label: string, description: string): Scheme & { ok: true } {
  return {
    ok: true,
    label,
    description,
    fields: [{ name: 'token', label: 'Token', isSecret: true }],
    placements: [{ in: 'header', name: 'Authorization', template: 'Bearer {token}' }],
  }
}

function bearerMethod(): AuthMethod {
  const { label, fields, placements } = bearerScheme('Bearer token', '')
  return { id: 'bearer', label, fields, placements }
}

function noMethod(): AuthMethod {
  return { id: 'none', label: 'No credential', fields: [], placements: [] }
}

function scopesOf(scheme: unknown): string[] {
  const flows = ownEntries(scheme, 'flows').map(([, flow]) => flow)
  return [...new Set([scheme, ...flows].flatMap((flow) => ownEntries(flow, 'scopes').map(([scope]) => scope)))]
}

/** The same method under two names, as documents with one scheme for each grant have it, is offered once. */
function unique(methods: AuthMethod[]): AuthMethod[] {
  const ids = new Set<string>()
  const kinds = new Set<string>()
  return methods.filter((method) => {
    const kind = JSON.stringify([method.label, method.placements])
    if (ids.has(method.id) || kinds.has(kind)) return false
    ids.add(method.id)
    kinds.add(kind)
    return true
  })
}

function identifier(name: string): string {
  const safe = name.replaceAll(/[^A-Za-z0-9]+/g, '_').replaceAll(/^_+|_+$/g, '')
  return /^[A-Za-z]/.test(safe) ? safe : `scheme${safe ? `_${safe}` : ''}`
}
