// The audit records of integrations, for the batches that change them.
import { type SQL, sql } from 'drizzle-orm'
import type { AuthMethod, DocumentOrigin, ImportPreview } from '../../drizzle/shapes.ts'
import { auditStatement, changesBetween } from '../db/audit.ts'
import type { Database } from '../db/database.ts'
import type { ImportRow } from '../db/imports.ts'
import type { IntegrationRow } from '../db/integrations.ts'

interface Occasion {
  by: string
  at: number
}

/** What was read is put in force: a new integration, or the next revision of one that is `known`. */
export function auditImport(
  db: Database,
  subject: { row: ImportRow; preview: ImportPreview; known: IntegrationRow | undefined; integration: IntegrationRow },
  { by, at }: Occasion,
) {
  const { row, preview, known, integration } = subject
  const document = { document: textOf(row.origin), version: preview.version, operations: preview.operationCount }
  const { title, kind, baseUrl, origins, toolCount: tools } = integration
  const details =
    known === undefined
      ? { title, kind, baseUrl, origins, ...document, tools }
      : { revision: row.revision, ...document, ...changesBetween(textsOf(known), textsOf(integration)) }
  const action = known === undefined ? 'integration.added' : 'integration.changed'
  return auditStatement(db, { at, actor: by, action, subject: integration.slug, details })
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

/**
 * A way to sign in that an admin adds or removes; goes before the update. `onlyIf` is what the update asks for too. Of
 * the method it has what people know it by, and where its server is.
 */
export function auditMethod(
  db: Database,
  was: IntegrationRow,
  { added, removed }: { added?: AuthMethod; removed?: AuthMethod },
  { by, at, onlyIf }: Occasion & { onlyIf: SQL },
) {
  const details = { signIn: { from: removed ? methodInWords(removed) : null, to: added ? methodInWords(added) : null } }
  return auditStatement(db, { at, actor: by, action: 'integration.changed', subject: was.slug, details }, onlyIf)
}

function methodInWords({ label, oauth }: AuthMethod): string {
  const [flow] = oauth?.flows ?? []
  const server = oauth?.issuer ?? oauth?.resourceUrl ?? flow?.tokenUrl
  return server === undefined ? label : `${label} (${server})`
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

function textsOf({ version, origins, toolCount }: IntegrationRow) {
  return { version, origins: origins.join(', '), tools: toolCount }
}

/** The address of a document may carry a key in its query. */
function textOf(origin: DocumentOrigin): string {
  const plain = (url: string) => url.replace(/[?#].*$/s, '')
  if ('url' in origin) return plain(origin.url)
  if (origin.kind === 'bundle') return origin.urls.map(plain).join(', ')
  return origin.kind === 'upload' ? origin.fileName : 'pasted'
}
