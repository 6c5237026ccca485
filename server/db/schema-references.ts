// References between stored schemas, in SQL: what `json_tree` finds in a schema under the alias `tree`.
import { sql } from 'drizzle-orm'

/** Whether an element of the tree is a reference to a shared schema. */
export const isReference = sql`tree.key = '$ref' AND tree.type = 'text' AND tree.atom LIKE '#/$defs/%'`

/** The shared schema that it names. */
export const referredName = sql`substr(tree.atom, 9)`
