// The audit records of integrations, for the batches that change them.
import { sql } from 'drizzle-orm'
import type { DocumentOrigin } from '../../drizzle/shapes.ts'
import { auditStatement, changesBetween } from '../db/audit.ts'
import type { Database } from '../db/database.ts'
import { type Attempt, type ImportRow, isAttemptAlive } from '../db/imports.ts'
import type { IntegrationRow } from '../db/integrations.ts'

interface Occasion {
  by: string
  at: number
}

/** An import was begun: of a new integration, or again of one that is `known`. Tells of it only if it really was. */
export function auditImport(
  db: Database,
  attempt: Attempt,
  { row, known, integration }: { row: ImportRow; known: IntegrationRow | undefined; integration: IntegrationRow },
  { by, at }: Occasion,
) {
  const document = { document: textOf(row.origin), operations: row.preview.operationCount }
  const { title, kind, baseUrl } = integration
  const details =
    known === undefined
      ? { title, kind, baseUrl, ...document }
      : { import: 'begun again', ...document, ...changesBetween(known, identityOf(integration)) }
  const action = known === undefined ? 'integration.added' : 'integration.changed'
  return auditStatement(db, { at, actor: by, action, subject: integration.slug, details }, isAttemptAlive(attempt))
}

/** Goes with the update. No statement when nothing is different. */
export function auditEdit(
  db: Database,
  was: IntegrationRow,
  will: Pick<IntegrationRow, 'title' | 'baseUrl'>,
  { by, at }: Occasion,
) {
  const details = changesBetween(was, will)
  if (details === null) return []
  return [
    auditStatement(db, { at, actor: by, action: 'integration.changed', subject: was.slug, details }, isThere(was)),
  ]
}

/** Goes before the delete. `connections`: the names of those that go with it. */
export function auditRemoval(
  db: Database,
  was: IntegrationRow,
  { by, at, connections }: Occasion & { connections: readonly string[] },
) {
  const details = { title: was.title, tools: was.toolCount, connections }
  return auditStatement(db, { at, actor: by, action: 'integration.removed', subject: was.slug, details }, isThere(was))
}

function isThere({ id }: IntegrationRow) {
  return sql`EXISTS (SELECT 1 FROM integrations WHERE id = ${id})`
}

function identityOf({ slug, title, baseUrl }: IntegrationRow) {
  return { slug, title, baseUrl }
}

/** The address of a document may carry a key in its query. */
function textOf(origin: DocumentOrigin): string {
  if (origin.kind === 'url') return origin.url.replace(/[?#].*$/s, '')
  return origin.kind === 'upload' ? origin.fileName : 'pasted'
}
