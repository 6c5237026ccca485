// Reads what connect-fields.tsx sends. Pure: what may be stored is decided by server/connections.
import type { AuthMethod } from '../../../drizzle/shapes.ts'
import type { FormError } from '../../ui/error-summary.tsx'

/** Value of `method` for a credential that the admin describes. No document's method has this id. */
export const CUSTOM_METHOD = '~custom'
/** Id of the method that such a credential is stored with. */
const CUSTOM_ID = 'custom'
/** Value of `method` for "Connect later". */
export const NO_METHOD = '~none'

/** The form's name for a method's field. */
export function fieldName(method: string, field: string): string {
  return `field.${method}.${field}`
}

/** The method that a form begins with: one that asks for something, since calls without a credential get less. */
export function firstChoice(methods: readonly AuthMethod[]): string {
  return (methods.find((method) => method.fields.length > 0) ?? methods[0])?.id ?? NO_METHOD
}

export interface ConnectForm {
  method: AuthMethod
  /** By the method's own field names. */
  values: Record<string, string>
}

export type ReadConnectForm =
  | ({ ok: true } & ConnectForm)
  | { ok: true; method: null }
  | { ok: false; errors: FormError[] }

/** The chosen method with its values; `method: null` when the person goes on without a connection. */
export function readConnectForm(form: FormData, methods: readonly AuthMethod[]): ReadConnectForm {
  const chosen = text(form, 'method')
  if (chosen === NO_METHOD) return { ok: true, method: null }
  if (chosen === CUSTOM_METHOD) return readCustom(form)
  const method = methods.find(({ id }) => id === chosen)
  if (!method) return { ok: false, errors: [{ field: 'method', message: 'Choose how to sign in.' }] }
  const values: Record<string, string> = {}
  const errors: FormError[] = []
  for (const field of method.fields) {
    const name = fieldName(method.id, field.name)
    values[field.name] = text(form, name)
    if (values[field.name] === '') errors.push({ field: name, message: `Fill in ${field.label}.` })
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, method, values }
}

/** The form's name for a field that server/connections found wrong. */
export function refusedField(method: AuthMethod, refusal: { field: string; name?: string }): string {
  if (refusal.field !== 'value') return refusal.field
  const name = refusal.name ?? ''
  if (method.id !== CUSTOM_ID) return fieldName(method.id, name)
  return fieldName(CUSTOM_METHOD, name === 'user' ? 'name' : 'secret')
}

/** The values that a form may show again: of fields that are known to hold no secret, and no others. */
export function shownValues(form: FormData, methods: readonly AuthMethod[]): Record<string, string> {
  const custom = ['in', 'name', 'prefix'].map((name) => fieldName(CUSTOM_METHOD, name))
  const declared = methods.flatMap(({ id, fields }) =>
    fields.filter(({ isSecret }) => !isSecret).map(({ name }) => fieldName(id, name)),
  )
  const sent = [...custom, ...declared].filter((name) => form.has(name))
  return Object.fromEntries(sent.map((name) => [name, text(form, name)]))
}

function readCustom(form: FormData): ReadConnectForm {
  const read = (name: string) => text(form, fieldName(CUSTOM_METHOD, name))
  const [place, name, prefix, secret] = [read('in'), read('name'), read('prefix'), read('secret')]
  const errors: FormError[] = []
  const refuse = (field: string, message: string) => errors.push({ field: fieldName(CUSTOM_METHOD, field), message })
  if (name === '') refuse('name', 'Give the name of the header or parameter, or the user.')
  else if (place === 'header' && !/^[\w!#$%&'*+.^`|~-]+$/.test(name))
    refuse('name', `“${name}” is not the name of a header.`)
  if (/[{}]/.test(prefix)) refuse('prefix', 'Leave out braces: the secret follows this text by itself.')
  if (secret === '') refuse('secret', 'Fill in the secret.')
  if (errors.length > 0) return { ok: false, errors }
  return { ok: true, ...customMethod(place, name, prefix, secret) }
}

function customMethod(place: string, name: string, prefix: string, secret: string): ConnectForm {
  if (place === 'basic') {
    return {
      method: {
        id: CUSTOM_ID,
        label: 'User and password',
        fields: [
          { name: 'user', label: 'User', isSecret: false },
          { name: 'password', label: 'Password', isSecret: true },
        ],
        placements: [{ in: 'basic', userTemplate: '{user}', passwordTemplate: '{password}' }],
      },
      values: { user: name, password: secret },
    }
  }
  const isQuery = place === 'query'
  return {
    method: {
      id: CUSTOM_ID,
      label: isQuery ? `Query parameter ${name}` : `Header ${name}`,
      fields: [{ name: 'secret', label: name, isSecret: true }],
      placements: isQuery
        ? [{ in: 'query', name, template: '{secret}' }]
        : [{ in: 'header', name, template: prefix === '' ? '{secret}' : `${prefix} {secret}` }],
    },
    values: { secret },
  }
}

function text(form: FormData, name: string): string {
  const value = form.get(name)
  return typeof value === 'string' ? value.trim() : ''
}
