import type { SourceFile } from '../adapter.ts'
import { DocumentError } from '../document-error.ts'
import { own, ownList, ownText, shorten } from '../json-value.ts'
import { JsonScanner } from '../openapi/json-scanner.ts'
import { openDocument } from '../openapi/open-document.ts'

const MAX_KIND = 100
const SHOWN = 6

/**
 * Whether a document says that it is a Discovery document. Throws DocumentError for a list of such, and for JSON that
 * cannot be read as far as it was looked at.
 */
export function detectGoogle(file: SourceFile): boolean {
  const { bytes } = file
  const scanner = new JsonScanner(bytes)
  const start = scanner.space(bytes.text(0, 3) === '\uFEFF' ? 3 : 0)
  if (!scanner.isObject(start)) return false
  let kind = ''
  scanner.members(start, (key, at) => {
    // What says that it is something else need not be read to its end.
    if (key === 'openapi' || key === 'swagger') return -1
    const end = scanner.skip(at)
    if (key !== 'kind') return end
    kind = end - at < MAX_KIND ? bytes.text(at, end) : ''
    return -1
  })
  if (kind === '"discovery#directoryList"') throw listError(openDocument(file).get([]))
  return kind === '"discovery#restDescription"'
}

function listError(list: unknown): DocumentError {
  const items = ownList(list, 'items')
  const preferred = items.filter((item) => own(item, 'preferred') === true)
  const named = (preferred.length > 0 ? preferred : items).slice(0, SHOWN)
  const more = items.length > named.length ? ` and ${items.length - named.length} more` : ''
  const names = named.map((item) => shorten(ownText(item, 'id') || ownText(item, 'name'), 60)).filter(Boolean)
  const address = named.map((item) => ownText(item, 'discoveryRestUrl')).find(Boolean)
  const example = address ? `: that of ${names[0]} is ${shorten(address, 200)}` : ''
  return new DocumentError(
    'directory',
    `This is a list of Google's APIs (${names.join(', ')}${more}), and describes none of them. Give the address of each one's own document${example}.`,
  )
}
