// Is this a way to authenticate, and do these values fit it? Pure; messages never quote a value.
import type { AuthField, AuthMethod, Placement } from '../../drizzle/shapes.ts'
import { isCredentialHeader } from '../net/request-headers.ts'
import { fieldsOf, fillPlacements, targetOf, templatesOf } from './placements.ts'
import { signerOf } from './sign-request.ts'

const IDENTIFIER = /^[A-Za-z_]\w{0,63}$/
const TOKEN = /^[\w!#$%&'*+.^`|~-]{1,100}$/
// eslint-disable-next-line no-control-regex -- control characters are what is refused
const PARAMETER = /^[^\u0000-\u001f\u007f]{1,200}$/
const MAX_VALUE_LENGTH = 8192
const MAX_PARTS = 8

export type CheckedValues =
  | {
      ok: true
      /** Shown in the console. */ plain: Record<string, string>
      /** To be sealed. */ secret: Record<string, string>
    }
  | { ok: false; field: string; message: string }

/** Calls are sent as they are: there is no credential to keep, to pin or to test. */
export function sendsNothing({ placements, signing, forwards }: AuthMethod): boolean {
  return placements.length === 0 && signing === undefined && forwards === undefined
}

/** Null when an admin's own description of a credential can be used, else what is wrong with it. */
export function problemOfMethod({ label, fields, placements, signing, forwards }: AuthMethod): string | null {
  if (signing || forwards) return 'This way to sign in is not one that Executor has.'
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
  const targets = placements.map(targetOf)
  const twice = targets.find((target, at) => targets.indexOf(target) !== at)
  if (twice !== undefined) return `Two parts fill the ${twice}, which holds one of them.`
  return placements.map(problemOfPlacement).find((problem) => problem !== null) ?? null
}

/** The same for one place in the request. */
export function problemOfPlacement(placement: Placement): string | null {
  if (placement.in === 'basic') return null
  const { name } = placement
  if (placement.in === 'query') {
    if (name === '') return 'The parameter needs a name.'
    return PARAMETER.test(name) ? null : 'The name of a parameter has at most 200 characters and no line break.'
  }
  if (!TOKEN.test(name)) return `“${name}” is not the name of a ${placement.in}.`
  if (placement.in === 'cookie') return null
  if (name.toLowerCase() === 'cookie') return 'A credential in a cookie goes in a cookie by its name: choose that.'
  return isCredentialHeader(name)
    ? null
    : `The header ${name} belongs to the request itself, so a credential cannot set it.`
}

/** A method as a connection keeps it: how its values are issued is the integration's to say. */
export function storedMethod({
  id,
  label,
  description,
  fields,
  placements,
  signing,
  forwards,
}: AuthMethod): AuthMethod {
  const stored: AuthMethod = { id, label, ...(description !== undefined && { description }), fields, placements }
  return { ...stored, ...(signing && { signing }), ...(forwards && { forwards }) }
}

/** Every field must have a value, unless it is optional; `stored` fills in secrets that were left empty. */
export function checkValues(
  method: AuthMethod,
  values: Readonly<Record<string, string>>,
  stored: ReadonlyMap<string, string> = new Map(),
): CheckedValues {
  const plain: Record<string, string> = {}
  const secret: Record<string, string> = {}
  for (const field of method.fields) {
    const given = Object.hasOwn(values, field.name) ? (values[field.name] ?? '').trim() : ''
    const value = given === '' && field.isSecret ? (stored.get(field.name) ?? '') : withoutPrefix(method, field, given)
    const problem = problemOfValue(field, value)
    if (problem !== null) return { ok: false, field: field.name, message: problem }
    if (field.isSecret) secret[field.name] = value
    else plain[field.name] = value
  }
  const all = new Map([...Object.entries(plain), ...Object.entries(secret)])
  const signer = method.signing && signerOf(method.signing, all)
  if (signer?.ok === false) return { ok: false, field: signer.field, message: signer.message }
  const filled = fillPlacements(method, all)
  if (!filled.ok) return { ok: false, field: filled.field ?? method.fields[0]?.name ?? '', message: filled.message }
  return { ok: true, plain, secret }
}

/** `Bearer abc`, pasted where the template says `Bearer {token}` already, is `abc`. */
function withoutPrefix({ placements }: AuthMethod, { name }: AuthField, value: string): string {
  const templates = placements.flatMap(templatesOf).filter((template) => fieldsOf(template).includes(name))
  const [template = '', ...others] = templates
  const end = `{${name}}`
  const prefix = template.endsWith(end) ? template.slice(0, -end.length) : ''
  const isRepeated = prefix.trim() !== '' && value.toLowerCase().startsWith(prefix.toLowerCase())
  return isRepeated && others.length === 0 ? value.slice(prefix.length).trim() : value
}

function problemOfValue({ label, isOptional }: AuthField, value: string): string | null {
  if (value === '') return isOptional ? null : `Fill in ${label}.`
  if (value.length > MAX_VALUE_LENGTH) return `${label} has more than ${MAX_VALUE_LENGTH} characters.`
  // eslint-disable-next-line no-control-regex -- control characters are what is refused
  if (/[\u0000-\u001f\u007f]/.test(value)) return `${label} has a line break or another control character in it.`
  return null
}
