import { isRecord } from '../json-value.ts'
import type { Endpoint } from './wire.ts'

/** What a tool is of a server: one of its tools, or one of the protocol's own requests. */
export type McpBinding = Endpoint & {
  /** Of JSON-RPC. */
  method: McpMethod
  /** Of the tool, as the server has it. */
  name?: string
  /** Arguments that are sent as headers too (`x-mcp-header`, 2026-07-28). */
  headers?: MirroredArgument[]
  /** It only runs as a task, which is asked for until it is done (tasks of 2025-11-25). */
  isTask?: true
  /** As the server has them, for who passes the tool on. */
  title?: string
  annotations?: unknown
  icons?: unknown
}

export interface MirroredArgument {
  path: string[]
  header: string
  type: string
}

export const READS = [
  'resources/read',
  'resources/list',
  'resources/templates/list',
  'prompts/get',
  'prompts/list',
  'completion/complete',
] as const

export type McpMethod = 'tools/call' | (typeof READS)[number]

/** Only this adapter writes bindings, so a look at the outline is enough to tell one from something else. */
export function isMcpBinding(value: unknown): value is McpBinding {
  return isRecord(value) && typeof value.url === 'string' && typeof value.method === 'string' && 'transport' in value
}
