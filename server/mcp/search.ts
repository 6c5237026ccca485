import type { CallToolResult } from '@modelcontextprotocol/server'
import type { z } from 'zod'
import type { Principal } from '../access/principal.ts'
import { utf8Bytes } from '../db/json-rows.ts'
import {
  type IntegrationSummary,
  type SearchDeps,
  type SearchHit,
  searchQuestion,
  type SearchResult,
  searchTools,
} from '../tools/search.ts'
import { refuse } from './content.ts'
import { toolInput } from './tool-input.ts'

/** A signature is enough to write the call; longer ones are for `tools.describe`. */
const longestSignature = 1200
/** Of the 24 KB of an answer; the rest is for links and the cursor. */
const mostBytes = 18 * 1024

export const searchTool = {
  name: 'search',
  config: {
    title: 'Search tools',
    description:
      'Find tools by what they do. A hit has an address, a TypeScript signature, and marks: needs approval, or needs a connection (give the user its link). Without query: the integrations.',
    inputSchema: toolInput(searchQuestion),
    annotations: { readOnlyHint: true, openWorldHint: false },
  },
  async call(deps: SearchDeps, principal: Principal, input: z.infer<typeof searchQuestion>): Promise<CallToolResult> {
    const found = await searchTools(deps, { principal, ...input })
    if (found.error !== undefined) return refuse(found.error.code, found.error.message)
    return { content: [{ type: 'text', text: renderFound(found, input.query ?? '') }] }
  },
}

/** Compact text: what a model needs to choose and to call, a tool or an integration a paragraph. */
function renderFound(found: SearchResult, query: string): string {
  const rendered = found.integrations?.map(renderIntegration) ?? found.hits.map(renderHit)
  if (rendered.length === 0) return nothing(found, query)
  const fit = countFitting(rendered)
  const parts = rendered.slice(0, fit)
  const links = new Set(found.hits.map((hit) => hit.connectUrl).filter((link) => link !== undefined))
  for (const link of links) parts.push(`A person adds the connection here: ${link}`)
  // The page's own cursor would go on behind what did not fit.
  if (fit < rendered.length) {
    parts.push(
      `${rendered.length - fit} more on this page do not fit. Ask with limit ${fit} and go on with its cursor.`,
    )
  } else if (found.next !== undefined) parts.push(`More: cursor "${found.next}"`)
  return parts.join('\n')
}

/** How many of the parts an answer holds. */
function countFitting(parts: readonly string[]): number {
  let bytes = 0
  const first = parts.findIndex((part) => (bytes += utf8Bytes(part) + 1) > mostBytes)
  return first < 0 ? parts.length : first
}

function renderHit(hit: SearchHit): string {
  const marks = []
  if (hit.effect !== 'read') marks.push(hit.effect)
  if (hit.needsApproval) marks.push('needs approval')
  if (hit.needsConnection) marks.push('needs a connection')
  const { signature } = hit
  const isLong = signature.length > longestSignature
  const shown = isLong ? `${signature.slice(0, longestSignature)}… tools.describe("${hit.address}") has all` : signature
  const mark = marks.length === 0 ? '' : ` [${marks.join('; ')}]`
  const summary = hit.summary === '' ? '' : `\n  ${oneLine(hit.summary)}`
  return `${hit.address}${mark}${summary}\n  ${shown}`
}

function renderIntegration(integration: IntegrationSummary): string {
  const { slug, title, description, toolCount } = integration
  const mark = integration.needsConnection ? ` [needs a connection: ${integration.connectUrl ?? ''}]` : ''
  const about = oneLine(description)
  return `${slug}: ${title}, ${toolCount} ${toolCount === 1 ? 'tool' : 'tools'}${mark}${about === '' ? '' : `\n  ${about}`}`
}

function nothing(found: SearchResult, query: string): string {
  if (found.integrations !== undefined) return 'No integration is set up yet. An admin adds them in the console.'
  if (found.next !== undefined) return `Nothing on this page. More: cursor "${found.next}"`
  if (query === '') return 'This integration has no tool that you may use.'
  return `No tool matches ${JSON.stringify(query.slice(0, 100))}. Try other words, or no query for the integrations.`
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > 200 ? `${line.slice(0, 199)}…` : line
}
