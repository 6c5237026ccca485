// Where a web page, a script, a catalog or a header says that an API's document is. Pure. Pages are hostile input: every
// expression here takes time in proportion to the text, and what comes out are at most a hundred http(s) addresses.
import { ownList, ownText } from '../integrations/json-value.ts'

/** How sure it is that the document is there, best first. A `page` may lead to one. */
export const TIERS = ['given', 'named', 'likely', 'page', 'guess'] as const
export type Tier = (typeof TIERS)[number]

export interface DocumentLink {
  url: string
  tier: Tier
  /** What the page calls it, where it offers several. */
  label?: string
  /** Where relative addresses in it start, when that is not itself. */
  base?: string
}

const MOST_LINKS = 100
const LONGEST = 500

/** Collects links once each, in the order of their tiers. */
class Links {
  readonly #found = new Map<string, DocumentLink>()
  readonly base: string

  constructor(base: string) {
    this.base = base
  }

  add(tier: Tier, reference: string, more: Pick<DocumentLink, 'label' | 'base'> = {}): void {
    const url = URL.parse(reference, this.base)
    if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') return
    // What an unconfigured Swagger UI shows.
    if (url.hostname === 'petstore.swagger.io' && new URL(this.base).hostname !== url.hostname) return
    url.hash = ''
    const known = this.#found.get(url.href)
    if (known === undefined ? this.#found.size >= 10 * MOST_LINKS : rank(known.tier) <= rank(tier)) return
    this.#found.set(url.href, { ...known, url: url.href, tier, ...more })
  }

  list(): DocumentLink[] {
    return [...this.#found.values()].sort((one, other) => rank(one.tier) - rank(other.tier)).slice(0, MOST_LINKS)
  }
}

function rank(tier: Tier): number {
  return TIERS.indexOf(tier)
}

/** The `Link` header (RFC 8288): `service-desc` is a description of an API, `service-doc` a page about it (RFC 8631). */
export function linksOfHeader(header: string, base: string): DocumentLink[] {
  const links = new Links(base)
  for (const [, target = '', parameters = ''] of header.slice(0, 16_384).matchAll(/<([^<>]{0,2000})>([^<]{0,1000})/g)) {
    addRelation(links, target, parameters)
  }
  return links.list()
}

function addRelation(links: Links, target: string, relation: string): void {
  if (/\b(service-desc|api-catalog|vnd\.oai\.openapi)\b/i.test(relation)) links.add('named', target)
  else if (/\bservice-doc\b/i.test(relation)) links.add('page', target)
}

/** API viewers that name the document of a page in a script or an attribute called `url`. */
const VIEWER = /swagger-?ui|redoc|rapi-?doc|elements-api|stoplight|api-reference|createApiReference/i
const TAG = /<(a|base|iframe|frame|link|meta|script)\s([^<>]{0,2000})>/gi
const INITIALIZER = /swagger[\w.-]{0,40}init[\w-]{0,20}\.js|initializer\.js/i
const DOCS =
  /\/(swagger(-ui)?|redoc|scalar|api-?(docs?|reference|explorer)|openapi|reference|docs\/(api|reference))(\/|\.html|$)/i

export function linksOfPage(html: string, url: string): DocumentLink[] {
  const text = decode(html)
  const tags = Array.from(text.matchAll(TAG), ([, name = '', attributes = '']) => ({
    name: name.toLowerCase(),
    attributes,
  }))
  const baseTag = tags.find(({ name }) => name === 'base')
  const base = URL.parse(attribute(baseTag?.attributes ?? '', 'href'), url)?.href ?? url
  const links = new Links(base)
  for (const { name, attributes } of tags) {
    const target = attribute(attributes, name === 'a' || name === 'link' ? 'href' : 'src')
    if (name === 'link' || name === 'a') {
      addRelation(links, target, `${attribute(attributes, 'rel')} ${attribute(attributes, 'type')}`)
    }
    if (name === 'script' && INITIALIZER.test(target)) {
      // Relative addresses in it start at the page, not at the script. NestJS serves the document beside its page.
      links.add('named', target, { base })
      if (/swagger-ui-init/i.test(target)) links.add('likely', `${new URL(url).pathname.replace(/\/$/, '')}-json`)
    }
    if (name === 'meta' && /refresh/i.test(attribute(attributes, 'http-equiv'))) {
      links.add('page', /url=\s{0,5}(.{1,500})/i.exec(attribute(attributes, 'content'))?.[1] ?? '')
    }
    if (/^(a|i?frame)$/.test(name) && DOCS.test(pathOf(target)) && isSameSite(target, base)) {
      links.add('page', target)
    }
  }
  addNamed(links, text, VIEWER.test(text))
  addLikely(links, text)
  return links.list()
}

/** A script that starts an API viewer. */
export function linksOfScript(script: string, base: string): DocumentLink[] {
  const text = decode(script)
  const links = new Links(base)
  addNamed(links, text, true)
  addLikely(links, text)
  return links.list()
}

const KEYS = 'spec-?url|data-url|data-spec-url|api-?description-?url|config-?url|definition-?url|spec'
const NAMED = new RegExp(
  `\\b(${KEYS}|url)["']?\\s{0,20}[:=]\\s{0,20}["'\`]([^"'\`<>\\s\\\\]{1,${LONGEST}})["'\`]`,
  'gi',
)
const NAME = /\bname["']?\s{0,20}:\s{0,20}["'`]([^"'`<>\\]{1,100})["'`]/i
const ASSET = /\.(m?js|css|png|jpe?g|gif|svg|ico|webp|woff2?|map|html?|webmanifest)$/i

/** What attributes and settings of API viewers name. Any `url` of a page counts only when the page is a viewer. */
function addNamed(links: Links, text: string, isViewer: boolean): void {
  for (const match of text.matchAll(NAMED)) {
    const [whole, key = '', target = ''] = match
    const path = pathOf(target)
    if (ASSET.test(path) || (/^url$/i.test(key) && !isViewer)) continue
    const isPlain = /^url$/i.test(key) && !isDocumentName(path)
    // `{ url: '/a.json', name: 'A' }`, in either order.
    const before = text.slice(Math.max(0, match.index - 200), match.index)
    const after = text.slice(match.index + whole.length, match.index + whole.length + 200)
    const around = before.slice(before.lastIndexOf('{') + 1) + (after.split('}', 1)[0] ?? '')
    const label = NAME.exec(around)?.[1]
    // The configuration of a Swagger UI is read as if it stood on the page.
    const more = { ...(label !== undefined && { label }), ...(/^config/i.test(key) && { base: links.base }) }
    links.add(isPlain && label === undefined ? 'page' : 'named', target, more)
  }
  const redoc = new RegExp(`Redoc\\.init\\(\\s{0,20}["'\`]([^"'\`<>\\s\\\\]{1,${LONGEST}})["'\`]`, 'i').exec(text)?.[1]
  if (redoc !== undefined) links.add('named', redoc)
}

const WORD = /\.(?:json|ya?ml)(?![\w-])|openapi|swagger|api-docs|\$discovery/gi
const DELIMITER = /[\s"'`<>(){}[\],;|^\\]/

/** Whatever in the text reads like the address of a document, in links and in data that pages are drawn from. */
function addLikely(links: Links, text: string): void {
  const words = new RegExp(WORD)
  let end = 0
  for (let match = words.exec(text); match !== null; match = words.exec(text)) {
    let start = match.index
    while (start > end && match.index - start < LONGEST && !DELIMITER.test(text.charAt(start - 1))) start--
    end = match.index + match[0].length
    while (end < text.length && end - match.index < LONGEST && !DELIMITER.test(text.charAt(end))) end++
    words.lastIndex = end
    const target = text.slice(start, end).replace(/^(?:href|src|content|[\w-]{0,20}url)=/i, '')
    if (isDocumentName(pathOf(target))) links.add('likely', target)
  }
}

function isDocumentName(path: string): boolean {
  if (/\.ya?ml$/i.test(path)) return true
  if (/\.json$/i.test(path)) return /openapi|swagger|api-docs|spec|discovery|\boas|\bapi\b/i.test(path)
  return /(^|\/)(openapi|swagger|api-docs|\$discovery\/rest)$/i.test(path)
}

/** An API catalog (RFC 9727, a linkset of RFC 9264) or the configuration of a Swagger UI. */
export function linksOfJson(value: unknown, base: string): DocumentLink[] {
  const links = new Links(base)
  const add = (tier: Tier, target: string, label: string) => {
    if (target !== '') links.add(tier, target, label === '' ? {} : { label })
  }
  for (const context of ownList(value, 'linkset')) {
    for (const [relation, tier] of RELATIONS) {
      for (const target of ownList(context, relation)) add(tier, ownText(target, 'href'), ownText(target, 'title'))
    }
  }
  for (const entry of ownList(value, 'urls')) add('named', ownText(entry, 'url'), ownText(entry, 'name'))
  const url = ownText(value, 'url')
  if (isDocumentName(pathOf(url))) add('named', url, '')
  return links.list()
}

const RELATIONS: [relation: string, tier: Tier][] = [
  ['service-desc', 'named'],
  ['api-catalog', 'named'],
  ['item', 'page'],
  ['service-doc', 'page'],
]

/** A reference without its query and fragment. */
function pathOf(reference: string): string {
  return reference.split(/[?#]/, 1)[0] ?? ''
}

/** Entities, and the escapes of JSON in scripts, as far as they occur in addresses. */
function decode(text: string): string {
  return text
    .replaceAll(/&(?:amp|#38|#x26);|\\u0026/gi, '&')
    .replaceAll(/&(?:quot|#34|#x22);/gi, '"')
    .replaceAll(/&#(?:47|x2f);|\\u002f|\\\//gi, '/')
}

const ATTRIBUTES = Object.fromEntries(
  ['content', 'href', 'http-equiv', 'rel', 'src', 'type'].map((name) => [
    name,
    new RegExp(`(?:^|\\s)${name}\\s{0,5}=\\s{0,5}(?:"([^"]*)"|'([^']*)'|([^\\s"'<>]+))`, 'i'),
  ]),
)

function attribute(tag: string, name: string): string {
  const [, double, single, bare] = ATTRIBUTES[name]?.exec(tag) ?? []
  return (double ?? single ?? bare ?? '').trim()
}

function isSameSite(target: string, base: string): boolean {
  const site = (url: URL | null) => url?.hostname.split('.').slice(-2).join('.')
  return site(URL.parse(target, base)) === site(URL.parse(base))
}
