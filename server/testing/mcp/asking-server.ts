// A server that asks a person in the middle of its tools, in either era: stateless of 2026-07-28, or with sessions of
// before, where it asks in the answer to the call or on the stream that belongs to no request.
import type { Fetch } from '../../integrations/adapter.ts'
import { isRecord, own, ownText } from '../../integrations/json-value.ts'

export const ASKING_URL = 'https://rooms.example.com/mcp'

export const ROOM = {
  message: 'Which room?',
  requestedSchema: {
    type: 'object',
    properties: {
      room: { type: 'string', oneOf: [{ const: 'a', title: 'Attic' }, { const: 'c', title: 'Cellar' }] }, // prettier-ignore
      seats: { type: 'integer', minimum: 1, maximum: 12, default: 4 },
    },
    required: ['room'],
  },
}
export const AGREE = { mode: 'url', message: 'Sign the contract', url: 'https://sign.example.com/c/7?ticket=1' }

/** What a tool asks one after the other; what it says in the end is a list of the answers. */
const TOOLS: Record<string, readonly { message: string }[]> = {
  book: [ROOM],
  sign: [AGREE],
  both: [ROOM, { ...ROOM, message: 'And for tomorrow?' }],
  contract: [],
  look: [ROOM],
  quick: [],
}

/** What may be asked of them again, as it only reads. */
const READS = ['look', 'quick']

const LISTED = {
  tools: Object.keys(TOOLS).map((name) => ({
    name,
    inputSchema: { type: 'object', properties: { of: { type: 'string' } } },
    annotations: { readOnlyHint: READS.includes(name) },
  })),
}

export interface AskingServer {
  fetch: Fetch
  /** `POST tools/call`, `POST (response)`, `GET`, in order. */
  requests: string[]
  /** Arguments of every call that was carried out to its end. */
  done: unknown[]
  /** Streams for messages without a request that are open. */
  listeners: () => number
  /** Tools with this name are refused (-32042) until it is empty. */
  toVisit: Set<string>
  /** States of contracts that the server remembers. */
  contracts: Set<string>
}

export interface AskingOptions {
  era: 'modern' | 'legacy'
  /** Of the older era: where it asks. */
  asks?: 'in the answer' | 'aside'
  offersStream?: boolean
}

type Sink = ReadableStreamDefaultController<Uint8Array>

export function askingServer({ era, asks = 'in the answer', offersStream = true }: AskingOptions): AskingServer {
  const requests: string[] = []
  const done: unknown[] = []
  const toVisit = new Set<string>()
  const contracts = new Set<string>()
  const legacy = legacyDesk(done, asks)
  const modern = modernDesk(done, contracts)

  const fetch: Fetch = async (request) => {
    if (request.method === 'GET') {
      requests.push('GET')
      if (era === 'modern' || !offersStream) return new Response(null, { status: 405 })
      return stream(
        (sink) => legacy.listen(sink),
        () => legacy.listen(null),
      )
    }
    if (request.method !== 'POST') return new Response(null, { status: 200 })
    const message: unknown = JSON.parse(await request.text())
    const method = ownText(message, 'method')
    const id = own(message, 'id')
    requests.push(`POST ${method || '(response)'}`)
    const answer = (result: object) => Response.json({ jsonrpc: '2.0', id, result }, { headers: SESSION })
    const refuse = (error: object) => Response.json({ jsonrpc: '2.0', id, error })
    if (method === '') {
      legacy.respond(id, own(message, 'result'))
      return new Response(null, { status: 202 })
    }
    if (id === undefined) return new Response(null, { status: 202 })
    if (method === 'tools/call' && toVisit.size > 0) {
      const elicitations = [...toVisit].map((url) => ({
        mode: 'url',
        message: 'Connect first',
        url,
        elicitationId: url,
      }))
      return refuse({ code: -32_042, message: 'Connect first', data: { elicitations } })
    }
    if (era === 'modern') {
      if (method === 'server/discover') {
        return Response.json({ jsonrpc: '2.0', id, result: { ...ABOUT, ...DISCOVERED } })
      }
      const result = method === 'tools/list' ? { ...LISTED, ...COMPLETE } : modern(message)
      return Response.json({ jsonrpc: '2.0', id, ...('error' in result ? result : { result }) })
    }
    if (method === 'server/discover') return refuse({ code: -32_601, message: 'Method not found' })
    if (method === 'initialize') return answer({ ...ABOUT, protocolVersion: '2025-11-25' })
    return method === 'tools/list' ? answer(LISTED) : stream((sink) => void legacy.carryOut(message, sink))
  }
  return { fetch, requests, done, listeners: legacy.listeners, toVisit, contracts }
}

/** Asks in the middle of a call, and waits there for the answer. */
function legacyDesk(done: unknown[], asks: AskingOptions['asks']) {
  const waiting = new Map<unknown, (response: unknown) => void>()
  let aside: Sink | null = null
  let ids = 0

  const ask = (sink: Sink | null, question: object): Promise<unknown> => {
    const id = `ask-${++ids}`
    return new Promise((resolve) => {
      waiting.set(id, resolve)
      send(sink, { jsonrpc: '2.0', id, method: 'elicitation/create', params: { elicitationId: id, ...question } })
    })
  }

  const carryOut = async (message: unknown, sink: Sink) => {
    const params = own(message, 'params')
    const name = ownText(params, 'name')
    const token = own(own(params, '_meta'), 'progressToken')
    const say = (method: string, of: object) => send(sink, { jsonrpc: '2.0', method, params: of })
    say('notifications/message', { level: 'info', logger: 'desk', data: `begins ${name}` })
    if (token !== undefined) {
      say('notifications/progress', { progressToken: token, progress: 1, total: 2, message: 'halfway' })
    }
    const answers: unknown[] = []
    for (const question of TOOLS[name] ?? []) answers.push(await ask(asks === 'aside' ? aside : sink, question))
    done.push(own(params, 'arguments'))
    const content = [{ type: 'text', text: JSON.stringify(answers.map(answerOf)) }]
    send(sink, { jsonrpc: '2.0', id: own(message, 'id'), result: { content } })
    sink.close()
  }

  return {
    carryOut,
    respond: (id: unknown, result: unknown) => waiting.get(id)?.(result),
    listen: (sink: Sink | null) => void (aside = sink),
    listeners: () => (aside === null ? 0 : 1),
  }
}

/** Asks by ending the call, and goes on from the state that comes back. */
function modernDesk(done: unknown[], contracts: Set<string>) {
  /** As the specification has it: what is to be signed has an address of its own, and the state says which. */
  const contract = (params: unknown) => {
    const state = ownText(params, 'requestState')
    if (state !== '' && !contracts.has(state)) return { error: { code: -32_602, message: 'Invalid requestState' } }
    if (own(own(params, 'inputResponses'), 'contract') !== undefined) {
      done.push(own(params, 'arguments'))
      return { resultType: 'complete', content: [{ type: 'text', text: JSON.stringify(state) }] }
    }
    const id = `contract-${contracts.size + 1}`
    contracts.add(id)
    const asked = { mode: 'url', message: 'Sign here', url: `https://sign.example.com/${id}` }
    const inputRequests = { contract: { method: 'elicitation/create', params: asked } }
    return { resultType: 'input_required', inputRequests, requestState: id }
  }

  const modern = (message: unknown) => {
    const params = own(message, 'params')
    if (ownText(params, 'name') === 'contract') return contract(params)
    const questions = TOOLS[ownText(params, 'name')] ?? []
    const before: unknown[] = JSON.parse(ownText(params, 'requestState') || '[]')
    const given = own(own(params, 'inputResponses'), 'q')
    const answers = given === undefined ? before : [...before, given]
    const question = questions[answers.length]
    if (question) {
      const inputRequests = { q: { method: 'elicitation/create', params: { mode: 'form', ...question } } }
      return { resultType: 'input_required', inputRequests, requestState: JSON.stringify(answers) }
    }
    done.push(own(params, 'arguments'))
    return { resultType: 'complete', content: [{ type: 'text', text: JSON.stringify(answers) }] }
  }

  return modern
}

const SESSION = { 'mcp-session-id': 'session-1' }
const ABOUT = { capabilities: { tools: {}, logging: {} }, serverInfo: { name: 'rooms', version: '1' } }
const COMPLETE = { resultType: 'complete', ttlMs: 1000, cacheScope: 'private' }
const DISCOVERED = { resultType: 'complete', supportedVersions: ['2026-07-28'], ttlMs: 1000, cacheScope: 'private' }

function stream(begin: (sink: Sink) => void, end: () => void = () => {}): Response {
  const body = new ReadableStream<Uint8Array>({ start: begin, cancel: end })
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
}

function send(sink: Sink | null, message: object): void {
  sink?.enqueue(new TextEncoder().encode(`event: message\ndata: ${JSON.stringify(message)}\n\n`))
}

function answerOf(response: unknown): unknown {
  return isRecord(response)
    ? { action: response.action, ...(response.content !== undefined && { content: response.content }) }
    : response
}
