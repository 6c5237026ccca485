// What a server's results are to a program: values and files. Each part is looked at on its own, so that one which is
// not as the protocol has it does not take the others with it.
import { FileValue } from '../../sandbox/file.ts'
import { isRecord, own, ownList, ownText, shorten, type JsonRecord } from '../json-value.ts'

const MAX_NAME = 100
const MAX_ERROR = 4000
const EXTENSIONS: Record<string, string> = { jpeg: 'jpg', 'svg+xml': 'svg', mpeg: 'mp3', plain: 'txt', 'x-wav': 'wav' }

/**
 * `structuredContent` where there is one. Otherwise the content: a text is a string, image, audio and binary resources
 * are files, links and embedded texts are objects; one part stands for itself, several are a list.
 */
export function valueOfResult(result: unknown): unknown {
  const structured = own(result, 'structuredContent')
  if (structured !== undefined && structured !== null) return structured
  const values = ownList(result, 'content').map(valueOfBlock)
  return values.length > 1 ? values : (values[0] ?? null)
}

function valueOfBlock(block: unknown): unknown {
  const type = ownText(block, 'type')
  const text = own(block, 'text')
  if (type === 'text' && typeof text === 'string') return text
  if (type === 'image' || type === 'audio') return withFile(block, type)
  if (type === 'resource') return withFile(own(block, 'resource'), 'resource')
  if (type !== 'resource_link' || !isRecord(block)) return block
  const { type: _, _meta, annotations: __, ...link } = block
  return link
}

/** The file itself for what is one, and anything else without what is only of use to a client. */
function withFile(part: unknown, kind: string): unknown {
  const bytes = base64Of(part)
  if (bytes !== null) return fileOf(part, bytes, kind)
  if (!isRecord(part)) return part
  const { _meta, annotations: _, ...rest } = part
  return rest
}

/** A text of an error result: what the server says for a model to read. */
export function textOfResult(result: unknown): string {
  const texts = ownList(result, 'content').map((block) => ownText(block, 'text'))
  const structured = own(result, 'structuredContent')
  const text = texts.filter(Boolean).join('\n') || (structured === undefined ? '' : JSON.stringify(structured))
  return text.length > MAX_ERROR ? `${text.slice(0, MAX_ERROR - 1)}…` : text
}

/** A result of `resources/read` or `prompts/get` as it is, with files in place of base64. */
export function withFiles(result: unknown): unknown {
  if (!isRecord(result)) return result
  const { _meta, resultType: _, ttlMs: __, cacheScope: ___, ...rest } = result
  const value: JsonRecord = rest
  if (Array.isArray(value.contents)) value.contents = value.contents.map((part) => besideFile(part, 'resource'))
  if (Array.isArray(value.messages)) value.messages = value.messages.map(messageWithFile)
  return value
}

function messageWithFile(message: unknown): unknown {
  const content = own(message, 'content')
  if (!isRecord(message) || !isRecord(content)) return message
  const { resource } = content
  const inner = isRecord(resource) ? { ...content, resource: besideFile(resource, 'resource') } : content
  return { ...message, content: besideFile(inner, ownText(content, 'type')) }
}

function besideFile(part: unknown, kind: string): unknown {
  const bytes = base64Of(part)
  if (bytes === null || !isRecord(part)) return part
  const { data: _, blob: __, ...rest } = part
  return { ...rest, file: fileOf(part, bytes, kind) }
}

function base64Of(part: unknown): Uint8Array | null {
  const data = own(part, 'blob') ?? own(part, 'data')
  return typeof data === 'string' ? new Uint8Array(Buffer.from(data, 'base64')) : null
}

function fileOf(part: unknown, bytes: Uint8Array, kind: string): FileValue {
  const type = ownText(part, 'mimeType').toLowerCase() || 'application/octet-stream'
  return new FileValue(nameOf(ownText(part, 'uri')) || `${kind}${extensionOf(type)}`, type, bytes)
}

/** `file:///reports/july.pdf?x` → `july.pdf` */
function nameOf(uri: string): string {
  const last = uri.split(/[?#]/)[0]?.split('/').filter(Boolean).at(-1) ?? ''
  return /\.\w+$/.test(last) ? shorten(last.replaceAll(/[^\p{L}\p{N}._-]/gu, '_'), MAX_NAME) : ''
}

function extensionOf(type: string): string {
  const subtype = type.split(/[/;]/)[1]?.trim() ?? ''
  return /^[\w+-]+$/.test(subtype) && subtype !== 'octet-stream' ? `.${EXTENSIONS[subtype] ?? subtype}` : ''
}
