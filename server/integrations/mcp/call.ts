// Carries a tool out: one request to the server, over a session of the connection.
import { LOG_LEVEL_META_KEY, type JSONObject, type RequestOptions } from '@modelcontextprotocol/client'
import type { RequestPreview } from '../../../drizzle/shapes.ts'
import type { CallableTool, CallContext, Fetch, ToolResult } from '../adapter.ts'
import { isRecord, own, ownText, type JsonRecord } from '../json-value.ts'
import { isNestedDeeperThan } from '../read-json.ts'
import { FileValue } from '../../sandbox/file.ts'
import { MAX_VALUE_BYTES, MAX_VALUE_DEPTH } from '../openapi/answer.ts'
import { anyResult } from './any-result.ts'
import { isMcpBinding, type McpBinding, type MirroredArgument } from './binding.ts'
import { textOfResult, valueOfResult, withFiles } from './content.ts'
import { answersFrom, askNobody, type Ask, retryWith, unanswered, urlQuestion } from './elicitation.ts'
import { failureOf, isMisshapen, isRefused, isSessionGone, isUnknownTool, shownHeaders, toolGone } from './failure.ts'
import { runTask } from './run-task.ts'
import { openSession, type Session } from './session.ts'

/** Where the protocol puts what belongs to it and not to the method. */
const META = '_meta'
/** Without a word from the server; its progress begins it anew, up to the longest that one call takes. */
const SILENCE_MS = 50_000
const WHOLE_MS = 59_000

export async function callMcp(
  tool: CallableTool,
  input: unknown,
  fetch: Fetch,
  context?: CallContext,
): Promise<ToolResult> {
  const listens = isMcpBinding(tool.binding) && tool.binding.method === 'tools/call'
  return callAsking(tool, input, fetch, { context, ask: answersFrom(context?.answers), listens })
}

export async function callAsking(
  tool: CallableTool,
  input: unknown,
  fetch: Fetch,
  { context, ...asking }: { context: CallContext | undefined; ask: Ask; listens: boolean },
): Promise<ToolResult> {
  const { binding } = tool
  if (!isMcpBinding(binding)) {
    const message = 'The tool was stored in another form. Import its integration again.'
    return { ok: false, error: { code: 'not_callable', message } }
  }
  const endpoint = { url: addressOf(tool.baseUrl, binding.url), transport: binding.transport }
  let retry = retryWith(context?.answers)
  let isResumed = false
  // Whoever goes on from the last answer is asked for what nobody has answered.
  const ask: Ask = (question) => (isResumed ? askNobody(question) : asking.ask(question))
  const options = { ...asking, ask, ...(context && { memory: context.memory }) }
  for (let isAgain = false; ; isAgain = true) {
    let session: Session
    try {
      session = await openSession(endpoint, fetch, options)
    } catch (error) {
      return failureOf(error, null)
    }
    const { wire } = session
    isResumed = retry !== null && session.era === 'modern'
    const noted = async (result: ToolResult): Promise<ToolResult> => {
      if (wire.hasOtherTools || (!result.ok && result.error.code === 'tool_gone')) await context?.outdated?.()
      const notes = wire.notes.taken()
      return notes ? { ...result, notes } : result
    }
    try {
      const result = await send(session, binding, input, isResumed && retry)
      const question = session.question()
      return await noted(question ? unanswered(question, context?.answers) : answerOf(binding, result, session, input))
    } catch (error) {
      const question = session.question() ?? urlQuestion(error, context?.answers)
      if (question) return await noted(unanswered(question, context?.answers))
      // A state does not last for ever, and a question may have waited for days: it is asked again from the beginning.
      if (isResumed && isRefused(error)) {
        retry = null
        continue
      }
      if (session.isReused && isSessionGone(error, wire)) {
        session.forget()
        if (!isAgain) continue
      }
      return await noted(failureOf(error, wire))
    } finally {
      await session.close()
    }
  }
}

/** The base URL of an integration has no slash at its end; the server's own may need it. */
function addressOf(baseUrl: string, url: string): string {
  return url.replace(/\/+$/, '') === baseUrl ? url : baseUrl
}

async function send(
  { client, wire, era }: Session,
  binding: McpBinding,
  input: unknown,
  retry: JsonRecord | false | null,
): Promise<unknown> {
  const options: RequestOptions = {
    timeout: SILENCE_MS,
    maxTotalTimeout: WHOLE_MS,
    resetTimeoutOnProgress: true,
    onprogress: () => {},
  }
  const params = { ...paramsOf(binding, input), ...retry }
  if (binding.method !== 'tools/call') return client.request({ method: binding.method, params }, anyResult, options)
  const { name = '', headers = [], isTask = false } = binding
  if (isTask) return runTask(client, { ...params, task: { ttl: WHOLE_MS } }, options)
  try {
    // With a definition at hand the client asks for none, and writes the headers that it has to. Answers are checked
    // against no schema: that a server breaks its own is for the program to see.
    const toolDefinition = { name, inputSchema: { type: 'object' as const, properties: mirroring(headers) } }
    // Servers before 2026-07-28 send their log unasked.
    const isLogged = era === 'modern' && client.getServerCapabilities()?.logging !== undefined
    const meta = isLogged && { [META]: { [LOG_LEVEL_META_KEY]: 'info' } }
    return await client.callTool({ name, ...params, ...meta }, { ...options, toolDefinition })
  } catch (error) {
    if (!isMisshapen(error) || !isComplete(wire.result)) throw error
    return wire.result
  }
}

/** It was carried out: what there is of an answer is worth more than that it is not as it should be. */
function isComplete(result: unknown): boolean {
  if (!isRecord(result) || (result.resultType !== undefined && result.resultType !== 'complete')) return false
  return Array.isArray(result.content) || result.structuredContent !== undefined
}

function argumentsOf(input: unknown): JsonRecord {
  return isRecord(input) ? input : {}
}

function paramsOf({ method, name }: McpBinding, input: unknown): JsonRecord {
  return method === 'tools/call' ? { name, arguments: argumentsOf(input) } : argumentsOf(input)
}

/** As much of the tool's schema as says which arguments go into headers. */
function mirroring(mirrored: MirroredArgument[]): JSONObject {
  const groups = Map.groupBy(mirrored, ({ path }) => path[0] ?? '')
  const properties = Array.from(groups, ([key, group]): [string, JSONObject] => {
    const own = group.find(({ path }) => path.length === 1)
    const inner = group.filter(({ path }) => path.length > 1).map((each) => ({ ...each, path: each.path.slice(1) }))
    return [
      key,
      {
        ...(own && { type: own.type, 'x-mcp-header': own.header }),
        ...(inner.length > 0 && { properties: mirroring(inner) }),
      },
    ]
  })
  return Object.fromEntries(properties)
}

function answerOf(binding: McpBinding, result: unknown, { wire }: Session, input: unknown): ToolResult {
  if (isNestedDeeperThan(result, MAX_VALUE_DEPTH)) {
    const message = 'The call was accepted, but its answer is nested too deeply to be a value.'
    return { ok: false, error: { code: 'invalid_answer', message } }
  }
  const answer = { ok: true as const, status: 200, headers: shownHeaders(wire.headers) }
  if (binding.method !== 'tools/call') {
    if (binding.method === 'completion/complete') return { ...answer, data: own(result, 'completion') ?? null }
    const cursor = ownText(result, 'nextCursor')
    const isList = binding.method.endsWith('/list') && cursor !== ''
    return { ...answer, data: fitting(withFiles(result)), ...(isList && { next: { ...argumentsOf(input), cursor } }) }
  }
  if (own(result, 'isError') !== true) return { ...answer, data: fitting(valueOfResult(result)) }
  const text = textOfResult(result)
  if (isUnknownTool(text)) return { ok: false, error: toolGone(text) }
  const structured = own(result, 'structuredContent')
  return {
    ok: false,
    error: {
      code: 'tool_error',
      message: text || 'The tool failed, and does not say why.',
      ...(structured !== undefined && { details: structured }),
    },
  }
}

/** As a value it would not fit a sandbox. */
function fitting(value: unknown): unknown {
  const isText = typeof value === 'string'
  const bytes = new TextEncoder().encode(isText ? value : JSON.stringify(value))
  if (bytes.length <= MAX_VALUE_BYTES) return value
  return isText
    ? new FileValue('answer.txt', 'text/plain', bytes)
    : new FileValue('answer.json', 'application/json', bytes)
}

export async function previewMcp(tool: CallableTool, input: unknown): Promise<RequestPreview | null> {
  const { binding } = tool
  if (!isMcpBinding(binding)) return null
  const message = { jsonrpc: '2.0', method: binding.method, params: paramsOf(binding, input) }
  return {
    method: 'POST',
    url: addressOf(tool.baseUrl, binding.url),
    headers: [['content-type', 'application/json']],
    body: JSON.stringify(message, null, 2),
  }
}
