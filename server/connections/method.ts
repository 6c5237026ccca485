// Is this a way to authenticate, and do these values fit it? Pure; messages never quote a value.
import type { AuthField, AuthMethod, Placement } from '../../drizzle/shapes.ts'
import { allowedHeaders } from '../net/request-headers.ts'
import { fieldsOf, fillPlacements, templatesOf } from './placements.ts'

const IDENTIFIER = /^[A-Za-z_]\w{0,63}$/
const TOKEN = /^[\w!#$%&'*+.^`|~-]{1,100}$/
const MAX_VALUE_LENGTH = 8192
const MAX_PARTS = 8

export type CheckedValues =
  | {
      ok: true
      /** Shown in the console. */ plain: Record<string, string>
      /** To be sealed. */ secret: Record<string, string>
    }
  | { ok: false; field: string; message: string }

/** Null when an admin's own description of a credential can be used, else what is wrong with it. */
export function problemOfMethod({ label, fields, placements }: AuthMethod): string | null {
  if (label.trim() === '') return 'Give the method a name.'
  if (fields.length > MAX_PARTS || placements.length > MAX_PARTS) return `A method has at most ${MAX_PARTS} fields.`
  if (fields.length === 0 || placements.length === 0) return 'Say what to send, and where it goes.'
  const names = fields.map(({ name }) => name)
  if (new Set(names).size !== names.length) return 'Two fields have the same name.'
  const odd = names.find((name) => !IDENTIFIER.test(name))
  if (odd !== undefined) return `“${odd}” cannot name a field: use letters, digits and _.`
  const used = placements.flatMap(templatesOf).flatMap(fieldsOf)
  const unknown = used.find((name) => !names.includes(name))
  if (unknown !== undefined) return `The template names {${unknown}}, and there is no such field.`
  const unused = names.find((name) => !used.includes(name))
  if (unused !== undefined) return `The field ${unused} is sent nowhere: write {${unused}} in a template.`
  return placements.map(problemOfPlacement).find((problem) => problem !== null) ?? null
}

function problemOfPlacement(placement: Placement): string | null {
  if (placement.in === 'basic') return null
  if (placement.in === 'query') return placement.name === '' ? 'The parameter needs a name.' : null
  if (!TOKEN.test(placement.name)) return `“${placement.name}” is not the name of a ${placement.in}.`
  if (
    placement.in === 'header' &&
    !allowedHeaders(new Headers({ [placement.name]: '' }), 'credential').has(placement.name)
  ) {
    return `The header ${placement.name} belongs to the connection itself, so a credential cannot set it.`
  }
  return null
}

/** Every field must have a value; `stored` fills in secrets that were left empty. */
export function checkValues(
  method: AuthMethod,
  values: Readonly<Record<string, string>>,
  stored: ReadonlyMap<string, string> = new Map(),
): CheckedValues {
  const plain: Record<string, string> = {}
  const secret: Record<string, string> = {}
  for (const field of method.fields) {
    const given = Object.hasOwn(values, field.name) ? (values[field.name] ?? '').trim() : ''
    const value = given === '' && field.isSecret ? (stored.get(field.name) ?? '') : given
    const problem = problemOfValue(field, value)
    if (problem !== null) return { ok: false, field: field.name, message: problem }
    if (field.isSecret) secret[field.name] = value
    else plain[field.name] = value
  }
  const filled = fillPlacements(method, new Map([...Object.entries(plain), ...Object.entries(secret)]))
  if (!filled.ok) return { ok: false, field: filled.field ?? method.fields[0]?.name ?? '', message: filled.message }
  return { ok: true, plain, secret }
}

function problemOfValue({ label }: AuthField, value: string): string | null {
  if (value === '') return `Fill in ${label}.`
  if (value.length > MAX_VALUE_LENGTH) return `${label} has more than ${MAX_VALUE_LENGTH} characters.`
  // eslint-disable-next-line no-control-regex -- control characters are what is refused
  if (/[\u0000-\u001f\u007f]/.test(value)) return `${label} has a line break or another control character in it.`
  return null
}
