// An operation's parameters, with those of its path items, in every version of the language.
import { isRecord, own, ownText, type JsonRecord } from '../json-value.ts'
import type { Dialect } from './dialect.ts'
import type { DocumentIndex } from './document-index.ts'
import type { OperationLocation, Report } from './operation.ts'
import type { ParameterModel } from './operation-model.ts'
import { isHeaderName, isOwnedHeader } from './owned-headers.ts'
import { readContents } from './read-content.ts'
import { resolveReference } from './references.ts'
import { readSwaggerParameter } from './swagger.ts'
import { plainPath, variablesOf } from './template-path.ts'

type Place = ParameterModel['in']

const STYLES: Record<Place, string[]> = {
  path: ['simple', 'label', 'matrix'],
  query: ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'],
  querystring: ['form'],
  header: ['simple'],
  cookie: ['form', 'cookie'],
}
/** The specification says to ignore these, without a word. */
const IGNORED = /^(accept|content-type|authorization)$/i

const UNNAMED = 'A parameter without a name or a place was left out.'

/**
 * `raw` is all that was declared, bodies of Swagger 2.0 among them. `path` is the location's, with nothing but names in
 * braces.
 */
export type ParametersReading =
  | { ok: true; models: ParameterModel[]; raw: JsonRecord[]; path: string }
  | { ok: false; reason: string }

export function readParameters(
  index: DocumentIndex,
  dialect: Dialect,
  location: OperationLocation,
  operation: JsonRecord,
  report: Report,
): ParametersReading {
  const declared = declaredParameters(index, location, operation)
  if (!declared.ok) return declared
  const pathNames = new Set(declared.list.filter(({ where }) => where === 'path').map(({ name }) => name))
  const variables = variablesOf(location.path, pathNames)
  const models = new Map<string, ParameterModel>()
  for (const { raw, name, where } of declared.list) {
    const problem = isRecord(raw) && where && (name || where === 'body') ? problemOf(dialect, where, name) : UNNAMED
    if (problem) report(location.operation, problem)
    if (!isRecord(raw) || !isPlace(where) || problem) continue
    if (where === 'header' && IGNORED.test(name)) continue
    if (where === 'path' && !variables.some((variable) => variable.name === name)) continue
    const read = dialect === '2' ? readSwaggerParameter : readParameter
    const onProblem = (reason: string) => report(location.operation, `The parameter "${name}": ${reason}`)
    const model = read(index, raw, name, where, onProblem)
    // Style cookie writes names as they are.
    if (model.style === 'cookie' && !isHeaderName(name)) onProblem('it was left out: it is no name for a cookie.')
    else models.set(keyOf(where, name), model)
  }
  for (const { name, isReserved } of variables) {
    const key = keyOf('path', name)
    const model = models.get(key) ?? readParameter(index, { schema: { type: 'string' } }, name, 'path')
    models.set(key, isReserved ? { ...model, allowReserved: true } : model)
  }
  const raw = declared.list.map((parameter) => parameter.raw).filter(isRecord)
  return { ok: true, models: [...models.values()], raw, path: plainPath(location.path, pathNames) }
}

interface Declared {
  raw: unknown
  name: string
  where: string
}

/** Those of the path items and of the operation; of one that is declared again, the last counts. */
function declaredParameters(
  index: DocumentIndex,
  location: OperationLocation,
  operation: JsonRecord,
): { ok: true; list: Declared[] } | { ok: false; reason: string } {
  const declared = new Map<string, Declared>()
  const lists = [...location.items.map((item) => index.get([...item, 'parameters'])), own(operation, 'parameters')]
  for (const entry of lists.flatMap((list): unknown[] => (Array.isArray(list) ? list : []))) {
    const resolved = resolveReference(index, entry)
    if (!resolved.ok) return { ok: false, reason: `A parameter cannot be read: ${resolved.problem}.` }
    const where = ownText(resolved.value, 'in')
    // The name of a parameter that is the whole query is not sent.
    const name = ownText(resolved.value, 'name') || (where === 'querystring' ? where : '')
    declared.set(keyOf(where, name), { raw: resolved.value, name, where })
  }
  return { ok: true, list: [...declared.values()] }
}

/** Names of headers are the same in any case. */
function keyOf(where: string, name: string): string {
  return `${where} ${where === 'header' ? name.toLowerCase() : name}`
}

function isPlace(where: string): where is Place {
  return Object.hasOwn(STYLES, where)
}

/** Why a parameter that the document describes cannot be sent; empty when it can. */
function problemOf(dialect: Dialect, where: string, name: string): string {
  if (dialect === '2' && (where === 'body' || where === 'formData')) return ''
  if (!isPlace(where)) return `The parameter "${name}" in "${where}" was left out: there is no such place.`
  if (where !== 'header' || IGNORED.test(name)) return ''
  if (!isHeaderName(name)) return `The parameter "${name}" was left out: it is no name for a header.`
  return isOwnedHeader(name) ? `The header "${name}" was left out: only the transport sets it.` : ''
}

function readParameter(
  index: DocumentIndex,
  parameter: JsonRecord,
  name: string,
  where: Place,
  onProblem: (reason: string) => void = () => {},
): ParameterModel {
  const [content] = readContents(index, parameter, onProblem)
  const declared = ownText(parameter, 'style')
  const [usual = 'form'] = STYLES[where]
  const style = STYLES[where].includes(declared) ? declared : usual
  if (declared && style !== declared) onProblem(`it has no style "${declared}" there, and is sent as "${style}".`)
  const explode = own(parameter, 'explode')
  // Values with commas between them, in a style of another place.
  const isList = declared === 'simple' && style === 'form'
  return {
    name,
    in: where,
    isRequired: where === 'path' || own(parameter, 'required') === true,
    isDeprecated: own(parameter, 'deprecated') === true,
    description: ownText(parameter, 'description'),
    schema: content ? content.schema : own(parameter, 'schema'),
    style,
    explode: typeof explode === 'boolean' ? explode : !isList && ['form', 'cookie', 'deepObject'].includes(style),
    ...(own(parameter, 'allowReserved') === true ? { allowReserved: true } : {}),
    ...(where === 'query' && style === 'form' && own(parameter, 'allowEmptyValue') === true
      ? { allowEmptyValue: true }
      : {}),
    mediaType: content ? content.mediaType : where === 'querystring' ? 'application/x-www-form-urlencoded' : null,
    encoding: content?.encoding ?? {},
  }
}
