// The ways to sign in that an admin adds to an integration beside its document's. Every function asks who wants it
// itself, and what it changes is as it was read, or nothing is changed.
import { sql } from 'drizzle-orm'
import type { AuthMethod } from '../../drizzle/shapes.ts'
import type { Principal } from '../access/principal.ts'
import { problemOfMethod } from '../connections/method.ts'
import { findOwnApp, removeOwnApp } from '../connections/oauth/clients.ts'
import type { OAuthDeps } from '../connections/oauth/deps.ts'
import type { Database } from '../db/database.ts'
import { type IntegrationRow, replaceAuthMethods } from '../db/integrations.ts'
import { auditMethod } from './audit-integration.ts'

interface MethodDeps {
  db: Database
  principal: Principal
}

/** `field`: of the form that it was typed in; none when it is about all of it. */
export type MethodChange = { ok: true; integration: IntegrationRow } | { ok: false; field?: 'label'; message: string }

const MAX_ADDED = 10

export async function addMethod(
  { db, principal }: MethodDeps,
  was: IntegrationRow,
  method: AuthMethod,
): Promise<MethodChange> {
  const refusal = refusalOf(principal)
  if (refusal) return refusal
  const problem = problemOfMethod(method)
  if (problem !== null || method.isAdded !== true) return refuse(problem ?? 'This is no way to sign in to add.')
  const added = was.authMethods.filter(({ isAdded }) => isAdded)
  if (added.length >= MAX_ADDED) return refuse(`At most ${MAX_ADDED} ways are added. Remove one that nobody uses.`)
  if (was.authMethods.some(({ id }) => id === method.id)) return refuse('There is such a way already.')
  if (added.some(({ label }) => label.toLowerCase() === method.label.toLowerCase())) {
    return { ok: false, field: 'label', message: 'Another way has this name. Choose one that people can tell apart.' }
  }
  return change({ db, principal }, was, [...was.authMethods, method], { added: method })
}

/** Refused while a connection was made with it. The document's own cannot be removed. */
export async function removeMethod(
  { db, principal }: MethodDeps,
  was: IntegrationRow,
  id: string,
): Promise<MethodChange> {
  const refusal = refusalOf(principal)
  if (refusal) return refusal
  const method = was.authMethods.find((one) => one.id === id)
  if (method?.isAdded !== true) return refuse('This way is the document’s, or is gone already.')
  const isUnused = sql`NOT EXISTS (SELECT 1 FROM connections WHERE integration_id = ${was.id}
    AND (method ->> 'id' = ${id} OR oauth ->> 'methodId' = ${id}))`
  const others = was.authMethods.filter((one) => one !== method)
  const removed = await change({ db, principal }, was, others, { removed: method, onlyIf: isUnused })
  if (removed.ok) return removed
  const used = await db.get<{ count: number }>(sql`SELECT count(*) AS count FROM connections
    WHERE integration_id = ${was.id} AND (method ->> 'id' = ${id} OR oauth ->> 'methodId' = ${id})`)
  const count = used?.count ?? 0
  if (count === 0) return removed
  return refuse(
    count === 1
      ? 'A connection uses this way. Remove it first.'
      : `${count} connections use this way. Remove them first.`,
  )
}

/** The same, and with it the app of one's own that it signed in with, unless another way signs in with it too. */
export async function removeMethodWithApp(deps: OAuthDeps, was: IntegrationRow, id: string): Promise<MethodChange> {
  const method = was.authMethods.find((one) => one.id === id)
  const app = method && (await findOwnApp(deps, { integration: was, method }))
  const removed = await removeMethod(deps, was, id)
  if (app === undefined || !removed.ok) return removed
  const { integration } = removed
  const others = integration.authMethods.map((other) => findOwnApp(deps, { integration, method: other }))
  const isShared = (await Promise.all(others)).some((other) => other?.id === app.id)
  if (!isShared) await removeOwnApp(deps, app)
  return removed
}

async function change(
  { db, principal }: MethodDeps,
  was: IntegrationRow,
  authMethods: AuthMethod[],
  what: { added?: AuthMethod; removed?: AuthMethod; onlyIf?: ReturnType<typeof sql> },
): Promise<MethodChange> {
  const at = Date.now()
  // Greater than before in any case: whoever read the row earlier changes nothing any more.
  const updatedAt = Math.max(at, was.updatedAt + 1)
  const also = what.onlyIf ?? sql`TRUE`
  const onlyIf = sql`EXISTS (SELECT 1 FROM integrations WHERE id = ${was.id} AND updated_at = ${was.updatedAt}) AND ${also}`
  const [, changed] = await db.batch([
    auditMethod(db, was, what, { by: principal.id, at, onlyIf }),
    replaceAuthMethods(db, was, { authMethods, updatedAt, onlyIf: also }),
  ])
  if (changed.length === 0) return refuse('The integration was changed meanwhile. Load the page again.')
  return { ok: true, integration: { ...was, authMethods, updatedAt } }
}

function refusalOf(principal: Principal) {
  return principal.isAdmin ? null : refuse('Only admins change how people sign in to an integration.')
}

function refuse(message: string) {
  return { ok: false, message } as const
}
