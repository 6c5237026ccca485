// Sends a prepared call: the protocol builds the request, the credential is attached below it, server/net sends it.
import type { ToolErrorShape } from '../../drizzle/shapes.ts'
import type { ForwardedPerson } from '../connections/forwarded-person.ts'
import { openCredential, type OpenedCredential } from '../connections/open-credential.ts'
import type { Health } from '../connections/probe.ts'
import type { Vault } from '../connections/seal.ts'
import {
  healthWhenNotOpened,
  healthWhenRefused,
  healthWhenRefusedByAccess,
  healthWhenTaken,
} from '../connections/used-health.ts'
import type { ConnectionRow } from '../db/connections.ts'
import type { Database } from '../db/database.ts'
import type { CallContext, Fetch, ToolResult } from '../integrations/adapter.ts'
import { adapterFor } from '../integrations/registry.ts'
import { isRecord } from '../integrations/json-value.ts'
import type { Credential, Outbound } from '../net/outbound.ts'
import type { CatalogIntegration } from './catalog.ts'
import { connectionProblem, insufficientScope } from './connection-problem.ts'
import { explainAccess } from './explain-access.ts'
import { accountOf, callableOf, contextOf, type PreparedCall } from './prepare-call.ts'
import { onlyTo, refuseUnconfirmed } from './refuse-connection.ts'
import { openRequests, type Requests } from './send-requests.ts'
import { takesNoCredential } from './suitable-method.ts'
import { withoutCredential } from './without-credential.ts'
import { withoutSecrets } from './without-secrets.ts'

export interface SendDeps {
  db: Database
  outbound: Outbound
  vault: Vault
  /** Executor's own, for the links in refusals. */
  origin: string
  /** Whose request is being answered: their assertion goes out where a connection forwards it. */
  person?: ForwardedPerson
  /** What the calls of one run share, so that reads which it asks in parallel may go out as one request. */
  together?: WeakMap<object, unknown>
  /** To questions of the upstream's in earlier attempts at the call. */
  answers?: CallContext['answers']
  /** How a call waits before it is sent again. */
  sleep?: (ms: number) => Promise<void>
  /** Work that goes on when whoever asked is gone. */
  waitUntil?: (work: Promise<unknown>) => void
}

/**
 * `usedConnection` is set once a request went out through it. `health` is what the call has shown of the connection,
 * where that is news; whoever records the call stores it.
 */
export type Sent = ToolResult & { usedConnection?: ConnectionRow; health?: Health | null }

/** The longest that one call takes, all of its requests and waits together. */
export const CALL_TIMEOUT_MS = 60_000
const SENT_WITHOUT =
  'sent without a credential, as the document says that this operation takes none; a connection whose credential an admin has described is sent all the same'
const maxBytes = 10 * 1024 * 1024
/** Behind each `fetch` that was lent to a protocol: what became of a credential counts for all whom it brought an answer. */
const requestsOf = new WeakMap<Fetch, Requests>()
/** What is left for the request when its credential had to be waited for. */
const REQUEST_MS = 5000

/** `beforeSend` is called last before every request of the call; what it throws is thrown on, and nothing is sent. */
export async function sendCall(deps: SendDeps, call: PreparedCall, beforeSend: () => void = () => {}): Promise<Sent> {
  const { integration, connection, tool } = call
  const endsAt = Date.now() + CALL_TIMEOUT_MS
  const opened = await openFor(deps, call, endsAt - REQUEST_MS)
  if (!opened.ok) return opened
  const adapter = adapterFor(integration.kind)
  if (adapter === undefined) throw new Error(`${integration.slug} is of kind ${integration.kind}, which nothing speaks`)
  const isRead = tool.effect === 'read'
  const { credential, renew } = opened
  const limits = { timeoutMs: endsAt - Date.now(), maxBytes }
  const own = openRequests({ ...deps, ...(credential && { credential }), renew, ...limits, isRead, beforeSend })
  const pinned = credential && onlyTo(credential.origins, own.fetch)
  const fetch = pinned?.fetch ?? own.fetch
  requestsOf.set(fetch, own)
  const context = { ...contextOf(deps.db, call, deps.person?.id), ...(deps.answers && { answers: deps.answers }) }
  const carryOut = (given: CallContext) => adapter.call(callableOf(call), call.input ?? {}, fetch, given)
  // What a person has approved is sent as it was shown.
  const isJoined = isRead && call.decision.action === 'allow' && deps.together !== undefined
  let sent = await carryOut({ ...context, ...(isJoined && { together: deps.together }) })
  if (!sent.ok && sent.isCredentialRefused && (await own.renew())) sent = await carryOut(context)
  const { sentWith = fetch, ...result } = sent
  const requests = requestsOf.get(sentWith) ?? own
  const refusal = requests.refusal()
  if (refusal !== undefined) throw refusal.error
  const strayed = pinned?.strayed()
  if (!result.ok && strayed !== undefined && connection) {
    return { ok: false, error: refuseUnconfirmed({ integration, connection }, strayed, deps.origin) }
  }
  const unrenewed = requests.unrenewed()
  if (!result.ok && unrenewed && connection) {
    return {
      ok: false,
      error: connectionProblem(unrenewed, throughOf(deps, call, connection)),
      usedConnection: connection,
      health: healthWhenNotOpened(connection, unrenewed),
    }
  }
  const answer = withAttempts(explained(deps, call, result, !isRead), requests.attempts())
  const secrets = requests.credentials().flatMap((each) => each.secrets ?? [])
  const shown = withoutSecrets(withoutCredential(answer, connection), secrets)
  if (!connection) return shown
  return {
    ...shown,
    usedConnection: connection,
    health: healthShown(connection, { result, answer, requests, secrets }),
  }
}

function healthShown(
  connection: ConnectionRow,
  {
    result,
    answer,
    requests,
    secrets,
  }: {
    result: ToolResult
    /** As it is explained. */
    answer: ToolResult
    requests: Requests
    secrets: readonly string[]
  },
): Health | null {
  if (requests.credentials().length === 0) return null
  if (result.ok) return healthWhenTaken(connection)
  if (!answer.ok && answer.error.code === 'access_refused') return healthWhenRefusedByAccess(connection)
  const isRefusedInside = result.error.code === 'unauthorized' && result.error.status !== 401
  return requests.isRefused() || isRefusedInside ? healthWhenRefused(connection, result.error.message, secrets) : null
}

function explained(deps: SendDeps, call: PreparedCall, result: ToolResult, isWrite: boolean): ToolResult {
  if (result.ok) return result
  const { error } = result
  const { connection } = call
  const ofScope = connection && insufficientScope(result, throughOf(deps, call, connection))
  if (ofScope) return { ...result, error: ofScope }
  const ofAccess = isSentWithout(call) ? null : explainAccess(result, call.connection, accountOf(call))
  if (ofAccess !== null) return { ...result, error: ofAccess }
  // GraphQL says it with any status.
  if ((error.status === 401 || error.code === 'unauthorized') && call.connection !== null) {
    if (isSentWithout(call)) return { ...result, error: { ...error, message: `${error.message} (${SENT_WITHOUT})` } }
    return { ...result, error: withRepairLink(error, deps.origin, call.integration, call.connection) }
  }
  if (isWrite && mayBeDone(error)) {
    const message = `${error.message} Whether it was carried out is not known; look before you send it again.`
    return { ...result, error: { ...error, message, retryable: false } }
  }
  return result
}

/** Failures that leave open whether a request had arrived, or was already carried out. */
const AFTER_SENDING: ReadonlySet<string> = new Set([
  'unreachable',
  'timeout',
  'interrupted',
  'invalid_response',
  'answer_too_large',
  'too_many_redirects',
  'insecure_redirect',
])

/**
 * No answer does not mean that nothing happened, nor does that of a gateway that did not wait for one, or of a program
 * that failed on the way: a retry could do it twice. 503 and a limit say that nothing was begun.
 */
function mayBeDone({ code, status, retryable }: ToolErrorShape): boolean {
  if (status === undefined) return AFTER_SENDING.has(code)
  return retryable === true && status >= 500 && status !== 503 && code !== 'rate_limited'
}

function withAttempts(result: ToolResult, attempts: number): ToolResult {
  if (result.ok || attempts < 2) return result
  const { details } = result.error
  return { ...result, error: { ...result.error, details: { ...(isRecord(details) ? details : {}), attempts } } }
}

async function openFor(
  deps: SendDeps,
  call: PreparedCall,
  until: number,
): Promise<
  | { ok: true; credential: Credential | null; renew: (() => Promise<OpenedCredential>) | null }
  | { ok: false; error: ToolErrorShape; health: Health | null }
> {
  const { connection } = call
  if (connection === null || isSentWithout(call)) return { ok: true, credential: null, renew: null }
  const opened = await openCredential({ ...deps, until }, connection)
  if (opened.ok) return opened
  const error = connectionProblem(opened, throughOf(deps, call, connection))
  return { ok: false, error, health: healthWhenNotOpened(connection, opened) }
}

function throughOf({ origin }: SendDeps, call: PreparedCall, connection: ConnectionRow) {
  return { connection, account: accountOf(call), origin }
}

function isSentWithout({ integration, connection, tool }: PreparedCall): boolean {
  return connection !== null && takesNoCredential(tool, integration.authMethods, connection.method)
}

function withRepairLink(
  error: ToolErrorShape,
  origin: string,
  { slug }: CatalogIntegration,
  connection: ConnectionRow,
): ToolErrorShape {
  const link = `${origin}/connections/${connection.id}`
  return {
    ...error,
    message: `${error.message} (${slug}@${connection.slug} was refused; a person can repair it: ${link})`,
  }
}
