// The one path into a tool, for every endpoint. In order: which tool is meant, through which connection, what the
// policies say of it, whether the input fits, and then the call, with the credential attached below the protocol. Every
// refusal says what to do next.
import type { PolicyAction, ToolErrorShape } from '../../drizzle/shapes.ts'
import type { Principal } from '../access/principal.ts'
import { credentialFor } from '../connections/attach.ts'
import type { Vault } from '../connections/seal.ts'
import type { ConnectionRow } from '../db/connections.ts'
import type { Database } from '../db/database.ts'
import type { ToolRow } from '../db/tools.ts'
import type { ToolResult } from '../integrations/adapter.ts'
import { adapterFor } from '../integrations/registry.ts'
import type { Outbound, SendOptions } from '../net/outbound.ts'
import { decide, type Decision } from '../policies/decide.ts'
import {
  type CatalogIntegration,
  type CatalogSnapshot,
  decideBeforehand,
  findCatalogIntegration,
  loadCatalog,
  type ResolvedConnection,
  resolveConnection,
  unknownIntegration,
  usableConnections,
} from './catalog.ts'
import { findTool } from './find-tool.ts'
import { unknownTool } from './unknown-tool.ts'
import { validateInput } from './validate.ts'

export interface InvokeDeps {
  db: Database
  outbound: Outbound
  vault: Vault
  /** Executor's own, for the links in refusals. */
  origin: string
}

export interface Invocation {
  principal: Principal
  /** Without a connection: `github.issues.create`. */
  address: string
  /** Slug of the connection that the caller named. */
  connection?: string
  input: unknown
  /** What a run has loaded already. */
  catalog?: CatalogSnapshot
}

/** `usedConnection` is set once a request was built for the upstream; `connectionId` already when one was chosen. */
export type Invoked = ToolResult & { decision?: PolicyAction; connectionId?: string; usedConnection?: ConnectionRow }

const timeoutMs = 60_000
const maxBytes = 10 * 1024 * 1024

/** Costs at most one statement beside the catalog, and none for a tool that this isolate has called before. */
export async function invokeTool(deps: InvokeDeps, invocation: Invocation): Promise<Invoked> {
  const { principal, address, connection: named } = invocation
  const catalog = invocation.catalog ?? (await loadCatalog(deps.db))
  const [slug = '', ...rest] = address.split('.')
  const integration = findCatalogIntegration(catalog, slug)
  if (integration === undefined) return { ok: false, error: unknownIntegration(catalog, slug) }
  const name = rest.join('.')
  const found = await findTool(deps.db, integration, name)
  if (found.tool === null) return { ok: false, error: unknownTool(catalog, slug, name, found.names) }

  const tool = { integration: slug, name, effect: found.tool.effect }
  const resolved = resolveConnection(catalog, principal, slug, named, deps.origin)
  const decision = decisionFor(catalog, principal, integration, resolved, tool)
  const decided = { decision: decision.action, connectionId: resolved.ok ? resolved.connection?.id : undefined }
  if (decision.action === 'block') return { ok: false, error: blocked(address, decision), ...decided }
  const validation = validateInput(found.tool.inputSchema, found.schemas, invocation.input)
  if (!validation.ok)
    return { ok: false, error: withSignature(validation.error, address, found.tool.signature), ...decided }
  if (!resolved.ok) return { ok: false, error: resolved.error, ...decided }
  if (decision.action === 'require_approval') {
    return { ok: false, error: approvalRequired(address, decision, deps.origin), ...decided }
  }
  const result = await carryOut(deps, integration, resolved.connection, found.tool, invocation.input ?? {})
  return { ...result, ...decided, ...(resolved.connection !== null && { usedConnection: resolved.connection }) }
}

/** With the connection when there is one; otherwise what holds for all that the caller could name. */
function decisionFor(
  catalog: CatalogSnapshot,
  principal: Principal,
  integration: CatalogIntegration,
  resolved: ResolvedConnection,
  tool: Parameters<typeof decideBeforehand>[3],
): Decision {
  if (!resolved.ok) {
    return decideBeforehand(catalog, resolved, usableConnections(catalog, principal, integration.id), tool)
  }
  return decide({ rules: catalog.rules, tool, connection: resolved.connection?.slug })
}

async function carryOut(
  deps: InvokeDeps,
  integration: CatalogIntegration,
  connection: ConnectionRow | null,
  tool: ToolRow,
  input: unknown,
): Promise<ToolResult> {
  const opened = await openCredential(deps, integration, connection)
  if (!opened.ok) return opened
  const adapter = adapterFor(integration.kind)
  if (adapter === undefined) throw new Error(`${integration.slug} is of kind ${integration.kind}, which nothing speaks`)
  const callable = {
    operation: tool.operation,
    inputSchema: tool.inputSchema,
    binding: tool.binding,
    baseUrl: integration.baseUrl,
  }
  const fetch = (request: Request) => deps.outbound.send(request, { ...opened.options, timeoutMs, maxBytes })
  const result = await adapter.call(callable, input, fetch)
  if (result.ok || connection === null || result.error.status !== 401) return result
  return { ...result, error: withRepairLink(result.error, deps.origin, integration, connection) }
}

async function openCredential(
  { vault, origin }: InvokeDeps,
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

function blocked(address: string, decision: Decision): ToolErrorShape {
  const message = `${address} may not be used. ${decision.sentence} Only an admin can change that; look for another way.`
  return { code: 'blocked', message }
}

function approvalRequired(address: string, decision: Decision, origin: string): ToolErrorShape {
  const link = `${origin}/policies?${new URLSearchParams({ pattern: address, action: 'allow' })}`
  const message = `${address} was not called. ${decision.sentence} An admin can allow it here: ${link}`
  return { code: 'approval_required', message, details: { link } }
}

function withSignature(error: ToolErrorShape, address: string, signature: string): ToolErrorShape {
  const shown = signature.length > 1000 ? `${signature.slice(0, 1000)}…` : signature
  return { ...error, message: `${address}: ${error.message}\nIt takes ${shown}` }
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
