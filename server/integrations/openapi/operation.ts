// Where a document's operations lie, and what one of them says, in terms that do not depend on the document's version.
import { isRecord, own, ownEntries, ownList, ownText, type JsonRecord } from '../json-value.ts'
import type { Dialect } from './dialect.ts'
import { pointerOf, type DocumentIndex, type Place } from './document-index.ts'
import { classOf, preferredMediaType } from './media-type.ts'
import type { BodyModel, ParameterModel } from './operation-model.ts'
import { resolveReference } from './references.ts'
import { readSwaggerBody, readSwaggerParameter, swaggerMediaTypes } from './swagger.ts'

export interface OperationLocation {
  path: string
  /** Upper case. */
  method: string
  /** `POST /repos/{owner}/{repo}/issues`. */
  operation: string
  place: Place
  /** The path items whose parameters and servers apply, the nearest last. */
  items: Place[]
}

export interface OperationModel extends OperationLocation {
  operationId: string
  summary: string
  description: string
  tags: string[]
  isDeprecated: boolean
  parameters: ParameterModel[]
  body: BodyModel | null
  answer: { mediaTypes: string[]; schema: unknown } | null
  servers: unknown
}

/** What is wrong with a part of an operation that is otherwise usable. */
export type Report = (place: string, reason: string) => void

const METHODS = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'])
const STYLES = { path: 'simple', query: 'form', header: 'simple', cookie: 'form' }
/** Parameters that the specification says to ignore, or that only the transport may set. */
const OWNED_HEADERS = new Set(
  (
    'accept content-type authorization host content-length connection transfer-encoding cookie ' +
    'accept-encoding user-agent keep-alive te trailer upgrade expect'
  ).split(' '),
)

/** Every operation, in the document's order. `problem` is called for a path item that cannot be read. */
export function* operationsOf(index: DocumentIndex, problem: Report): Generator<OperationLocation> {
  for (const path of index.keys(['paths'])) {
    if (path.startsWith('x-')) continue
    const item: Place = ['paths', path]
    const referred = index.keys(item).includes('$ref') ? resolveReference(index, index.get(item)) : null
    if (referred && !referred.ok) problem(pointerOf(item), `The path item ${referred.problem}.`)
    const items = referred?.ok && referred.place ? [referred.place, item] : [item]
    const seen = new Set<string>()
    for (const from of items.toReversed()) {
      const more: Place = [...from, 'additionalOperations']
      const methods: [string, Place][] = [
        ...index
          .keys(from)
          .filter((key) => METHODS.has(key))
          .map((key): [string, Place] => [key, [...from, key]]),
        ...index.keys(more).map((key): [string, Place] => [key, [...more, key]]),
      ]
      for (const [key, place] of methods) {
        const method = key.toUpperCase()
        if (seen.has(method)) continue
        seen.add(method)
        yield { path, method, operation: `${method} ${path}`, place, items }
      }
    }
  }
}

export function readOperation(
  index: DocumentIndex,
  dialect: Dialect,
  location: OperationLocation,
  report: Report,
): { ok: true; model: OperationModel } | { ok: false; reason: string } {
  const resolved = resolveReference(index, index.get(location.place))
  if (!resolved.ok) return { ok: false, reason: `The operation ${resolved.problem}.` }
  const operation = resolved.value
  if (!isRecord(operation)) return { ok: false, reason: 'The operation is not an object.' }
  if (!/^[A-Z][A-Z-]*$/.test(location.method) || ['TRACE', 'CONNECT', 'TRACK'].includes(location.method)) {
    return { ok: false, reason: `The method ${location.method} cannot be sent.` }
  }
  const parameters = readParameters(index, dialect, location, operation, report)
  if (!parameters.ok) return parameters
  const body = readBody(index, dialect, location, operation, parameters.raw)
  if (!body.ok) return body
  const hasNoBody = location.method === 'GET' || location.method === 'HEAD'
  if (body.model && hasNoBody) report(location.operation, `The body of a ${location.method} request is never sent.`)
  const model: OperationModel = {
    ...location,
    operationId: ownText(operation, 'operationId'),
    summary: ownText(operation, 'summary'),
    description: ownText(operation, 'description'),
    tags: ownList(operation, 'tags').filter((tag) => typeof tag === 'string'),
    isDeprecated: own(operation, 'deprecated') === true,
    parameters: parameters.models,
    body: hasNoBody ? null : body.model,
    answer: readAnswer(index, dialect, operation),
    servers:
      own(operation, 'servers') ?? location.items.map((item) => index.get([...item, 'servers'])).findLast(Boolean),
  }
  return { ok: true, model }
}

type Refusal = { ok: false; reason: string }

function readParameters(
  index: DocumentIndex,
  dialect: Dialect,
  location: OperationLocation,
  operation: JsonRecord,
  report: Report,
): { ok: true; models: ParameterModel[]; raw: JsonRecord[] } | Refusal {
  const models = new Map<string, ParameterModel>()
  const raw = new Map<string, JsonRecord>()
  const lists = [...location.items.map((item) => index.get([...item, 'parameters'])), own(operation, 'parameters')]
  for (const entry of lists.flatMap((list): unknown[] => (Array.isArray(list) ? list : []))) {
    const resolved = resolveReference(index, entry)
    if (!resolved.ok) return { ok: false, reason: `A parameter cannot be read: ${resolved.problem}.` }
    const parameter = resolved.value
    const name = ownText(parameter, 'name')
    const where = ownText(parameter, 'in')
    if (!isRecord(parameter) || !name || !where) {
      report(location.operation, 'A parameter without a name or a place was left out.')
      continue
    }
    raw.set(`${where} ${name}`, parameter)
    if (where !== 'path' && where !== 'query' && where !== 'header' && where !== 'cookie') {
      const isBody = dialect === '2' && (where === 'body' || where === 'formData')
      if (!isBody)
        report(location.operation, `The parameter "${name}" in "${where}" was left out: there is no such place.`)
      continue
    }
    if (where === 'header' && OWNED_HEADERS.has(name.toLowerCase())) continue
    if (where === 'path' && !location.path.includes(`{${name}}`)) continue
    const read = dialect === '2' ? readSwaggerParameter : readParameter
    models.set(`${where} ${name}`, read(parameter, name, where))
  }
  return { ok: true, models: [...withUndeclared(location.path, models).values()], raw: [...raw.values()] }
}

/** A variable of the path that no parameter describes is a required string. */
function withUndeclared(path: string, models: Map<string, ParameterModel>): Map<string, ParameterModel> {
  for (const [, name = ''] of path.matchAll(/\{([^{}]+)\}/g)) {
    const key = `path ${name}`
    if (!models.has(key)) models.set(key, readParameter({ schema: { type: 'string' } }, name, 'path'))
  }
  return models
}

function readParameter(parameter: JsonRecord, name: string, where: ParameterModel['in']): ParameterModel {
  const [content] = ownEntries(parameter, 'content')
  const style = ownText(parameter, 'style') || STYLES[where]
  const explode = own(parameter, 'explode')
  return {
    name,
    in: where,
    isRequired: where === 'path' || own(parameter, 'required') === true,
    isDeprecated: own(parameter, 'deprecated') === true,
    description: ownText(parameter, 'description'),
    schema: content ? own(content[1], 'schema') : own(parameter, 'schema'),
    style,
    explode: typeof explode === 'boolean' ? explode : style === 'form' || style === 'deepObject',
    allowReserved: own(parameter, 'allowReserved') === true,
    mediaType: content ? content[0] : null,
  }
}

function readBody(
  index: DocumentIndex,
  dialect: Dialect,
  location: OperationLocation,
  operation: JsonRecord,
  parameters: JsonRecord[],
): { ok: true; model: BodyModel | null } | Refusal {
  if (dialect === '2') {
    const consumes = swaggerMediaTypes(own(operation, 'consumes'), index.get(['consumes']))
    return { ok: true, model: readSwaggerBody(parameters, consumes) }
  }
  const raw = own(operation, 'requestBody')
  if (raw === undefined) return { ok: true, model: null }
  const resolved = resolveReference(index, raw)
  if (!resolved.ok) return { ok: false, reason: `The request body cannot be read: ${resolved.problem}.` }
  const content = new Map(ownEntries(resolved.value, 'content'))
  const declared = preferredMediaType([...content.keys()])
  if (declared === undefined) return { ok: true, model: null }
  const schema = own(content.get(declared), 'schema')
  const encoding = own(content.get(declared), 'encoding')
  return {
    ok: true,
    model: {
      isRequired: own(resolved.value, 'required') === true,
      description: ownText(resolved.value, 'description'),
      mediaType: declared === '*/*' && isStructured(index, schema) ? 'application/json' : declared,
      schema,
      encoding: isRecord(encoding) ? encoding : {},
    },
  }
}

/** Generators write `*\/*` when nobody said what the body is; an object or a list can only be JSON. */
function isStructured(index: DocumentIndex, schema: unknown): boolean {
  const resolved = resolveReference(index, schema)
  const type = resolved.ok ? own(resolved.value, 'type') : undefined
  return resolved.ok && (type === 'object' || type === 'array' || isRecord(own(resolved.value, 'properties')))
}

/** The schema of the first successful answer that is JSON, and every media type that a successful answer may have. */
function readAnswer(index: DocumentIndex, dialect: Dialect, operation: JsonRecord): OperationModel['answer'] {
  const responses = ownEntries(operation, 'responses').filter(
    ([status]) => /^2(\d\d|XX)$/i.test(status) || status === 'default',
  )
  const ordered = [
    ...responses.filter(([status]) => status !== 'default'),
    ...responses.filter(([status]) => status === 'default'),
  ]
  const successes = ordered.length > 1 ? ordered.filter(([status]) => status !== 'default') : ordered
  const produces = swaggerMediaTypes(own(operation, 'produces'), index.get(['produces']))
  const contents = successes.flatMap(([, response]): [string, unknown][] => {
    const resolved = resolveReference(index, response)
    if (!resolved.ok) return []
    if (dialect !== '2')
      return ownEntries(resolved.value, 'content').map(([type, media]) => [type, own(media, 'schema')])
    const schema = own(resolved.value, 'schema')
    return schema === undefined ? [] : produces.map((type) => [type, schema])
  })
  if (successes.length === 0) return null
  if (contents.length === 0) return { mediaTypes: [], schema: { type: 'null' } }
  const mediaTypes = [...new Set(contents.map(([type]) => type))]
  const preferred = preferredMediaType(mediaTypes) ?? ''
  const kind = classOf(preferred)
  const schema = contents.find(([type]) => type === preferred)?.[1]
  if (kind === 'text') return { mediaTypes, schema: { type: 'string' } }
  if (kind === 'binary' && !isStructured(index, schema))
    return { mediaTypes, schema: { type: 'string', format: 'binary' } }
  return { mediaTypes, schema: kind === 'lines' ? { type: 'array', items: schema ?? {} } : (schema ?? {}) }
}
