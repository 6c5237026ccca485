import type { Source } from '../adapter.ts'
import { ByteSequence } from './byte-sequence.ts'
import { dialectOf } from './dialect.ts'
import { JsonScanner } from './json-scanner.ts'
import { openDocument } from './open-document.ts'

/** Throws DocumentError unless the document says that it is one of ours. What is wrong inside it, reading it will show. */
export function detectOpenApi(source: Source): void {
  if (!namesItself(new ByteSequence(source.document))) dialectOf(openDocument(source))
}

/** Whether `openapi` or `swagger` is found early, without reading all of the document. */
function namesItself(bytes: ByteSequence): boolean {
  const scanner = new JsonScanner(bytes)
  const start = scanner.space(bytes.text(0, 3) === '\uFEFF' ? 3 : 0)
  if (!scanner.isObject(start)) return /^(openapi|swagger)\s*:/m.test(bytes.text(start, Math.min(bytes.length, 4096)))
  let isFound = false
  scanner.members(start, (key, at) => {
    isFound = key === 'openapi' || key === 'swagger'
    return isFound ? -1 : scanner.skip(at)
  })
  return isFound
}
