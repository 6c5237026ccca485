import { DocumentError } from '../document-error.ts'

/** What `read` answers, or `instead` where a part of the document is too large, or cannot be read. */
export function readPart<Value>(read: () => Value, instead: (problem: string) => Value): Value {
  try {
    return read()
  } catch (error) {
    if (error instanceof DocumentError) return instead(error.message)
    throw error
  }
}
