// Would an operation accept what a connection signs in with? Its document may ask for another way than most of the
// integration does, or for none. Pure. What an admin has described is never judged: the document knows nothing of it.
import type { AuthMethod, Placement } from '../../drizzle/shapes.ts'
import { targetOf } from '../connections/placements.ts'
import { own } from '../integrations/json-value.ts'

/** The part of a stored tool that says so: `security` of its binding, as AuthReading.accepted makes it. */
interface Operation {
  binding: unknown
}

type Method = Pick<AuthMethod, 'id' | 'placements'>

export type Suitability =
  | { isSuitable: true }
  /** Methods of the integration that would do; one at least. */
  | { isSuitable: false; accepted: AuthMethod[] }

export function suitabilityOf(operation: Operation, methods: readonly AuthMethod[], method: Method): Suitability {
  const ids = acceptedIds(operation)
  const accepted = methods.filter(({ id }) => ids?.includes(id))
  if (accepted.length === 0 || !isDeclared(methods, method)) return { isSuitable: true }
  const isSuitable = accepted.some(({ placements }) => placements.every((wanted) => isFilled(wanted, method)))
  return isSuitable ? { isSuitable } : { isSuitable, accepted }
}

/**
 * Whether the document says outright that an operation takes no credential: it gets none, as nothing that need not know
 * a secret should.
 */
export function takesNoCredential(operation: Operation, methods: readonly AuthMethod[], method: Method): boolean {
  return acceptedIds(operation)?.length === 0 && isDeclared(methods, method)
}

function acceptedIds({ binding }: Operation): string[] | undefined {
  const ids = own(binding, 'security')
  return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : undefined
}

function isDeclared(methods: readonly AuthMethod[], method: Method): boolean {
  return methods.some(
    ({ id, placements, isAdded }) =>
      isAdded !== true && id === method.id && shapeOf(placements) === shapeOf(method.placements),
  )
}

function isFilled(wanted: Placement, { placements }: Method): boolean {
  return placements.some((placement) => shapeOf([placement]) === shapeOf([wanted]))
}

/** Where the values go and what is around them, whatever the fields are called. */
function shapeOf(placements: readonly Placement[]): string {
  return JSON.stringify(
    placements.map((placement) => [
      targetOf(placement),
      placement.in === 'basic' ? 'basic' : placement.template.replaceAll(/\{\w+\}/g, '{}'),
    ]),
  )
}
