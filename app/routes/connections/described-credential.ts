// A credential that an admin describes, as connect-fields.tsx sends it: up to three parts, each with its place, its name
// and the text around the secret. Pure. Every part that is wrong is said at its own field.
import type { AuthField, AuthMethod, Placement } from '../../../drizzle/shapes.ts'
import { problemOfMethod, problemOfPlacement } from '../../../server/connections/method.ts'
import { targetOf } from '../../../server/connections/placements.ts'
import type { FormError } from '../../ui/error-summary.tsx'
import { formText } from '../form.ts'
import { CUSTOM_METHOD, CUSTOM_PARTS, partField, partName, SECRET } from './connect-names.ts'

type Read = { ok: true; method: AuthMethod; values: Record<string, string> } | { ok: false; errors: FormError[] }

/** What was typed for one part. */
interface Typed {
  part: number
  where: string
  name: string
  template: string
  user: string
  secret: string
}

interface Described {
  label: string
  fields: AuthField[]
  placement: Placement
}

const NAMES = { header: 'header', query: 'parameter', cookie: 'cookie' }

export function readDescribed(form: FormData): Read {
  const typed = CUSTOM_PARTS.map((part) => typedOf(form, part)).filter(
    ({ part, ...one }) => part === 1 || isStarted(one),
  )
  const errors = typed.flatMap(problemsOf)
  const parts = typed.map(describe)
  const targets = parts.map(({ placement }) => targetOf(placement))
  for (const [at, target] of targets.entries()) {
    if (errors.length > 0 || targets.indexOf(target) === at) continue
    const message = `Another part fills the ${target} already.`
    errors.push({ field: partField(typed[at]?.part ?? 1, 'in'), message })
  }
  if (errors.length > 0) return { ok: false, errors }
  const method: AuthMethod = {
    id: CUSTOM_METHOD,
    label: parts.map(({ label }) => label).join(' + '),
    fields: parts.flatMap(({ fields }) => fields),
    placements: parts.map(({ placement }) => placement),
  }
  const problem = problemOfMethod(method)
  if (problem !== null) return { ok: false, errors: [{ field: 'method', message: problem }] }
  const names = new Set(method.fields.map(({ name }) => name))
  const values = typed.flatMap(({ part, user, secret }) => [
    [partName(part, 'user'), user],
    [partName(part, 'secret'), secret],
  ])
  return { ok: true, method, values: Object.fromEntries(values.filter(([name = '']) => names.has(name))) }
}

function typedOf(form: FormData, part: number): Typed {
  const read = (name: string) => formText(form, partField(part, name))
  const template = read('template') || SECRET
  return { part, where: read('in'), name: read('name'), template, user: read('user'), secret: read('secret') }
}

/** A further part is one as soon as anything was typed for it. */
function isStarted({ name, template, user, secret }: Omit<Typed, 'part'>): boolean {
  return name !== '' || user !== '' || secret !== '' || template !== SECRET
}

function problemsOf(typed: Typed): FormError[] {
  const { part, where, name, template, user, secret } = typed
  const errors: FormError[] = []
  const refuse = (field: string, message: string) => errors.push({ field: partField(part, field), message })
  if (where === 'basic') {
    if (user === '') refuse('user', 'Fill in the user name.')
    return errors
  }
  if (where === 'header' || where === 'query' || where === 'cookie') {
    const problem = problemOfPlacement(describe(typed).placement)
    if (name === '') refuse('name', `Give the name of the ${NAMES[where]}.`)
    else if (problem !== null) refuse('name', problem)
    if (!template.includes(SECRET) || /[{}]/.test(template.replaceAll(SECRET, ''))) {
      refuse('template', `Write ${SECRET} where the secret goes, and no other braces.`)
    } else if (!/^[\x20-\x7e]*$/.test(template)) refuse('template', 'Only plain ASCII text is sent around a secret.')
  } else if (where !== 'bearer') refuse('in', 'Choose where it goes.')
  if (secret === '') refuse('secret', 'Fill in the secret.')
  return errors
}

function describe({ part, where, name, template }: Typed): Described {
  const secret: AuthField = { name: partName(part, 'secret'), label: name, isSecret: true }
  const filled = template.replaceAll(SECRET, `{${secret.name}}`)
  switch (where) {
    case 'basic': {
      const user: AuthField = { name: partName(part, 'user'), label: 'User name', isSecret: false }
      return {
        label: 'User name and password',
        fields: [user, { ...secret, label: 'Password', isOptional: true }],
        placement: { in: 'basic', userTemplate: `{${user.name}}`, passwordTemplate: `{${secret.name}}` },
      }
    }
    case 'query':
      return { label: `Query parameter ${name}`, fields: [secret], placement: { in: 'query', name, template: filled } }
    case 'cookie':
      return { label: `Cookie ${name}`, fields: [secret], placement: { in: 'cookie', name, template: filled } }
    case 'header':
      return { label: `Header ${name}`, fields: [secret], placement: { in: 'header', name, template: filled } }
    default:
      return {
        label: 'Bearer token',
        fields: [{ ...secret, label: 'Token' }],
        placement: { in: 'header', name: 'Authorization', template: `Bearer {${secret.name}}` },
      }
  }
}
