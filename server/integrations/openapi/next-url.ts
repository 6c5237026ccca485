// A next page that only a URL names. Where its query says nothing but what the tool declares, it becomes fields of the
// input; otherwise the input gets the reserved field `$next` with the URL. A URL comes from the upstream or from an agent,
// so nothing of it is used but its query, and only when it is of the very place that the tool reads: it can lead neither
// the request nor the credential anywhere else.
import { isRecord, own, ownList, type JsonRecord } from '../json-value.ts'
import type { Binding } from './binding.ts'
import { requestUrl, type UrlReading } from './request-url.ts'

/** The field of an input that holds the URL of a page. */
export const NEXT = '$next'
/** No server takes longer ones. */
export const LONGEST = 8192
/** Parameters by which some servers take a GET for something else. */
const METHOD_OVERRIDE = /^[$_]?(x[-_]?)?(http[-_]?)?method([-_]?override)?$/i

export interface Page {
  binding: Binding
  inputSchema: unknown
  /** What the page was asked with. */
  input: JsonRecord
  /** What it was asked from, without the credential. */
  url: URL
}

/** The URL of the page that the input names with `$next`, for a request that without it goes to `url`; else that. */
export function continueAt(binding: Binding, baseUrl: string, url: URL, input: unknown): UrlReading {
  const given = own(input, NEXT)
  if (given === undefined || !takesNext(binding)) return { ok: true, url }
  const refuse = (reason: string): UrlReading => ({ ok: false, message: `"${NEXT}" ${reason}` })
  if (typeof given !== 'string' || !URL.canParse(given, url)) return refuse('is not a URL.')
  if (given.length > LONGEST) return refuse(`is longer than ${LONGEST} characters.`)
  const next = new URL(given, url)
  const isSamePlace = next.origin === url.origin && next.pathname === url.pathname
  if (!isSamePlace || next.username !== '' || next.password !== '')
    return refuse(`leads elsewhere. Only the query of ${url.origin}${url.pathname} may change.`)
  // What of the query belongs to the operation and its server may say which operation it is: it stays.
  const inPath = binding.parameters.filter((one) => one.in === 'path')
  const bare = requestUrl({ ...binding, parameters: inPath }, baseUrl, input)
  const fixed = bare.ok ? bare.url.search.slice(1) : ''
  const ownNames = new Set(pairsOf(fixed).map(({ name }) => name.toLowerCase()))
  const declared = new Set(binding.parameters.map(({ name }) => name))
  const pairs = pairsOf(next.search.slice(1)).filter(({ name }) => !ownNames.has(name.toLowerCase()))
  const override = pairs.find(({ name }) => METHOD_OVERRIDE.test(name) && !declared.has(name))
  if (override) return refuse(`must not have the parameter ${JSON.stringify(override.name)}.`)
  const continued = new URL(url)
  continued.search = [fixed, ...pairs.map(({ text }) => text)].filter(Boolean).join('&')
  return { ok: true, url: continued }
}

/** Whether a tool may be asked for a page by its URL: a read whose document has no field of that name. */
export function takesNext({ paging, parameters }: Binding): boolean {
  return paging !== undefined && !parameters.some(({ key }) => key === NEXT)
}

/**
 * The query of a link that leads to the place of the page: of the same resource, whatever the host and the beginning of
 * its path, which gateways and aliases change (`/repositories/42/issues` for `/repos/acme/web/issues`).
 */
export function queryOf(link: string, base: string, { url }: Page): URLSearchParams | undefined {
  if (link.length > LONGEST || !URL.canParse(link, base)) return undefined
  const { protocol, username, password, pathname, searchParams } = new URL(link, base)
  const isWeb = protocol === 'https:' || protocol === 'http:'
  const isOf = resourceOf(pathname) === resourceOf(url.pathname)
  return isWeb && isOf && username === '' && password === '' ? searchParams : undefined
}

/** The input whose fields ask for that query; undefined when not all of it can be said in fields. */
export function inputFor(query: URLSearchParams, { binding, inputSchema, input, url }: Page): JsonRecord | undefined {
  const now = url.searchParams
  const required = ownList(inputSchema, 'required')
  let next = input
  for (const name of new Set([...query.keys(), ...now.keys()])) {
    const [wanted, ...more] = query.getAll(name)
    if (isSameList(query.getAll(name), now.getAll(name))) continue
    const parameter = binding.parameters.find((one) => one.in === 'query' && one.name === name)
    if (parameter === undefined || more.length > 0) return undefined
    const { key } = parameter
    if (wanted === undefined) {
      const { [key]: _left, ...rest } = next
      if (!required.includes(key)) next = rest
      continue
    }
    const value = asDeclared(inputSchema, key, wanted)
    if (value === undefined) return undefined
    next = { ...next, [key]: value }
  }
  return next
}

/** The input that asks for the URL of a page. What leads elsewhere is kept as it is: it is refused when it is asked for. */
export function inputWithUrl(link: string, query: URLSearchParams | undefined, { input, url }: Page): JsonRecord {
  const { [NEXT]: _before, ...rest } = input
  if (query === undefined) return { ...rest, [NEXT]: link.slice(0, LONGEST + 1) }
  const next = new URL(url)
  next.search = query.toString()
  return { ...rest, [NEXT]: next.href }
}

/** A text or a number as the schema of the field wants it; undefined when it does not fit, or that is not known. */
export function asDeclared(inputSchema: unknown, key: string, value: string | number): unknown {
  const schema = own(own(inputSchema, 'properties'), key)
  const types = [own(schema, 'type')].flat()
  if (types.includes('string')) return String(value)
  if (types.includes('integer') || types.includes('number')) {
    return String(Number(value)) === String(value) ? Number(value) : undefined
  }
  if (types.includes('boolean')) return value === 'true' || (value === 'false' ? false : undefined)
  const isPlain =
    isRecord(schema) && !['type', '$ref', 'anyOf', 'oneOf', 'allOf', 'enum'].some((word) => word in schema)
  return isPlain ? value : undefined
}

/** The last step of a path, without the format that some APIs add to it. */
function resourceOf(pathname: string): string {
  const last = pathname.replace(/\/+$/, '').split('/').at(-1) ?? ''
  return last.replace(/\.(json|xml)$/, '')
}

function pairsOf(query: string): { name: string; text: string }[] {
  return query
    .split('&')
    .filter(Boolean)
    .map((text) => ({ text, name: [...new URLSearchParams(text).keys()][0] ?? '' }))
}

function isSameList(one: string[], other: string[]): boolean {
  return one.length === other.length && one.every((item, index) => item === other[index])
}
