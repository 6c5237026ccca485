// Values in the styles of OpenAPI 3.1, section 4.8.12, as 3.2 clarifies them, with the percent-encoding of RFC 6570:
// everything that is not unreserved (RFC 3986) is encoded. `allowReserved` keeps what cannot end the value where it is.
import { isRecord } from '../json-value.ts'

export interface Style {
  style: string
  explode: boolean
  allowReserved?: boolean
  /** In a query: `name=` stands for a value that has nothing in it. */
  allowEmptyValue?: boolean
  /** How an array within the value is joined (Swagger 2.0). */
  itemStyle?: string
}

type Encode = (text: string) => string
type Pair = [name: string, text: string]

/**
 * Reserved characters that mean nothing in their place, and so can stay. Of a query, `&`, `+`, `#`, `[` and `]` are not
 * among them, nor is `'`, which URL parsers encode; a path must not hold `?`, `#`, `[`, `]`, and a cookie `,` and `;`.
 */
const KEPT = { query: /[:/?@!$()*,;=]/, path: /[:/@!$&'()*+,;=]/, cookie: /[:/?#[\]@!$&'()*+=]/ }

export function percentEncode(text: string): string {
  return encodeURIComponent(text.replaceAll(/\p{Cs}/gu, '\uFFFD')).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** Reserved expansion (RFC 6570, section 3.2.3): percent-encoded triples stay as well. */
function reserved(place: keyof typeof KEPT): Encode {
  return (text) =>
    text.replaceAll(/%[0-9A-Fa-f]{2}|[\s\S]/gu, (part) =>
      /^%./.test(part) || KEPT[place].test(part) ? part : percentEncode(part),
    )
}

/** A value of a path in style simple, label or matrix, with the prefix that the style has. */
export function pathText(name: string, value: unknown, style: Style): string {
  const encode = style.allowReserved ? reserved('path') : percentEncode
  const { explode } = style
  const key = percentEncode(name)
  const members = membersOf(value, encode, encode, style)
  if (isEmpty(members)) return ''
  if (style.style === 'label') return `.${joined(members, explode, explode ? '.' : ',')}`
  if (style.style !== 'matrix') return joined(members, explode, delimiterOf(style.style, encode))
  if (members.is === 'object' && explode) return members.pairs.map(([field, text]) => `;${field}=${text}`).join('')
  if (members.is === 'array' && explode) return members.items.map((text) => named(`;${key}`, text)).join('')
  return named(`;${key}`, joined(members, false, ','))
}

/** `name=value` pairs of a query, already encoded. */
export function queryPairs(name: string, value: unknown, style: Style): string[] {
  const pairs = namedPairs(name, value, style, percentEncode, style.allowReserved ? reserved('query') : percentEncode)
  if (pairs.length === 0 && style.allowEmptyValue) return [`${percentEncode(name)}=`]
  return pairs.map(([key, text]) => `${key}=${text}`)
}

/** The fields that a value becomes in `multipart/form-data`, where nothing is percent-encoded. */
export function formFields(name: string, value: unknown, style: Style): Pair[] {
  return namedPairs(name, value, style, asItIs, asItIs)
}

/** A header's value in style simple; headers are not percent-encoded. Null when there is nothing to send. */
export function headerText(value: unknown, style: Style): string | null {
  const members = membersOf(value, asItIs, asItIs, style)
  return isEmpty(members) ? null : joined(members, style.explode, delimiterOf(style.style, asItIs))
}

/**
 * `name=value` pairs of a Cookie header. Style form is percent-encoded, and its `&` would not part cookies: every pair
 * is a cookie of its own. Style cookie passes everything on as it is.
 */
export function cookiePairs(name: string, value: unknown, style: Style): string[] {
  const isPlain = style.style === 'cookie'
  const encode = isPlain ? asItIs : style.allowReserved ? reserved('cookie') : percentEncode
  const form = { ...style, style: 'form', explode: style.explode || isPlain }
  const pairs = namedPairs(name, value, form, isPlain ? asItIs : percentEncode, encode)
  return pairs.map(([key, text]) => `${key}=${text}`)
}

function namedPairs(name: string, value: unknown, style: Style, encodeName: Encode, encode: Encode): Pair[] {
  if (style.style === 'deepObject') {
    return deepPairs(name, value).map(([key, text]): Pair => [encodeName(key), encode(text)])
  }
  const key = encodeName(name)
  const members = membersOf(value, encodeName, encode, style)
  if (isEmpty(members)) return []
  if (members.is === 'array' && style.explode) return members.items.map((text): Pair => [key, text])
  if (members.is === 'object' && style.explode) return members.pairs
  return [[key, joined(members, false, delimiterOf(style.style, encode))]]
}

/** `filter[a][b]`; items of arrays get their position, as the servers that read this style expect. */
function deepPairs(name: string, value: unknown): Pair[] {
  if (!isGiven(value)) return []
  if (!isRecord(value) && !Array.isArray(value)) return [[name, textOf(value)]]
  return Object.entries(value).flatMap(([field, member]) => deepPairs(`${name}[${field}]`, member))
}

type Members = { is: 'scalar'; text: string } | { is: 'array'; items: string[] } | { is: 'object'; pairs: Pair[] }

function membersOf(value: unknown, encodeName: Encode, encode: Encode, { itemStyle }: Style): Members {
  const write = (item: unknown) => encode(textOf(item, DELIMITERS.get(itemStyle ?? '')))
  if (Array.isArray(value)) return { is: 'array', items: value.filter(isGiven).map(write) }
  if (!isRecord(value)) return { is: 'scalar', text: write(value) }
  const entries = Object.entries(value).filter(([, member]) => isGiven(member))
  return { is: 'object', pairs: entries.map(([key, member]): Pair => [encodeName(key), write(member)]) }
}

function isEmpty(members: Members): boolean {
  return members.is === 'array' ? members.items.length === 0 : members.is === 'object' && members.pairs.length === 0
}

function joined(members: Members, explode: boolean, delimiter: string): string {
  if (members.is === 'scalar') return members.text
  if (members.is === 'array') return members.items.join(delimiter)
  return explode
    ? members.pairs.map(([key, text]) => `${key}=${text}`).join(delimiter)
    : members.pairs.flat().join(delimiter)
}

function named(key: string, text: string): string {
  return text === '' ? key : `${key}=${text}`
}

const DELIMITERS = new Map([
  ['spaceDelimited', ' '],
  ['pipeDelimited', '|'],
  ['tabDelimited', '\t'],
])

/** A comma stays, as it parts values; every other delimiter is one that a URL cannot hold. */
function delimiterOf(style: string, encode: Encode): string {
  const delimiter = DELIMITERS.get(style)
  return delimiter === undefined ? ',' : encode(delimiter)
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null
}

function asItIs(text: string): string {
  return text
}

/** The specification leaves nested values open; JSON at least says what they are. */
export function textOf(value: unknown, delimiter = ','): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return numberText(value)
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (Array.isArray(value) && value.every((item) => !isRecord(item) && !Array.isArray(item)))
    return value.map((item) => textOf(item)).join(delimiter)
  return value === null || value === undefined ? '' : (JSON.stringify(value) ?? '')
}

/** Whole numbers in digits: no server expects an identifier as `1e+21`. */
function numberText(value: number): string {
  return Number.isInteger(value) && Math.abs(value) >= 1e21 ? BigInt(value).toString() : String(value)
}
