// From the input of a Google method to the HTTP operation that carries it out: variables of several segments stand in the
// path, content goes to the path for it, in the protocol that fits.
import type { ToolErrorShape } from '../../../drizzle/shapes.ts'
import { FileValue } from '../../sandbox/file.ts'
import type { CallableTool } from '../adapter.ts'
import { isRecord, own, type JsonRecord } from '../json-value.ts'
import { isBinding, type Binding, type BoundParameter } from '../openapi/binding.ts'
import { essenceOf, isInRange, isMediaType, isRange } from '../openapi/media-type.ts'
import type { GoogleBinding, MediaUpload, UploadProtocol } from './binding.ts'
import { expandSegments } from './segments.ts'

export interface Plan {
  /** Is called, or previewed, as any HTTP operation. */
  tool: CallableTool
  input: unknown
  /** The answer is content, whatever its type. */
  isContent: boolean
  /** Goes up once `tool` has answered with where to. */
  media: FileValue | null
}

export type PlanReading = { ok: true; plan: Plan } | { ok: false; error: ToolErrorShape }

/** From here on content goes in a request of its own, as Google asks for. */
const MAX_AT_ONCE = 5 * 1024 * 1024
const BYTES = 'application/octet-stream'
const METADATA = { contentType: 'application/json; charset=UTF-8' }

export function planRequest(tool: CallableTool, input: unknown): PlanReading {
  if (!isBinding(tool.binding)) return { ok: true, plan: { tool, input, isContent: false, media: null } }
  const binding: GoogleBinding = tool.binding
  const { upload, download } = binding
  const content = upload ? own(input, upload.key) : undefined
  if (upload && content !== undefined && content !== null) return planUpload(tool, binding, upload, input, content)
  const isContent = download !== undefined && (download.isAlways === true || own(input, 'alt') === 'media')
  const wanted: Binding = isContent
    ? {
        ...binding,
        path: download.path ?? binding.path,
        accept: '*/*',
        parameters: download.isAlways ? [...binding.parameters, fixed('query', 'alt', 'media')] : binding.parameters,
      }
    : binding
  return planned(tool, wanted, binding, input, { isContent, media: null })
}

function planned(
  tool: CallableTool,
  wanted: Binding,
  { segments = {} }: GoogleBinding,
  input: unknown,
  rest: Pick<Plan, 'isContent' | 'media'>,
): PlanReading {
  let { path } = wanted
  const parameters: BoundParameter[] = []
  for (const parameter of wanted.parameters) {
    const pattern = parameter.in === 'path' ? own(segments, parameter.name) : undefined
    if (typeof pattern !== 'string') {
      parameters.push(parameter)
      continue
    }
    const expanded = expandSegments(parameter.key, own(input, parameter.key) ?? parameter.default, pattern)
    if (!expanded.ok) return refuse(expanded.message)
    path = path.replaceAll(`{${parameter.name}}`, () => expanded.text)
  }
  return { ok: true, plan: { tool: { ...tool, binding: { ...wanted, path, parameters } }, input, ...rest } }
}

function planUpload(
  tool: CallableTool,
  binding: GoogleBinding,
  upload: MediaUpload,
  input: unknown,
  content: unknown,
): PlanReading {
  const media = fileOf(content, upload)
  if (media === null) return refuse(`${JSON.stringify(upload.key)} must be a file, bytes or text.`)
  const problem = mediaProblem(media, upload)
  if (problem) return refuse(problem)
  const metadata = metadataOf(binding, input)
  const protocol = protocolFor(upload, metadata !== undefined, media.bytes.length)
  if (protocol === null) return refuse(`${JSON.stringify(upload.key)} is sent alone: leave out what describes it.`)
  const wanted: Binding = {
    ...binding,
    path: upload.path,
    parameters: [...binding.parameters, fixed('query', 'uploadType', protocol)],
  }
  if (protocol === 'resumable') {
    wanted.parameters.push(
      fixed('header', 'X-Upload-Content-Type', media.type),
      fixed('header', 'X-Upload-Content-Length', media.bytes.length),
    )
    return planned(tool, wanted, binding, input, { isContent: false, media })
  }
  // As any type: content of a type that is read elsewhere, such as JSON, goes as it is.
  const alone = protocol === 'media'
  wanted.body = alone
    ? { mediaType: '*/*', isRequired: true, key: upload.key }
    : {
        mediaType: 'multipart/related',
        isRequired: true,
        key: upload.key,
        prefixEncoding: [METADATA, { contentType: media.type }],
      }
  const sent = { ...asRecord(input), [upload.key]: alone ? media : [metadata, media] }
  return planned(tool, wanted, binding, sent, { isContent: false, media: null })
}

/** Content without a name, with a type that the method takes where it has none of its own. */
function fileOf(content: unknown, { accept }: MediaUpload): FileValue | null {
  const concrete = accept.find((range) => !isRange(range)) ?? (accept.includes('message/*') ? 'message/rfc822' : '')
  const named = (usual: string) => (accept.includes('*/*') ? usual : concrete || usual)
  if (content instanceof FileValue) {
    return new FileValue('', isMediaType(content.type) ? content.type : named(BYTES), content.bytes)
  }
  if (content instanceof Uint8Array) return new FileValue('', named(BYTES), content)
  if (typeof content !== 'string') return null
  return new FileValue('', named('text/plain; charset=utf-8'), new TextEncoder().encode(content))
}

function mediaProblem({ type, bytes }: FileValue, { key, accept, maxSize }: MediaUpload): string {
  const name = JSON.stringify(key)
  if (maxSize !== undefined && bytes.length > maxSize) {
    return `${name} has ${bytes.length.toLocaleString('en')} bytes, at most ${maxSize.toLocaleString('en')} are taken.`
  }
  if (accept.length > 0 && !accept.some((range) => isInRange(type, range))) {
    return `${name} is of type ${essenceOf(type)}; ${accept.join(', ')} can be sent.`
  }
  return ''
}

/** What the input says of the content; undefined when it says nothing. */
function metadataOf({ body }: Binding, input: unknown): unknown {
  if (body === undefined) return undefined
  const { key, fields } = body
  if (fields === undefined) return key === undefined ? undefined : own(input, key)
  const given = fields.filter((field) => own(input, field) !== undefined)
  return given.length === 0 ? undefined : Object.fromEntries(given.map((field) => [field, own(input, field)]))
}

function protocolFor({ protocols }: MediaUpload, hasMetadata: boolean, size: number): UploadProtocol | null {
  const atOnce = hasMetadata ? 'multipart' : 'media'
  if (protocols.includes(atOnce) && (size <= MAX_AT_ONCE || !protocols.includes('resumable'))) return atOnce
  return protocols.includes('resumable') ? 'resumable' : null
}

/** What is sent whatever the input is: no field of an input has an empty name. */
export function fixed(where: 'query' | 'header', name: string, value: string | number): BoundParameter {
  return { key: '', name, in: where, style: where === 'query' ? 'form' : 'simple', explode: false, default: value }
}

function asRecord(input: unknown): JsonRecord {
  return isRecord(input) ? input : {}
}

function refuse(message: string): { ok: false; error: ToolErrorShape } {
  return { ok: false, error: { code: 'invalid_arguments', message } }
}
