import type { SourceFile } from '../adapter.ts'
import { bytesOf, type ByteSequence } from '../byte-sequence.ts'
import { DocumentError } from '../document-error.ts'
import { dialectOf } from './dialect.ts'
import { JsonScanner } from './json-scanner.ts'
import { openDocument } from './open-document.ts'

const HEAD_BYTES = 64 * 1024

/** Throws DocumentError unless the document says that it is one of ours. What is wrong inside it, reading it will show. */
export function detectOpenApi(file: SourceFile): void {
  if (!namesItself(file.bytes)) dialectOf(openDocument(file))
}

/** Whether `openapi` or `swagger` is at the top and early: a document of any size is told by its beginning. */
function namesItself(bytes: ByteSequence): boolean {
  const head = bytes.text(0, HEAD_BYTES).replace(/^\uFEFF/, '')
  if (!/^\s*\{/.test(head)) return /^(openapi|swagger)\s*:/m.test(head)
  const scanner = new JsonScanner(bytesOf([new TextEncoder().encode(head)]))
  let isFound = false
  try {
    scanner.members(scanner.space(0), (key, at) => {
      isFound = key === 'openapi' || key === 'swagger'
      return isFound ? -1 : scanner.skip(at)
    })
  } catch (error) {
    // What is cut off, or wrong, is looked at as a whole.
    if (!(error instanceof DocumentError)) throw error
  }
  return isFound
}
