// Importing takes two requests: `previewDocument` reads a document, stores it and shows what it would become;
// `startImport`, once a person has confirmed, makes an integration of it. The document is read again for that: what it
// describes never lies in memory whole.
import type { DocumentOrigin, ImportPreview, IntegrationKind } from '../../drizzle/shapes.ts'
import { auditAdded } from '../connections/audit-connection.ts'
import type { Database } from '../db/database.ts'
import { deleteConnectionsOf, insertConnection, type NewConnectionRow } from '../db/connections.ts'
import { deleteStalePreviewDocuments, insertDocumentPart, readDocument } from '../db/documents.ts'
import { newId } from '../db/id.ts'
import {
  type Attempt,
  beginImport,
  deleteStalePreviews,
  IMPORT_STALLS_AFTER_MS,
  type ImportRow,
  insertImport,
} from '../db/imports.ts'
import {
  deleteOrphanIntegration,
  findIntegrationForImport,
  insertIntegration,
  type IntegrationRow,
  listSlugs,
  retitleIntegration,
} from '../db/integrations.ts'
import { deleteSchemaRevisions } from '../db/schemas.ts'
import { deleteToolRevisions, listToolNames } from '../db/tools.ts'
import type { Adapter, Fetch } from '../integrations/adapter.ts'
import { DocumentError } from '../integrations/document-error.ts'
import { adapterFor, detectKind } from '../integrations/registry.ts'
import { type Outbound, OutboundError } from '../net/outbound.ts'
import { auditImport } from './audit-integration.ts'
import { type Chunks, collectDocument, gunzip, MAX_DOCUMENT_BYTES, packDocument } from './document-bytes.ts'
import { parseBaseUrl, problemOfSlug, publicMethod, suggestSlug } from './import-fields.ts'
import { summariseDocument } from './preview.ts'
import { ToolNames } from './tool-names.ts'
import { abandonRevision, SupersededError, writeRevision } from './write-revision.ts'

const PREVIEW_LIVES_MS = 24 * 60 * 60_000

export interface ImportDeps {
  db: Database
  outbound: Outbound
}

export type PreviewResult =
  | { ok: true; importId: string; preview: ImportPreview }
  | { ok: false; code: string; message: string }

/** `origin.url` is also what relative references in the document resolve against. */
export async function previewDocument(
  deps: ImportDeps,
  given: { origin: DocumentOrigin; chunks: Chunks; by: string; maxBytes?: number },
): Promise<PreviewResult> {
  const { db } = deps
  try {
    const read = await collectDocument(given.chunks, given.maxBytes ?? MAX_DOCUMENT_BYTES)
    if (!read.ok) return read
    const source = { document: read.chunks, ...urlOf(given.origin) }
    const detected = detectKind(source)
    if (!detected.ok) return detected
    const summary = await summariseDocument(adapterOf(detected.kind), source, fetchThrough(deps.outbound))
    const preview: ImportPreview = {
      ...summary,
      suggestedSlug: suggestSlug(summary.title, summary.servers[0], new Set(await listSlugs(db))),
      documentBytes: read.bytes,
    }
    const importId = newId('imp')
    await storePreview(db, { id: importId, origin: given.origin, preview, createdBy: given.by }, read.chunks)
    return { ok: true, importId, preview }
  } catch (error) {
    if (error instanceof DocumentError || error instanceof OutboundError) {
      return { ok: false, code: error.code, message: error.message }
    }
    throw error
  }
}

async function storePreview(
  db: Database,
  row: Pick<ImportRow, 'id' | 'origin' | 'preview' | 'createdBy'>,
  chunks: readonly Uint8Array[],
): Promise<void> {
  const parts = await packDocument(chunks)
  const now = Date.now()
  await db.batch([
    deleteStalePreviewDocuments(db, now - PREVIEW_LIVES_MS),
    deleteStalePreviews(db, now - PREVIEW_LIVES_MS),
    insertImport(db, { ...row, state: 'previewed', createdAt: now, updatedAt: now }),
    ...parts.map((bytes, part) => insertDocumentPart(db, row.id, part, bytes)),
  ])
}

export type StartResult =
  | { ok: true; integration: IntegrationRow; work: Promise<void> }
  | { ok: false; field: 'import' | 'slug' | 'title' | 'baseUrl'; message: string }

/**
 * Makes an integration of a previewed document, or tries a failed or stalled import again. `work` is what remains when
 * this answers: hand it to `waitUntil`. It never rejects for what a document can cause; the import's row says how it
 * ended. An integration without any credential is connected in the same step.
 */
export async function startImport(
  deps: ImportDeps,
  given: { importId: string; slug: string; title: string; baseUrl: string; by: string },
): Promise<StartResult> {
  const { db } = deps
  const slug = given.slug.trim()
  const title = given.title.trim()
  const slugProblem = problemOfSlug(slug)
  if (slugProblem !== null) return { ok: false, field: 'slug', message: slugProblem }
  if (title === '' || title.length > 200) {
    return { ok: false, field: 'title', message: 'Give it a title of at most 200 characters.' }
  }
  const baseUrl = parseBaseUrl(given.baseUrl)
  if (!baseUrl.ok) return { ok: false, field: 'baseUrl', message: baseUrl.message }

  const { row, known, slugOwner } = await findIntegrationForImport(db, given.importId, slug)
  if (row === undefined) {
    return { ok: false, field: 'import', message: 'This preview is gone. Give the document again.' }
  }
  if (slugOwner !== undefined && slugOwner.id !== known?.id) return slugIsTaken(slug)

  const now = Date.now()
  const integration = integrationRow(row, known, { slug, title, baseUrl: baseUrl.url, by: given.by }, now)
  const attempt: Attempt = {
    importId: row.id,
    integrationId: integration.id,
    revision: integration.revision + 1,
    attempt: crypto.getRandomValues(new Uint32Array(1))[0] ?? 0,
  }
  const begun = await begin(db, attempt, { row, known, integration }, { by: given.by, at: now })
  if (begun === 'slug_taken') return slugIsTaken(slug)
  if (begun === 'not_free') {
    return { ok: false, field: 'import', message: 'This document was imported already, or is being imported now.' }
  }
  return { ok: true, integration, work: carryOut(deps, attempt, row, integration) }
}

/** How an import stands, for people: work whose Worker was killed has failed, though nobody could write that. */
export function stateOfImport(row: ImportRow, now: number): Pick<ImportRow, 'state' | 'error'> {
  return row.state === 'importing' && now - row.updatedAt > IMPORT_STALLS_AFTER_MS
    ? { state: 'failed', error: 'The import was interrupted. Nothing of it was kept; try it again.' }
    : { state: row.state, error: row.error }
}

function slugIsTaken(slug: string): StartResult {
  return { ok: false, field: 'slug', message: `There is an integration named “${slug}” already.` }
}

function integrationRow(
  row: ImportRow,
  known: IntegrationRow | undefined,
  fields: { slug: string; title: string; baseUrl: string; by: string },
  now: number,
): IntegrationRow {
  const { slug, title, baseUrl } = fields
  if (known !== undefined) return known.revision > 0 ? known : { ...known, slug, title, baseUrl, updatedAt: now }
  const { kind, description, version, authMethods } = row.preview
  return {
    id: newId('int', now),
    slug,
    kind,
    title,
    description,
    version,
    origin: row.origin,
    baseUrl,
    authMethods,
    revision: 0,
    toolCount: 0,
    importId: null,
    createdBy: fields.by,
    createdAt: now,
    updatedAt: now,
  }
}

async function begin(
  db: Database,
  attempt: Attempt,
  subject: { row: ImportRow; known: IntegrationRow | undefined; integration: IntegrationRow },
  occasion: { by: string; at: number },
): Promise<'begun' | 'not_free' | 'slug_taken'> {
  const { known, integration } = subject
  const connection = publicConnection(integration)
  try {
    const [begun] = await db.batch([
      beginImport(db, attempt, occasion.at),
      ...(known === undefined
        ? [
            insertIntegration(db, integration),
            ...(connection ? [insertConnection(db, connection)] : []),
            deleteConnectionsOf(db, integration.id, attempt),
            deleteOrphanIntegration(db, attempt),
          ]
        : [retitleIntegration(db, attempt, integration)]),
      auditImport(db, attempt, subject, occasion),
      ...(known === undefined && connection
        ? [auditAdded(db, connection, { ...occasion, integration: integration.slug, isDefault: false })]
        : []),
      // What an attempt that was killed left behind.
      deleteToolRevisions(db, attempt, 'failed'),
      deleteSchemaRevisions(db, attempt, 'failed'),
    ])
    return begun.length > 0 ? 'begun' : 'not_free'
  } catch (error) {
    if (saysUniqueSlug(error)) return 'slug_taken'
    throw error
  }
}

/** Adding something public connects it in the same step. */
function publicConnection(integration: IntegrationRow): NewConnectionRow | null {
  const method = publicMethod(integration.authMethods)
  if (method === null) return null
  const { id: integrationId, createdBy, createdAt, updatedAt } = integration
  return {
    id: newId('con', createdAt),
    integrationId,
    slug: 'public',
    owner: 'org',
    method,
    values: {},
    origins: [new URL(integration.baseUrl).origin],
    createdBy,
    createdAt,
    updatedAt,
  }
}

// Two admins confirmed at the same moment; the database had the last word.
function saysUniqueSlug(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause.message.includes('UNIQUE constraint failed: integrations.slug')) return true
  }
  return false
}

async function carryOut(
  deps: ImportDeps,
  attempt: Attempt,
  row: ImportRow,
  integration: IntegrationRow,
): Promise<void> {
  const { db } = deps
  try {
    const document: Uint8Array[] = []
    for await (const chunk of gunzip(await readDocument(db, row.id))) document.push(chunk)
    const names =
      integration.revision === 0 ? [] : await listToolNames(db, { ...attempt, revision: integration.revision })
    const source = { document, ...urlOf(row.origin) }
    const fetch = fetchThrough(deps.outbound)
    const adapter = adapterOf(row.preview.kind)
    await writeRevision(db, attempt, { adapter, source, fetch, names: new ToolNames(names) })
  } catch (error) {
    if (error instanceof SupersededError) return
    const isExpected = error instanceof DocumentError || error instanceof OutboundError
    const sentence = isExpected
      ? error.message
      : `Something unexpected stopped the import; the log has it as ${row.id}.`
    await abandonRevision(db, attempt, sentence, Date.now())
    if (!isExpected) throw new Error(`The import ${row.id} failed`, { cause: error })
  }
}

function adapterOf(kind: IntegrationKind): Adapter {
  const adapter = adapterFor(kind)
  if (adapter === undefined) throw new Error(`No adapter speaks ${kind}`)
  return adapter
}

function urlOf(origin: DocumentOrigin): { url?: string } {
  return origin.kind === 'url' ? { url: origin.url } : {}
}

function fetchThrough(outbound: Outbound): Fetch {
  return (request) => outbound.send(request, { maxBytes: MAX_DOCUMENT_BYTES })
}
