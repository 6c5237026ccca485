import type { ToolErrorShape } from '../../drizzle/shapes.ts'
import { written } from './asked.ts'
import { rowLimit } from './chunks.ts'

const longestMessage = 8 * 1024

/** An error as its row can hold it; what the program is told is the same. Messages quote what was asked, of any length. */
export function storableError<E extends ToolErrorShape>(error: E): E {
  const message = error.message.length > longestMessage ? `${error.message.slice(0, longestMessage)}…` : error.message
  if (error.details === undefined) return { ...error, message }
  const details = written(error.details)
  const isHeavy = details === null || details.length > rowLimit
  return { ...error, message, details: isHeavy ? 'too large to keep' : error.details }
}
