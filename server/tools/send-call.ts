// Sends a prepared call: the protocol builds the request, the credential is attached below it, server/net sends it.
import type { ToolErrorShape } from '../../drizzle/shapes.ts'
import { credentialFor } from '../connections/attach.ts'
import type { Vault } from '../connections/seal.ts'
import type { ConnectionRow } from '../db/connections.ts'
import type { ToolResult } from '../integrations/adapter.ts'
import { adapterFor } from '../integrations/registry.ts'
import type { Outbound, SendOptions } from '../net/outbound.ts'
import type { CatalogIntegration } from './catalog.ts'
import { callableOf, type PreparedCall } from './prepare-call.ts'

export interface SendDeps {
  outbound: Outbound
  vault: Vault
  /** Executor's own, for the links in refusals. */
  origin: string
}

/** `usedConnection` is set once a request went out through it. */
export type Sent = ToolResult & { usedConnection?: ConnectionRow }

/** The longest that one call takes. */
export const CALL_TIMEOUT_MS = 60_000
const maxBytes = 10 * 1024 * 1024

/** `beforeSend` is called last before every request of the call; what it throws is thrown on, and nothing is sent. */
export async function sendCall(deps: SendDeps, call: PreparedCall, beforeSend: () => void = () => {}): Promise<Sent> {
  const { integration, connection, tool } = call
  const opened = await openCredential(deps, integration, connection)
  if (!opened.ok) return opened
  const adapter = adapterFor(integration.kind)
  if (adapter === undefined) throw new Error(`${integration.slug} is of kind ${integration.kind}, which nothing speaks`)
  let refusal: { error: unknown } | undefined
  const fetch = async (request: Request) => {
    try {
      beforeSend()
    } catch (error) {
      refusal = { error }
      throw error
    }
    return deps.outbound.send(request, { ...opened.options, timeoutMs: CALL_TIMEOUT_MS, maxBytes })
  }
  const result = await adapter.call(callableOf(call), call.input ?? {}, fetch)
  if (refusal !== undefined) throw refusal.error
  return { ...explained(deps, call, result, tool.effect !== 'read'), ...(connection && { usedConnection: connection }) }
}

function explained(deps: SendDeps, call: PreparedCall, result: ToolResult, isWrite: boolean): ToolResult {
  if (result.ok) return result
  const { error } = result
  if (error.status === 401 && call.connection !== null) {
    return { ...result, error: withRepairLink(error, deps.origin, call.integration, call.connection) }
  }
  // No answer does not mean that nothing happened, and a retry could do it twice.
  if (isWrite && error.status === undefined && error.retryable === true) {
    const message = `${error.message} Whether it was carried out is not known; look before you send it again.`
    return { ...result, error: { ...error, message, retryable: false } }
  }
  return result
}

async function openCredential(
  { vault, origin }: SendDeps,
  integration: CatalogIntegration,
  connection: ConnectionRow | null,
): Promise<{ ok: true; options: SendOptions } | { ok: false; error: ToolErrorShape }> {
  if (connection === null) return { ok: true, options: {} }
  const moved = refuseMoved(origin, integration, connection)
  if (moved !== null) return { ok: false, error: moved }
  const attached = await credentialFor(connection, vault)
  if (!attached.ok) {
    const link = `${origin}/connections/${connection.id}`
    const message = `${integration.slug}@${connection.slug} cannot be used. ${attached.message} A person does that here: ${link}`
    return { ok: false, error: { code: 'connection_broken', message, details: { link } } }
  }
  return { ok: true, options: attached.credential === null ? {} : { credential: attached.credential } }
}

/** A document that changed hosts must be confirmed by a person before credentials follow it. */
function refuseMoved(
  origin: string,
  integration: CatalogIntegration,
  connection: ConnectionRow,
): ToolErrorShape | null {
  const target = new URL(integration.baseUrl).origin
  if (connection.method.placements.length === 0 || connection.origins.includes(target)) return null
  const link = `${origin}/connections/${connection.id}`
  const message = `${integration.slug}@${connection.slug} was made for ${connection.origins.join(', ')}, and ${integration.slug} is now at ${target}. A person can confirm that here: ${link}`
  return { code: 'connection_not_confirmed', message, details: { link } }
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
