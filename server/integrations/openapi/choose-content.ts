// Which of several media types a body is sent as: the one that the caller names, or the first that suits what is given.
import { isRecord, own } from '../json-value.ts'
import type { BoundBody, BoundContent } from './binding.ts'
import { isBytes } from './body-text.ts'
import { classOf, essenceOf, isInRange, isMediaType, isRange } from './media-type.ts'

/** `contentType`: what the caller chose; absent when nothing was said. */
export type ContentChoice = { ok: true; content: BoundContent; contentType?: string } | { ok: false; message: string }

export function chooseContent(bound: BoundBody, input: unknown): ContentChoice {
  const contents = [bound, ...(bound.others ?? [])]
  const whole = bound.key === undefined ? undefined : own(input, bound.key)
  const given = (contents.find(({ fields }) => fields)?.fields ?? []).filter((field) => own(input, field) !== undefined)
  const asked = bound.contentTypeKey === undefined ? undefined : own(input, bound.contentTypeKey)
  const isSilent = asked === undefined || asked === null
  const content = isSilent ? suitable(bound, contents, whole, input) : named(contents, asked)
  if (content === undefined) {
    const offered = contents.map(({ mediaType }) => mediaType).join(', ')
    return { ok: false, message: `${JSON.stringify(bound.contentTypeKey)} must be one of ${offered}.` }
  }
  const message = problemOf(bound, content, whole, given)
  if (message) return { ok: false, message }
  return typeof asked === 'string' && !isRange(asked)
    ? { ok: true, content, contentType: asked }
    : { ok: true, content }
}

function named(contents: BoundContent[], asked: unknown): BoundContent | undefined {
  if (typeof asked !== 'string' || !isMediaType(asked)) return undefined
  return (
    contents.find(({ mediaType }) => mediaType === asked) ??
    contents.find(({ mediaType }) => isRange(mediaType) && isInRange(asked, mediaType))
  )
}

/** Without fields of its own, a media type takes the whole body; the preferred one comes first. */
function suitable(bound: BoundBody, contents: BoundContent[], whole: unknown, input: unknown): BoundContent {
  const candidates = contents.filter(({ fields }) => (fields === undefined) === (whole !== undefined))
  const found = candidates.find((content) =>
    whole === undefined ? !writesFilesAsText(content, input) : takes(content, whole),
  )
  return found ?? candidates[0] ?? bound
}

/** In JSON and in a form a file is base64. */
function writesFilesAsText({ mediaType, fields }: BoundContent, input: unknown): boolean {
  return classOf(mediaType) !== 'multipart' && (fields ?? []).some((field) => isBytes(own(input, field)))
}

function takes({ mediaType, types }: BoundContent, value: unknown): boolean {
  const kind = classOf(mediaType)
  const isJson = (type: string, otherwise: boolean) => kind === 'json' && (types?.includes(type) ?? otherwise)
  if (isBytes(value)) return kind === 'text' || kind === 'binary'
  if (typeof value === 'string')
    return isJson('string', false) || kind === 'text' || kind === 'binary' || kind === 'lines'
  if (Array.isArray(value)) return isJson('array', true) || kind === 'lines'
  if (isRecord(value)) return isJson('object', true) || kind === 'form' || kind === 'multipart'
  return kind === 'json'
}

/** Why what is given cannot be sent as a media type; empty when it can. */
function problemOf(bound: BoundBody, content: BoundContent, whole: unknown, given: string[]): string {
  const type = essenceOf(content.mediaType)
  const key = JSON.stringify(bound.key)
  const isFields = content.fields !== undefined
  if (isFields) return whole === undefined ? '' : `As ${type} the body is in its own fields, instead of ${key}.`
  const isMissing = whole === undefined && bound.isRequired && bound.others !== undefined
  if (given.length === 0 && !isMissing) return ''
  const instead = given.length > 0 ? `, instead of ${given.map((field) => JSON.stringify(field)).join(', ')}` : ''
  return `As ${type} the whole body is in ${key}${instead}.`
}
