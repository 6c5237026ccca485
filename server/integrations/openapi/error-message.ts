// The best message in the body of an error. There is a standard for it (problem details, RFC 9457) and a hundred habits.
import { isRecord, own, ownText, shorten } from '../json-value.ts'

const MAX_DEPTH = 4
const MAX_LISTED = 5
/** Of a text: what is further down explains nothing. */
const MAX_TEXT = 64 * 1024

const DIRECT = [
  'message',
  'Message',
  'error_message',
  'errorMessage',
  'error_summary',
  'errorSummary',
  'msg',
  'description',
  'reason',
  'faultstring',
]
const LISTS = [
  'errors',
  'Errors',
  'errorMessages',
  'details',
  'detail',
  'violations',
  'issues',
  'invalid-params',
  'invalid_params',
]
const FIELDS = ['field', 'param', 'parameter', 'path', 'property', 'propertyPath', 'pointer', 'name']

/** Empty when there is none. */
export function messageOf(body: unknown): string {
  if (typeof body === 'string') return messageInText(body.slice(0, MAX_TEXT).trim())
  return messageIn(body, 0) || fieldMessages(body)
}

/** Problem details, OAuth errors, JSON:API and GraphQL errors, and what else APIs call their message. */
function messageIn(body: unknown, depth: number): string {
  if (typeof body === 'string') return body.trim()
  if (depth > MAX_DEPTH) return ''
  if (Array.isArray(body)) return joined(body.map((item: unknown) => () => messageIn(item, depth + 1)))
  if (!isRecord(body)) return ''
  const title = ownText(body, 'title')
  const detail = ownText(body, 'detail') || ownText(body, 'error_description')
  const direct = detail || (DIRECT.map((name) => ownText(body, name)).find(Boolean) ?? '')
  const errors = LISTS.map((name) => listed(own(body, name), depth)).find((text) => text && text !== detail) ?? ''
  const text = detail && title && title !== detail ? `${title}: ${detail}` : direct
  if (text) return errors && !text.includes(errors) ? `${text}: ${errors}` : text
  const inner = ['error', 'Error', 'fault', 'data', 'response'].map((name) => messageIn(own(body, name), depth + 1))
  return inner.find(Boolean) || errors || title || ownText(body, 'code')
}

/** `errors: "…"`, `errors: ["…"]`, `errors: [{ field, message }]`, `errors: { name: ["…"] }`. */
function listed(errors: unknown, depth: number): string {
  if (typeof errors === 'string') return errors.trim()
  if (depth > MAX_DEPTH) return ''
  if (Array.isArray(errors)) {
    return joined(
      errors.map((entry: unknown) => () => {
        const message = messageIn(entry, depth + 1)
        const field = fieldOf(entry)
        return field && message && !message.includes(field) ? `${field}: ${message}` : message
      }),
    )
  }
  if (!isRecord(errors)) return ''
  return joined(
    Object.entries(errors).map(([field, entry]) => () => {
      const message = messageIn(entry, depth + 1)
      return message && `${field}: ${message}`
    }),
  )
}

/** `{ title: ["is missing"] }`: the whole body is a list of what is wrong, by field. */
function fieldMessages(body: unknown): string {
  if (!isRecord(body)) return ''
  return listed(Object.fromEntries(Object.entries(body).filter(([, entry]) => Array.isArray(entry))), 0)
}

/** Also `loc: ["body", "title"]` and `source: { pointer: "/data/attributes/title" }`. */
function fieldOf(entry: unknown): string {
  const place = own(entry, 'loc')
  if (Array.isArray(place)) return place.map(String).join('.')
  const source = own(entry, 'source')
  return FIELDS.map((name) => ownText(entry, name) || ownText(source, name)).find(Boolean) ?? ''
}

function joined(messages: (() => string)[]): string {
  const texts: string[] = []
  for (const message of messages.slice(0, MAX_LISTED)) texts.push(message())
  return [...new Set(texts.filter(Boolean))].join('; ')
}

/** A page says it in its title, an XML document in an element. */
function messageInText(text: string): string {
  if (!text.startsWith('<')) return text
  const found = /<!doctype html|<html/i.test(text)
    ? /<(?:title|h1)\b[^>]{0,200}>([^<]{1,500})/i.exec(text)
    : /<(?:[\w.-]{1,40}:)?(?:faultstring|message|msg|text|detail|error_?description|description|reason|title|error)\b[^>]{0,200}>\s*(?:<!\[CDATA\[\s*)?([^\s<\]][^<\]]{0,499})/i.exec(
        text,
      )
  return shorten(withoutEntities(found?.[1] ?? ''), 500)
}

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", '#39': "'", nbsp: ' ', amp: '&' }

function withoutEntities(text: string): string {
  return text.replace(/&(lt|gt|quot|apos|#39|nbsp|amp);/g, (_, name: string) => ENTITIES[name] ?? '')
}
