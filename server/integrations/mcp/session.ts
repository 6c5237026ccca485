// One connection to a server for one call. What it is known by (its era, its session) is kept from call to call, so that
// a connection says hello once; no promise and no stream is, since a Worker's request cannot wait for another one's.
import {
  Client,
  ProtocolError,
  SdkError,
  SdkErrorCode,
  type DiscoverResult,
  type jsonSchemaValidator,
} from '@modelcontextprotocol/client'
import type { Fetch } from '../adapter.ts'
import { isRecord } from '../json-value.ts'
import { askNobody, questionOf, resumptionOf, type Ask, type Question } from './elicitation.ts'
import { beginCall } from './traffic.ts'
import { Wire, type Endpoint } from './wire.ts'

/** An empty `id`: the server has no sessions, and takes requests without an introduction of their own. */
type Known = { era: 'modern'; discover: DiscoverResult } | { era: 'legacy'; session: { id: string; version: string } }

export interface Session {
  client: Client
  wire: Wire
  era: 'modern' | 'legacy'
  /** Whether it was known from an earlier call, and may be gone. */
  isReused: boolean
  /** What a person was asked for and nobody answered. */
  question: () => Question | null
  /** For a session that the server does not know any more. */
  forget: () => void
  close: () => Promise<void>
}

export interface SessionOptions {
  /** `CallContext.memory`; without it the session ends with the call. */
  memory?: Map<string, unknown>
  ask?: Ask
  /**
   * Opens the stream that messages without a request come by, as long as the call lasts, where a session of before
   * 2026-07-28 has one. Many servers ask there, and throw the question away where nobody listens.
   */
  listens?: boolean
  /** For an introduction. */
  timeoutMs?: number
}

const CLIENT = { name: 'executor', title: 'Executor', version: '1.0.0' }
/** Roots and sampling are not offered: the client answers them with "method not found". */
const CAPABILITIES = { elicitation: { form: { applyDefaults: true }, url: {} } }
/** No result is checked against a schema here, so that the client needs no validator of its own in the bundle. */
const NO_VALIDATOR: jsonSchemaValidator = {
  getValidator: () => () => {
    throw new Error('The client of MCP has no validator of JSON Schema.')
  },
}
const CONNECT_MS = 15_000
/** How long another call's introduction is waited for; whoever makes it may have been stopped. */
const OPENING_MS = 15_000
const LOOK_MS = 25
/** For the stream to begin. A server that lets it wait for a first message is not listened to again. */
const LISTEN_MS = 1000
/** For what is only polite: a cancellation that is on its way, the end of a session. */
const FAREWELL_MS = 2000

/** Rejects with what the introduction failed with, and leaves nothing open then. `wire` says more: see `failureOf`. */
export class SessionError extends Error {
  readonly wire: Wire

  constructor(cause: unknown, wire: Wire) {
    super('The server could not be connected to.', { cause })
    this.wire = wire
  }
}

export async function openSession(endpoint: Endpoint, fetch: Fetch, options: SessionOptions = {}): Promise<Session> {
  const { memory } = options
  if (options.listens !== true) return open(endpoint, fetch, options)
  const { isAlone, end } = beginCall(memory, `calls ${endpoint.url}`)
  try {
    const listens = isAlone() && memory?.has(placeOfDeaf(endpoint)) !== true
    const session = await open(endpoint, fetch, { ...options, listens, isAlone })
    const close = () => {
      end()
      return session.close()
    }
    return { ...session, close }
  } catch (error) {
    end()
    throw error
  }
}

/** Set once a server did not offer to be listened to. */
function placeOfDeaf({ url }: Endpoint): string {
  return `deaf ${url}`
}

type OpenOptions = SessionOptions & {
  /** Whose else could a question be that belongs to no request? */ isAlone?: () => boolean
}

async function open(endpoint: Endpoint, fetch: Fetch, options: OpenOptions): Promise<Session> {
  const { memory } = options
  // HTTP with SSE has a session as long as its stream is open, and no longer.
  if (memory === undefined || endpoint.transport === 'sse') return introduce(endpoint, fetch, options)
  const place = `session ${endpoint.url}`
  const opening = `opening ${endpoint.url}`
  const { known, since } = await findKnown(memory, place, opening)
  if (known) return resume(known, endpoint, fetch, options)
  try {
    const session = await introduce(endpoint, fetch, options)
    // Whoever was first is kept; the others end theirs.
    if (knownOf(memory.get(place)) !== null) return session
    const now = knownBy(session)
    memory.set(place, now)
    return { ...session, forget: () => forget(memory, place, now), close: () => part(session, false) }
  } finally {
    if (since !== null && memory.get(opening) === since) memory.delete(opening)
  }
}

/**
 * Waits while another call of the connection introduces itself. `since` is set for the call that others wait for then;
 * where its introduction comes to nothing they go on at once, each by itself.
 */
async function findKnown(
  memory: Map<string, unknown>,
  place: string,
  opening: string,
): Promise<{ known: Known | null; since: number | null }> {
  for (let hasWaited = false; ; hasWaited = true) {
    const known = knownOf(memory.get(place))
    const since = memory.get(opening)
    const isOpening = typeof since === 'number' && Date.now() - since <= OPENING_MS
    if (known || (!isOpening && hasWaited)) return { known, since: null }
    if (!isOpening) {
      const now = Date.now()
      memory.set(opening, now)
      return { known: null, since: now }
    }
    await sleep(LOOK_MS)
  }
}

async function introduce(endpoint: Endpoint, fetch: Fetch, options: OpenOptions): Promise<Session> {
  // HTTP with SSE is older than the era that is to be found out.
  if (endpoint.transport === 'sse') return connect({ kind: 'legacy' }, endpoint, fetch, options)
  try {
    return await connect(null, endpoint, fetch, options)
  } catch (error) {
    if (!(error instanceof SessionError) || !isOddAnswer(error)) throw error
    // Servers before 2026-07-28 fail in any way when the first thing they hear is not `initialize`.
    return connect({ kind: 'legacy' }, endpoint, fetch, options)
  }
}

/** A fault of the server's, or an answer that is none, to the question which era it is of. */
function isOddAnswer({ cause, wire }: SessionError): boolean {
  if (wire.refusal) return wire.refusal.status >= 500
  return cause instanceof SdkError && cause.code === SdkErrorCode.EraNegotiationFailed && wire.failure === null
}

async function connect(
  prior: { kind: 'legacy' } | null,
  endpoint: Endpoint,
  fetch: Fetch,
  options: OpenOptions,
): Promise<Session> {
  const { listens = false, timeoutMs = CONNECT_MS } = options
  const wire = new Wire(endpoint, fetch, { listens })
  const { client, question } = clientThat(wire, options)
  // The client does not wait for a stream of HTTP with SSE to begin with any limit.
  const late = new SdkError(SdkErrorCode.RequestTimeout, 'The introduction took too long.')
  let timer: ReturnType<typeof setTimeout> | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late), timeoutMs)
    // Nor does it notice that the stream has ended before it said where to send to.
    if (endpoint.transport === 'sse') {
      // oxlint-disable-next-line unicorn/prefer-add-event-listener -- no event target
      client.onclose = () => reject(new SdkError(SdkErrorCode.ConnectionClosed, 'The stream ended too soon.'))
    }
  })
  try {
    const connected = client.connect(wire.transport, { timeout: timeoutMs, ...(prior && { prior }) })
    await Promise.race([connected, limit])
  } catch (error) {
    await wire.transport.close().catch(() => {})
    await client.close().catch(() => {})
    throw new SessionError(error, wire)
  } finally {
    clearTimeout(timer)
  }
  const era = client.getProtocolEra() ?? 'legacy'
  if (listens && era === 'legacy' && endpoint.transport === 'http') await listen(wire, endpoint, options)
  const session: Session = {
    client,
    wire,
    era,
    isReused: false,
    question,
    forget: () => {},
    close: () => Promise.resolve(),
  }
  return { ...session, close: () => part(session, true) }
}

/** Waits until the server is listened to, and keeps in mind when it does not offer that. */
async function listen(wire: Wire, endpoint: Endpoint, { memory }: OpenOptions): Promise<void> {
  const offer = await Promise.race([wire.listening, sleep(LISTEN_MS)])
  if (offer !== 'offered' && offer !== 'unknown') memory?.set(placeOfDeaf(endpoint), true)
}

async function resume(known: Known, endpoint: Endpoint, fetch: Fetch, options: OpenOptions): Promise<Session> {
  const { memory, listens = false } = options
  const wire = new Wire(endpoint, fetch, { ...(known.era === 'legacy' && { session: known.session }), listens })
  const { client, question } = clientThat(wire, options)
  // Neither sends anything.
  await client.connect(wire.transport, {
    prior: known.era === 'modern' ? { kind: 'modern', discover: known.discover } : { kind: 'legacy' },
  })
  if (listens && known.era === 'legacy' && 'resumeStream' in wire.transport) {
    // From no event on: the stream as it is opened after an introduction.
    wire.transport.resumeStream('').catch(() => {})
    await listen(wire, endpoint, options)
  }
  const session: Session = {
    client,
    wire,
    era: known.era,
    isReused: true,
    question,
    forget: () => memory && forget(memory, `session ${endpoint.url}`, known),
    close: () => part(session, false),
  }
  return session
}

/** A client of its own for each call: what it waits for is the call's alone. */
function clientThat(
  wire: Wire,
  { ask = askNobody, isAlone = () => true }: OpenOptions,
): { client: Client; question: () => Question | null } {
  let unanswered: Question | null = null
  const client = new Client(CLIENT, {
    capabilities: CAPABILITIES,
    jsonSchemaValidator: NO_VALIDATOR,
    versionNegotiation: { mode: 'auto' },
  })
  client.setRequestHandler('elicitation/create', async ({ params }, { mcpReq }) => {
    // It may be another call's, whose person would get this call's answer.
    if (wire.aside.has(mcpReq.id) && !isAlone()) return { action: 'cancel' }
    const question = questionOf(params)
    const answer = await ask(question)
    if (answer) return answer
    const resume = client.getProtocolEra() === 'modern' ? resumptionOf(wire.result) : undefined
    unanswered ??= { ...question, ...(resume && { resume }) }
    // In the newer era an answer would be another call; in the older one the server waits for one.
    if (client.getProtocolEra() === 'modern') throw new ProtocolError(-32_603, 'Nobody answers')
    return { action: 'cancel' }
  })
  return { client, question: () => unanswered }
}

async function part({ client, wire }: Session, endsSession: boolean): Promise<void> {
  const { transport } = wire
  await Promise.race([Promise.allSettled(wire.notices), sleep(FAREWELL_MS)])
  if (endsSession && 'terminateSession' in transport) {
    await Promise.race([transport.terminateSession().catch(() => {}), sleep(FAREWELL_MS)])
  }
  await client.close().catch(() => {})
  // Another call may need the connection that a stream occupies.
  await Promise.race([Promise.allSettled(wire.openStreams), sleep(FAREWELL_MS)])
}

function knownBy({ client, wire: { transport } }: Session): Known {
  const discover = client.getDiscoverResult()
  if (discover) {
    // Of all that a server can say here, what the next call needs.
    const { supportedVersions, capabilities, ttlMs, cacheScope, resultType } = discover
    return { era: 'modern', discover: { supportedVersions, capabilities, ttlMs, cacheScope, resultType } }
  }
  const { sessionId: id = '', protocolVersion: version = '' } = 'sessionId' in transport ? transport : {}
  return { era: 'legacy', session: { id, version } }
}

function knownOf(value: unknown): Known | null {
  return isKnown(value) ? value : null
}

/** Only this file writes it. */
function isKnown(value: unknown): value is Known {
  return isRecord(value) && (value.era === 'modern' || value.era === 'legacy')
}

/** Another call may have begun a new one already. */
function forget(memory: Map<string, unknown>, place: string, known: Known): void {
  if (memory.get(place) === known) memory.delete(place)
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
