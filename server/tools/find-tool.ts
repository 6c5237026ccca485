// Tools that this isolate has called before, with the schemas of their input: a revision never changes, so that a tool
// is read once. Bounded, and large tools are not kept: an isolate has 128 MB for everything.
import type { JsonSchema } from '../../drizzle/shapes.ts'
import type { Database } from '../db/database.ts'
import { readTool, type ToolRow } from '../db/tools.ts'

export type FoundTool =
  | { tool: ToolRow; schemas: Record<string, JsonSchema>; weight: number }
  /** The names there are, for a suggestion, and what became of the one asked for. */
  | { tool: null; names: string[]; retired: { operation: string; retiredAt: number } | null }

const kept = new Map<string, FoundTool>()
const mostKept = 100
/** Characters of a tool and its schemas as JSON. */
const mostWeight = 64 * 1024

/** The tool in force under that name: one statement, or none. */
export async function findTool(
  db: Database,
  { id, revision }: { id: string; revision: number },
  name: string,
): Promise<FoundTool> {
  const key = `${id}/${revision}/${name}`
  const known = kept.get(key)
  if (known !== undefined) return known
  const found = await readTool(db, { integrationId: id, revision }, name, 'input')
  if (found.tool === null || found.weight > mostWeight) return found
  const [oldest] = kept.keys()
  if (kept.size >= mostKept && oldest !== undefined) kept.delete(oldest)
  kept.set(key, found)
  return found
}
