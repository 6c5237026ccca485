// The request of a call as a person reads it before it is sent. It is built by the same code that sends it.
import type { RequestPreview } from '../../../drizzle/shapes.ts'
import type { CallableTool } from '../adapter.ts'
import { isBinding } from './binding.ts'
import { buildRequest } from './build-request.ts'

/** A longer body is told of in words: its arguments are in the record of the run, whole. */
const MOST_CHARACTERS = 200_000

export async function previewOperation(tool: CallableTool, input: unknown): Promise<RequestPreview | null> {
  if (!isBinding(tool.binding)) return null
  const built = buildRequest(tool.binding, tool.baseUrl, input)
  if (!built.ok) return null
  const { method, url, headers } = built.request
  const body = built.request.body === null ? null : await readable(built.request)
  return { method, url, headers: [...headers], body }
}

async function readable(request: Request): Promise<string> {
  const bytes = new Uint8Array(await request.arrayBuffer())
  const type = request.headers.get('content-type') ?? 'unknown type'
  const inWords = `[${bytes.byteLength.toLocaleString('en')} bytes of ${type}]`
  if (bytes.byteLength > MOST_CHARACTERS) return inWords
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return inWords
  }
}
