// Tokens become a connection, or renew one in place: the same id, so that nothing that names it changes.
import { and, eq, sql } from 'drizzle-orm'
import { connections } from '../../../drizzle/schema.ts'
import type { AuthMethod, AuthorizationServer, OAuthFlow, OAuthGrant } from '../../../drizzle/shapes.ts'
import { auditStatement } from '../../db/audit.ts'
import { type ConnectionRow, insertConnection } from '../../db/connections.ts'
import { newId } from '../../db/id.ts'
import type { IntegrationRow } from '../../db/integrations.ts'
import { openConnection, placeOf } from '../attach.ts'
import { auditAdded } from '../audit-connection.ts'
import { type Managed, mayManage, problemOfSlug } from '../manage.ts'
import { checkValues, storedMethod } from '../method.ts'
import { originsOf } from '../origins.ts'
import type { OAuthDeps } from './deps.ts'
import { accountOf } from './identity.ts'
import { REFRESH_TOKEN } from './renew-tokens.ts'
import type { TokenAnswer } from './token-request.ts'

export interface SignedIn {
  integration: IntegrationRow
  method: AuthMethod
  grant: OAuthFlow['grant']
  /** Row of `oauth_clients`. */
  client: string
  server: AuthorizationServer
  resource: string | null
  /** As requested. */
  scopes: string[]
  owner: string
  slug: string
  /** What it renews. */
  connection: ConnectionRow | undefined
}

type Answered = Extract<TokenAnswer, { kind: 'tokens' }>

export async function saveConnection(deps: OAuthDeps, signedIn: SignedIn, answer: Answered): Promise<Managed> {
  const { vault, principal, outbound, now = Date.now } = deps
  const { connection, owner, method, server } = signedIn
  if (!mayManage(principal, { owner })) {
    return { ok: false, field: 'owner', message: 'You may not connect accounts for everyone any more.' }
  }
  const { accessToken, refreshToken, expiresAt } = answer.tokens
  const account = await accountOf(outbound, { server, accessToken, ...(answer.claims && { claims: answer.claims }) })
  const at = now()
  const id = connection?.id ?? newId('con', at)
  const values = await valuesOf(deps, signedIn, accessToken)
  if (!values.ok) return values
  const sealed = { ...values.secret, ...(refreshToken !== null && { [REFRESH_TOKEN]: refreshToken }) }
  const obtained = {
    method: storedMethod(method),
    values: values.plain,
    sealed: await vault.seal(sealed, placeOf({ id, owner })),
    oauth: grantOf(signedIn, answer, at),
    tokenExpiresAt: expiresAt,
    identity: account.identity,
    health: account.isTaken ? ('ok' as const) : ('untested' as const),
    healthReason: null,
    checkedAt: account.isTaken ? at : null,
    updatedAt: at,
  }
  return connection ? renew(deps, signedIn, connection, obtained) : create(deps, signedIn, id, obtained)
}

type Obtained = Pick<
  ConnectionRow,
  | 'method'
  | 'values'
  | 'sealed'
  | 'oauth'
  | 'tokenExpiresAt'
  | 'identity'
  | 'health'
  | 'healthReason'
  | 'checkedAt'
  | 'updatedAt'
>

async function create(deps: OAuthDeps, signedIn: SignedIn, id: string, obtained: Obtained): Promise<Managed> {
  const { db, principal } = deps
  const { integration, owner, slug } = signedIn
  const taken = await problemOfSlug(db, integration.id, slug)
  if (taken !== null) return { ok: false, field: 'connection', message: taken }
  const origins = originsOf(integration)
  const { updatedAt } = obtained
  const made = { createdBy: principal.id, createdAt: updatedAt, tokenVersion: 1 }
  const row = { id, integrationId: integration.id, slug, owner, origins, ...obtained, ...made }
  const occasion = { integration: integration.slug, by: principal.id, at: updatedAt, isDefault: false }
  const [[connection]] = await db.batch([
    insertConnection(db, row).onConflictDoNothing().returning(),
    auditAdded(db, row, occasion),
  ])
  if (connection) return { ok: true, connection }
  return { ok: false, field: 'connection', message: `There is a connection ${slug} already. Choose another name.` }
}

/** Whoever refreshes just now loses the lease with it: what they store would be the older token. */
async function renew(
  { db, principal }: OAuthDeps,
  { integration, method }: SignedIn,
  was: ConnectionRow,
  obtained: Obtained,
): Promise<Managed> {
  const details = {
    fields: [method.oauth?.field],
    ...(obtained.identity !== was.identity && { identity: { from: was.identity, to: obtained.identity } }),
  }
  const subject = `${integration.slug}@${was.slug}`
  const record = {
    at: obtained.updatedAt,
    actor: principal.id,
    action: 'connection.changed' as const,
    subject,
    details,
  }
  const isSame = and(eq(connections.id, was.id), eq(connections.owner, was.owner))
  const [, [connection]] = await db.batch([
    auditStatement(db, record, sql`EXISTS (SELECT 1 FROM connections WHERE id = ${was.id} AND owner = ${was.owner})`),
    db
      .update(connections)
      .set({
        ...obtained,
        tokenVersion: sql`${connections.tokenVersion} + 1`,
        refreshEpoch: sql`${connections.refreshEpoch} + 1`,
        refreshUntil: null,
      })
      .where(isSame)
      .returning(),
  ])
  if (connection) return { ok: true, connection }
  return { ok: false, field: 'connection', message: 'The connection was removed meanwhile.' }
}

type Values =
  | { ok: true; plain: Record<string, string>; secret: Record<string, string> }
  | Extract<Managed, { ok: false }>

/** What the method asks for beside the token stays as it is. */
async function valuesOf({ vault }: OAuthDeps, { method, connection }: SignedIn, accessToken: string): Promise<Values> {
  const field = method.oauth?.field ?? ''
  const opened = connection ? await openConnection(connection, vault) : undefined
  const stored = opened?.ok ? opened.values : undefined
  const checked = checkValues(method, { ...connection?.values, [field]: accessToken }, stored)
  if (!checked.ok) return { ok: false, field: 'value', name: checked.field, message: checked.message }
  const { [field]: _token, ...plain } = checked.plain
  return { ok: true, plain, secret: { ...checked.secret, [field]: accessToken } }
}

function grantOf(signedIn: SignedIn, { tokens }: Answered, at: number): OAuthGrant {
  const { grant, method, client, server, resource, scopes } = signedIn
  return {
    grant,
    methodId: method.id,
    client,
    server,
    ...(resource !== null && { resource }),
    scopesRequested: scopes,
    scopesGranted: tokens.scopes,
    // Whoever may ask for a token without a person may ask again.
    canRefresh: tokens.refreshToken !== null || grant === 'client_credentials',
    obtainedAt: at,
  }
}
