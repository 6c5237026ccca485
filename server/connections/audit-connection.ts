// The audit records of connections, for the batches that change them. Of what people type they have names only.
import { sql } from 'drizzle-orm'
import { auditStatement } from '../db/audit.ts'
import type { ConnectionPatch, ConnectionRow, NewConnectionRow } from '../db/connections.ts'
import type { Database } from '../db/database.ts'

/** Where and by whom, beside the connection itself. */
interface Occasion {
  /** Slug of the integration. */
  integration: string
  by: string
  at: number
}

type Audited = Pick<NewConnectionRow, 'id' | 'slug' | 'owner' | 'method' | 'origins'>

/** Goes after the insert, and tells of it only if the row is there. */
export function auditAdded(
  db: Database,
  added: Audited,
  { isDefault, ...occasion }: Occasion & { isDefault: boolean },
) {
  const { method, owner, origins } = added
  const fields = method.fields.map(({ name }) => name)
  const details = { owner, method: method.label, fields, sentTo: origins, ...(isDefault && { isDefault }) }
  return audited(db, 'connection.added', added, occasion, details)
}

export interface CredentialChange {
  patch: ConnectionPatch
  /** Names of the fields whose values are new. */
  fields: readonly string[]
  isDefault: boolean
}

/** Goes with the update. No statement when nothing is different. */
export function auditChanged(db: Database, was: ConnectionRow, change: CredentialChange, occasion: Occasion) {
  const { slug, origins } = change.patch
  const details = {
    ...(slug !== undefined && { slug: { from: was.slug, to: slug } }),
    ...(change.fields.length > 0 && { fields: change.fields }),
    ...(origins !== undefined && { sentTo: { from: was.origins, to: origins } }),
    ...(change.isDefault && !was.isDefault && { isDefault: { from: false, to: true } }),
  }
  return Object.keys(details).length === 0 ? [] : [audited(db, 'connection.changed', was, occasion, details)]
}

/** Goes before the delete. */
export function auditRemoved(db: Database, was: Audited, occasion: Occasion) {
  return audited(db, 'connection.removed', was, occasion, { owner: was.owner, method: was.method.label })
}

function audited(
  db: Database,
  action: 'connection.added' | 'connection.changed' | 'connection.removed',
  { id, slug }: Audited,
  { integration, by, at }: Occasion,
  details: Record<string, unknown>,
) {
  const entry = { at, actor: by, action, subject: `${integration}@${slug}`, details }
  return auditStatement(db, entry, sql`EXISTS (SELECT 1 FROM connections WHERE id = ${id})`)
}
