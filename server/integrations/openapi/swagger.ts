// What Swagger 2.0 says differently: types beside the parameter instead of in a schema, bodies among the parameters,
// and media types for the whole document.
import { own, ownText, type JsonRecord } from '../json-value.ts'
import { classOf, preferredMediaType } from './media-type.ts'
import type { BodyModel, ParameterModel } from './operation-model.ts'

/** `collectionFormat` as a style of OpenAPI 3. */
const FORMATS: Record<string, { style: string; explode: boolean }> = {
  multi: { style: 'form', explode: true },
  ssv: { style: 'spaceDelimited', explode: false },
  tsv: { style: 'tabDelimited', explode: false },
  pipes: { style: 'pipeDelimited', explode: false },
}

export function readSwaggerParameter(parameter: JsonRecord, name: string, where: ParameterModel['in']): ParameterModel {
  const isQuery = where === 'query'
  const format = ownText(parameter, 'collectionFormat')
  const isKnown = Object.hasOwn(FORMATS, format) && (isQuery || format !== 'multi')
  const style = (isKnown && FORMATS[format]) || { style: isQuery ? 'form' : 'simple', explode: false }
  return {
    name,
    in: where,
    isRequired: where === 'path' || own(parameter, 'required') === true,
    isDeprecated: own(parameter, 'deprecated') === true,
    description: ownText(parameter, 'description'),
    schema: schemaOf(parameter),
    ...style,
    allowReserved: false,
    mediaType: null,
  }
}

export function readSwaggerBody(parameters: JsonRecord[], consumes: string[]): BodyModel | null {
  const body = parameters.find((parameter) => ownText(parameter, 'in') === 'body')
  if (body) {
    const usable = consumes.filter((type) => !['form', 'multipart'].includes(classOf(type)))
    return {
      isRequired: own(body, 'required') === true,
      description: ownText(body, 'description'),
      mediaType: preferredMediaType(usable) ?? 'application/json',
      schema: own(body, 'schema'),
      encoding: {},
    }
  }
  const fields = parameters.filter((parameter) => ownText(parameter, 'in') === 'formData')
  if (fields.length === 0) return null
  const hasFile = fields.some((field) => ownText(field, 'type') === 'file')
  const mediaType = hasFile
    ? 'multipart/form-data'
    : consumes.find((type) => ['form', 'multipart'].includes(classOf(type)))
  const required = fields.filter((field) => own(field, 'required') === true).map((field) => ownText(field, 'name'))
  return {
    isRequired: required.length > 0,
    description: '',
    mediaType: mediaType ?? 'application/x-www-form-urlencoded',
    schema: {
      type: 'object',
      properties: Object.fromEntries(fields.map((field) => [ownText(field, 'name'), schemaOf(field, true)])),
      required,
    },
    encoding: Object.fromEntries(
      fields.map((field) => {
        const format = ownText(field, 'collectionFormat')
        const known = Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined
        return [ownText(field, 'name'), known ?? { style: 'form', explode: false }]
      }),
    ),
  }
}

/** An operation's own list replaces the document's, even when it is empty. */
export function swaggerMediaTypes(own: unknown, shared: unknown): string[] {
  const list = Array.isArray(own) ? own : Array.isArray(shared) ? shared : []
  const types = list.filter((type) => typeof type === 'string')
  return types.length > 0 ? types : ['application/json']
}

function schemaOf(parameter: JsonRecord, isField = false): JsonRecord {
  const left = new Set([
    'name',
    'in',
    'required',
    'collectionFormat',
    'allowEmptyValue',
    ...(isField ? [] : ['description']),
  ])
  return Object.fromEntries(Object.entries(parameter).filter(([key]) => !left.has(key)))
}
