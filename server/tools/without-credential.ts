import type { ConnectionRow } from '../db/connections.ts'
import type { ToolResult } from '../integrations/adapter.ts'
import { NEXT } from '../integrations/openapi/next-url.ts'

/**
 * Some upstreams write the credential of a query into the link to their next page. It has no place in an input: it is
 * attached anew to every request.
 */
export function withoutCredential(result: ToolResult, connection: ConnectionRow | null): ToolResult {
  const names = (connection?.method.placements ?? []).flatMap((one) => (one.in === 'query' ? [one.name] : []))
  if (!result.ok || result.next === undefined || names.length === 0) return result
  const fields = Object.entries(result.next).filter(([name]) => !names.includes(name))
  const next = Object.fromEntries(fields.map(([name, value]) => [name, name === NEXT ? without(names, value) : value]))
  return { ...result, next }
}

function without(names: readonly string[], link: unknown): unknown {
  if (typeof link !== 'string' || !URL.canParse(link)) return link
  const url = new URL(link)
  for (const name of names) url.searchParams.delete(name)
  return url.href
}
