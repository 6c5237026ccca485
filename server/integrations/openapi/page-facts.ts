// What an answer says about the page that it is: where the next one is, whether there is one, how many there are. APIs say
// it at the top of the body, in an object of its own (`meta`, `paging`, `_links`), or in headers. Here it is one bag of
// names, written alike: `nextPageToken` and `next_page_token` are `nextpagetoken`, and `next.href` is `nexthref`.
import { isRecord, ownText } from '../json-value.ts'
import { readLinkHeader } from './link-header.ts'

export interface PageFacts {
  /** Where the answer says that the next page is, as it says it. */
  link: string | undefined
  /** Undefined when the answer does not say. */
  hasMore: boolean | undefined
  /** What the page is a page of; undefined when there seems to be no list. */
  items: unknown[] | undefined
  /** The first of these names with a text or a number that is no link; empty ones do not count. */
  cursor(names: readonly string[]): string | number | undefined
  /** The first of these names with a whole number from 0 on. */
  number(names: readonly string[]): number | undefined
}

/** Objects that hold nothing but paging. */
const PAGING = words(
  `next meta metadata paging pagination paginator page pages pageable pageinfo paginationinfo pagingmetadata info
   paginationmetadata responsemetadata listmetadata resultinfo link links cursor cursors view additionaldata`,
)
/** Objects that may hold the whole answer. */
const WRAPPERS = words('data result results response d body payload embedded')
const LISTS = words('data items results result value values records entries list rows resources objects elements')
const LINKS = words(
  'nextlink nexturl nexturi nexthref nextpageurl nextpageuri nextpagelink nextrecordsurl odatanextlink',
)
/** Names of what asks for the next page when it is sent back. */
export const NEXT_CURSORS = words(
  `nextcursor nextpagetoken nexttoken nextpagecursor nextcontinuationtoken nextmarker nextafter nextstartingafter nextkey
   nextstartkey nextpagingtoken nextcursormark continuationtoken mscontinuationtoken mscontinuation lastevaluatedkey`,
)
/** Names of a link, of a cursor or of the number of a page. */
export const NEXT_PAGES = ['next', 'nextpage']
const NEXT_PLACES = [...NEXT_CURSORS, ...NEXT_PAGES]
const MORE = words(
  'hasmore hasnext hasnextpage hasmoreitems moreitems hasmorepages moreitemsincollection istruncated more',
)
const LAST = words('islast islastpage lastpage last done')
/** Only the top of an answer is looked at: what lies deeper is what was asked for. */
const DEEPEST = 3
const MOST_FIELDS = 200

type Found = Map<string, unknown>

export function readPageFacts(data: unknown, headers: Headers): PageFacts {
  const found: Found = new Map()
  const relations = readLinkHeader(headers.get('link') ?? '')
  collect(data, found)
  for (const [name, value] of headers) if (name.startsWith('x-')) add(found, nameOf(name.slice(2)), value)
  const header = relations.get('next')
  // A header with links to other pages has one to the next, if there is one.
  const isLast = header === undefined && (relations.has('prev') || relations.has('previous') || relations.has('first'))
  return {
    link: header ?? linkOf(found),
    hasMore: header !== undefined ? true : isLast ? false : moreOf(found),
    items: itemsOf(data, 0),
    cursor: (names) => firstOf(found, names, cursorOf),
    number: (names) => firstOf(found, names, wholeNumber),
  }
}

/** `@odata.nextLink`, `hydra:next`, `page[after]`: letters and digits say enough. */
export function nameOf(key: string): string {
  return key
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
    .replace(/^hydra/, '')
}

/** A whole number from 0 on, also where it is written as text. */
export function wholeNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined
}

export function words(text: string): string[] {
  return text.trim().split(/\s+/)
}

/** Breadth first: what stands further up counts. */
function collect(data: unknown, found: Found): void {
  const open = [{ value: data, prefix: '', depth: 0 }]
  for (const { value, prefix, depth } of open) {
    if (!isRecord(value)) continue
    for (const key of Object.keys(value).slice(0, MOST_FIELDS)) {
      const field = value[key]
      const name = nameOf(key)
      if (Array.isArray(field)) addRelated(found, name, field)
      else if (!isRecord(field)) add(found, prefix + name, field)
      else if (depth < DEEPEST && (PAGING.includes(name) || (depth === 0 && WRAPPERS.includes(name)))) {
        open.push({ value: field, prefix: name === 'next' ? 'next' : '', depth: depth + 1 })
      }
    }
  }
}

function add(found: Found, name: string, value: unknown): void {
  if (!found.has(name)) found.set(name, value)
}

/** `links: [{ rel: 'next', href }]`, and FHIR's `link: [{ relation: 'next', url }]`. */
function addRelated(found: Found, name: string, list: unknown[]): void {
  if (name !== 'link' && name !== 'links') return
  for (const link of list.slice(0, MOST_FIELDS)) {
    const relation = ownText(link, 'rel') || ownText(link, 'relation')
    if (relation === 'next') add(found, 'nexthref', ownText(link, 'href') || ownText(link, 'url'))
  }
}

function firstOf<T>(found: Found, names: readonly string[], read: (value: unknown) => T | undefined): T | undefined {
  for (const name of names) {
    const value = read(found.get(name))
    if (value !== undefined) return value
  }
  return undefined
}

function linkOf(found: Found): string | undefined {
  const text = (value: unknown) => (typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined)
  return firstOf(found, LINKS, text) ?? firstOf(found, NEXT_PLACES, (value) => (isLink(value) ? value : undefined))
}

/** Cursors may begin with a slash, but have no query. */
function isLink(value: unknown): value is string {
  return typeof value === 'string' && /^(https?:\/\/|[^\s?]*\?[^\s=?]+=)/i.test(value)
}

function cursorOf(value: unknown): string | number | undefined {
  if (typeof value === 'number') return value
  return typeof value === 'string' && value !== '' && !isLink(value) ? value : undefined
}

/** A field that says it in so many words, or a place for the next page with nothing in it. */
function moreOf(found: Found): boolean | undefined {
  const said = firstOf(found, MORE, truth)
  if (said !== undefined) return said
  const isLast = firstOf(found, LAST, truth)
  if (isLast !== undefined) return !isLast
  const places = [...LINKS, ...NEXT_PLACES].filter((name) => found.has(name)).map((name) => found.get(name))
  const isEmpty = (value: unknown) => value === null || value === '' || value === false
  return places.length > 0 && places.every(isEmpty) ? false : undefined
}

function truth(value: unknown): boolean | undefined {
  if (value === 'true' || value === 'false') return value === 'true'
  return typeof value === 'boolean' ? value : undefined
}

function itemsOf(data: unknown, depth: number): unknown[] | undefined {
  if (Array.isArray(data)) return data
  if (!isRecord(data) || depth > 2) return undefined
  const fields = new Map(
    Object.keys(data)
      .slice(0, MOST_FIELDS)
      .map((key) => [nameOf(key), data[key]]),
  )
  const named = LISTS.map((name) => fields.get(name)).find((field) => Array.isArray(field))
  if (named !== undefined) return named
  const lists = [...fields.values()].filter((field) => Array.isArray(field))
  const [first] = [...lists.filter((list) => isRecord(list[0])), ...lists]
  if (first !== undefined) return first
  for (const name of WRAPPERS) {
    const inside = itemsOf(fields.get(name), depth + 1)
    if (inside !== undefined) return inside
  }
  return undefined
}
