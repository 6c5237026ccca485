import type { SourceFile } from '../adapter.ts'
import { definitionsOf } from './sdl-definitions.ts'
import { schemaStart } from './read-introspection.ts'

const HEAD = 16 * 1024
const DEFINITION =
  /^(?:"""[^]*?"""|"(?:\\.|[^"\\])*")?\s*(?:extend\s+)?(?:schema\s*[{@]|scalar\s+\w+\s*(?:@|$)|(?:type|interface|input|enum)\s+\w+\s*[{@&\w]|union\s+\w+\s*[=@]|directive\s*@)/

/** Whether a document is an answer to introspection, or SDL. Throws DocumentError for JSON that cannot be read so far. */
export function detectGraphQl({ bytes }: SourceFile): boolean {
  const head = bytes.text(0, Math.min(bytes.length, HEAD)).replace(/^\uFEFF/, '')
  const first = /^\s*(\S)/.exec(head)?.[1]
  if (first === '{') return schemaStart(bytes) >= 0
  if (first === undefined || first === '[' || first === '<') return false
  // YAML has a colon behind its first key; of what is cut off at the end of the head the beginning is enough.
  for (const { text } of definitionsOf(head)) {
    const definition = text.replaceAll(/^(?:\s|,|#[^\n\r]*)+/g, '').trimEnd()
    if (definition !== '') return DEFINITION.test(definition)
  }
  return false
}
