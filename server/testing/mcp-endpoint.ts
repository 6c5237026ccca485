// `/mcp` as clients reach it, behind the door: who asks is given.
import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  type ClientCapabilities,
  PROTOCOL_VERSION_META_KEY,
} from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { Principal } from '../access/principal.ts'
import { handleMcp } from '../mcp/handler.ts'
import { ada, type Helpdesk, ORIGIN } from './helpdesk.ts'

export const ENDPOINT = new URL(`${ORIGIN}/mcp`)
export const config = { secretKey: 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=' }

/** Answers a request, and finishes what goes on after the answer. Surprises are put into `reported`. */
export async function answerMcp(
  desk: Helpdesk,
  request: Request,
  principal: Principal = ada,
  reported: unknown[] = [],
): Promise<Response> {
  const work: Promise<unknown>[] = []
  const report = (error: unknown) => `error-${reported.push(error)}`
  const waitUntil = (each: Promise<unknown>) => void work.push(each)
  const response = await handleMcp(request, { ...desk.deps, principal, config, report, waitUntil })
  await Promise.all(work)
  return response
}

export function mcpFetch(desk: Helpdesk, principal?: Principal) {
  return (input: string | URL, init?: RequestInit) => answerMcp(desk, new Request(input, init), principal)
}

export interface ToolRequest {
  name: string
  arguments: object
  era?: 'legacy' | 'modern'
  principal?: Principal
  /** Since 2026-07-28 alone. */
  capabilities?: ClientCapabilities
  /** What a retry brings, as it is; anything may be in it. */
  requestState?: unknown
  inputResponses?: unknown
  progressToken?: string
}

const META = '_meta'

const answerSchema = z.object({
  result: z
    .object({
      resultType: z.string().optional(),
      isError: z.boolean().optional(),
      content: z.array(z.object({ type: z.string(), text: z.string().optional() })).optional(),
      inputRequests: z
        .record(z.string(), z.object({ method: z.string(), params: z.record(z.string(), z.unknown()) }))
        .optional(),
      requestState: z.string().optional(),
    })
    .optional(),
  error: z.object({ code: z.number(), message: z.string() }).optional(),
})

/** One `tools/call` without a client around it; `text` is all of its texts. */
export async function callTool(desk: Helpdesk, request: ToolRequest) {
  const { name, arguments: input, requestState, inputResponses, progressToken } = request
  const isModern = request.era !== 'legacy'
  const meta = {
    ...(progressToken !== undefined && { progressToken }),
    ...(isModern && {
      [PROTOCOL_VERSION_META_KEY]: '2026-07-28',
      [CLIENT_INFO_META_KEY]: { name: 'raw', version: '1' },
      [CLIENT_CAPABILITIES_META_KEY]: request.capabilities ?? {},
    }),
  }
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': isModern ? '2026-07-28' : '2025-11-25',
    ...(isModern && { 'mcp-method': 'tools/call', 'mcp-name': name }),
  }
  const params = { name, arguments: input, [META]: meta, requestState, inputResponses }
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params })
  const response = await answerMcp(desk, new Request(ENDPOINT, { method: 'POST', headers, body }), request.principal)
  const messages = messagesIn(await response.text())
  const { result, error } = answerSchema.parse(messages.at(-1))
  const text = (result?.content ?? []).map((part) => part.text ?? '').join('\n')
  return { ...result, error, text, notifications: messages.slice(0, -1) }
}

/** JSON, or server-sent events of it. */
function messagesIn(text: string): unknown[] {
  if (text.startsWith('{')) return [JSON.parse(text)]
  return text
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => JSON.parse(line.slice(6)))
}
