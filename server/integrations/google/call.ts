// Carries out a Google method: an HTTP operation, and what Google adds to one.
import type { RequestPreview } from '../../../drizzle/shapes.ts'
import { FileValue } from '../../sandbox/file.ts'
import type { CallableTool, Fetch, ToolResult } from '../adapter.ts'
import { isRecord, ownList } from '../json-value.ts'
import { callOperation } from '../openapi/call.ts'
import { essenceOf } from '../openapi/media-type.ts'
import { previewOperation } from '../openapi/preview.ts'
import { planRequest } from './request.ts'
import { sendMedia } from './send-media.ts'

const BYTES = 'application/octet-stream'
/** No type that says how to read it. */
const CONTENT = 'application/x-content'

export async function callMethod(tool: CallableTool, input: unknown, fetch: Fetch): Promise<ToolResult> {
  const read = planRequest(tool, input)
  if (!read.ok) return read
  const { plan } = read
  const called = plan.isContent
    ? await callForContent(plan.tool, plan.input, fetch)
    : await callOperation(plan.tool, plan.input, fetch)
  const result = plan.media && called.ok ? await sendMedia(tool, called, plan.media, fetch) : called
  return withScopes(result, isRecord(tool.binding) ? ownList(tool.binding, 'scopes') : [])
}

/** For content in a request of its own, this is the request that asks where to send it. */
export async function previewMethod(tool: CallableTool, input: unknown): Promise<RequestPreview | null> {
  const read = planRequest(tool, input)
  return read.ok ? previewOperation(read.plan.tool, read.plan.input) : null
}

/** Content is a file, whatever its type: a JSON file is asked for byte by byte. */
async function callForContent(tool: CallableTool, input: unknown, fetch: Fetch): Promise<ToolResult> {
  let type = ''
  const result = await callOperation(tool, input, async (request) => {
    const response = await fetch(request)
    if (!response.ok) return response
    type = response.headers.get('content-type') ?? ''
    const headers = new Headers(response.headers)
    headers.set('content-type', CONTENT)
    return new Response(response.body, { status: response.status, headers })
  })
  if (!result.ok) return result
  const { data } = result
  const file = data instanceof FileValue ? data : new FileValue('file', BYTES, new Uint8Array())
  const { 'content-type': _, ...headers } = result.headers
  if (type) headers['content-type'] = type
  return { ...result, headers, data: new FileValue(file.name, essenceOf(type) || BYTES, file.bytes) }
}

/** Google says that a token may not, but not what it would have to be allowed to. */
function withScopes(result: ToolResult, scopes: unknown[]): ToolResult {
  if (result.ok || result.error.status !== 403 || scopes.length === 0) return result
  const { error, headers = {} } = result
  const said = `${error.message} ${JSON.stringify(error.details) ?? ''} ${headers['www-authenticate'] ?? ''}`
  if (
    !/insufficient_scope|SCOPE_INSUFFICIENT|"insufficientPermissions"|insufficient authentication scopes/i.test(said)
  ) {
    return result
  }
  const message = `${error.message} The token needs one of these scopes: ${scopes.join(', ')}.`
  const details = { ...(isRecord(error.details) ? error.details : {}), scopes }
  return { ...result, error: { ...error, code: 'insufficient_scope', message, details, retryable: false } }
}
