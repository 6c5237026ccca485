// Where a document says its API is: absolute http(s) URLs without credentials, the default first. Variables stay in
// them, with what may stand for each; server-template.ts fills them in.
import type { Server } from '../../../drizzle/shapes.ts'
import { isRecord, own, ownEntries, ownList, ownText } from '../json-value.ts'
import type { Dialect } from './dialect.ts'
import type { DocumentIndex } from './document-index.ts'
import { expandServer, serverDefault } from './server-template.ts'

const MAX_SERVERS = 20
const MAX_VALUES = 500
const MAX_DESCRIPTION = 500

export type ReportServer = (place: string, reason: string) => void
type Variables = NonNullable<Server['variables']>

/** `retrieved` is the URL that the document came from, which relative servers are relative to. */
export function serversOf(
  index: DocumentIndex,
  dialect: Dialect,
  retrieved: string | undefined,
  report: ReportServer,
): Server[] {
  if (dialect === '2') return swaggerServers(index, retrieved, report)
  const declared = index.get(['servers'])
  const servers = readServers(declared, retrieved, (reason) => report('#/servers', reason))
  // Without `servers` the specification means `/` on the document's own host.
  const isSilent = !Array.isArray(declared) || declared.length === 0
  return servers.length === 0 && isSilent && retrieved ? [{ url: new URL('/', retrieved).origin }] : servers
}

/** Usable servers of a list, each URL once; what is wrong with the others is reported. */
export function readServers(
  declared: unknown,
  retrieved: string | undefined,
  report: (reason: string) => void,
): Server[] {
  const list: unknown[] = Array.isArray(declared) ? declared : []
  if (list.length > MAX_SERVERS) report(`Of ${list.length} servers the first ${MAX_SERVERS} are offered.`)
  const servers = new Map<string, Server>()
  for (const raw of list.slice(0, MAX_SERVERS)) {
    const server = readServer(raw, retrieved, report)
    if (server && !servers.has(server.url)) servers.set(server.url, server)
  }
  return [...servers.values()]
}

function readServer(raw: unknown, retrieved: string | undefined, report: (reason: string) => void): Server | null {
  const written = ownText(raw, 'url')
  const url = absoluteTemplate(written, retrieved)
  if (url === null) {
    report(`The server "${written}" cannot be used: it is relative, and where the document came from is not known.`)
    return null
  }
  if (/[?#]/.test(written)) report(`The server "${written}" is used without its query and fragment.`)
  const description = ownText(raw, 'description').slice(0, MAX_DESCRIPTION)
  const server: Server = { url, ...(description ? { description } : {}) }
  const variables = readVariables(url, own(raw, 'variables'), report)
  if (variables.length > 0) server.variables = Object.fromEntries(variables)
  const problem = problemOf(server)
  if (problem) {
    report(`The server "${written}" cannot be used. ${problem}`)
    return null
  }
  for (const [name, variable] of variables) withUsableValues(server, name, variable, report)
  if (variables.length === 0) server.url = serverDefault(server) ?? url
  return server
}

function problemOf(server: Server): string {
  const expanded = expandServer(server, {})
  if (!expanded.ok) return expanded.message
  const isOdd = /(^\.|\.\.|\.$)/.test(new URL(expanded.url).hostname)
  return isOdd ? `"${expanded.url}" lacks a part of the name of its host.` : ''
}

/**
 * A URL with variables, as RFC 3986 resolves it; null when there is nothing to resolve it against. A query and a fragment
 * have no place in the URL of a server.
 */
function absoluteTemplate(written: string, retrieved: string | undefined): string | null {
  const url = (written.split(/[?#]/)[0] ?? '').replace(/\/+$/, '')
  if (/^[^/{}]*:/.test(url) || url.startsWith('{')) return url
  if (!retrieved) return null
  const base = new URL(retrieved)
  if (url.startsWith('//')) return base.protocol + url
  // A URL has no braces; the variables are put back when it is made.
  const names: string[] = []
  const path = url.replaceAll(/\{[^{}]*\}/g, (name) => `~${names.push(name) - 1}~`)
  const resolved = new URL(path === '' ? '/' : path, base)
  const absolute = resolved.origin + resolved.pathname.replace(/\/+$/, '')
  return absolute.replaceAll(/~(\d+)~/g, (token, at: string) => names[Number(at)] ?? token)
}

function readVariables(
  url: string,
  declared: unknown,
  report: (reason: string) => void,
): [string, Variables[string]][] {
  const names = new Set(Array.from(url.matchAll(/\{([^{}]*)\}/g), ([, name = '']) => name))
  return ownEntries({ declared }, 'declared').flatMap(([name, raw]): [string, Variables[string]][] => {
    if (!names.has(name) || !isRecord(raw)) return []
    const values = ownList(raw, 'enum')
      .flatMap((value) => textOf(value) ?? [])
      .slice(0, MAX_VALUES)
    const fallback = textOf(own(raw, 'default')) ?? values[0]
    if (fallback === undefined) return []
    const isChoice = values.length === 0 || values.includes(fallback)
    if (!isChoice) report(`The server variable "${name}" has a default that is none of its values.`)
    const description = ownText(raw, 'description').slice(0, MAX_DESCRIPTION)
    return [
      [
        name,
        {
          default: isChoice ? fallback : (values[0] ?? fallback),
          ...(values.length > 0 ? { values: [...new Set(values)] } : {}),
          ...(description ? { description } : {}),
        },
      ],
    ]
  })
}

/** YAML reads a port, a version or a flag as what it looks like. */
function textOf(value: unknown): string | null {
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value).trim() : null
}

/** Leaves out what would make no http(s) URL of the server: an enum may say `ftp`, or name a user. */
function withUsableValues(
  server: Server,
  name: string,
  variable: Variables[string],
  report: (reason: string) => void,
): void {
  if (variable.values === undefined) return
  const usable = variable.values.filter((value) => expandServer(server, Object.fromEntries([[name, value]])).ok)
  const unusable = variable.values.filter((value) => !usable.includes(value))
  if (unusable.length === 0) return
  variable.values = usable
  report(
    `The server variable "${name}" cannot be ${unusable
      .slice(0, 5)
      .map((value) => `"${value}"`)
      .join(', ')}.`,
  )
}

function swaggerServers(index: DocumentIndex, retrieved: string | undefined, report: ReportServer): Server[] {
  const text = (name: string) => ownText({ value: index.get([name]) }, 'value')
  const source = retrieved && URL.canParse(retrieved) ? new URL(retrieved) : null
  const host = text('host') || source?.host || ''
  if (!host) {
    const isMade = isRecord(index.get(['x-ms-parameterized-host']))
    if (isMade)
      report('#/x-ms-parameterized-host', 'The name of the host has parts that only you know: give the base URL.')
    return []
  }
  const declared = index.get(['schemes'])
  const schemes: string[] = (Array.isArray(declared) ? declared : []).filter(
    (scheme) => scheme === 'https' || scheme === 'http',
  )
  const ordered =
    schemes.length > 0 ? schemes.toSorted().toReversed() : [source?.protocol === 'http:' ? 'http' : 'https']
  const path = text('basePath').replace(/^\/*/, '/')
  const servers = ordered.map((scheme) => ({ url: `${scheme}://${host}${path}` }))
  return readServers(servers, undefined, (reason) => report('#/host', reason))
}
