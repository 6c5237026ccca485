// An endpoint that describes itself, as an integration: read at once where it says its schema to anybody, and otherwise
// made first without tools, connected, and read through that connection.
import type { AuthMethod } from '../../../drizzle/shapes.ts'
import { auditStatement } from '../../db/audit.ts'
import type { Database } from '../../db/database.ts'
import { newId } from '../../db/id.ts'
import { findIntegrationBySlug, insertIntegration, type IntegrationRow } from '../../db/integrations.ts'
import { saysInDatabase } from '../../db/statement.ts'
import { describing } from '../../integrations/endpoints.ts'
import { parseBaseUrl, problemOfSlug } from '../import-fields.ts'
import { type Begun, beginImport } from './begin.ts'
import type { ConfirmResult } from './confirm.ts'
import { type EndpointDeps, type EndpointOrigin, fetchEndpoint } from './fetch-endpoint.ts'

/** `needs_credential`: it says nothing of itself without one. */
export async function beginFromEndpoint(
  deps: EndpointDeps,
  origin: EndpointOrigin,
  asker: { by: string; integrationId?: string },
): Promise<Begun> {
  const fetched = await fetchEndpoint(deps, origin, asker)
  return fetched.ok ? beginImport(deps, { origin, files: fetched.files, ...asker }) : fetched
}

interface Unread {
  slug: string
  title: string
  origin: EndpointOrigin
  by: string
}

/** An integration without a revision in force: people connect it, and agents do not see it. */
export async function addUnread({ db }: { db: Database }, given: Unread): Promise<ConfirmResult> {
  const slug = given.slug.trim()
  const title = given.title.trim()
  const { origin, by } = given
  const slugProblem = problemOfSlug(slug)
  if (slugProblem !== null) return { ok: false, field: 'slug', message: slugProblem }
  if (title === '' || title.length > 200) {
    return { ok: false, field: 'title', message: 'Give it a title of at most 200 characters.' }
  }
  const baseUrl = parseBaseUrl(origin.url.replace(/[?#].*$/s, ''))
  if (!baseUrl.ok) return { ok: false, field: 'baseUrl', message: baseUrl.message }
  const now = Date.now()
  const integration: IntegrationRow = {
    id: newId('int', now),
    slug,
    kind: origin.protocol,
    title,
    description: '',
    version: '',
    origin,
    baseUrl: baseUrl.url,
    authMethods: methodsFor(origin),
    revision: 0,
    toolCount: 0,
    origins: [new URL(baseUrl.url).origin],
    importId: null,
    checkedAt: null,
    checkError: null,
    validators: null,
    createdBy: by,
    createdAt: now,
    updatedAt: now,
  }
  const details = { title, kind: origin.protocol, baseUrl: baseUrl.url, origins: integration.origins, tools: 0 }
  const isTaken = { ok: false, field: 'slug', message: `There is an integration named “${slug}” already.` } as const
  if (await findIntegrationBySlug(db, slug)) return isTaken
  try {
    await db.batch([
      insertIntegration(db, integration),
      auditStatement(db, { at: now, actor: by, action: 'integration.added', subject: slug, details }),
    ])
  } catch (error) {
    if (saysInDatabase(error, 'UNIQUE constraint failed: integrations.slug')) return isTaken
    throw error
  }
  return { ok: true, integration }
}

/** As the protocol is usually signed in to. It wants a credential, so none is no way. */
function methodsFor({ protocol, url }: EndpointOrigin): AuthMethod[] {
  return (describing(protocol)?.authMethods(url) ?? []).filter(({ fields }) => fields.length > 0)
}
