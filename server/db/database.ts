// The way into D1. Every query of server/db takes a `Database`; nobody else holds the binding.
import { drizzle, type DrizzleD1Database } from 'drizzle-orm/d1'
import * as schema from '../../drizzle/schema.ts'

export type Database = DrizzleD1Database<typeof schema> & { $client: D1Database }

/** One round trip to D1. `rowsRead` is 0 where D1 reports none (`raw` and `first`). */
export interface RoundTrip {
  statements: string[]
  rowsRead: number
  rowsWritten: number
}

/** What one bound value may weigh. Local D1 takes 5 MB, the real one 2. */
export const MAX_BOUND_BYTES = 1_500_000

export function openDatabase(d1: D1Database, options: { onQuery?: (trip: RoundTrip) => void } = {}): Database {
  return drizzle(guarded(d1, options.onQuery ?? (() => {})), { schema })
}

/** The same binding, except that no statement takes a value that the real D1 would refuse, and that trips are told. */
function guarded(d1: D1Database, onQuery: (trip: RoundTrip) => void): D1Database {
  const guard = new StatementGuard(onQuery)
  return {
    prepare: (query) => guard.watch(d1.prepare(query), query),
    batch: (statements) => guard.batch(d1, statements),
    exec: (query) => d1.exec(query),
    dump: () => d1.dump(),
    withSession(constraintOrBookmark) {
      const session = d1.withSession(constraintOrBookmark)
      return {
        prepare: (query) => guard.watch(session.prepare(query), query),
        batch: (statements) => guard.batch(session, statements),
        getBookmark: () => session.getBookmark(),
      }
    },
  }
}

/** D1's own statement and its text, asked of the one that was handed out: a batch takes only D1's own. */
const OWN = Symbol('own statement')

interface Own {
  statement: D1PreparedStatement
  text: string
}

class StatementGuard {
  readonly #onQuery: (trip: RoundTrip) => void

  constructor(onQuery: (trip: RoundTrip) => void) {
    this.#onQuery = onQuery
  }

  watch(statement: D1PreparedStatement, text: string): D1PreparedStatement {
    return new Proxy(statement, {
      get: (target, key) => {
        if (key === OWN) return { statement, text }
        if (key === 'bind') return (...values: unknown[]) => this.#bind(target, values, text)
        const member: unknown = Reflect.get(target, key)
        if (typeof member !== 'function') return member
        return async (...args: unknown[]) => {
          const result: unknown = await Reflect.apply(member, target, args)
          this.#onQuery(tripOf([text], [result]))
          return result
        }
      },
    })
  }

  async batch<T>(target: D1Database | D1DatabaseSession, statements: D1PreparedStatement[]): Promise<D1Result<T>[]> {
    const known = statements.map((statement): Own => Reflect.get(statement, OWN) ?? { statement, text: '' })
    const results = await target.batch<T>(known.map(({ statement }) => statement))
    this.#onQuery(
      tripOf(
        known.map(({ text }) => text),
        results,
      ),
    )
    return results
  }

  #bind(statement: D1PreparedStatement, values: unknown[], text: string): D1PreparedStatement {
    for (const [index, value] of values.entries()) refuseOversized(value, index, text)
    return this.watch(statement.bind(...values), text)
  }
}

function tripOf(statements: string[], results: unknown[]): RoundTrip {
  let rowsRead = 0
  let rowsWritten = 0
  for (const result of results) {
    if (!hasMeta(result)) continue
    rowsRead += result.meta.rows_read
    rowsWritten += result.meta.rows_written
  }
  return { statements, rowsRead, rowsWritten }
}

function hasMeta(result: unknown): result is { meta: D1Meta } {
  return typeof result === 'object' && result !== null && 'meta' in result
}

function refuseOversized(value: unknown, index: number, text: string): void {
  const bytes = boundBytes(value)
  if (bytes > MAX_BOUND_BYTES) {
    throw new RangeError(
      `Value ${index + 1} of a statement is ${bytes} bytes; D1 takes at most ${MAX_BOUND_BYTES}: ${text.slice(0, 120)}`,
    )
  }
}

function boundBytes(value: unknown): number {
  if (typeof value === 'string') {
    // No UTF-16 unit takes more than three bytes of UTF-8, so most texts need no counting.
    return value.length * 3 <= MAX_BOUND_BYTES ? value.length : new TextEncoder().encode(value).byteLength
  }
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return value.byteLength
  return Array.isArray(value) ? value.length : 0
}
