// Carries a tool out: the request from its binding and the input, then the answer as a value or as an error.
import type { ToolErrorShape } from '../../../drizzle/shapes.ts'
import type { CallableTool, Fetch, ToolResult } from '../adapter.ts'
import { contentTypeOf, decodeAnswer, MAX_VALUE_BYTES, MAX_VALUE_DEPTH } from './answer.ts'
import { type Binding, isBinding } from './binding.ts'
import { buildRequest } from './build-request.ts'
import { collectEvents } from './event-stream.ts'
import { essenceOf } from './media-type.ts'
import { withNext } from './paging.ts'
import { answerDetails, outboundFailure, upstreamError } from './upstream-error.ts'

/** With what is written around each event, no more than a value may be. */
const EVENT_LIMITS = { events: 10_000, bytes: MAX_VALUE_BYTES - 1024 * 1024, depth: MAX_VALUE_DEPTH }

export async function callOperation(tool: CallableTool, input: unknown, fetch: Fetch): Promise<ToolResult> {
  const { binding } = tool
  if (!isBinding(binding)) {
    return {
      ok: false,
      error: { code: 'not_callable', message: 'The tool was stored in another form. Import its integration again.' },
    }
  }
  const built = buildRequest(binding, tool.baseUrl, input)
  if (!built.ok) return built
  const { url } = built.request
  let response: Response
  let result: ToolResult
  try {
    response = await fetch(built.request)
    result = await readAnswer(response, { url, accept: binding.accept })
  } catch (error) {
    return { ok: false, error: withAdvice(outboundFailure(error), binding) }
  }
  return withNext(result, { binding, inputSchema: tool.inputSchema, input, url: new URL(url) }, response.url)
}

async function readAnswer(response: Response, asked: { url: string; accept: string }): Promise<ToolResult> {
  const { status } = response
  const headers = Object.fromEntries(response.headers)
  if (response.ok && response.body !== null && essenceOf(contentTypeOf(response.headers)) === 'text/event-stream') {
    return { ok: true, status, headers, data: await collectEvents(response.body, EVENT_LIMITS) }
  }
  const bytes = new Uint8Array(await response.arrayBuffer())
  const answer = decodeAnswer(bytes, response.headers, { ...asked, url: response.url || asked.url })
  if (!response.ok && status !== 304) {
    return { ok: false, error: upstreamError(status, response.headers, answer.data), headers }
  }
  if (answer.ok) return { ok: true, status, headers, data: answer.data }
  const message = `The call was accepted (${status}), but its answer ${answer.message}`
  const details = answerDetails(response.headers, answer.data)
  return { ok: false, error: { code: 'invalid_answer', message, status, details }, headers }
}

/** Names of parameters that make an answer smaller. */
const LIMITING =
  /^\$?(?:limit|count|size|first|top|take|fields?|select|per[-_]?page|(?:page|max)[-_.[]?(?:size|limit|count|results|items|records)\]?|results[-_]?per[-_]?page)$/i

function withAdvice(error: ToolErrorShape, { parameters }: Binding): ToolErrorShape {
  if (error.code !== 'too_large') return error
  const keys = parameters.filter(({ name }) => LIMITING.test(name)).map(({ key }) => key)
  const by = keys.length > 0 ? `with ${keys.join(', ')}` : 'with a narrower filter, fewer fields or a smaller page'
  return { ...error, code: 'answer_too_large', message: `${error.message} Ask for less at a time, ${by}.` }
}
