// A D1 binding of a script that has none: every round trip is a `wrangler d1 execute`, on the database of the local
// stack or on the one that is deployed.
import { runWrangler } from './setup/remote-wrangler.ts'

export interface WranglerD1Options {
  root: string
  /** Where to: `--remote`, or `--local --persist-to <folder>`. */
  target: readonly string[]
  /** Variables that wrangler is not given. */
  withoutEnv?: readonly string[]
}

/** What wrangler itself said. */
export class WranglerD1Error extends Error {}

/**
 * As a command and not as a file: with a file, wrangler imports it, and the deployed database answers nobody meanwhile.
 * So a round trip has at most about 100,000 characters, which is also the most that D1 takes of one statement.
 */
export function openWranglerD1({ root, target, withoutEnv = [] }: WranglerD1Options): D1Database {
  const env = Object.fromEntries(withoutEnv.map((name) => [name, '']))
  const run = async (statements: readonly Statement[]): Promise<D1Result[]> => {
    // wrangler does not say how many rows a statement changed; SQLite does.
    const command = statements
      .map((one) => `${one.text};${one.isRead ? '' : ' SELECT changes() AS changes;'}`)
      .join('\n')
    const args = ['d1', 'execute', 'executor', ...target, '--json', '--yes', '--command', command]
    const { ok, output } = await runWrangler(args, { root }, env)
    const answers = ok ? answersIn(output) : null
    if (answers === null) throw new WranglerD1Error(`wrangler could not ask the database:\n${lastLines(output)}`)
    let next = 0
    return statements.map(({ isRead }) => {
      if (isRead) return resultOf(answers[next++]?.results ?? [], 0)
      next += 2
      return resultOf([], Number(answers[next - 1]?.results[0]?.changes))
    })
  }
  return {
    prepare: (query) => new Statement(query, [], run),
    batch: async <T>(statements: D1PreparedStatement[]) => {
      const own = statements.filter((one) => one instanceof Statement)
      const results: D1Result<T>[] = JSON.parse(JSON.stringify(await run(own)))
      return results
    },
    exec: refuse,
    dump: refuse,
    withSession: refuse,
  }
}

class Statement implements D1PreparedStatement {
  readonly text: string
  readonly isRead: boolean
  readonly #query: string
  readonly #run: (statements: readonly Statement[]) => Promise<D1Result[]>

  constructor(
    query: string,
    values: readonly unknown[],
    run: (statements: readonly Statement[]) => Promise<D1Result[]>,
  ) {
    this.#query = query
    this.text = withValues(query, values)
    this.isRead = /^\s*(SELECT|WITH)\b/i.test(query)
    this.#run = run
  }

  bind(...values: unknown[]): Statement {
    return new Statement(this.#query, values, this.#run)
  }

  async all<T>(): Promise<D1Result<T>> {
    const [result]: D1Result<T>[] = JSON.parse(JSON.stringify(await this.#run([this])))
    if (!result) throw new WranglerD1Error('wrangler gave no answer')
    return result
  }

  run<T>(): Promise<D1Result<T>> {
    return this.all<T>()
  }

  first = refuse
  raw = refuse
}

function refuse(): never {
  throw new Error('nothing asks a database through wrangler for this')
}

/** The query with its values in it, where they are placeholders and not text. */
export function withValues(query: string, values: readonly unknown[]): string {
  let next = 0
  return query.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"|\?/g, (token) =>
    token === '?' ? literal(values[next++]) : token,
  )
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return 'NULL'
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`
  throw new TypeError('only numbers, texts and null go into a statement')
}

interface Answer {
  results: Record<string, unknown>[]
}

/** The JSON among what wrangler printed. */
function answersIn(output: string): Answer[] | null {
  const json = /^\[[\s\S]*^\]/m.exec(output)?.[0]
  try {
    const answers: Answer[] = JSON.parse(json ?? '')
    return answers
  } catch {
    return null
  }
}

function resultOf(results: Record<string, unknown>[], changes: number): D1Result {
  const meta = { changes, rows_read: 0, rows_written: 0, duration: 0, size_after: 0, last_row_id: 0, changed_db: false }
  return { success: true, results, meta }
}

function lastLines(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  // A command that was refused is quoted in full.
  return lines
    .slice(-10)
    .map((line) => (line.length > 300 ? `${line.slice(0, 300)}…` : line))
    .join('\n')
}
