// `npm run secrets:rotate`: how many secrets the key in use and the previous one have sealed, and with --apply, seals
// the latter again with the key in use. docs/secrets.md explains it. The keys come from the environment, and go nowhere.
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { listUnopenable, rotateSecrets } from '../server/connections/rewrap.ts'
import { createVault, type KeyIds, type Vault } from '../server/connections/seal.ts'
import { parseSecretKey } from '../server/connections/secret-key.ts'
import { EXECUTOR } from '../server/db/audit.ts'
import { type Database, openDatabase } from '../server/db/database.ts'
import { countSealed } from '../server/db/sealed.ts'
import { defaultState, parsePorts } from './ports.ts'
import { ROOT } from './root.ts'
import { openWranglerD1, WranglerD1Error } from './wrangler-d1.ts'

const KEY = 'EXECUTOR_SECRET_KEY'
const PREVIOUS = 'EXECUTOR_SECRET_KEY_PREVIOUS'
const USAGE = 'npm run secrets:rotate -- [--apply] [--remote | --state <folder>]'
/** Each is in a statement twice, which has at most 100,000 characters. */
const BATCH_CHARACTERS = 30_000
const LISTED = 20

/** What is wrong with how it was asked for. */
class Refusal extends Error {}

interface Options {
  apply: boolean
  remote: boolean
  state: string
}

async function main(): Promise<void> {
  const { apply, remote, state } = readArguments()
  const vault = openVault()
  const target = remote ? ['--remote'] : ['--local', '--persist-to', state]
  const db = openDatabase(openWranglerD1({ root: ROOT, target, withoutEnv: [KEY, PREVIOUS] }))
  const keys = await vault.keyIds()
  if (keys.previous === null) throw new Refusal(`${PREVIOUS} is the same key as ${KEY}: there is nothing to change.`)

  console.log(remote ? 'The deployed database:' : `The local database in ${state}:`)
  const { previous } = await printCounts(db, keys)
  if (previous > 0 && apply) await sealAgain(db, vault, keys)
  const left = await printUnopenable({ db, vault })
  if (previous > 0 && !apply)
    console.log('\nNothing was changed. With --apply they are sealed again with the key in use.')
  else if (!left) console.log(`\nNothing needs the previous key any more: remove ${PREVIOUS} from the Worker.`)
}

function readArguments(): Options {
  try {
    const flag = { type: 'boolean', default: false } as const
    const { values } = parseArgs({ options: { apply: flag, remote: flag, state: { type: 'string' } } })
    const parsed = parsePorts(process.env.PORT)
    if (!parsed.ok) throw new Refusal(parsed.message)
    if (values.remote && values.state !== undefined) throw new Refusal(USAGE)
    return { ...values, state: resolve(ROOT, values.state ?? defaultState(parsed.ports.access)) }
  } catch (error) {
    throw error instanceof Refusal ? error : new Refusal(USAGE)
  }
}

function openVault(): Vault {
  const [key, previousKey] = [KEY, PREVIOUS].map((name) => {
    const value = process.env[name]?.trim() ?? ''
    if (value === '') throw new Refusal(`${name} is not set in the environment. Both keys are needed: docs/secrets.md.`)
    if (!parseSecretKey(value)) throw new Refusal(`${name} is not a key: at least 32 random bytes as base64 or hex.`)
    return value
  })
  if (key === undefined || previousKey === undefined) throw new Refusal(USAGE)
  return createVault({ key, previousKey })
}

async function printCounts(db: Database, keys: KeyIds) {
  const counts = await countSealed(db, keys)
  console.log(`  key in use    ${keys.current}  ${secrets(counts.current)}`)
  console.log(`  previous key  ${keys.previous}  ${secrets(counts.previous)}`)
  if (counts.other > 0) console.log(`  another key             ${secrets(counts.other)}`)
  return counts
}

async function sealAgain(db: Database, vault: Vault, keys: KeyIds): Promise<void> {
  await rotateSecrets(
    { db, vault },
    {
      by: EXECUTOR,
      until: Number.POSITIVE_INFINITY,
      batches: Number.POSITIVE_INFINITY,
      batchCharacters: BATCH_CHARACTERS,
      onBatch: ({ renewed }) => console.log(`Sealed again: ${renewed}`),
    },
  )
  await printCounts(db, keys)
}

/** Whether any were found. They need a person. */
async function printUnopenable(deps: { db: Database; vault: Vault }): Promise<boolean> {
  const found = await listUnopenable(deps, LISTED)
  if (found.length === 0) return false
  console.log(`\n${found.length === LISTED ? `These and perhaps more` : 'These'} do not open, and were left alone:`)
  for (const { table, row, integration, connection, reason } of found) {
    const name = connection === null ? `${table} ${row}` : `${integration}@${connection} (${row})`
    console.log(`  ${name}: ${reason === 'damaged' ? 'changed, cut off or moved' : 'sealed with another key'}`)
  }
  console.log('Give the key that sealed them, or enter them anew in the console, at /settings/encryption.')
  process.exitCode = 1
  return true
}

function secrets(count: number): string {
  return count === 1 ? '1 secret' : `${count} secrets`
}

try {
  await main()
} catch (error) {
  if (!(error instanceof Refusal)) {
    const cause = causeOf(error)
    if (cause === undefined) throw error
    console.error(`${cause.message}\n\nWhat was sealed again stays so. Run the same command again to go on.`)
  } else console.error(error.message)
  process.exitCode = 1
}

function causeOf(error: unknown): WranglerD1Error | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof WranglerD1Error) return cause
  return undefined
}
