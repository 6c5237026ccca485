// What a call to one of the answers comes to, through the product's own code from the adapter to the socket.
import { openApi } from '../../integrations/openapi/adapter.ts'
import { createOutbound } from '../../net/outbound.ts'
import { FileValue } from '../../sandbox/file.ts'
import type { AnswerCase } from './table.ts'

const outbound = createOutbound({ allowLocalNetwork: true })

/** Longer than any answer should take, and shorter than any test may. */
const TIMEOUT_MS = 5000
const MAX_BYTES = 10 * 1024 * 1024

/** A file is `{ file, type, size }`, with `text` where it is short. `ms` is how long it took. */
export async function outcomeOf(port: number, call: Omit<AnswerCase, 'name' | 'answer' | 'expected'>, path = '/a') {
  const { method = 'GET', accept = 'application/json, */*;q=0.8' } = call
  const binding = { method, path, parameters: [], accept }
  const tool = { operation: `${method} ${path}`, inputSchema: true, baseUrl: `http://127.0.0.1:${port}`, binding }
  const limits = { timeoutMs: call.timeoutMs ?? TIMEOUT_MS, maxBytes: MAX_BYTES }
  const startedAt = Date.now()
  const result = await openApi.call(tool, {}, (request) => outbound.send(request, limits))
  const ms = Date.now() - startedAt
  return { ...(result.ok ? { ...result, data: shown(result.data) } : result), ms }
}

function shown(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(shown)
  if (typeof data !== 'object' || data === null) return data
  if (!(data instanceof FileValue))
    return Object.fromEntries(Object.entries(data).map(([key, item]) => [key, shown(item)]))
  const { name, type, bytes } = data
  return {
    file: name,
    type,
    size: bytes.length,
    ...(bytes.length < 100 && { text: Buffer.from(bytes).toString('latin1') }),
  }
}
