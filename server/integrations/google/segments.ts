// Path variables that take several segments: `{+name}` (RFC 6570, reserved expansion) with a value such as
// `projects/p/secrets/s`. Such a value could name any resource of the API, so it is held to the shape that the document
// gives it: whoever may delete `projects/*/secrets/*` must not reach `projects/*`.
import { own, ownText } from '../json-value.ts'
import { percentEncode } from '../openapi/parameter-style.ts'

// Literal segments, `*` for any one, and at the end `**` for any number of them: `projects/*/secrets/*`.
export type SegmentPattern = string

const ANY: SegmentPattern = '**'

/** The shape that a variable's values have, by its `pattern`, else by the method's `flatPath`. */
export function segmentPattern(method: unknown, name: string): SegmentPattern {
  const parameter = own(own(method, 'parameters'), name)
  return fromExpression(ownText(parameter, 'pattern')) ?? fromFlatPath(method, name) ?? ANY
}

// `^projects/[^/]+/secrets/[^/]+$` → `projects/*/secrets/*`; null for an expression of another form.
function fromExpression(expression: string): SegmentPattern | null {
  if (!expression.startsWith('^') || !expression.endsWith('$')) return null
  const segments = expression
    .slice(1, -1)
    .replaceAll('[^/]+', '*')
    .replace(/(?<=^|\/)\.[*+]$/, ANY)
    .split('/')
  return isShape(segments) ? segments.join('/') : null
}

/** With one such variable, `flatPath` is `path` with the segments that its value has. */
function fromFlatPath(method: unknown, name: string): SegmentPattern | null {
  const [before, after, ...others] = ownText(method, 'path').split(`{+${name}}`)
  const flat = ownText(method, 'flatPath')
  if (before === undefined || after === undefined || others.length > 0) return null
  if (`${before}${after}`.includes('{+') || !flat.startsWith(before) || !flat.endsWith(after)) return null
  const middle = flat.slice(before.length, Math.max(before.length, flat.length - after.length))
  const segments = middle.split('/').map((segment) => (/^\{[^{}]*\}$/.test(segment) ? '*' : segment))
  return isShape(segments) ? segments.join('/') : null
}

function isShape(segments: string[]): boolean {
  const last = segments.length - 1
  return segments.every(
    (segment, index) => segment === '*' || (segment === ANY && index === last) || /^[\w~-]+$/.test(segment),
  )
}

export type SegmentsReading = { ok: true; text: string } | { ok: false; message: string }

/**
 * A value as it stands in a path. Only slashes are kept: a colon would begin a custom method of the API
 * (`versions/1:access`), and everything else would end the path.
 */
export function expandSegments(key: string, value: unknown, pattern: SegmentPattern): SegmentsReading {
  const refuse = (message: string): SegmentsReading => ({ ok: false, message: `${JSON.stringify(key)} ${message}` })
  if (value === undefined || value === null || value === '') return refuse('is part of the path and must not be empty.')
  if (typeof value !== 'string' && typeof value !== 'number') return refuse('is part of the path and must be text.')
  const text = String(value)
  const segments = text.split('/')
  if (segments.includes('')) return refuse('must not begin or end with "/", or contain "//".')
  if (segments.some((segment) => segment === '.' || segment === '..')) {
    return refuse('must not contain the path steps "." or "..".')
  }
  if (/%(2e|2f|3a|5c|25|00)/i.test(text)) {
    return refuse('must not contain percent-encoded characters; give it as it is, it is encoded for you.')
  }
  if (/[\\\p{Cc}]/u.test(text)) return refuse('must not contain backslashes or control characters.')
  if (!matches(segments, pattern.split('/'))) return refuse(`must look like ${pattern}.`)
  return { ok: true, text: segments.map(percentEncode).join('/') }
}

function matches(segments: string[], pattern: string[]): boolean {
  const isOpen = pattern.at(-1) === ANY
  const fixed = isOpen ? pattern.slice(0, -1) : pattern
  const isLongEnough = isOpen ? segments.length > fixed.length : segments.length === fixed.length
  return isLongEnough && fixed.every((wanted, index) => wanted === '*' || wanted === segments[index])
}
