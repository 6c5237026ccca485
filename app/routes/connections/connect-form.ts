// Reads what connect-fields.tsx sends. Pure: what may be stored is decided by server/connections.
import type { AuthMethod } from '../../../drizzle/shapes.ts'
import type { FormError } from '../../ui/error-summary.tsx'
import { formText } from '../form.ts'
import { CUSTOM_METHOD, CUSTOM_PARTS, fieldName, NO_METHOD, partField } from './connect-names.ts'
import { readDescribed } from './described-credential.ts'

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
  const chosen = formText(form, 'method')
  if (chosen === NO_METHOD) return { ok: true, method: null }
  if (chosen === CUSTOM_METHOD) return readDescribed(form)
  const method = methods.find(({ id }) => id === chosen)
  if (!method) return { ok: false, errors: [{ field: 'method', message: 'Choose how to sign in.' }] }
  const values: Record<string, string> = {}
  const errors: FormError[] = []
  for (const field of method.fields) {
    const name = fieldName(method.id, field.name)
    values[field.name] = formText(form, name)
    if (values[field.name] === '' && !field.isOptional) {
      errors.push({ field: name, message: `Fill in ${field.label}.` })
    }
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, method, values }
}

/** The form's name for a field that server/connections found wrong. */
export function refusedField(method: AuthMethod, refusal: { field: string; name?: string }): string {
  return refusal.field === 'value' ? fieldName(method.id, refusal.name ?? '') : refusal.field
}

/** The values that a form may show again: of fields that are known to hold no secret, and no others. */
export function shownValues(form: FormData, methods: readonly AuthMethod[]): Record<string, string> {
  const described = CUSTOM_PARTS.flatMap((part) =>
    ['in', 'name', 'template', 'user'].map((name) => partField(part, name)),
  )
  const declared = methods.flatMap(({ id, fields }) =>
    fields.filter(({ isSecret }) => !isSecret).map(({ name }) => fieldName(id, name)),
  )
  const sent = [...described, ...declared].filter((name) => form.has(name))
  return Object.fromEntries(sent.map((name) => [name, formText(form, name)]))
}
