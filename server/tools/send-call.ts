// Sends a prepared call: the protocol builds the request, the credential is attached below it, server/net sends it.
import type { ToolErrorShape } from '../../drizzle/shapes.ts'
import { credentialFor } from '../connections/attach.ts'
import type { Vault } from '../connections/seal.ts'
import type { ConnectionRow } from '../db/connections.ts'
import type { ToolResult } from '../integrations/adapter.ts'
import { adapterFor } from '../integrations/registry.ts'
import { isRecord } from '../integrations/json-value.ts'
import type { Outbound, SendOptions } from '../net/outbound.ts'
import type { CatalogIntegration } from './catalog.ts'
import { callableOf, type PreparedCall } from './prepare-call.ts'
import { onlyTo, refuseUnconfirmed } from './refuse-connection.ts'
import { openRequests } from './send-requests.ts'
import { takesNoCredential } from './suitable-method.ts'
import { withoutCredential } from './without-credential.ts'

export interface SendDeps {
  outbound: Outbound
  vault: Vault
  /** Executor's own, for the links in refusals. */
  origin: string
  /** How a call waits before it is sent again. */
  sleep?: (ms: number) => Promise<void>
}

/** `usedConnection` is set once a request went out through it. */
export type Sent = ToolResult & { usedConnection?: ConnectionRow }

/** The longest that one call takes, all of its requests and waits together. */
export const CALL_TIMEOUT_MS = 60_000
const SENT_WITHOUT =
  'sent without a credential, as the document says that this operation takes none; a connection whose credential an admin has described is sent all the same'
const maxBytes = 10 * 1024 * 1024

/** `beforeSend` is called last before every request of the call; what it throws is thrown on, and nothing is sent. */
export async function sendCall(deps: SendDeps, call: PreparedCall, beforeSend: () => void = () => {}): Promise<Sent> {
  const { integration, connection, tool } = call
  const opened = await openCredential(deps, call)
  if (!opened.ok) return opened
  const adapter = adapterFor(integration.kind)
  if (adapter === undefined) throw new Error(`${integration.slug} is of kind ${integration.kind}, which nothing speaks`)
  const isRead = tool.effect === 'read'
  const limits = { timeoutMs: CALL_TIMEOUT_MS, maxBytes }
  const requests = openRequests({ ...deps, ...opened.options, ...limits, isRead, beforeSend })
  const { credential } = opened.options
  const pinned = credential && onlyTo(credential.origins, requests.fetch)
  const result = await adapter.call(callableOf(call), call.input ?? {}, pinned?.fetch ?? requests.fetch)
  const refusal = requests.refusal()
  if (refusal !== undefined) throw refusal.error
  const strayed = pinned?.strayed()
  if (!result.ok && strayed !== undefined && connection) {
    return { ok: false, error: refuseUnconfirmed({ integration, connection }, strayed, deps.origin) }
  }
  const answer = withAttempts(explained(deps, call, result, !isRead), requests.attempts())
  return { ...withoutCredential(answer, connection), ...(connection && { usedConnection: connection }) }
}

function explained(deps: SendDeps, call: PreparedCall, result: ToolResult, isWrite: boolean): ToolResult {
  if (result.ok) return result
  const { error } = result
  if (error.status === 401 && call.connection !== null) {
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

async function openCredential(
  { vault, origin }: SendDeps,
  call: PreparedCall,
): Promise<{ ok: true; options: SendOptions } | { ok: false; error: ToolErrorShape }> {
  const { integration, connection } = call
  if (connection === null || isSentWithout(call)) return { ok: true, options: {} }
  const attached = await credentialFor(connection, vault)
  if (!attached.ok) {
    const link = `${origin}/connections/${connection.id}`
    const message = `${integration.slug}@${connection.slug} cannot be used. ${attached.message} A person does that here: ${link}`
    return { ok: false, error: { code: 'connection_broken', message, details: { link } } }
  }
  return { ok: true, options: attached.credential === null ? {} : { credential: attached.credential } }
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
