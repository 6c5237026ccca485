// wrangler.jsonc as the setup commands need it. It is read as a whole and changed by position: one string is replaced,
// and every other character, comments included, stays where it is.
import { z } from 'zod'

export const CONFIG_FILE = 'wrangler.jsonc'
/** Stands for a database that does not exist yet. */
export const NO_DATABASE = '00000000-0000-0000-0000-000000000000'

const BINDING = 'DB'

export interface WorkerConfig {
  name: string
  accountId?: string
  /** False when the file turns workers.dev off, and the Worker has only domains of its own. */
  hasWorkersDev: boolean
  databaseName: string
  /** Undefined while there is only the placeholder. */
  databaseId?: string
  migrationsDir: string
}

const shape = z.object({
  name: z.string(),
  account_id: z.string().optional(),
  workers_dev: z.boolean().optional(),
  d1_databases: z.array(
    z.object({
      binding: z.string(),
      database_name: z.string(),
      database_id: z.string().optional(),
      migrations_dir: z.string().default('migrations'),
    }),
  ),
})

/** Throws with a sentence when the text is no configuration of Executor's. */
export function parseWorkerConfig(text: string): WorkerConfig {
  const parsed = shape.safeParse(parseJsonc(text))
  if (!parsed.success) throw new Error(`${CONFIG_FILE} cannot be used: ${z.prettifyError(parsed.error)}`)
  const { name, account_id: accountId, workers_dev: workersDev, d1_databases: databases } = parsed.data
  const database = databases.find(({ binding }) => binding === BINDING)
  if (!database) throw new Error(`${CONFIG_FILE} has no entry with the binding ${BINDING} in d1_databases.`)
  const { database_id: id } = database
  return {
    name,
    hasWorkersDev: workersDev ?? true,
    databaseName: database.database_name,
    migrationsDir: database.migrations_dir,
    ...(accountId !== undefined && { accountId }),
    ...(id !== undefined && id !== '' && id !== NO_DATABASE && { databaseId: id }),
  }
}

/** The same text with another id of the database. */
export function withDatabaseId(text: string, id: string): string {
  const { blanked } = blankComments(text)
  const data = parseWorkerConfig(text)
  if (data.databaseId === id) return text
  const list = /"d1_databases"\s*:\s*\[/.exec(blanked)
  const start = list ? list.index + list[0].length : -1
  for (const entry of objectsIn(blanked, start)) {
    const entryText = blanked.slice(entry.start, entry.end)
    if (!new RegExp(`"binding"\\s*:\\s*"${BINDING}"`).test(entryText)) continue
    const value = /("database_id"\s*:\s*)"[^"]*"/.exec(entryText)
    if (value) {
      const at = entry.start + value.index + (value[1]?.length ?? 0)
      const length = value[0].length - (value[1]?.length ?? 0)
      return text.slice(0, at) + JSON.stringify(id) + text.slice(at + length)
    }
    return `${text.slice(0, entry.start + 1)} "database_id": ${JSON.stringify(id)},${text.slice(entry.start + 1)}`
  }
  throw new Error(`${CONFIG_FILE} could not be changed. Write "database_id": "${id}" into its d1_databases yourself.`)
}

function parseJsonc(text: string): unknown {
  try {
    return JSON.parse(blankComments(text).withoutTrailingCommas)
  } catch (error) {
    throw new Error(`${CONFIG_FILE} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}

const TOKENS = /"(?:[^"\\]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g

/** Comments become blanks of the same length, so that positions stay; what looks like one inside a string is text. */
function blankComments(text: string): { blanked: string; withoutTrailingCommas: string } {
  const blanked = text.replace(TOKENS, (token) => (token.startsWith('"') ? token : token.replace(/[^\n]/g, ' ')))
  const withoutTrailingCommas = blanked.replace(/"(?:[^"\\]|\\.)*"|,(?=\s*[}\]])/g, (token) =>
    token === ',' ? ' ' : token,
  )
  return { blanked, withoutTrailingCommas }
}

/** The objects directly inside the array that `start` is in, each from `{` to behind its `}`. */
function* objectsIn(blanked: string, start: number): Generator<{ start: number; end: number }> {
  if (start < 0) return
  let depth = 0
  let opened = 0
  for (const token of blanked.slice(start).matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    const at = start + token.index
    if (token[0] === '{' && depth++ === 0) opened = at
    else if (token[0] === '[') depth++
    else if (token[0] === '}' && --depth === 0) yield { start: opened, end: at + 1 }
    else if (token[0] === ']' && depth-- === 0) return
  }
}
