// The names that the fields of a connection have in a form.

/** Value of `method` for a credential that the admin describes, and the id it is stored with: no document's has it. */
export const CUSTOM_METHOD = '~custom'
/** Value of `method` for "Connect later". */
export const NO_METHOD = '~none'
/** What the value of `method` begins with for a sign-in at an authorization server. */
export const SIGN_IN = '~sign-in.'
/** What such a credential is made of at most. */
export const CUSTOM_PARTS = [1, 2, 3] as const
/** Stands in the template of a part for what is typed. */
export const SECRET = '{secret}'

/** The form's name for a method's field. */
export function fieldName(method: string, field: string): string {
  return `field.${method}.${field}`
}

/** Of one part of a described credential: `secret`, `secret2`. Those of the first are what single ones are called. */
export function partName(part: number, name: string): string {
  return part === 1 ? name : `${name}${part}`
}

/** The form's name for that. */
export function partField(part: number, name: string): string {
  return fieldName(CUSTOM_METHOD, partName(part, name))
}
