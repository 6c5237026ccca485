// Values in the styles of OpenAPI 3.1, section 4.8.12, with the percent-encoding of RFC 6570. Everything that is not
// unreserved (RFC 3986) is encoded; `allowReserved` keeps what cannot end a query value.
import { isRecord } from '../json-value.ts'

export interface Style {
  style: string
  explode: boolean
  allowReserved?: boolean
}

type Encode = (text: string) => string

export function percentEncode(text: string): string {
  return encodeURIComponent(text.replaceAll(/\p{Cs}/gu, '\uFFFD')).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** Reserved characters and percent-encoded triples stay, except those that would end the value. */
export function encodeReserved(text: string): string {
  return text.replaceAll(/%[0-9A-Fa-f]{2}|[:/?@!$'()*,;=]|[\s\S]/gu, (part) =>
    part.length > 1 && part.startsWith('%') ? part : /[:/?@!$'()*,;=]/.test(part) ? part : percentEncode(part),
  )
}

/** A value of a path in style simple, label or matrix, with the prefix that the style has. */
export function pathText(name: string, value: unknown, { style, explode }: Style): string {
  const key = percentEncode(name)
  const members = membersOf(value, percentEncode)
  if (style === 'label') return `.${joined(members, explode, explode ? '.' : ',')}`
  if (style !== 'matrix') return joined(members, explode, ',')
  if (members.is === 'object' && explode) return members.pairs.map(([field, text]) => `;${field}=${text}`).join('')
  if (members.is === 'array' && explode) return members.items.map((text) => named(`;${key}`, text)).join('')
  return named(`;${key}`, joined(members, false, ','))
}

/** `name=value` pairs of a query, already encoded. */
export function queryPairs(name: string, value: unknown, style: Style): string[] {
  const encode = style.allowReserved ? encodeReserved : percentEncode
  const key = percentEncode(name)
  if (style.style === 'deepObject') return deepPairs(key, value, encode)
  const members = membersOf(value, encode)
  if (members.is === 'scalar') return [`${key}=${members.text}`]
  if (members.is === 'array') {
    if (members.items.length === 0) return []
    if (style.explode) return members.items.map((text) => `${key}=${text}`)
    return [`${key}=${members.items.join(delimiterOf(style.style))}`]
  }
  if (members.pairs.length === 0) return []
  if (style.explode) return members.pairs.map(([field, text]) => `${field}=${text}`)
  return [`${key}=${members.pairs.flat().join(delimiterOf(style.style))}`]
}

/** A header's value in style simple; headers are not percent-encoded. */
export function headerText(value: unknown, { explode }: Style): string {
  return joined(
    membersOf(value, (text) => text),
    explode,
    ',',
  )
}

/** `name=value` pairs of a Cookie header: style form joins with `&` inside one cookie, style cookie makes several. */
export function cookiePairs(name: string, value: unknown, style: Style): string[] {
  const pairs = queryPairs(name, value, { style: 'form', explode: style.explode })
  return style.style === 'cookie' ? pairs : [pairs.join('&')].filter(Boolean)
}

type Members =
  | { is: 'scalar'; text: string }
  | { is: 'array'; items: string[] }
  | { is: 'object'; pairs: [string, string][] }

function membersOf(value: unknown, encode: Encode): Members {
  if (Array.isArray(value)) return { is: 'array', items: value.filter(isGiven).map((item) => encode(textOf(item))) }
  if (!isRecord(value)) return { is: 'scalar', text: encode(textOf(value)) }
  const entries = Object.entries(value).filter(([, member]) => isGiven(member))
  return { is: 'object', pairs: entries.map(([key, member]) => [encode(key), encode(textOf(member))]) }
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

function delimiterOf(style: string): string {
  const delimiters: Record<string, string> = { spaceDelimited: '%20', pipeDelimited: '%7C', tabDelimited: '%09' }
  return Object.hasOwn(delimiters, style) ? (delimiters[style] ?? ',') : ','
}

/** `filter[a][b]=1`; items of arrays get their position, as the servers that read this style expect. */
function deepPairs(key: string, value: unknown, encode: Encode): string[] {
  if (!isGiven(value)) return []
  if (!isRecord(value) && !Array.isArray(value)) return [`${key}=${encode(textOf(value))}`]
  return Object.entries(value).flatMap(([field, member]) =>
    deepPairs(`${key}%5B${percentEncode(field)}%5D`, member, encode),
  )
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null
}

/** The specification leaves nested values open; JSON at least says what they are. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (Array.isArray(value) && value.every((item) => !isRecord(item) && !Array.isArray(item)))
    return value.map(textOf).join(',')
  return value === null || value === undefined ? '' : (JSON.stringify(value) ?? '')
}
