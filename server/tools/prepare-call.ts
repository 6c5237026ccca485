// The one way towards a tool, for every endpoint. In order: which tool is meant, through which connection, what the
// policies say of it, and whether the input fits. Nothing is sent here: a prepared call is sent at once (send-call.ts),
// held for a person, or dropped. Every refusal says what to do next.
import type { CallNotes, PolicyAction, RequestPreview, ToolErrorShape } from '../../drizzle/shapes.ts'
import type { ConnectionRow } from '../db/connections.ts'
import type { Database } from '../db/database.ts'
import { sha256Hex } from '../db/sha256.ts'
import type { ToolRow } from '../db/tools.ts'
import type { CallableTool, CallContext } from '../integrations/adapter.ts'
import { isRecord, own } from '../integrations/json-value.ts'
import { NEXT } from '../integrations/openapi/next-url.ts'
import { adapterFor } from '../integrations/registry.ts'
import type { Decision } from '../policies/decide.ts'
import { callContext, fieldRulesOf } from './call-context.ts'
import {
  type Caller,
  type CatalogIntegration,
  type CatalogRule,
  type CatalogSnapshot,
  decideBeforehand,
  decideThrough,
  findCatalogIntegration,
  resolveConnection,
  unknownIntegration,
  usableConnections,
} from './catalog.ts'
import { findTool } from './find-tool.ts'
import { refuseService, refuseUnsuitable } from './refuse-connection.ts'
import { unknownTool } from './unknown-tool.ts'
import { validateInput } from './validate.ts'

export interface Invocation {
  principal: Caller
  /** The run that asks, for approvals that were remembered for it. */
  runId?: string
  /** Without a connection: `github.issues.create`. */
  address: string
  /** Slug of the connection that the caller named. */
  connection?: string
  input: unknown
  /** Where the document has a field for one, it is sent unless the caller gave its own. */
  idempotencyKey?: string
}

/** What is known of a call beside its outcome, for the record. */
export interface CallFacts {
  tool?: Pick<ToolRow, 'name' | 'effect' | 'summary'>
  connectionId?: string
  decision?: PolicyAction
  /** The reason for the decision in one sentence. */
  because?: string
  /** What the upstream said meanwhile. */
  notes?: CallNotes
}

export interface PreparedCall {
  address: string
  integration: CatalogIntegration
  connection: ConnectionRow | null
  tool: ToolRow
  input: unknown
  /** `allow` or `require_approval`. */
  decision: Decision
  facts: CallFacts
  /** The policies about fields of types, as they were when the call was prepared. */
  fieldRules: readonly CatalogRule[]
}

export type Prepared = { ok: true; call: PreparedCall } | { ok: false; error: ToolErrorShape; facts: CallFacts }

/** Costs one statement, and none for a tool that this isolate has called before. */
export async function prepareCall(
  deps: { db: Database; origin: string },
  catalog: CatalogSnapshot,
  invocation: Invocation,
): Promise<Prepared> {
  const { principal, address, connection: named, runId } = invocation
  const [slug = '', ...rest] = address.split('.')
  const integration = findCatalogIntegration(catalog, slug)
  if (integration === undefined) return { ok: false, error: unknownIntegration(catalog, slug), facts: {} }
  const name = rest.join('.')
  const found = await findTool(deps.db, integration, name)
  if (found.tool === null) return { ok: false, error: unknownTool(catalog, slug, name, found), facts: {} }

  const { tool } = found
  const asked = { integration: slug, name, effect: tool.effect }
  const resolved = resolveConnection(catalog, principal, slug, named, deps.origin)
  const decision = resolved.ok
    ? decideThrough(catalog, asked, resolved.connection, runId)
    : decideBeforehand(catalog, resolved, usableConnections(catalog, principal, integration.id), asked)
  const facts: CallFacts = {
    tool,
    decision: decision.action,
    because: decision.sentence,
    ...(resolved.ok && resolved.connection && { connectionId: resolved.connection.id }),
  }
  if (decision.action === 'block') return { ok: false, error: blocked(address, decision), facts }
  const input = withIdempotencyKey(tool, invocation)
  const validation = validateInput(tool.inputSchema, found.schemas, withoutNext(tool, input))
  if (!validation.ok) return { ok: false, error: withSignature(validation.error, address, tool.signature), facts }
  if (!resolved.ok) return { ok: false, error: resolved.error, facts }
  const intended = { integration, tool, connection: resolved.connection }
  const refusal = refuseService(principal, intended) ?? refuseUnsuitable(catalog, principal, intended, deps.origin)
  if (refusal !== null) return { ok: false, error: refusal, facts }
  const fieldRules = fieldRulesOf(catalog.rules, slug)
  return { ok: true, call: { address, ...intended, input, decision, facts, fieldRules } }
}

/** What the adapter needs to carry the call out. */
export function callableOf({ tool, integration }: PreparedCall): CallableTool {
  const { operation, inputSchema, binding } = tool
  return { operation, inputSchema, binding, baseUrl: integration.baseUrl }
}

/** The request that would be sent, as a person reads it; null when the input cannot become one. */
export async function previewCall({ db }: { db: Database }, call: PreparedCall): Promise<RequestPreview | null> {
  const adapter = adapterFor(call.integration.kind)
  return (await adapter?.preview(callableOf(call), call.input, contextOf(db, call))) ?? null
}

/** The same for the preview and for the call, so that what is sent is what was shown. */
export function contextOf(db: Database, call: PreparedCall, person?: string): CallContext {
  return callContext(db, call, call.connection?.method.forwards ? person : undefined)
}

/** The connection as people see it: `github@work`, or `github` when the call goes through none. */
export function accountOf({ integration, connection }: Pick<PreparedCall, 'integration' | 'connection'>): string {
  return connection === null ? integration.slug : `${integration.slug}@${connection.slug}`
}

/**
 * SHA-256 over what a person approves: this tool as it is now, with exactly this input, through this connection.
 * `inputText` is the input as the journal writes it, files and all.
 */
export function fingerprint(call: PreparedCall, inputText: string): Promise<string> {
  const { address, connection, fieldRules } = call
  const { operation, binding, baseUrl } = callableOf(call)
  const parts = [address, connection?.id ?? null, operation, binding, baseUrl, inputText]
  // They decide what is left out of a selection.
  const rules = fieldRules.map(({ pattern, action }) => [pattern, action])
  return sha256Hex(JSON.stringify(rules.length > 0 ? [...parts, rules] : parts))
}

const KEY_FIELD = /^(x[-_]?)?idempotency[-_]?key$/i

/** The same call, sent again after an answer was lost, has the same key: an upstream that knows keys does it once. */
function withIdempotencyKey(tool: ToolRow, { input, idempotencyKey }: Invocation): unknown {
  if (tool.effect === 'read' || idempotencyKey === undefined || !isRecord(input ?? {})) return input
  const properties = own(tool.inputSchema, 'properties')
  const field = isRecord(properties) ? Object.keys(properties).find((name) => KEY_FIELD.test(name)) : undefined
  if (field === undefined || own(input, field) !== undefined) return input
  return { ...(isRecord(input) ? input : {}), [field]: idempotencyKey }
}

/** The page that an input asks for by its URL is for the adapter to judge; no document declares that field. */
function withoutNext({ binding, inputSchema }: ToolRow, input: unknown): unknown {
  const isDeclared = own(own(inputSchema, 'properties'), NEXT) !== undefined
  if (own(binding, 'paging') === undefined || isDeclared || !isRecord(input)) return input
  const { [NEXT]: _next, ...rest } = input
  return rest
}

function blocked(address: string, decision: Decision): ToolErrorShape {
  const message = `${address} may not be used. ${decision.sentence} Only an admin can change that; look for another way.`
  return { code: 'blocked', message }
}

function withSignature(error: ToolErrorShape, address: string, signature: string): ToolErrorShape {
  const shown = signature.length > 1000 ? `${signature.slice(0, 1000)}…` : signature
  return { ...error, message: `${address}: ${error.message}\nIt takes ${shown}` }
}
