// Who changed or decided what. A record is stored in the batch of the change it tells of, so that neither is without the
// other. SQLite has no SHA-256, so it is chained to the record before (audit-chain.ts) by `chainAudit`, soon after.
import { type SQL, sql } from 'drizzle-orm'
import type { audit } from '../../drizzle/schema.ts'
import { type Anchor, type AuditRecord, hashRecord, START, verifyChain } from './audit-chain.ts'
import type { Database } from './database.ts'
import { statement } from './statement.ts'

export type AuditRow = typeof audit.$inferSelect

/** Everything that is recorded, as `<group>.<what happened>`. */
export const AUDIT_ACTIONS = [
  'integration.added',
  'integration.changed',
  'integration.removed',
  'connection.added',
  'connection.changed',
  'connection.removed',
  'connection.app_saved',
  'connection.app_removed',
  'policy.added',
  'policy.changed',
  'policy.removed',
  'approval.approved',
  'approval.answered',
  'approval.declined',
  'approval.expired',
  'remembered.added',
  'remembered.revoked',
  'run.cancelled',
  'run.deleted',
  'call.blocked',
  'settings.changed',
  'webhook.changed',
  'encryption.rotation_started',
  'encryption.rotation_finished',
  'principal.first_seen',
] as const

export type AuditAction = (typeof AUDIT_ACTIONS)[number]

/** The actor of what nobody asked for: what expires, what is deleted by age. */
export const EXECUTOR = 'executor'

export interface AuditEntry {
  at: number
  /** The id of a principal, or `EXECUTOR`. */
  actor: string
  action: AuditAction
  /** What it happened to, as people know it: an address, a pattern, an id. */
  subject: string
  /** What changed. Never a secret: of secret fields only the names. */
  details?: Record<string, unknown>
}

/** Agents and upstreams wrote some of the texts: what is longer is cut. */
const MOST_TEXT = 1000
const MOST_ITEMS = 100

/**
 * A statement for the `db.batch` that makes the change. With `onlyIf` the record is stored only when that holds when
 * the batch comes to it: put it before an update or a delete and ask for the row as it was
 * (`sql\`EXISTS (SELECT 1 FROM …)\``), or after an insert and ask for the row that is there now.
 */
export function auditStatement(db: Database, entry: AuditEntry, onlyIf?: SQL) {
  const { at, actor, action, subject, details = {} } = entry
  const row = sql`INSERT INTO audit (at, actor, action, subject, details)
    SELECT ${at}, ${cut(actor)}, ${action}, ${cut(subject)}, ${JSON.stringify(details, bounded)}`
  return statement(db, onlyIf === undefined ? row : sql`${row} WHERE ${onlyIf}`)
}

/** For the details of a change: the fields of `will` that are not as they were; null when all of them are. */
export function changesBetween<Field extends string>(
  was: Readonly<Record<Field, unknown>>,
  will: Readonly<Partial<Record<Field, unknown>>>,
): Record<string, { from: unknown; to: unknown }> | null {
  const changed: [string, { from: unknown; to: unknown }][] = []
  for (const name in will) {
    if (was[name] !== will[name]) changed.push([name, { from: was[name], to: will[name] }])
  }
  return changed.length === 0 ? null : Object.fromEntries(changed)
}

function bounded(_key: string, value: unknown): unknown {
  if (typeof value === 'string') return cut(value)
  if (Array.isArray(value) && value.length > MOST_ITEMS) {
    return [...value.slice(0, MOST_ITEMS), `… ${value.length - MOST_ITEMS} more`]
  }
  return value
}

function cut(text: string): string {
  return text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT - 1)}…` : text
}

type AnchoredRecord = AuditRecord & { anchor: string | null }

/** Where the `Anchor` of what was deleted by age is kept, in `settings`. */
export const ANCHOR_SETTING = 'audit_anchor'

const selectRecords = sql`SELECT sequence, at, actor, action, subject, details, hash,
    (SELECT value FROM settings WHERE name = ${ANCHOR_SETTING}) AS anchor FROM audit`

const CHAINED_AT_ONCE = 500
const TRIMMED_AT_ONCE = 1000
/** Rounds of one call: what is left is for the next. */
const MOST_ROUNDS = 10

/**
 * Chains what is not chained yet, in order: two statements for up to 500 records, one when there are none. Any number of
 * isolates may do it at once. Each writes only where there is no hash, and only if the record that it began from still
 * has the hash that it read; and from the same records all of them make the same hashes.
 */
export async function chainAudit(db: Database): Promise<void> {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const { before, records } = await readUnchained(db)
    if (records.length === 0) return
    const links: [sequence: number, hash: string][] = []
    let hash = before.hash
    for (const record of records) {
      hash = await hashRecord(hash, record)
      links.push([record.sequence, hash])
    }
    const { meta } = await storeLinks(db, before, links)
    if (meta.changes === records.length && records.length < CHAINED_AT_ONCE) return
  }
}

async function readUnchained(db: Database): Promise<{ before: Anchor; records: AuditRecord[] }> {
  const rows = await db.all<AnchoredRecord>(sql`${selectRecords} WHERE sequence >= coalesce(
      (SELECT sequence FROM audit WHERE hash IS NOT NULL ORDER BY sequence DESC LIMIT 1), 0)
    ORDER BY sequence LIMIT ${CHAINED_AT_ONCE + 1}`)
  const [first] = rows
  const records = rows.filter(({ hash }) => hash === null).slice(0, CHAINED_AT_ONCE)
  if (first?.hash) return { before: { sequence: first.sequence, hash: first.hash }, records }
  return { before: parseAnchor(first?.anchor) ?? START, records }
}

function storeLinks(db: Database, before: Anchor, links: readonly [number, string][]) {
  return statement(
    db,
    sql`UPDATE audit SET hash = link.value ->> 1 FROM json_each(${JSON.stringify(links)}) AS link
      WHERE audit.sequence = link.value ->> 0 AND audit.hash IS NULL
        AND coalesce((SELECT hash FROM audit WHERE sequence = ${before.sequence}),
          (SELECT value ->> 'hash' FROM settings WHERE name = ${ANCHOR_SETTING}
            AND value ->> 'sequence' = ${before.sequence}), ${START.hash}) = ${before.hash}`,
  )
}

/** The anchor as it is stored; null when there is none, or one that cannot be read. */
export function parseAnchor(value: string | null | undefined): Anchor | null {
  try {
    const parsed: unknown = JSON.parse(value ?? 'null')
    if (typeof parsed !== 'object' || parsed === null || !('sequence' in parsed) || !('hash' in parsed)) return null
    const { sequence, hash } = parsed
    return typeof sequence === 'number' && typeof hash === 'string' ? { sequence, hash } : null
  } catch {
    return null
  }
}

/**
 * Deletes the oldest records, those before `before`, and keeps the last one's hash as the anchor of what is left. Only
 * what is chained and verifies is deleted: a record that was tampered with stays, and everything after it, so that no
 * trace is lost. Returns how many were deleted; a call has a bound, and the next one goes on.
 */
export async function trimAudit(db: Database, before: number): Promise<number> {
  let deleted = 0
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const rows = await db.all<AnchoredRecord>(sql`${selectRecords} ORDER BY sequence LIMIT ${TRIMMED_AT_ONCE}`)
    const isKept = rows.findIndex(({ at, hash }) => at >= before || hash === null)
    const old = isKept === -1 ? rows : rows.slice(0, isKept)
    const { problems } = await verifyChain(old, { anchor: parseAnchor(rows[0]?.anchor) })
    const [problem] = problems
    const sound = problem === undefined ? old : old.filter(({ sequence }) => sequence < problem.sequence)
    const { sequence = 0, hash = null } = sound.at(-1) ?? {}
    if (hash === null) return deleted
    const [, removed] = await db.batch(trimStatements(db, { sequence, hash }))
    deleted += removed.meta.changes
    if (sound.length < TRIMMED_AT_ONCE) return deleted
  }
  return deleted
}

/** The anchor never goes back, and nothing is deleted that it does not stand for. */
function trimStatements(db: Database, anchor: Anchor) {
  const { sequence, hash } = anchor
  const isKept = sql`EXISTS (SELECT 1 FROM audit WHERE sequence = ${sequence} AND hash = ${hash})`
  const now = Date.now()
  return [
    statement(
      db,
      sql`INSERT INTO settings (name, value, updated_by, updated_at)
        SELECT ${ANCHOR_SETTING}, ${JSON.stringify(anchor)}, ${EXECUTOR}, ${now} WHERE ${isKept}
        ON CONFLICT (name) DO UPDATE
          SET value = excluded.value, updated_by = excluded.updated_by, updated_at = excluded.updated_at`,
    ),
    statement(db, sql`DELETE FROM audit WHERE sequence <= ${sequence} AND ${isKept}`),
  ] as const
}
