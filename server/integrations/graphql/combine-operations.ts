// Several queries in one request: each field under an alias of its own, each variable under a name of its own.
import { own, ownList, type JsonRecord } from '../json-value.ts'
import { type Answer, classOf } from './answer.ts'
import { aliasOf, assemble, type Operation } from './operation.ts'

type Answered = Extract<Answer, { is: 'answer' }>

export interface Combined extends Operation {
  /**
   * The answers of each operation, in their order, from the one answer to all. Null for those that have none, as there is
   * no data and no limit that is everybody's: they are to be sent alone.
   */
  split(answer: Answered): (Answered | null)[]
}

/** Null unless they are several, and all queries. Mutations are carried out one by one, and never here. */
export function combineOperations(operations: readonly Operation[]): Combined | null {
  const [first, ...more] = operations.flatMap(({ parts }) => parts)
  if (!first || more.length === 0 || [first, ...more].some(({ binding }) => binding.operation !== 'query')) return null
  const fields = operations.map(({ field }) => field)
  return { ...assemble([first, ...more]), split: (answer) => split(fields, answer) }
}

function split(fields: readonly string[], answer: Answered): (Answered | null)[] {
  const { data, errors } = answer
  const placeOf = (error: JsonRecord) => ownList(error, 'path')[0]
  // An error without a place, or with another one, is everybody's.
  const aliases: unknown[] = fields.map((_, index) => aliasOf(index))
  const shared = errors.filter((error) => !aliases.includes(placeOf(error)))
  // Whichever of them has emptied all of the data, the others would have had theirs.
  if (data === null && !shared.some((error) => classOf(error) === 'rate_limited')) return fields.map(() => null)
  return fields.map((field, index) => {
    const alias = aliasOf(index)
    const mine = errors.filter((error) => placeOf(error) === alias).map((error) => asOf(field, error))
    const value = own(data, alias)
    const all = [...mine, ...shared]
    return { ...answer, data: value === undefined ? null : { [field]: value }, errors: all, body: { errors: all } }
  })
}

/** Where it stands in the text says nothing to who wrote a part of it. */
function asOf(field: string, error: JsonRecord): JsonRecord {
  const { locations: _, ...rest } = error
  return { ...rest, path: [field, ...ownList(error, 'path').slice(1)] }
}
