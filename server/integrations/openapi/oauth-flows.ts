// What a scheme says about getting an access token, kept as data. A server can use three of the grants; of the others,
// and of every address that nothing may be sent to, it is said why they were left out.
import type { OAuth, OAuthFlow } from '../../../drizzle/shapes.ts'
import { utf8Bytes } from '../../db/json-rows.ts'
import { isLoopbackAddress } from '../../net/address.ts'
import { isRecord, own, ownEntries, ownList, ownText, shorten } from '../json-value.ts'

/** What was found, without the name of the field that it belongs to. */
export type OAuthReading = Omit<OAuth, 'field'>

/** `part` is a pointer within the scheme: `/flows/implicit`. */
type ReportPart = (part: string, reason: string) => void

/** Both versions' words for a flow. */
const GRANTS: ReadonlyMap<string, OAuthFlow['grant']> = new Map([
  ['authorizationCode', 'authorization_code'],
  ['accessCode', 'authorization_code'],
  ['clientCredentials', 'client_credentials'],
  ['application', 'client_credentials'],
  ['deviceAuthorization', 'device_code'],
])
const UNUSABLE: ReadonlyMap<string, string> = new Map([
  ['implicit', 'The implicit flow hands its token to a page in a browser'],
  ['password', 'The password flow would have people give Executor the password of their account'],
])
const NEEDED = {
  authorization_code: ['authorizationUrl', 'tokenUrl'],
  client_credentials: ['tokenUrl'],
  device_code: ['deviceAuthorizationUrl', 'tokenUrl'],
} as const
const URLS = ['authorizationUrl', 'deviceAuthorizationUrl', 'tokenUrl', 'refreshUrl'] as const
const MAX_URL = 500
const MAX_SCOPE_DESCRIPTION = 200
/** scope-token of RFC 6749, section 3.3. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/

/** `base` is what relative addresses follow: a server of the API (OpenAPI 3.1, section 4.6). */
export function readOAuth(scheme: unknown, base: string | undefined, report: ReportPart): OAuthReading {
  const urlAt = (holder: unknown, name: string, part: string): string | undefined => {
    const text = ownText(holder, name)
    if (text === '') return undefined
    const read = endpointUrl(text, base)
    if (read.ok) return read.url
    report(`${part}/${name}`, `The address “${shorten(text, 100)}” was left out: it ${read.problem}.`)
    return undefined
  }
  const metadataUrl = urlAt(scheme, 'oauth2MetadataUrl', '')
  const openIdConnectUrl = urlAt(scheme, 'openIdConnectUrl', '')
  const isDiscovered = metadataUrl !== undefined || openIdConnectUrl !== undefined
  const flows = flowsOf(scheme).flatMap(([name, flow, part]): OAuthFlow[] => {
    const grant = GRANTS.get(name)
    if (grant === undefined) {
      const why = UNUSABLE.get(name) ?? `The flow “${shorten(name, 60)}” is not known`
      report(part, `${why}. An access token can be pasted all the same.`)
      return []
    }
    const read: OAuthFlow = { grant, scopes: scopesOf(flow, part, report) }
    for (const url of URLS) {
      const found = urlAt(flow, url, part)
      if (found !== undefined) read[url] = found
    }
    const missing = isDiscovered ? undefined : NEEDED[grant].find((url) => read[url] === undefined)
    if (missing === undefined) return [read]
    report(part, `The flow was left out: it has no usable ${missing}.`)
    return []
  })
  return {
    flows,
    ...(openIdConnectUrl !== undefined && { openIdConnectUrl }),
    ...(metadataUrl !== undefined && { metadataUrl }),
  }
}

/** With the scopes that operations ask for, where no flow describes them. */
export function withAskedScopes(oauth: OAuth, asked: Iterable<string>): OAuth {
  const described = new Set(oauth.flows.flatMap((flow) => Object.keys(flow.scopes)))
  const scopes = [...asked].filter((scope) => SCOPE.test(scope) && !described.has(scope))
  return scopes.length > 0 ? { ...oauth, scopes } : oauth
}

/** What two schemes say whose tokens go to the same place; `one` names it. */
export function mergeOAuth(one: OAuth, other: OAuth): OAuth {
  const flows = new Map([...one.flows, ...other.flows].map((flow) => [JSON.stringify(flow), flow]))
  const scopes = [...new Set([...(one.scopes ?? []), ...(other.scopes ?? [])])]
  return { ...other, ...one, flows: [...flows.values()], ...(scopes.length > 0 && { scopes }) }
}

/**
 * Cuts what `holders` say of OAuth until they are at most `maxBytes` of JSON together: descriptions of scopes go first,
 * then the scopes that come last, then all of it. Answers how many scopes had to go.
 */
export function fitOAuth(holders: readonly { oauth?: OAuth }[], maxBytes: number): number {
  let room = maxBytes
  const take = (value: unknown, more = 0) => {
    const cost = utf8Bytes(JSON.stringify(value)) + more
    if (cost > room) return false
    room -= cost
    return true
  }
  let leftOut = 0
  const declared = holders.flatMap((holder) => {
    const scopes = (holder.oauth?.flows ?? []).map((flow) => ({ flow, entries: Object.entries(flow.scopes) }))
    const asked = holder.oauth?.scopes ?? []
    for (const { flow } of scopes) flow.scopes = {}
    delete holder.oauth?.scopes
    if (take(holder, 1)) return [{ holder, scopes, asked }]
    leftOut += asked.length + scopes.reduce((sum, { entries }) => sum + entries.length, 0)
    delete holder.oauth
    take(holder, 1)
    return []
  })
  const named = declared.flatMap(({ holder, scopes, asked }) => {
    const kept = asked.filter((scope) => take(scope, ','.length))
    leftOut += asked.length - kept.length
    if (holder.oauth && kept.length > 0) holder.oauth.scopes = kept
    return scopes.map(({ flow, entries }) => {
      const names = entries.filter(([name]) => take(name, ':"",'.length))
      leftOut += entries.length - names.length
      return { flow, names }
    })
  })
  // Own members whatever they are called: assigning `__proto__` would not make one.
  for (const { flow, names } of named) {
    flow.scopes = Object.fromEntries(names.map(([name, text]) => [name, take(text) ? text : '']))
  }
  return leftOut
}

/** Every flow with its place; in Swagger 2 a scheme is one flow itself. */
function flowsOf(scheme: unknown): [name: string, flow: unknown, part: string][] {
  if (isRecord(own(scheme, 'flows'))) {
    return ownEntries(scheme, 'flows')
      .filter(([name]) => !name.startsWith('x-'))
      .map(([name, flow]) => [name, flow, `/flows/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`])
  }
  const name = ownText(scheme, 'flow')
  return name === '' ? [] : [[name, scheme, '']]
}

function scopesOf(flow: unknown, part: string, report: ReportPart): Record<string, string> {
  const listed = ownList(flow, 'scopes').filter((name) => typeof name === 'string')
  const entries: [string, unknown][] = [
    ...ownEntries(flow, 'scopes').filter(([name, value]) => typeof value === 'string' || !name.startsWith('x-')),
    ...listed.map((name): [string, unknown] => [name, '']),
  ]
  const isScope = ([name]: [string, unknown]) => SCOPE.test(name)
  const odd = entries.filter((entry) => !isScope(entry)).map(([name]) => name)
  if (odd.length > 0) {
    const names = odd.slice(0, 5).map((name) => `“${shorten(name, 60)}”`)
    report(`${part}/scopes`, `${odd.length} scopes were left out, as no scope has such a name: ${names.join(', ')}.`)
  }
  return Object.fromEntries(
    entries
      .filter(isScope)
      .map(([name, description]) => [
        name,
        typeof description === 'string' ? shorten(description, MAX_SCOPE_DESCRIPTION) : '',
      ]),
  )
}

function endpointUrl(
  text: string,
  base: string | undefined,
): { ok: true; url: string } | { ok: false; problem: string } {
  const refuse = (problem: string) => ({ ok: false, problem }) as const
  if (/[{}]/.test(text)) return refuse('has a variable in it that nothing fills in')
  const url = URL.parse(text, base)
  if (url === null) return refuse('is not an absolute URL')
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopbackHost(url.hostname))) {
    return refuse('is not https')
  }
  if (url.username !== '' || url.password !== '') return refuse('has a user name or a password in it')
  // RFC 6749, section 3.1: an endpoint has no fragment.
  url.hash = ''
  return url.href.length > MAX_URL ? refuse(`has more than ${MAX_URL} characters`) : { ok: true, url: url.href }
}

function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || isLoopbackAddress(host.replaceAll(/[[\]]/g, ''))
}
