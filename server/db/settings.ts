// What an admin may set in the console. What is not stored, or is stored and cannot be meant, is as it is by default.
import { inArray, sql } from 'drizzle-orm'
import { settings } from '../../drizzle/schema.ts'
import { auditStatement } from './audit.ts'
import type { Database } from './database.ts'
import { statement } from './statement.ts'

export interface Settings {
  /** Days that a run is kept after it ended. */
  runDays: number
  /** Days that the record of who changed what is kept. */
  auditDays: number
  /** Days that a question to a person stays open. */
  approvalDays: number
  /** Names of fields whose values the console hides in runs; compared by `isHiddenField`. */
  hiddenFields: string[]
}

export const DEFAULT_SETTINGS: Readonly<Settings> = {
  runDays: 90,
  auditDays: 400,
  approvalDays: 7,
  hiddenFields: [
    'password',
    'passwd',
    'secret',
    'client_secret',
    'token',
    'access_token',
    'refresh_token',
    'api_key',
    'authorization',
    'private_key',
  ],
}

/** Inclusive, in whole days. */
export const DAY_BOUNDS = {
  runDays: { least: 1, most: 3650 },
  auditDays: { least: 1, most: 3650 },
  approvalDays: { least: 1, most: 90 },
} as const

export const MOST_HIDDEN_FIELDS = 200
export const LONGEST_FIELD_NAME = 100

const NAMES = ['runDays', 'auditDays', 'approvalDays', 'hiddenFields'] as const

/** The stored rows, for a batch; `parseSettings` makes settings of them. */
export function selectSettings(db: Database) {
  // As text: the column's own reading of JSON throws at what is none.
  return db
    .select({ name: settings.name, value: sql<string>`${settings.value}` })
    .from(settings)
    .where(inArray(settings.name, [...NAMES]))
}

/** One statement. */
export async function readSettings(db: Database): Promise<Settings> {
  return parseSettings(await selectSettings(db))
}

/**
 * Statements for a batch that change what is different, with the record of it; none when nothing is. A setting that is
 * as it is by default has no row.
 */
export function writeSettings(db: Database, change: { was: Settings; will: Settings; by: string; now: number }) {
  const { was, will, by, now } = change
  const changed = NAMES.filter((name) => JSON.stringify(was[name]) !== JSON.stringify(will[name]))
  if (changed.length === 0) return []
  const details = Object.fromEntries(changed.map((name) => [name, difference(was[name], will[name])]))
  return [
    ...changed.map((name) => {
      const value = JSON.stringify(will[name])
      if (value === JSON.stringify(DEFAULT_SETTINGS[name]))
        return statement(db, sql`DELETE FROM settings WHERE name = ${name}`)
      return statement(
        db,
        sql`INSERT INTO settings (name, value, updated_by, updated_at) VALUES (${name}, ${value}, ${by}, ${now})
          ON CONFLICT (name) DO UPDATE
            SET value = excluded.value, updated_by = excluded.updated_by, updated_at = excluded.updated_at`,
      )
    }),
    auditStatement(db, { at: now, actor: by, action: 'settings.changed', subject: 'settings', details }),
  ]
}

/** Of lists, what came and what went. */
function difference(from: number | string[], to: number | string[]) {
  if (!Array.isArray(from) || !Array.isArray(to)) return { from, to }
  return { added: to.filter((name) => !from.includes(name)), removed: from.filter((name) => !to.includes(name)) }
}

/** Never fails: a bad value counts as none. */
export function parseSettings(rows: readonly { name: string; value: unknown }[]): Settings {
  const stored = new Map(rows.map(({ name, value }) => [name, jsonOrNothing(value)]))
  const hidden = stored.get('hiddenFields')
  return {
    runDays: daysOr(stored.get('runDays'), 'runDays'),
    auditDays: daysOr(stored.get('auditDays'), 'auditDays'),
    approvalDays: daysOr(stored.get('approvalDays'), 'approvalDays'),
    hiddenFields: isListOfNames(hidden) ? hidden : [...DEFAULT_SETTINGS.hiddenFields],
  }
}

export function isWithinDays(value: unknown, name: keyof typeof DAY_BOUNDS): value is number {
  const { least, most } = DAY_BOUNDS[name]
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
}

/** Whether a field of this name is hidden: `apiKey`, `API-Key` and `api_key` are one name. */
export function isHiddenField(name: string, { hiddenFields }: Pick<Settings, 'hiddenFields'>): boolean {
  const wanted = fieldKey(name)
  return hiddenFields.some((hidden) => fieldKey(hidden) === wanted)
}

export function fieldKey(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, '')
}

function daysOr(value: unknown, name: keyof typeof DAY_BOUNDS): number {
  return isWithinDays(value, name) ? value : DEFAULT_SETTINGS[name]
}

function isListOfNames(value: unknown): value is string[] {
  return (
    Array.isArray(value) &&
    value.length <= MOST_HIDDEN_FIELDS &&
    value.every((name) => typeof name === 'string' && name !== '' && name.length <= LONGEST_FIELD_NAME)
  )
}

function jsonOrNothing(text: unknown): unknown {
  if (typeof text !== 'string') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
