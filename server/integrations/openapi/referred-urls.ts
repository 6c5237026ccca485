// Which other files a source needs, found without reading the files as what they are: `$ref` looks alike in JSON and
// YAML, and so do the mappings of a discriminator.
import type { Source, SourceFile } from '../adapter.ts'
import { fileUrl, problemOfUrl, splitReference } from './references.ts'

/** A document that needs more is read without the rest, which is reported where it is used. */
const MAX_URLS = 200
const MAX_LENGTH = 2000
const MAX_ADDRESSES = 20_000
/** Text that is looked at together, and how much of it is looked at again with what follows. */
const WINDOW = 256 * 1024
const OVERLAP = 8 * 1024

/** `"…"`, `'…'`, or plain as YAML has it, also folded onto the next line; nothing follows on its line. */
const VALUE = String.raw`(?:[>|][-+]?\s{1,200})?(?:"((?:[^"\\\n]|\\[^\n]){0,2000})"|'([^'\n]{0,2000})'|([^\s"',{}[\]#>|&*!][^\s,}\]]{0,2000}))(?=[ \t]{0,200}[\r\n,}\]#])`
const KEYWORD = new RegExp(String.raw`\$(ref|id|self)["']?\s{0,200}:\s{0,200}${VALUE}`, 'g')
const MAPPING = /(^|[\n{,])([ \t]*)["']?mapping["']?\s{0,200}:\s{0,200}(?=[{"'\w.#])/g
const MEMBER = new RegExp(String.raw`:(?=[ \t"'])[ \t]{0,200}${VALUE}`, 'g')

/** Absolute http(s) URLs of files that the source refers to and does not have, in the order they are found. */
export function referredUrls(source: Source): string[] {
  const files = [...source.documents, ...source.referenced].map((file) => ({ file, named: namesIn(file) }))
  const known = new Set<string>()
  const knowAs = (address: string, base: string | undefined) => {
    const url = fileUrl(address, base)
    if (url !== null) known.add(url)
  }
  for (const { file, named } of files) {
    if (file.url !== undefined) knowAs(file.url, undefined)
    knowAs(named.self, file.url)
    for (const id of named.ids) knowAs(id, baseOf(file, named))
  }
  const wanted = new Set<string>()
  for (const { file, named } of files) {
    for (const address of named.addresses) {
      const url = fileUrl(address, baseOf(file, named))
      if (url === null || known.has(url) || url.length > MAX_LENGTH || problemOfUrl(url) !== null) continue
      wanted.add(url)
      if (wanted.size === MAX_URLS) return [...wanted]
    }
  }
  return [...wanted]
}

interface Names {
  /** What references name before their `#`. */
  addresses: Set<string>
  /** `$id`s: what they name is no other file. */
  ids: Set<string>
  self: string
}

function baseOf(file: SourceFile, { self }: Names): string | undefined {
  return (self && fileUrl(self, file.url)) || file.url
}

function namesIn({ bytes }: SourceFile): Names {
  const names: Names = { addresses: new Set(), ids: new Set(), self: '' }
  const refer = (reference: string) => {
    const { address } = splitReference(reference)
    if (address !== '' && names.addresses.size < MAX_ADDRESSES) names.addresses.add(address)
  }
  for (let start = 0; start < bytes.length; start += WINDOW) {
    const end = start + WINDOW + OVERLAP
    // What is cut off at the end of a window is whole in the next one.
    const text = bytes.text(start, end) + (end < bytes.length ? '' : '\n')
    for (const match of text.matchAll(KEYWORD)) {
      const value = valueOf(match[2], match[3], match[4])
      if (match[1] === 'ref') refer(value)
      else if (match[1] === 'self') names.self ||= splitReference(value).address
      else if (names.ids.size < MAX_ADDRESSES) names.ids.add(splitReference(value).address)
    }
    for (const reference of mappedIn(text)) refer(reference)
  }
  return names
}

function valueOf(quoted: string | undefined, single: string | undefined, plain: string | undefined): string {
  if (quoted === undefined) return (single ?? plain ?? '').trim()
  try {
    const value: unknown = JSON.parse(`"${quoted}"`)
    return String(value).trim()
  } catch {
    return quoted
  }
}

/** What the values of a discriminator stand for, where that is a file and not the name of a component. */
function* mappedIn(text: string): Generator<string> {
  for (const match of text.matchAll(MAPPING)) {
    const start = match.index + match[0].length
    const isFlow = text[start] === '{'
    const end = isFlow ? text.indexOf('}', start) : endOfBlock(text, start, (match[2] ?? '').length)
    const members = text.slice(start, end < 0 ? start + OVERLAP : Math.min(end, start + OVERLAP))
    for (const [, quoted, single, plain] of members.matchAll(MEMBER)) {
      const value = valueOf(quoted, single, plain)
      if (/^[^\s#]+(#\/|\.(json|ya?ml)($|#))|^\.{0,2}\//i.test(value)) yield value
    }
  }
}

/** Where the lines end that stand further in than `indent`. */
function endOfBlock(text: string, start: number, indent: number): number {
  const outside = new RegExp(String.raw`\n(?=[ \t]{0,${Math.min(indent, 1000)}}[^\s#])`, 'g')
  outside.lastIndex = start
  return outside.exec(text)?.index ?? text.length
}
