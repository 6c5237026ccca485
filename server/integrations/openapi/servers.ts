// Where a document says its API is: absolute http(s) URLs without credentials, the default first.
import { isRecord, own, ownEntries, ownText } from '../json-value.ts'
import type { Dialect } from './dialect.ts'
import type { DocumentIndex } from './document-index.ts'

const MAX_SERVERS = 20

export type ReportServer = (place: string, reason: string) => void

export function serversOf(
  index: DocumentIndex,
  dialect: Dialect,
  source: string | undefined,
  report: ReportServer,
): string[] {
  if (dialect === '2') return swaggerServers(index, source)
  const declared = index.get(['servers'])
  const servers = absoluteServers(declared, source, (reason) => report('#/servers', reason))
  // Without `servers` the specification means `/` on the document's own host.
  const isSilent = !Array.isArray(declared) || declared.length === 0
  return servers.length === 0 && isSilent && source ? [new URL('/', source).href.replace(/\/$/, '')] : servers
}

export function absoluteServers(
  servers: unknown,
  source: string | undefined,
  report: (reason: string) => void,
): string[] {
  const list: unknown[] = Array.isArray(servers) ? servers.slice(0, MAX_SERVERS) : []
  const urls = list.flatMap((server) => {
    const url = ownText(server, 'url').replaceAll(/\{([^{}]*)\}/g, (whole, name: string) => {
      const variable = ownEntries(server, 'variables').find(([key]) => key === name)?.[1]
      const value = isRecord(variable) ? own(variable, 'default') : undefined
      return typeof value === 'string' || typeof value === 'number' ? String(value) : whole
    })
    const absolute = absoluteUrl(url, source)
    if (absolute === null) report(`The server "${url}" cannot be used: it needs to be an absolute http(s) URL.`)
    return absolute ?? []
  })
  return [...new Set(urls)]
}

function swaggerServers(index: DocumentIndex, source: string | undefined): string[] {
  const text = (name: string) => {
    const value = index.get([name])
    return typeof value === 'string' ? value.trim() : ''
  }
  const own = source && URL.canParse(source) ? new URL(source) : null
  const host = text('host') || own?.host || ''
  if (!host) return []
  const declared = index.get(['schemes'])
  const schemes: string[] = (Array.isArray(declared) ? declared : []).filter(
    (scheme) => scheme === 'https' || scheme === 'http',
  )
  const ordered = schemes.length > 0 ? schemes.toSorted().toReversed() : [own?.protocol === 'http:' ? 'http' : 'https']
  const path = text('basePath').replace(/^\/*/, '/')
  return [...new Set(ordered.flatMap((scheme) => absoluteUrl(`${scheme}://${host}${path}`, undefined) ?? []))]
}

/** Without a trailing slash, query or fragment; null for anything that is not plain http(s). */
function absoluteUrl(url: string, base: string | undefined): string | null {
  if (!url || url.includes('{') || !URL.canParse(url, base)) return null
  const parsed = new URL(url, base)
  const isPlain = (parsed.protocol === 'https:' || parsed.protocol === 'http:') && !parsed.username && !parsed.password
  return isPlain ? (parsed.origin + parsed.pathname).replace(/\/+$/, '') : null
}
