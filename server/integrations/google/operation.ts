// A method of a Discovery document as the HTTP operation that it is, and what Google adds to one.
import { isRecord, own, ownEntries, ownList, ownText, type JsonRecord } from '../json-value.ts'
import type { OperationModel } from '../openapi/operation.ts'
import type { BodyModel, ParameterModel } from '../openapi/operation-model.ts'
import { readScopes } from './auth-methods.ts'
import type { GoogleBinding, MediaDownload, MediaUpload } from './binding.ts'
import { readDownload, readUpload } from './media.ts'
import type { Method } from './method.ts'
import { insertParameter, queryParameter, readParameters } from './parameter.ts'
import { readPath } from './path.ts'
import { openApiSchema, type Refer } from './schema.ts'
import { segmentPattern } from './segments.ts'

const VERBS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
const MAX_SCOPES = 50
const BINARY = { type: 'string', format: 'binary' }

/** What the binding of a method has beside that of an operation. */
export type GoogleParts = Pick<GoogleBinding, 'segments' | 'scopes' | 'download' | 'upload'> & {
  /** Sent as a header with every request. */
  apiVersion: string
}

export type MethodReading = { ok: true; model: OperationModel; parts: GoogleParts } | { ok: false; reason: string }

export function readMethod(method: Method, refer: Refer, report: (reason: string) => void): MethodReading {
  const { value, document } = method
  if (!isRecord(value)) return { ok: false, reason: 'The method is not an object.' }
  const verb = ownText(value, 'httpMethod').toUpperCase()
  if (!VERBS.has(verb)) return { ok: false, reason: `Requests with the method "${verb}" cannot be sent.` }
  const path = readPath(`${document.servicePath}${ownText(value, 'path').replace(/^\/+/, '')}`)
  if (!path.ok) return path
  const parameters = readParameters(value, path.names, document.shared, refer)
  const body = verb === 'GET' || verb === 'HEAD' ? null : readBody(method, refer)
  const download = readDownload(value, path.template)
  if (download && !download.isAlways) insertParameter(parameters, altParameter())
  const upload = readUpload(value, path.names)
  if (!upload.ok) report(upload.reason)
  const media = upload.ok && upload.upload ? addMedia(upload.upload, parameters, body) : null
  if (hasFields(method, parameters)) parameters.push(fieldsParameter())
  const scopes = readScopes(value)
  return {
    ok: true,
    model: {
      path: path.template,
      method: verb,
      operation: method.operation,
      place: method.place,
      items: [],
      operationId: method.id,
      summary: '',
      description: ownText(value, 'description'),
      tags: [document.title],
      isDeprecated: own(value, 'deprecated') === true,
      parameters,
      body,
      answer: readAnswer(value, download, refer),
      servers: [{ url: document.rootUrl }],
    },
    parts: {
      ...(path.reserved.length > 0
        ? { segments: Object.fromEntries(path.reserved.map((name) => [name, segmentPattern(value, name)])) }
        : {}),
      ...(scopes.length > 0 ? { scopes: scopes.slice(0, MAX_SCOPES) } : {}),
      ...(download ? { download } : {}),
      ...(media ? { upload: media } : {}),
      apiVersion: ownText(value, 'apiVersion'),
    },
  }
}

/** No document says that a request is required; `{}` is sent at least. */
function readBody({ id, document, value }: Method, refer: Refer): BodyModel | null {
  const request = own(value, 'request')
  if (!isRecord(request)) return null
  const schema = openApiSchema(request, refer)
  const required = bodyProperties(document.value, value)
    .filter(([, property]) => ownList(own(property, 'annotations'), 'required').includes(id))
    .map(([name]) => name)
  const content = {
    mediaType: 'application/json',
    schema: required.length > 0 ? { allOf: [schema, { required }] } : schema,
    encoding: {},
    prefixEncoding: [],
    itemEncoding: undefined,
  }
  return { isRequired: true, description: '', contents: [content] }
}

function bodyProperties(document: JsonRecord, method: unknown): [string, unknown][] {
  const request = own(method, 'request')
  return ownEntries(own(own(document, 'schemas'), ownText(request, '$ref')) ?? request, 'properties')
}

/** A method without a response answers with nothing, or, where it has content, with that. */
function readAnswer(value: JsonRecord, download: MediaDownload | null, refer: Refer): OperationModel['answer'] {
  if (download?.isAlways) return { mediaTypes: ['*/*'], schema: BINARY }
  const response = own(value, 'response')
  if (!isRecord(response)) return { mediaTypes: [], schema: { type: 'null' } }
  const schema = openApiSchema(response, refer)
  return { mediaTypes: ['application/json'], schema: download ? { anyOf: [schema, BINARY] } : schema }
}

/** The field of the input for the content, which stands among the parameters. The body is its metadata, if there is one. */
function addMedia(upload: Omit<MediaUpload, 'key'>, parameters: ParameterModel[], body: BodyModel | null): MediaUpload {
  const key = parameters.some(({ name }) => name === 'media') ? 'mediaContent' : 'media'
  const types = upload.accept.length > 0 && !upload.accept.includes('*/*') ? ` (${upload.accept.join(', ')})` : ''
  const limit = upload.maxSize === undefined ? '' : `, at most ${upload.maxSize.toLocaleString('en')} bytes`
  const about = `The content to upload, as a file${types}${limit}.`
  insertParameter(parameters, { ...queryParameter(key, about, BINARY), isRequired: !body })
  if (body) body.isRequired = false
  return { ...upload, key }
}

function altParameter(): ParameterModel {
  const about = '"media" answers with the content itself, as a file, instead of its description.'
  return queryParameter('alt', about, { type: 'string', enum: ['json', 'media'], default: 'json' })
}

/** The one parameter of all methods that is of use: a partial answer (`fields`) costs an agent less to read. */
function hasFields({ document, value }: Method, parameters: ParameterModel[]): boolean {
  const names = [...parameters.map(({ name }) => name), ...bodyProperties(document.value, value).map(([name]) => name)]
  return isRecord(own(value, 'response')) && !names.includes('fields')
}

function fieldsParameter(): ParameterModel {
  const about = 'The fields of the answer to send, and no others: "items(id,name),nextPageToken".'
  return queryParameter('fields', about, { type: 'string' })
}
