// The audit as a file. JSON Lines can be verified without Executor (scripts/audit-verify.ts), a table cannot.
import type { AuditRow } from './audit.ts'
import type { Anchor, AuditRecord } from './audit-chain.ts'
import type { AuditBounds, AuditFilter } from './audit-list.ts'

/** The first line of an export as JSON Lines. */
export interface ExportHeader {
  format: typeof EXPORT_FORMAT
  /** What was deleted by age before the first record; null when nothing was. */
  anchor: Anchor | null
  /** The highest sequence at the time: an export of everything ends with it. */
  highest: number
  /** Null for an export of everything. Only that is a chain. */
  filter: AuditFilter | null
}

export const EXPORT_FORMAT = 'executor-audit-1'

export function headerLine({ anchor, highest }: AuditBounds, filter: AuditFilter): string {
  const isWhole = Object.values(filter).every((value) => value === undefined)
  const header: ExportHeader = { format: EXPORT_FORMAT, anchor, highest, filter: isWhole ? null : filter }
  return `${JSON.stringify(header)}\n`
}

export function recordLine({ details, ...record }: AuditRow): string {
  const { sequence, at, actor, action, subject, hash } = record
  return `${JSON.stringify({ sequence, at, actor, action, subject, details: readable(details), hash })}\n`
}

/** An object where that says exactly what is stored, else the text itself. */
function readable(details: string): unknown {
  try {
    const parsed: unknown = JSON.parse(details)
    const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
    return isObject && JSON.stringify(parsed) === details ? parsed : details
  } catch {
    return details
  }
}

export type ParsedLine<Value> = { ok: true; value: Value } | { ok: false; message: string }

export function parseHeader(line: string): ParsedLine<ExportHeader> {
  const value = objectOf(line)
  if (value?.format !== EXPORT_FORMAT) {
    return { ok: false, message: `The first line is not that of an export: it has no "format":"${EXPORT_FORMAT}".` }
  }
  const { anchor, highest, filter } = value
  if (!isAnchor(anchor) || typeof highest !== 'number') {
    return { ok: false, message: 'The first line does not say where the records begin and end.' }
  }
  return { ok: true, value: { format: EXPORT_FORMAT, anchor, highest, filter: isObject(filter) ? filter : null } }
}

export function parseRecord(line: string): ParsedLine<AuditRecord> {
  const value = objectOf(line)
  if (value === undefined) return { ok: false, message: 'is not a record' }
  const { sequence, at, actor, action, subject, details, hash } = value
  if (
    !Number.isSafeInteger(sequence) ||
    typeof sequence !== 'number' ||
    typeof at !== 'number' ||
    typeof actor !== 'string' ||
    typeof action !== 'string' ||
    typeof subject !== 'string' ||
    details === undefined ||
    !(typeof hash === 'string' || hash === null)
  ) {
    return { ok: false, message: 'is not a whole record' }
  }
  const text = typeof details === 'string' ? details : JSON.stringify(details)
  return { ok: true, value: { sequence, at, actor, action, subject, details: text, hash } }
}

function objectOf(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isAnchor(value: unknown): value is Anchor | null {
  if (value === null) return true
  return isObject(value) && typeof value.sequence === 'number' && typeof value.hash === 'string'
}

export const CSV_HEADER = row(['sequence', 'time', 'actor', 'action', 'subject', 'details', 'hash'])

export function csvRow({ sequence, at, actor, action, subject, details, hash }: AuditRow): string {
  return row([String(sequence), isoTime(at), actor, action, subject, details, hash ?? ''])
}

/** A row of RFC 4180. */
function row(cells: string[]): string {
  return `${cells.map(cell).join(',')}\r\n`
}

/** Agents and upstreams wrote some of the texts: a spreadsheet takes what begins like this for a formula. */
function cell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}

/** A time that cannot be is shown as the number that it is. */
function isoTime(at: number): string {
  const time = new Date(at)
  return Number.isNaN(time.getTime()) ? String(at) : time.toISOString()
}
