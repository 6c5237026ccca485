// Documents change. Once a day, and when an admin asks, the document of an integration is asked for again; a new version
// is read beside the one in force, which stays until an admin has seen the difference. Where there is none for tools, it
// takes the place at once. A failed refresh changes nothing but the reason that people see.
import { EXECUTOR } from '../../db/audit.ts'
import { discardRows, findImport, findOpenImport, giveUpReading, listUnread } from '../../db/imports.ts'
import { claimDueForRefresh, findIntegration, type IntegrationRow, recordCheck } from '../../db/integrations.ts'
import type { Validators } from '../../../drizzle/shapes.ts'
import { fetchDocument } from '../document-source.ts'
import { type EndpointDeps, fetchEndpoint } from './fetch-endpoint.ts'
import { fetchFiles } from './fetch-files.ts'
import { updateIntegrationFrom } from './confirm.ts'
import { changesOf, isNoChange, readsWords } from './compare.ts'
import { readImport } from './read.ts'
import { type GivenFile, type ImportDeps, receiveDocuments } from './receive.ts'

const DAY_MS = 24 * 60 * 60_000
/** Not everybody's document is asked for in the same minute. */
const JITTER_MS = 2 * 60 * 60_000
const READING_GIVEN_UP_AFTER_MS = 2 * 60 * 60_000

export type RefreshResult =
  /** `importId`: a new version waits for an admin, or is still being read. */
  { ok: true; changed: false } | { ok: true; changed: true; importId: string } | { ok: false; message: string }

/** Asks for the documents of an integration again, and begins to read them when they have changed. */
export async function refreshIntegration(
  deps: EndpointDeps,
  integration: IntegrationRow,
  by: string,
): Promise<RefreshResult> {
  const { db } = deps
  const { origin } = integration
  if (origin.kind === 'paste' || origin.kind === 'upload')
    return { ok: false, message: 'It was imported from a file. Give the new version of it.' }
  const open = await findOpenImport(db, integration.id)
  if (open !== undefined && open.state !== 'read') return { ok: true, changed: true, importId: open.id }
  const known = integration.validators
  const fetched = await fetchAll(deps, integration, by)
  if (!fetched.ok) return failed(deps, integration, fetched.message)
  if (fetched.files === null) return unchanged(deps, integration)
  const receipt = await receiveDocuments(
    deps,
    { origin: integration.origin, by, integrationId: integration.id, ...fetched, files: fetched.files },
    (hash) => hash === known?.hash,
  )
  if (!receipt.ok) {
    return receipt.code === 'not_changed' ? unchanged(deps, integration) : failed(deps, integration, receipt.message)
  }
  const { importId } = receipt.received.attempt
  await recordCheck(db, integration.id, { at: Date.now(), error: null })
  await goOn(deps, importId, { received: receipt.received })
  return { ok: true, changed: true, importId }
}

/** Goes on with reading; a new version that makes no difference to tools takes its place at once. */
export async function goOn(
  deps: ImportDeps,
  importId: string,
  options: Parameters<typeof readImport>[2] = {},
): Promise<void> {
  const result = await readImport(deps, importId, options)
  const row = result === 'busy' || result === 'left' ? undefined : await findImport(deps.db, importId)
  const integration = row && (await findIntegration(deps.db, row.integrationId))
  if (row === undefined || integration === undefined) return
  if (typeof result === 'object') {
    await recordCheck(deps.db, integration.id, { at: Date.now(), error: result.failed })
  } else if (row.createdBy === EXECUTOR) {
    const changes = await changesOf(deps.db, integration, row)
    // What a server says of itself is read by models, as are its tools' descriptions.
    const isSaid = readsWords(integration) && row.preview?.description !== integration.description
    if (isNoChange(changes) && !isSaid) await updateIntegrationFrom(deps, { importId, origins: [], by: EXECUTOR })
  }
}

/** By cron: a bounded amount of reading, and of asking for documents. */
export async function tendImports(deps: EndpointDeps, now: number = Date.now()): Promise<void> {
  const givenUp = await giveUpReading(deps.db, now - READING_GIVEN_UP_AFTER_MS, now)
  if (givenUp.length > 0) await deps.db.batch([...discardRows(deps.db)])
  for (const importId of await listUnread(deps.db, now, 2)) await goOn(deps, importId, { forMs: 20_000 })
  const before = now - DAY_MS - Math.floor(Math.random() * JITTER_MS)
  for (const integration of await claimDueForRefresh(deps.db, { before, now, most: 1 })) {
    await refreshIntegration(deps, integration, EXECUTOR)
  }
}

type Fetched =
  | { ok: true; files: Iterable<GivenFile> | AsyncIterable<GivenFile> | null; validators?: Omit<Validators, 'hash'> }
  | { ok: false; message: string }

/** `files` is null when the server says that nothing has changed. */
async function fetchAll(deps: EndpointDeps, integration: IntegrationRow, by: string): Promise<Fetched> {
  const { id: integrationId, origin, validators } = integration
  if (origin.kind === 'endpoint') return fetchEndpoint(deps, origin, { integrationId, by })
  const [url = '', ...others] = 'url' in origin ? [origin.url] : origin.kind === 'bundle' ? origin.urls : []
  if (others.length > 0) return { ok: true, files: fetchFiles(deps, [url, ...others]) }
  const conditions = { ifNoneMatch: validators?.etag, ifModifiedSince: validators?.lastModified }
  const fetched = await fetchDocument(deps, url, conditions)
  if (!fetched.ok) return fetched
  if (fetched.notModified) return { ok: true, files: null }
  const { etag, lastModified } = fetched
  return { ok: true, files: [fetched], validators: { etag, lastModified } }
}

async function unchanged({ db }: ImportDeps, { id }: IntegrationRow): Promise<RefreshResult> {
  await recordCheck(db, id, { at: Date.now(), error: null })
  return { ok: true, changed: false }
}

async function failed({ db }: ImportDeps, { id }: IntegrationRow, message: string): Promise<RefreshResult> {
  await recordCheck(db, id, { at: Date.now(), error: message })
  return { ok: false, message }
}
