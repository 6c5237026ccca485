import type { ToolErrorShape } from '../../drizzle/shapes.ts'
import type { CatalogSnapshot } from '../db/catalog.ts'
import { decide } from '../policies/decide.ts'
import { nearestTools } from './nearest-tools.ts'

/** `names` are those there are in the integration. */
export function unknownTool(
  catalog: CatalogSnapshot,
  slug: string,
  name: string,
  { names, retired }: { names: readonly string[]; retired: { operation: string; retiredAt: number } | null },
): ToolErrorShape {
  // A blocked tool does not appear to agents, and so is not suggested either.
  const isShown = (candidate: string) =>
    decide({ rules: catalog.rules, tool: { integration: slug, name: candidate, effect: 'read' } }).action !== 'block'
  const meant = nearestTools(name, names).filter(isShown).slice(0, 3)
  const hint =
    meant.length === 0
      ? `tools.search({ query: "…", integration: "${slug}" }) finds its tools.`
      : `Did you mean ${meant.map((candidate) => `${slug}.${candidate}`).join(' or ')}?`
  const address = (name === '' ? slug : `${slug}.${name}`).slice(0, 200)
  const gone = retired && `its API no longer has ${retired.operation} (since ${day(retired.retiredAt)})`
  return { code: 'unknown_tool', message: `There is no tool ${address}${gone ? `: ${gone}` : ''}. ${hint}` }
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}
