// Reading the audit: a page of it for the console, all of it for an export, and whether its chain holds.
import { and, asc, type Column, desc, gt, gte, lt, lte, type SQL, sql } from 'drizzle-orm'
import { audit, settings } from '../../drizzle/schema.ts'
import { ANCHOR_SETTING, AUDIT_ACTIONS, type AuditRow, chainAudit, parseAnchor } from './audit.ts'
import { type Anchor, type Verification, verifyChain } from './audit-chain.ts'
import type { Database } from './database.ts'

export interface AuditFilter {
  /** Text anywhere in the actor, without regard to case. */
  actor?: string
  /** The part of actions before the dot: `policy`. */
  group?: string
  /** Text anywhere in the subject, without regard to case. */
  subject?: string
  /** Not before this moment. */
  from?: number
  /** Before this moment. */
  to?: number
}

/** What may stand before the dot of an action, in the order of `AUDIT_ACTIONS`. */
export const AUDIT_GROUPS = [...new Set(AUDIT_ACTIONS.map((action) => action.slice(0, action.indexOf('.'))))]

/** Newest first. `before` is the sequence of the last record of the page before. */
export function listAudit(
  db: Database,
  filter: AuditFilter,
  page: { before?: number; limit: number },
): Promise<AuditRow[]> {
  return db
    .select()
    .from(audit)
    .where(and(matches(filter), page.before === undefined ? undefined : lt(audit.sequence, page.before)))
    .orderBy(desc(audit.sequence))
    .limit(page.limit)
}

function matches({ actor, group, subject, from, to }: AuditFilter): SQL | undefined {
  return and(
    actor === undefined ? undefined : contains(audit.actor, actor),
    group === undefined ? undefined : and(gt(audit.action, `${group}.`), lt(audit.action, `${group}/`)),
    subject === undefined ? undefined : contains(audit.subject, subject),
    from === undefined ? undefined : gte(audit.at, from),
    to === undefined ? undefined : lt(audit.at, to),
  )
}

function contains(column: Column, text: string): SQL {
  return sql`instr(lower(${column}), lower(${text})) > 0`
}

const READ_AT_ONCE = 2000

/** Every record that matches, oldest first, up to `through`: read page by page, so that any number fits in memory. */
export async function* readAudit(
  db: Database,
  filter: AuditFilter,
  { through }: { through: number },
): AsyncGenerator<AuditRow> {
  // Below any sequence, also one that nobody gave.
  for (let last = Number.MIN_SAFE_INTEGER; ;) {
    const rows = await db
      .select()
      .from(audit)
      .where(and(matches(filter), gt(audit.sequence, last), lte(audit.sequence, through)))
      .orderBy(asc(audit.sequence))
      .limit(READ_AT_ONCE)
    yield* rows
    const next = rows.at(-1)
    if (next === undefined || rows.length < READ_AT_ONCE) return
    last = next.sequence
  }
}

/** What is left of the audit lies between these. */
export interface AuditBounds {
  /** What was deleted by age; null when nothing was. */
  anchor: Anchor | null
  /** The highest sequence ever given, as SQLite remembers it; 0 before the first record. */
  highest: number
}

/** The bounds at this moment, with every record up to `highest` chained. */
export async function chainedBounds(db: Database): Promise<AuditBounds> {
  // First the bound: what comes while the rest is being chained lies beyond it.
  const found = await db.get<{ anchor: string | null; highest: number }>(sql`
    SELECT (SELECT value FROM ${settings} WHERE name = ${ANCHOR_SETTING}) AS anchor,
      max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'audit'), 0),
        coalesce((SELECT max(sequence) FROM ${audit}), 0)) AS highest`)
  await chainAudit(db)
  return { anchor: parseAnchor(found.anchor), highest: found.highest }
}

/** Reads every record and says whether the chain holds. */
export async function verifyAudit(db: Database): Promise<Verification & AuditBounds> {
  const bounds = await chainedBounds(db)
  const found = { ...bounds, ...(await verifyChain(readAudit(db, {}, { through: bounds.highest }), bounds)) }
  if (found.isIntact) return found
  // Old records may have been deleted by age while they were read.
  const moved = await chainedBounds(db)
  if (moved.anchor?.sequence === bounds.anchor?.sequence) return found
  return { ...moved, ...(await verifyChain(readAudit(db, {}, { through: moved.highest }), moved)) }
}
