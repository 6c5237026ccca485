// The last step of an import: a person has seen what was read, and puts it in force, as a new integration or as the next
// revision of one. All of it happens in one batch, or nothing.
import { auditAdded } from '../../connections/audit-connection.ts'
import { followOrigins, insertConnection, type NewConnectionRow } from '../../db/connections.ts'
import type { Database } from '../../db/database.ts'
import { deleteOtherDocuments } from '../../db/documents.ts'
import { newId } from '../../db/id.ts'
import {
  cancelImport,
  confirmImport as confirmRow,
  deleteOtherImports,
  discardRows,
  type ImportRow,
} from '../../db/imports.ts'
import {
  findIntegrationForImport,
  insertIntegration,
  type IntegrationRow,
  setRevisionInForce,
} from '../../db/integrations.ts'
import { deleteEarlierSchemas } from '../../db/schemas.ts'
import { saysInDatabase, wasRefused } from '../../db/statement.ts'
import { summariseChosen } from '../../db/pending-tools.ts'
import { deleteEarlierTools, retireTools } from '../../db/tools.ts'
import { indexTools, unindexTools } from '../../db/tools-index.ts'
import { auditImport } from '../audit-integration.ts'
import { parseBaseUrl, problemOfSlug, publicMethod } from '../import-fields.ts'
import { importMethods, methodsInForce } from './import-methods.ts'

export type ConfirmResult =
  | { ok: true; integration: IntegrationRow }
  | { ok: false; field: 'import' | 'slug' | 'title' | 'baseUrl' | 'origins'; message: string }

/** What an admin says of a new integration. */
export interface NewIntegration {
  slug: string
  title: string
  baseUrl: string
}

/** Makes an integration of an import that was read. One that needs no credential is connected in the same step. */
export async function addIntegration(
  { db }: { db: Database },
  given: NewIntegration & { importId: string; by: string },
): Promise<ConfirmResult> {
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
  const problem = problemOf(row)
  if (row === undefined || row.preview === null || problem !== null || known !== undefined) {
    return { ok: false, field: 'import', message: problem ?? 'This document belongs to an integration already.' }
  }
  if (slugOwner !== undefined) return slugIsTaken(slug)
  const now = Date.now()
  const { kind, description, version } = row.preview
  const integration: IntegrationRow = {
    id: row.integrationId,
    slug,
    kind,
    title,
    description,
    version,
    origin: row.origin,
    baseUrl: baseUrl.url,
    authMethods: importMethods({ origin: row.origin, preview: row.preview }),
    revision: 0,
    toolCount: 0,
    origins: [],
    importId: null,
    checkedAt: now,
    checkError: null,
    validators: row.validators,
    createdBy: given.by,
    createdAt: now,
    updatedAt: now,
  }
  return putInForce(db, row, integration, { isNew: true, by: given.by, now })
}

/**
 * Puts the next revision of an integration in force. `origins`: the new ones among those that its tools go to, which the
 * admin has confirmed; connections of the organisation may send their credentials there from now on.
 */
export async function updateIntegrationFrom(
  { db }: { db: Database },
  given: { importId: string; origins: readonly string[]; by: string },
): Promise<ConfirmResult> {
  const { row, known } = await findIntegrationForImport(db, given.importId, '')
  const problem = problemOf(row)
  if (row === undefined || known === undefined || problem !== null) {
    return { ok: false, field: 'import', message: problem ?? 'The integration was removed meanwhile.' }
  }
  return putInForce(db, row, known, { isNew: false, by: given.by, now: Date.now(), confirmed: given.origins })
}

/** Ends an import that is not wanted; nothing of it stays. */
export async function cancelReading({ db }: { db: Database }, importId: string): Promise<void> {
  await db.batch([cancelImport(db, importId, Date.now()), ...discardRows(db)])
}

function problemOf(row: ImportRow | undefined): string | null {
  if (row === undefined || row.state === 'cancelled') return 'This document is gone. Give it again.'
  if (row.state === 'done') return 'This was imported already.'
  if (row.state === 'failed') return 'This document could not be read.'
  return row.state === 'read' ? null : 'The document is still being read.'
}

interface Occasion {
  isNew: boolean
  by: string
  now: number
  confirmed?: readonly string[]
}

async function putInForce(
  db: Database,
  row: ImportRow,
  was: IntegrationRow,
  { isNew, by, now, confirmed = [] }: Occasion,
): Promise<ConfirmResult> {
  const { id: importId, integrationId, revision, preview } = row
  if (preview === null) throw new Error(`The import ${importId} was read without a preview`)
  const { toolCount, origins: others } = await summariseChosen(db, { integrationId, revision })
  const origins = [...new Set([new URL(was.baseUrl).origin, ...others])]
  const unknown = isNew ? [] : origins.filter((origin) => !was.origins.includes(origin) && !confirmed.includes(origin))
  if (unknown.length > 0) {
    return { ok: false, field: 'origins', message: `Confirm that calls may also go to ${unknown.join(', ')}.` }
  }
  const inForce = { integrationId, revision }
  const { description, version } = preview
  const authMethods = methodsInForce({ origin: row.origin, preview }, was)
  const { origin, validators } = row
  const about = { description, version, authMethods, origin, origins, validators, importId, updatedAt: now }
  const integration: IntegrationRow = { ...was, ...about, toolCount }
  const connection = isNew ? publicConnection(integration) : null
  const occasion = { by, at: now }
  try {
    await db.batch([
      ...confirmRow(db, importId, now),
      ...(isNew ? [insertIntegration(db, integration)] : []),
      auditImport(db, { row, preview, known: isNew ? undefined : was, integration }, occasion),
      ...retireTools(db, inForce, now),
      unindexTools(db, integrationId),
      deleteEarlierTools(db, inForce),
      deleteEarlierSchemas(db, inForce),
      indexTools(db, inForce),
      deleteOtherDocuments(db, integrationId, importId),
      deleteOtherImports(db, integrationId, importId),
      ...(connection ? [insertConnection(db, connection)] : []),
      ...(connection ? [auditAdded(db, connection, { ...occasion, integration: was.slug, isDefault: false })] : []),
      ...(confirmed.length > 0 ? [followOrigins(db, integrationId, origins)] : []),
      setRevisionInForce(db, { ...about, id: integrationId, revision }),
    ])
  } catch (error) {
    if (saysInDatabase(error, 'UNIQUE constraint failed: integrations.slug')) return slugIsTaken(was.slug)
    if (wasRefused(error) || saysInDatabase(error, 'UNIQUE constraint failed: integrations.id')) {
      return { ok: false, field: 'import', message: 'This was imported already, or is gone.' }
    }
    throw error
  }
  return { ok: true, integration: { ...integration, revision } }
}

function publicConnection(integration: IntegrationRow): NewConnectionRow | null {
  const method = publicMethod(integration.authMethods)
  if (method === null) return null
  const { id: integrationId, origins, createdBy, createdAt, updatedAt } = integration
  const values = {}
  const id = newId('con', createdAt)
  return { id, integrationId, slug: 'public', owner: 'org', method, values, origins, createdBy, createdAt, updatedAt }
}

function slugIsTaken(slug: string): ConfirmResult {
  return { ok: false, field: 'slug', message: `There is an integration named “${slug}” already.` }
}
