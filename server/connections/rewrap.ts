// Seals again, with the current key, what the previous one has sealed (design: connections, rotation). Everything that is
// done can be seen in the rows themselves, so that it can end anywhere, and go on, and be done by several at once.
import type { Database } from '../db/database.ts'
import {
  beginRotation,
  endRotation,
  listNamedSealedWith,
  listSealedOtherwise,
  listSealedWith,
  type NamedSealedRow,
  type Renewed,
  replaceSealed,
  type SealedRow,
} from '../db/sealed.ts'
import type { Opened, Vault } from './seal.ts'

type Reason = Extract<Opened, { ok: false }>['reason']

export interface Rotated {
  /** Sealed with the current key now. */
  renewed: number
  /** Somebody else changed these while they were being sealed: what is there now was not touched. */
  overtaken: number
  /** These do not open, and stay as they are. */
  failed: (Pick<SealedRow, 'table' | 'row'> & { reason: Reason })[]
  /** Whether everything was looked at. */
  isComplete: boolean
}

export interface RotateOptions {
  /** Who asked for it: the id of a principal, or `EXECUTOR`. */
  by: string
  /** No batch begins after this time. */
  until: number
  batches?: number
  batchSize?: number
  batchCharacters?: number
  onBatch?: (soFar: Rotated) => void
}

/** The Free plan allows 50 statements for all that one invocation does. */
const BATCHES = 10
const BATCH_ROWS = 100
/** Of sealed text in one batch: each comes twice, as it was and as it will be, in one value. */
const BATCH_CHARACTERS = 400_000

/** Null when there is no previous key. Two round trips for every batch of rows. */
export async function rotateSecrets(
  { db, vault }: { db: Database; vault: Vault },
  options: RotateOptions,
): Promise<Rotated | null> {
  const { by, until, batches = BATCHES, batchSize = BATCH_ROWS, batchCharacters = BATCH_CHARACTERS } = options
  const { current, previous } = await vault.keyIds()
  if (previous === null) return null
  const rotation = { from: previous, to: current, startedBy: by, startedAt: Date.now() }
  const rotated: Rotated = { renewed: 0, overtaken: 0, failed: [], isComplete: false }
  let after: SealedRow | null = null
  for (let batch = 0; batch < batches && (batch === 0 || Date.now() < until); batch++) {
    const found: SealedRow[] = await listSealedWith(db, previous, { after, most: batchSize })
    const rows = withinCharacters(found, batchCharacters)
    const { renewed, failed } = await sealAgain(rows, vault)
    rotated.failed.push(...failed)
    if (renewed.length > 0) {
      const [, , ...written] = await db.batch([...beginRotation(db, rotation), ...replaceSealed(db, renewed)])
      const changes = written.reduce((sum, { meta }) => sum + meta.changes, 0)
      rotated.renewed += changes
      rotated.overtaken += renewed.length - changes
    }
    options.onBatch?.(rotated)
    if (rows.length === found.length && found.length < batchSize) {
      await db.batch([...endRotation(db, { ...rotation, by, at: Date.now(), left: rotated.failed.length })])
      return { ...rotated, isComplete: true }
    }
    after = rows.at(-1) ?? null
  }
  return rotated
}

/** Each at its own place: what was moved to another one does not open, and is not made to. */
export async function sealAgain(
  rows: readonly SealedRow[],
  vault: Vault,
): Promise<{ renewed: Renewed[]; failed: Rotated['failed'] }> {
  const renewed: Renewed[] = []
  const failed: Rotated['failed'] = []
  for (const row of rows) {
    const place = { table: row.table, row: row.row, owner: row.owner }
    const opened = await vault.open(row.sealed, place)
    if (opened.ok) renewed.push({ ...row, renewed: await vault.seal(opened.value, place) })
    else failed.push({ table: row.table, row: row.row, reason: opened.reason })
  }
  return { renewed, failed }
}

export type Unopenable = Omit<NamedSealedRow, 'sealed'> & { reason: Reason }

/** Secrets that no key of this deployment opens, the first `most`: of those with the previous key only these are tried. */
export async function listUnopenable(
  { db, vault }: { db: Database; vault: Vault },
  most: number,
): Promise<Unopenable[]> {
  const keys = await vault.keyIds()
  const withPrevious = keys.previous === null ? [] : await listNamedSealedWith(db, keys.previous, most)
  const unopenable: Unopenable[] = []
  for (const { sealed, ...row } of [...(await listSealedOtherwise(db, keys, most)), ...withPrevious]) {
    const opened = await vault.open(sealed, { table: row.table, row: row.row, owner: row.owner })
    if (!opened.ok) unopenable.push({ ...row, reason: opened.reason })
  }
  return unopenable.slice(0, most)
}

function withinCharacters(rows: readonly SealedRow[], most: number): SealedRow[] {
  let characters = 0
  return rows.filter(({ sealed }, index) => {
    characters += sealed.length
    return index === 0 || characters <= most
  })
}
