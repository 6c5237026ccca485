// Which call asks for the page after an answer. What can be told from the document is found at import and kept in the
// binding: which fields of the input choose a page. The rest is in the answer: a link to the next page, a cursor, or
// numbers to count with. Only a GET has pages: asking anything else again would do it again.
import type { JsonSchema } from '../../../drizzle/shapes.ts'
import type { ToolResult } from '../adapter.ts'
import { isRecord, own, ownText, type JsonRecord } from '../json-value.ts'
import type { Binding } from './binding.ts'
import { asDeclared, inputFor, inputWithUrl, LONGEST, NEXT, type Page, queryOf, takesNext } from './next-url.ts'
import { nameOf, NEXT_CURSORS, NEXT_PAGES, type PageFacts, readPageFacts, wholeNumber, words } from './page-facts.ts'

/** Fields of the input, of those that the document declares. Empty for a read that may page by links all the same. */
export interface Paging {
  /** Takes the cursor that the answer gave. */
  cursor?: string
  /** Takes the number of a page, of which the first is `firstPage`. */
  page?: string
  firstPage?: number
  /** Takes how many items come before the page; counted from `firstItem`, which some call 1. */
  offset?: string
  firstItem?: number
  /** Takes how many items a page has. */
  size?: string
  /** … and how many it has when nothing is said. */
  usualSize?: number
}

// Names of fields, as `nameOf` writes them; what stands first is taken first.
const CURSOR = words(
  `cursor nextcursor pagecursor paginationcursor startcursor pagetoken nextpagetoken nexttoken paginationtoken
   continuationtoken nextpagingtoken pagingtoken cursormark marker pagemarker startingafter after afterid aftercursor
   pageafter startafter exclusivestartkey startkey lastevaluatedkey pageinfo bookmark scrollid continuation nextpage next skiptoken`,
)
/** A page that begins after an item is asked for by the item. */
const AFTER_ITEM = words('startingafter after afterid pageafter startafter')
const PAGE = words('page pagenumber pagenum pageno pagenr pageindex currentpage')
const OFFSET = words('offset skip startat startindex firstresult startposition pageoffset')
/** These are offsets only beside a size, and with nothing beside them that would make them a range. */
const START = words('start from')
const RANGE_END = words('end to until stop endtime enddate totime todate')
const SIZE = words(
  `perpage pagesize limit pagelimit maxresults resultsperpage itemsperpage size count top rows take max maxitems pagelen
   hitsperpage num`,
)
// Names in an answer. Cursors by the first are of the page itself: they say nothing of there being another.
const OWN_CURSORS = words('endcursor after aftercursor cursor scrollid')
const NEXT_PAGE = [...NEXT_PAGES, 'nextpagenumber']
const NEXT_OFFSET = words('nextoffset nextstart nextpagestart nextstartat nextskip next')
const OWN_PAGE = words('page currentpage pagenumber pageindex pagenum number')
const OWN_OFFSET = words('offset startat startindex start skip')
const OWN_SIZE = words('perpage pagesize limit maxresults pagelen itemsperpage')
const TOTAL = words(
  'total totalcount totalresults totalitems totalelements totalentries totalsize totalrecords odatacount',
)
const TOTAL_PAGES = words('totalpages pagecount lastpage numpages pages')

/** What the document says of an operation's pages; nothing for what is not a read. */
export function recognisePaging(
  { method, parameters }: Pick<Binding, 'method' | 'parameters'>,
  inputSchema: JsonSchema,
  definitions: { get(name: string): JsonSchema | undefined },
): Paging | undefined {
  if (method !== 'GET') return undefined
  const properties = own(inputSchema, 'properties')
  const schemaOf = (key: string): unknown => {
    const schema = own(properties, key)
    const reference = ownText(schema, '$ref')
    return reference.startsWith('#/$defs/') ? definitions.get(reference.slice('#/$defs/'.length)) : schema
  }
  const inQuery = parameters.filter((one) => one.in === 'query')
  const find = (names: readonly string[], types: readonly string[]): string | undefined => {
    for (const name of names) {
      const found = inQuery.find((one) => nameOf(one.name) === name && isOneOf(schemaOf(one.key), types))
      if (found !== undefined) return found.key
    }
    return undefined
  }
  const isRange = inQuery.some((one) => RANGE_END.includes(nameOf(one.name)))
  const size = find(SIZE, NUMERIC)
  const cursor = find(CURSOR, TEXTUAL)
  const page = find(PAGE, TEXTUAL)
  const offset = find(OFFSET, TEXTUAL) ?? (size === undefined || isRange ? undefined : find(START, NUMERIC))
  const usualSize = size === undefined ? undefined : wholeNumber(own(schemaOf(size), 'default'))
  return {
    ...(cursor !== undefined && { cursor }),
    ...(page !== undefined && { page, firstPage: firstOf(schemaOf(page), 1) }),
    ...(offset !== undefined && { offset, firstItem: firstOf(schemaOf(offset), 0, isIndex(offset)) }),
    ...(size !== undefined && { size }),
    ...(usualSize !== undefined && { usualSize }),
  }
}

/** For search hits: said of a list whose pages the document shows how to ask for. */
export function pagesMark({ cursor, page, offset }: Paging = {}): string {
  return (cursor ?? page ?? offset) === undefined ? '' : ' // .pages'
}

/** `startIndex`: of the first item of the page, and no number of items before it. */
function isIndex(key: string): boolean {
  return /index/i.test(key)
}

const NUMERIC = ['integer', 'number']
const TEXTUAL = [...NUMERIC, 'string']

/** Without a word about its type it may be anything. A date is no place in a list. */
function isOneOf(schema: unknown, types: readonly string[]): boolean {
  const declared = [own(schema, 'type') ?? []].flat()
  if (/date|time/.test(ownText(schema, 'format'))) return false
  return declared.length === 0 ? !isRecord(own(schema, 'properties')) : types.some((type) => declared.includes(type))
}

/**
 * Whether the first is number 0 or 1, as far as the document says. Of the two errors, one brings items twice and the other
 * leaves some out: an offset is from 0 unless more than its least value says 1, as some may only not be 0.
 */
function firstOf(schema: unknown, usual: 0 | 1, byLeast = true): number {
  const said = [own(schema, 'default'), byLeast ? own(schema, 'minimum') : undefined].map(wholeNumber)
  const number = said.find((value) => value === 0 || value === 1)
  if (number !== undefined) return number
  const inWords = /\b(0|1|zero|one)[- ](?:based|indexed)|\bstart(?:s|ing)? (?:at|from|with) (0|1|zero|one)\b/i
  const word = inWords.exec(ownText(schema, 'description'))?.slice(1).find(Boolean)?.toLowerCase()
  return word === undefined ? usual : word === '0' || word === 'zero' ? 0 : 1
}

/** The result with the input that asks for the page after it, when there is one. `from`: where the answer came from at last. */
export function withNext(
  result: ToolResult,
  asked: Omit<Page, 'input'> & { input: unknown },
  from: string,
): ToolResult {
  const { binding, input } = asked
  if (!result.ok || binding.paging === undefined || !isRecord(input)) return result
  const facts = readPageFacts(result.data, new Headers(result.headers))
  const next = findNext({ ...asked, input }, binding.paging, facts, from)
  // The same page again is no next one.
  return next === undefined || isSameInput(next, input) ? result : { ...result, next }
}

function findNext(page: Page, paging: Paging, facts: PageFacts, from: string): JsonRecord | undefined {
  if (facts.hasMore === false) return undefined
  const { input } = page
  const { link } = facts
  const query = link === undefined ? undefined : queryOf(link, from || page.url.href, page)
  const isByUrl = own(input, NEXT) !== undefined && takesNext(page.binding)
  const inFields =
    (query && !isByUrl ? inputFor(query, page) : undefined) ??
    afterCursor(page, paging, facts) ??
    afterItem(page, paging, facts)
  if (inFields !== undefined) return inFields
  if (link !== undefined && query !== undefined && takesNext(page.binding)) return inputWithUrl(link, query, page)
  // What the fields say is not the page that the URL asked for.
  const counted = isByUrl ? undefined : countedOn(page, paging, facts)
  if (counted !== undefined) return counted
  const isLost = link !== undefined && query === undefined && facts.items !== undefined && takesNext(page.binding)
  return isLost ? inputWithUrl(link, undefined, page) : undefined
}

/** The cursor of the answer in the field that takes one. */
function afterCursor(asked: Page, paging: Paging, facts: PageFacts): JsonRecord | undefined {
  const { cursor, page, offset } = paging
  const { inputSchema, input } = asked
  const isEmpty = facts.items?.length === 0
  const { [NEXT]: _url, ...rest } = input
  if (cursor !== undefined) {
    const next = facts.cursor(NEXT_PAGES)
    const isNumber = wholeNumber(next) !== undefined && (page ?? offset) !== undefined
    const given =
      facts.cursor(NEXT_CURSORS) ??
      (isNumber ? undefined : next) ??
      (isEmpty ? undefined : facts.cursor([...OWN_CURSORS, nameOf(cursor)]))
    // Asked for, it is refused as a URL that is too long: what is left out here would be taken for the end.
    if (String(given ?? '').length > LONGEST) return inputWithUrl(String(given), undefined, asked)
    if (given !== undefined) return { ...rest, [cursor]: asDeclared(inputSchema, cursor, given) ?? given }
  }
  // Some call a cursor an offset: what is no number was not counted.
  for (const key of [offset, page]) {
    const given = key === undefined ? undefined : facts.cursor([nameOf(key)])
    if (key === undefined || typeof given !== 'string' || wholeNumber(given) !== undefined) continue
    const value = asDeclared(inputSchema, key, given)
    if (value !== undefined) return { ...rest, [key]: value }
  }
  return undefined
}

/** `has_more`, and the next page begins after the last item of this one. */
function afterItem({ inputSchema, input }: Page, { cursor }: Paging, facts: PageFacts): JsonRecord | undefined {
  if (cursor === undefined || facts.hasMore !== true || !AFTER_ITEM.includes(nameOf(cursor))) return undefined
  const id = facts.cursor(['lastid']) ?? own(facts.items?.at(-1), 'id')
  if (typeof id !== 'string' && typeof id !== 'number') return undefined
  return { ...input, [cursor]: asDeclared(inputSchema, cursor, id) ?? id }
}

/** The page by its number, or by how many items come before it. */
function countedOn(page: Page, paging: Paging, facts: PageFacts): JsonRecord | undefined {
  const { input } = page
  const count = facts.items?.length
  const given = paging.size === undefined ? undefined : wholeNumber(own(input, paging.size))
  const size = facts.number(OWN_SIZE) ?? given ?? paging.usualSize
  const said = facts.number(TOTAL)
  // An answer's `total` may be of something else than its items.
  const total = said === undefined || said < (count ?? 0) ? undefined : said
  const isFull = count === undefined ? undefined : count > 0 && count >= (size ?? 0)
  const counts = { count, size, total, isFull }
  const byOffset = paging.offset !== undefined && own(input, paging.offset) !== undefined
  return paging.page !== undefined && !byOffset
    ? nextByNumber(page, paging.page, paging.firstPage ?? 1, facts, counts)
    : paging.offset === undefined
      ? undefined
      : nextByOffset(page, paging.offset, paging.firstItem ?? 0, facts, counts)
}

interface Counts {
  count: number | undefined
  size: number | undefined
  total: number | undefined
  /** Undefined when there is no list to count. */
  isFull: boolean | undefined
}

function nextByNumber(page: Page, key: string, first: number, facts: PageFacts, counts: Counts) {
  const at = positionOf(page, key, first, facts.number(OWN_PAGE))
  const next = facts.number(NEXT_PAGE)
  if (next !== undefined && next > at) return withNumber(page, key, next)
  const { count, total, isFull } = counts
  const size = counts.size ?? count
  // Where the first page is number 0, this asks once more rather than once less.
  const done = Math.max(1, at)
  const pages = facts.number(TOTAL_PAGES)
  const isLess = total === undefined || size === undefined ? undefined : done * size < total
  const hasMore = facts.hasMore ?? (pages === undefined ? isLess : done < pages) ?? isFull
  return hasMore === true && count !== 0 ? withNumber(page, key, at + 1) : undefined
}

function nextByOffset(page: Page, key: string, first: number, facts: PageFacts, counts: Counts) {
  const at = positionOf(page, key, first, facts.number(OWN_OFFSET))
  const next = facts.number(NEXT_OFFSET)
  if (next !== undefined && next > at) return withNumber(page, key, next)
  const { count, size = 0, total, isFull } = counts
  const step = count ?? size
  // An index that is said to be from nowhere may be from 1: this asks once more rather than once less.
  const isLess = total === undefined ? undefined : at + step - (isIndex(key) ? 1 : first) < total
  // An offset that is a text may be a cursor, and not counted.
  const isCounted = typeof asDeclared(page.inputSchema, key, at) !== 'string'
  const hasMore = facts.hasMore ?? isLess ?? (isCounted ? isFull : undefined)
  return hasMore === true && step > 0 ? withNumber(page, key, at + step) : undefined
}

/** Where the page is: as the input says, or at the beginning. The answer knows best whether that is 0 or 1. */
function positionOf({ input }: Page, key: string, first: number, said: number | undefined): number {
  return wholeNumber(own(input, key)) ?? (said === 0 || said === 1 ? said : first)
}

function withNumber({ input, inputSchema }: Page, key: string, value: number): JsonRecord {
  return { ...input, [key]: asDeclared(inputSchema, key, value) ?? value }
}

function isSameInput(one: JsonRecord, other: JsonRecord): boolean {
  const keys = Object.keys(one)
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && JSON.stringify(one[key]) === JSON.stringify(other[key]))
  )
}
