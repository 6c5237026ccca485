// `content`: what a body, a parameter or an answer may be written as.
import { isRecord, own, ownEntries, ownList, ownText, type JsonRecord } from '../json-value.ts'
import type { DocumentIndex } from './document-index.ts'
import { byPreference, classOf, isInRange, isMediaType, isRange } from './media-type.ts'
import type { BodyModel, ContentModel } from './operation-model.ts'
import { resolveReference } from './references.ts'

type Report = (reason: string) => void

/** Spellings that documents use, and nothing on the wire understands. */
const MISSPELT: [RegExp, string][] = [
  [/^(application\/?)?json(?=;|$)/i, 'application/json'],
  [/^(application)?xml(?=;|$)/i, 'application/xml'],
  [/^(application\/)?form-data(?=;|$)/i, 'multipart/form-data'],
  [/^(multipart\/)?x-www-form-urlencoded(?=;|$)/i, 'application/x-www-form-urlencoded'],
]

/** A media type as it can be sent; null for what is none. */
export function asMediaType(name: string): string | null {
  const trimmed = name.trim()
  const [pattern, meant = ''] = MISSPELT.find(([misspelt]) => misspelt.test(trimmed)) ?? []
  const mediaType = pattern ? trimmed.replace(pattern, meant) : trimmed
  return isMediaType(mediaType) ? mediaType : null
}

/** The media types of a `content` in the document's order, each once. */
export function readContents(index: DocumentIndex, owner: unknown, report: Report): ContentModel[] {
  const entries = ownEntries(owner, 'content')
  const contents = new Map<string, ContentModel>()
  for (const [name, raw] of entries) {
    // Some generators leave the only name empty.
    const mediaType = name.trim() === '' && entries.length === 1 ? '*/*' : asMediaType(name)
    const resolved = resolveReference(index, raw)
    if (mediaType === null) report(`"${name}" was left out: it is no media type.`)
    else if (!resolved.ok) report(`The media type ${mediaType} cannot be read: ${resolved.problem}.`)
    else if (!contents.has(mediaType)) contents.set(mediaType, readMediaType(mediaType, resolved.value))
  }
  return [...contents.values()]
}

function readMediaType(mediaType: string, media: unknown): ContentModel {
  const encoding = own(media, 'encoding')
  // The items of a sequence are described one by one, and given together (OpenAPI 3.2).
  const items = own(media, 'itemSchema')
  const schema = own(media, 'schema') ?? (items === undefined ? undefined : { type: 'array', items })
  return {
    mediaType,
    schema,
    encoding: isRecord(encoding) ? encoding : {},
    prefixEncoding: ownList(media, 'prefixEncoding'),
    itemEncoding: own(media, 'itemEncoding'),
  }
}

export function readRequestBody(
  index: DocumentIndex,
  raw: unknown,
  report: Report,
): { ok: true; model: BodyModel | null } | { ok: false; reason: string } {
  if (raw === undefined) return { ok: true, model: null }
  const resolved = resolveReference(index, raw)
  if (!resolved.ok) return { ok: false, reason: `The request body cannot be read: ${resolved.problem}.` }
  const offered = readContents(index, resolved.value, report)
  const contents = offered.map((content) => asStructured(index, content, offered))
  const body = bodyOf(contents, own(resolved.value, 'required') === true, ownText(resolved.value, 'description'))
  return { ok: true, model: body }
}

/** Null when nothing that is offered can be sent. */
export function bodyOf(contents: ContentModel[], isRequired: boolean, description: string): BodyModel | null {
  const [first, ...others] = byPreference(contents.map(({ mediaType }) => mediaType)).flatMap(
    (mediaType) => contents.find((content) => content.mediaType === mediaType) ?? [],
  )
  return first ? { isRequired, description, contents: [first, ...withoutCovered(others, first)] } : null
}

/** A range says nothing more when one of its members is offered for the same values. */
function withoutCovered(contents: ContentModel[], first: ContentModel): ContentModel[] {
  const concrete = [first, ...contents].filter(({ mediaType }) => !isRange(mediaType))
  const covers = (range: ContentModel, one: ContentModel) =>
    (isInRange(one.mediaType, range.mediaType) || classOf(one.mediaType) === classOf(range.mediaType)) &&
    JSON.stringify(one.schema) === JSON.stringify(range.schema)
  return contents.filter((content) => !isRange(content.mediaType) || !concrete.some((one) => covers(content, one)))
}

/** Generators write `*\/*` when nobody said what the body is; an object or a list can only be JSON. */
function asStructured(index: DocumentIndex, content: ContentModel, offered: ContentModel[]): ContentModel {
  const isOpen = content.mediaType === '*/*' && offered.length === 1 && isStructured(index, content.schema)
  return isOpen ? { ...content, mediaType: 'application/json' } : content
}

export function isStructured(index: DocumentIndex, schema: unknown): boolean {
  const resolved = resolveReference(index, schema)
  const type = resolved.ok ? own(resolved.value, 'type') : undefined
  return resolved.ok && (type === 'object' || type === 'array' || isRecord(own(resolved.value, 'properties')))
}

export interface AnswerModel {
  mediaTypes: string[]
  schema: unknown
}

/** What an answer is as a value. `contents`: of all successful answers, the first one's first. */
export function readAnswerModel(index: DocumentIndex, contents: [mediaType: string, schema: unknown][]): AnswerModel {
  if (contents.length === 0) return { mediaTypes: [], schema: { type: 'null' } }
  const mediaTypes = [...new Set(contents.map(([type]) => type))]
  const [preferred = ''] = byPreference(mediaTypes)
  const schema = contents.find(([type]) => type === preferred)?.[1]
  return { mediaTypes, schema: answerSchema(index, preferred, schema) }
}

function answerSchema(index: DocumentIndex, mediaType: string, schema: unknown): unknown {
  if (/^text\/event-stream\b/i.test(mediaType)) return eventsSchema(schema)
  switch (classOf(mediaType)) {
    case 'text':
      return { type: 'string' }
    case 'lines':
      return isStructured(index, schema) && typeOf(index, schema) === 'array'
        ? schema
        : { type: 'array', items: schema ?? {} }
    case 'multipart':
      return { type: 'array', items: { type: 'object', properties: { headers: { type: 'object' }, data: {} } } }
    case 'binary':
      return isStructured(index, schema) ? schema : { type: 'string', format: 'binary' }
    default:
      return schema ?? {}
  }
}

function typeOf(index: DocumentIndex, schema: unknown): unknown {
  const resolved = resolveReference(index, schema)
  return resolved.ok ? own(resolved.value, 'type') : undefined
}

/** Server-sent events, collected. `schema`: of all of them as the document has it, for the type of their data. */
function eventsSchema(schema: unknown): JsonRecord {
  const data = own(own(own(schema, 'items'), 'properties'), 'data')
  const contentSchema = own(data, 'contentSchema')
  const event = {
    type: 'object',
    properties: { event: { type: 'string' }, id: { type: 'string' }, data: contentSchema ?? {} },
    required: ['event', 'data'],
  }
  return {
    type: 'object',
    properties: { events: { type: 'array', items: event }, truncated: { type: 'boolean' } },
    required: ['events', 'truncated'],
  }
}
