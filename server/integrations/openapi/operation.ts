// Where a document's operations lie, and what one of them says, in terms that do not depend on the document's version.
import { isRecord, own, ownEntries, ownList, ownText, type JsonRecord } from '../json-value.ts'
import type { Dialect } from './dialect.ts'
import { pointerOf, type DocumentIndex, type Place } from './document-index.ts'
import type { BodyModel, ParameterModel } from './operation-model.ts'
import { readAnswerModel, readContents, readRequestBody, type AnswerModel } from './read-content.ts'
import { readParameters } from './read-parameters.ts'
import { resolveReference } from './references.ts'
import { readSwaggerBody, swaggerMediaTypes } from './swagger.ts'
import { hasSteps } from './template-path.ts'

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
  answer: AnswerModel | null
  servers: unknown
  /** As the document has it. */
  security?: unknown
  /** Ids of the auth methods that it accepts, none of them when it takes no credential; undefined when any will do. */
  accepts?: string[]
}

/** What is wrong with a part of an operation that is otherwise usable. */
export type Report = (place: string, reason: string) => void

const METHODS = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'])

const FIELDS = new Set(['$ref', 'summary', 'description', 'servers', 'parameters', 'additionalOperations'])

/** Every operation, in the document's order. `problem` is called for a path item that cannot be read. */
export function* operationsOf(index: DocumentIndex, problem: Report): Generator<OperationLocation> {
  for (const path of index.names?.(['paths']) ?? index.keys(['paths'])) {
    if (path.startsWith('x-')) continue
    const item: Place = ['paths', path]
    const referred = index.keys(item).includes('$ref') ? resolveReference(index, index.get(item)) : null
    if (referred && !referred.ok) problem(pointerOf(item), `The path item ${referred.problem}.`)
    const items = referred?.ok && referred.place ? [referred.place, item] : [item]
    const seen = new Set<string>()
    for (const from of items.toReversed()) {
      const more: Place = [...from, 'additionalOperations']
      const keys = index.keys(from)
      for (const key of keys) {
        const isKnown = METHODS.has(key) || FIELDS.has(key) || key.startsWith('x-')
        if (!isKnown)
          problem(pointerOf(from), `"${key}" is neither a method in lower case nor anything else of a path.`)
      }
      const methods: [string, Place][] = [
        ...keys.filter((key) => METHODS.has(key)).map((key): [string, Place] => [key, [...from, key]]),
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
  if (hasSteps(location.path)) return { ok: false, reason: 'The path has steps ("." or "..") and leads elsewhere.' }
  const parameters = readParameters(index, dialect, location, operation, report)
  if (!parameters.ok) return parameters
  const onProblem = (reason: string) => report(location.operation, reason)
  const body =
    dialect === '2'
      ? { ok: true as const, model: readSwaggerBody(parameters.raw, consumedBy(index, operation)) }
      : readRequestBody(index, own(operation, 'requestBody'), onProblem)
  if (!body.ok) return body
  const hasNoBody = location.method === 'GET' || location.method === 'HEAD'
  if (body.model && hasNoBody) onProblem(`The body of a ${location.method} request is never sent.`)
  const model: OperationModel = {
    ...location,
    path: parameters.path,
    operationId: ownText(operation, 'operationId'),
    summary: ownText(operation, 'summary'),
    description: ownText(operation, 'description'),
    tags: ownList(operation, 'tags').filter((tag) => typeof tag === 'string'),
    isDeprecated: own(operation, 'deprecated') === true,
    security: own(operation, 'security'),
    parameters: parameters.models,
    body: hasNoBody ? null : body.model,
    answer: readAnswer(index, dialect, operation),
    servers:
      own(operation, 'servers') ?? location.items.map((item) => index.get([...item, 'servers'])).findLast(Boolean),
  }
  return { ok: true, model }
}

function consumedBy(index: DocumentIndex, operation: JsonRecord): string[] {
  return swaggerMediaTypes(own(operation, 'consumes'), index.get(['consumes']))
}

/** The schema of the first successful answer that is JSON, and every media type that a successful answer may have. */
function readAnswer(index: DocumentIndex, dialect: Dialect, operation: JsonRecord): AnswerModel | null {
  const responses = ownEntries(operation, 'responses').filter(
    ([status]) => /^2(\d\d|XX)$/i.test(status) || status === 'default',
  )
  const named = responses.filter(([status]) => status !== 'default')
  const successes = named.length > 0 ? named : responses
  if (successes.length === 0) return null
  const produces = swaggerMediaTypes(own(operation, 'produces'), index.get(['produces']))
  const contents = successes.flatMap(([, response]): [string, unknown][] => {
    const resolved = resolveReference(index, response)
    if (!resolved.ok) return []
    if (dialect !== '2') {
      return readContents(index, resolved.value, () => {}).map(({ mediaType, schema }) => [mediaType, schema])
    }
    const schema = own(resolved.value, 'schema')
    return schema === undefined ? [] : produces.map((type) => [type, schema])
  })
  return readAnswerModel(index, contents)
}
