// Carries a tool out: one operation, in the way that the endpoint takes it.
import type { RequestPreview } from '../../../drizzle/shapes.ts'
import type { CallableTool, CallContext, CallResult, Fetch, ToolResult } from '../adapter.ts'
import { isRecord, own, ownText, type JsonRecord } from '../json-value.ts'
import { outboundFailure } from '../openapi/upstream-error.ts'
import { bounded, errorOf, readAnswer, type Answer } from './answer.ts'
import { isGraphQlBinding, type GraphQlBinding } from './binding.ts'
import { buildRequest, MAX_FILES, type Way } from './build-request.ts'
import { gatheringOf } from './gather-queries.ts'
import { planOperation, type Operation } from './operation.ts'

/** What is remembered of an endpoint: how it wants to be asked. */
const WAY = 'graphql.way'
const MAX_PREVIEW = 200_000

const OTHER_FORM = 'The tool was stored in another form. Import its integration again.'

export async function callField(
  tool: CallableTool,
  input: unknown,
  fetch: Fetch,
  context?: CallContext,
): Promise<CallResult> {
  const { binding } = tool
  if (!isGraphQlBinding(binding)) return { ok: false, error: { code: 'not_callable', message: OTHER_FORM } }
  if (context === undefined) {
    const message = 'The types of the schema are not at hand, and nothing is sent that was not checked against them.'
    return { ok: false, error: { code: 'not_callable', message } }
  }
  const endpoint = endpointOf(tool, binding)
  const way = wayOf(binding, context)
  const isPlain = binding.operation === 'query' && way.method === 'POST' && !way.isPersisted
  const planning = planOperation(binding, input, context)
  const shared = isPlain ? await gatheringOf(endpoint, context)?.join(planning, fetch) : undefined
  const planned = await planning
  if (!planned.ok) return planned
  const { operation } = planned
  try {
    if (shared?.answer) return { ...resultOf(shared.answer, operation, binding, input), sentWith: shared.sentWith }
    const answer = await ask(endpoint, operation, { way, isQuery: binding.operation === 'query' }, fetch, context)
    const result = resultOf(answer, operation, binding, input)
    if (result.ok) shared?.succeeded?.()
    return result
  } catch (error) {
    return { ok: false, error: outboundFailure(error) }
  }
}

/** With the `context` of a call, the very operation that is sent; without one, what is blocked is still in it. */
export async function previewField(
  tool: CallableTool,
  input: unknown,
  context?: CallContext,
): Promise<RequestPreview | null> {
  const { binding } = tool
  if (!isGraphQlBinding(binding)) return null
  const planned = await planOperation(binding, input, context)
  if (!planned.ok) return null
  const url = endpointOf(tool, binding)
  const { query, variables } = planned.operation
  let hasFiles = false
  const shown = JSON.stringify(
    variables,
    (_, value: unknown) => {
      if (!(value instanceof Uint8Array)) return value
      hasFiles = true
      return '[bytes]'
    },
    2,
  )
  const body = `${query}\n\n${shown}`
  const inWords = `[${body.length.toLocaleString('en')} characters of GraphQL]`
  const headers: [string, string][] = [['content-type', hasFiles ? 'multipart/form-data' : 'application/json']]
  return { method: 'POST', url, headers, body: body.length > MAX_PREVIEW ? inWords : body }
}

function endpointOf({ baseUrl }: CallableTool, { suffix }: GraphQlBinding): string {
  return baseUrl.endsWith('/') ? baseUrl : baseUrl + (suffix ?? '')
}

/** At most three requests: none of those before the last was carried out, as the endpoint itself said. */
async function ask(
  endpoint: string,
  operation: Operation,
  { way: first, isQuery }: { way: Way; isQuery: boolean },
  fetch: Fetch,
  { memory }: CallContext,
): Promise<Answer> {
  let way = first
  let answer = await send(endpoint, operation, way, fetch)
  for (let more = 2; more > 0; more--) {
    const other = otherWay(way, answer, isQuery)
    if (other === null) break
    const next = await send(endpoint, operation, other, fetch)
    // The refusal of the first way says more than one of a way that was only tried.
    if (next.is === 'failure' && other.method === 'GET') break
    way = other
    answer = next
    if (answer.is === 'answer' && answer.errors.length === 0) memory.set(WAY, way)
  }
  return answer
}

async function send(endpoint: string, operation: Operation, way: Way, fetch: Fetch): Promise<Answer> {
  const request =
    (await buildRequest(endpoint, operation, way)) ??
    (await buildRequest(endpoint, operation, { ...way, method: 'POST' }))
  if (request === null) {
    const message = `The input has more than ${MAX_FILES} files, or is nested too deep.`
    return { is: 'failure', status: 0, headers: new Headers(), error: { code: 'invalid_arguments', message } }
  }
  const { url } = request
  return readAnswer(await fetch(request), url)
}

/** As it was before, for a connection that was used before. */
function wayOf({ operation, method }: GraphQlBinding, { memory }: CallContext): Way {
  const known = memory.get(WAY)
  const isGet = operation === 'query' && (method === 'GET' || own(known, 'method') === 'GET')
  return { method: isGet ? 'GET' : 'POST', isPersisted: own(known, 'isPersisted') === true }
}

/** How an endpoint says that it wants to be asked in another way; null when it does not. */
function otherWay(way: Way, answer: Answer, isQuery: boolean): Way | null {
  if (answer.status === 405 && way.method === 'POST' && isQuery) return { ...way, method: 'GET' }
  if (answer.status === 405 && way.method === 'GET') return { ...way, method: 'POST' }
  if (answer.is === 'failure') return null
  const said = answer.errors.map((error) => `${ownText(own(error, 'extensions'), 'code')} ${ownText(error, 'message')}`)
  const text = said.join(' ')
  if (!/persisted[\s_-]*quer/i.test(text)) return null
  if (/not[\s_-]*supported/i.test(text)) return way.isPersisted ? { ...way, isPersisted: false } : null
  return way.isPersisted ? null : { ...way, isPersisted: true }
}

function resultOf(answer: Answer, operation: Operation, binding: GraphQlBinding, input: unknown): ToolResult {
  const headers = Object.fromEntries(answer.headers)
  if (answer.is === 'failure') return { ok: false, error: answer.error, headers }
  const value = own(answer.data, operation.field)
  const hasData = value !== undefined && value !== null
  if (!hasData && (answer.errors.length > 0 || answer.data === null)) {
    const error = errorOf(answer)
    const isRefused = error.code === 'unauthorized' && error.status !== 401
    // A mutation was not begun when there is no data at all, and no error has a place in it (section 7.1.2).
    const isUndone = binding.operation === 'query' || !(answer.data || answer.errors.some((each) => own(each, 'path')))
    return { ok: false, error, headers, ...(isRefused && isUndone && { isCredentialRefused: true }) }
  }
  const next = nextOf(value, binding, input)
  return {
    ok: true,
    status: answer.status,
    headers,
    data: value ?? null,
    ...(answer.errors.length > 0 && { errors: bounded(answer.errors) }),
    ...(next && { next }),
  }
}

/** The input of the page after this one (GraphQL Cursor Connections Specification, section 4). */
function nextOf(value: unknown, { paging }: GraphQlBinding, input: unknown): JsonRecord | null {
  const page = own(value, 'pageInfo')
  const cursor = own(page, 'endCursor')
  if (!paging || own(page, 'hasNextPage') !== true || typeof cursor !== 'string' || cursor === '') return null
  const given = isRecord(input) ? input : {}
  return own(given, paging.cursor) === cursor ? null : { ...given, [paging.cursor]: cursor }
}
