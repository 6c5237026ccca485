// One request to a tool, as far as it matters to the tool besides its arguments: what the client can do, and what it
// brings back of an earlier answer (multi round-trip requests of 2026-07-28).
import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  type ClientCapabilities,
  type RequestStateCodec,
  type ServerContext,
  specTypeSchemas,
} from '@modelcontextprotocol/server'

export interface Exchange {
  /** Undefined where the protocol does not carry it with each request. */
  clientName: string | undefined
  /** Empty before 2026-07-28: without sessions, what a client said in `initialize` is not known later. */
  capabilities: ClientCapabilities
  /** Verified; undefined in a request that is no retry. */
  state: unknown
  /** By key, as the client sent them; undefined when it sent none. */
  responses: Record<string, unknown> | undefined
  /** Text to send as `requestState`, which comes back as `state`. */
  keep: (state: unknown) => Promise<string>
}

export function exchangeOf(
  context: ServerContext,
  { era, states }: { era: 'legacy' | 'modern'; states: RequestStateCodec },
): Exchange {
  const { inputResponses, requestState } = context.mcpReq
  const envelope: Record<string, unknown> = { ...context.mcpReq.envelope }
  return {
    clientName: clientName(envelope[CLIENT_INFO_META_KEY]),
    capabilities: era === 'modern' ? capabilitiesIn(envelope[CLIENT_CAPABILITIES_META_KEY]) : {},
    state: requestState(),
    responses: inputResponses,
    keep: (state) => states.mint(state, context),
  }
}

/** An empty `elicitation` declares forms alone. */
export function canOpenLinks({ capabilities }: Exchange): boolean {
  return capabilities.elicitation?.url !== undefined
}

function capabilitiesIn(said: unknown): ClientCapabilities {
  const parsed = specTypeSchemas.ClientCapabilities['~standard'].validate(said)
  return parsed.issues === undefined ? parsed.value : {}
}

function clientName(client: unknown): string | undefined {
  if (typeof client !== 'object' || client === null || !('name' in client)) return undefined
  return 'version' in client ? `${String(client.name)} ${String(client.version)}` : String(client.name)
}
