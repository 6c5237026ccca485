// A document and the files that it refers to, seen as one index. What is read from another file, or within an `$id`, has
// its references made absolute, so that nobody else needs to know what a relative one is relative to.
import type { Source, SourceFile } from '../adapter.ts'
import { DocumentError } from '../document-error.ts'
import { own, ownText } from '../json-value.ts'
import { withAbsoluteReferences } from './absolute-references.ts'
import { fileOf, placeOf, pointerOf, type DocumentIndex, type Located, type Place } from './document-index.ts'
import { openDocument } from './open-document.ts'
import { fileUrl, problemOfUrl, splitReference, unreadable } from './references.ts'
import { Identifiers, mentionsIdentifiers } from './schema-identifiers.ts'

/** Stands for the address of a document that was given without one. */
const NAMELESS = 'document:/'
/** References that lead to references on the way to one place. */
const MAX_HOPS = 20
/** What many keep in a file of its own, although no version of the language lets a reference stand there. */
const SECTIONS = ['paths', 'components', 'definitions', 'parameters', 'responses', 'securityDefinitions', 'webhooks']

interface OpenFile {
  /** Null when the file cannot be read. */
  index: DocumentIndex | null
  /** What references in the file are relative to: its `$self`, or the URL it came from. */
  base: string
  /** Why it cannot, behind its name; empty when it can. */
  problem: string
}

export class DocumentSet implements DocumentIndex {
  readonly repeated: readonly Place[]
  readonly hasFiles: boolean
  readonly #main: OpenFile
  readonly #files: Map<string, SourceFile>
  readonly #open = new Map<string, OpenFile>()
  /** URLs that name the document itself. */
  readonly #ownUrls: Set<string>
  readonly #identifiers: Identifiers | null
  /** Sections that are kept elsewhere, by pointer. */
  readonly #sections = new Map<string, Place>()
  readonly #rebased = new WeakMap<object, unknown>()

  /** Throws DocumentError when the document cannot be read. Other files are read when something refers to them. */
  constructor(source: Source) {
    const [document, ...others] = source.documents
    if (!document || others.length > 0) {
      throw new DocumentError(
        'several_documents',
        `An integration is made of one OpenAPI document; ${source.documents.length} were given.`,
      )
    }
    const retrieved = fileUrl('', document.url) ?? NAMELESS
    this.#main = openedFile(openDocument(document), retrieved)
    this.repeated = this.#main.index?.repeated ?? []
    this.#ownUrls = new Set([retrieved, this.#main.base])
    this.#files = new Map(
      source.referenced.flatMap((file) => {
        const url = fileUrl('', file.url)
        return url === null ? [] : [[url, file] as const]
      }),
    )
    this.hasFiles = this.#files.size > 0
    this.#identifiers = this.#identify(document)
    if (this.hasFiles) this.#followSections()
  }

  get(place: Place): unknown {
    let at = this.#actual(place)
    for (let hops = 0; hops < MAX_HOPS; hops++) {
      const file = this.#fileAt(at)
      const value = file?.index?.get(tokensOf(at))
      if (file && value !== undefined) return this.#withAbsoluteReferences(value, at, file)
      const through = this.#through(at)
      if (through === null) return undefined
      at = through
    }
    return undefined
  }

  keys(place: Place): string[] {
    const at = this.#actual(place)
    return this.#fileAt(at)?.index?.keys(tokensOf(at)) ?? []
  }

  names(place: Place): Iterable<string> {
    const at = this.#actual(place)
    const index = this.#fileAt(at)?.index
    return index?.names?.(tokensOf(at)) ?? this.keys(place)
  }

  locate(reference: string): Located {
    const refuse = (problem: string): Located => ({ ok: false, problem: `"${reference}" ${problem}` })
    const { address, fragment } = splitReference(reference)
    const url = address === '' ? this.#main.base : fileUrl(address, this.#main.base)
    if (url === null) return refuse('is not a URL')
    const root = this.#rootOf(url)
    if (root === undefined) {
      if (url.startsWith(NAMELESS)) return refuse("is relative to the document's own address, which is not known")
      return refuse(problemOfUrl(url) ?? (url === address ? 'was not read' : `is in ${url}, which was not read`))
    }
    const { problem = '' } = this.#fileAt(root) ?? {}
    if (problem) return refuse(problem)
    const inside = placeOf(`#${fragment}`)
    if (inside !== null) return { ok: true, place: [...root, ...inside] }
    const anchored = this.#identifiers?.places.get(`${url}#${fragment}`)
    return anchored ? { ok: true, place: anchored } : refuse('points to nothing')
  }

  release(): void {
    for (const { index } of [this.#main, ...this.#open.values()]) index?.release?.()
  }

  /** Where the file, or the schema, of this URL begins. */
  #rootOf(url: string): Place | undefined {
    if (this.#ownUrls.has(url)) return []
    return this.#files.has(url) ? [url] : this.#identifiers?.places.get(url)
  }

  #fileAt(place: Place): OpenFile | null {
    const url = fileOf(place)
    return url === undefined ? this.#main : this.#fileOf(url)
  }

  /** Opened when it is first needed; null when the source does not have it. */
  #fileOf(url: string): OpenFile | null {
    const known = this.#open.get(url)
    const file = this.#files.get(url)
    if (known || !file) return known ?? null
    const opened = openFile(file, url)
    this.#open.set(url, opened)
    return opened
  }

  /** JSON Schema's identifiers count in OpenAPI 3.1 and later; before, `$id` was a word without meaning. */
  #identify(document: SourceFile): Identifiers | null {
    const { index } = this.#main
    if (!index || !/^3\.[1-9]/.test(String(index.get(['openapi'])))) return null
    const identifiers = new Identifiers()
    if (mentionsIdentifiers(document)) identifiers.add(index, this.#main.base, [])
    for (const [url, file] of this.#files) {
      if (!mentionsIdentifiers(file)) continue
      const { index: other, base } = this.#fileOf(url) ?? this.#main
      if (other) identifiers.add(other, base, [url])
    }
    return identifiers.places.size > 0 ? identifiers : null
  }

  #followSections(): void {
    for (const section of SECTIONS) {
      this.#followSection([section])
      if (section !== 'components') continue
      for (const kind of this.keys([section])) this.#followSection([section, kind])
    }
  }

  #followSection(section: Place): void {
    let at = section
    for (let hops = 0; hops < MAX_HOPS; hops++) {
      const reference = this.#referenceAt(this.#actual(at))
      const located = reference === '' ? null : this.locate(reference)
      if (!located?.ok) break
      at = located.place
    }
    if (at !== section) this.#sections.set(pointerOf(section), at)
  }

  /** Where what this place names really is. */
  #actual(place: Place): Place {
    if (this.#sections.size === 0) return place
    for (const length of [2, 1]) {
      const section = place.length < length ? undefined : this.#sections.get(pointerOf(place.slice(0, length)))
      if (section) return [...section, ...place.slice(length)]
    }
    return place
  }

  /** The place to look at when the way to a place leads through a reference; null when it does not. */
  #through(place: Place): Place | null {
    const isOther = fileOf(place) !== undefined
    if (!isOther && place[0] !== 'components' && place[0] !== 'definitions') return null
    for (let length = isOther ? 1 : 2; length < place.length; length++) {
      const reference = this.#referenceAt(place.slice(0, length))
      const located = reference === '' ? null : this.locate(reference)
      if (located?.ok) return [...located.place, ...place.slice(length)]
    }
    return null
  }

  /** The `$ref` of the value at a place, absolute; empty when there is none. */
  #referenceAt(place: Place): string {
    const file = this.#fileAt(place)
    const reference = file?.index?.get([...tokensOf(place), '$ref'])
    if (!file || typeof reference !== 'string') return ''
    return ownText(this.#withAbsoluteReferences({ $ref: reference }, place, file), '$ref')
  }

  #withAbsoluteReferences(value: unknown, place: Place, file: OpenFile): unknown {
    if (typeof value !== 'object' || value === null) return value
    if (file === this.#main && this.#identifiers === null) return value
    const known = this.#rebased.get(value)
    if (known !== undefined) return known
    const around = this.#identifiers?.around(place)
    const rebased = withAbsoluteReferences(value, {
      file: fileOf(place) ?? '',
      url: file.base,
      resource: around
        ? { url: around.url, has: (name) => file.index?.keys(tokensOf(around.place)).includes(name) === true }
        : null,
      isKnown: (url) => this.#rootOf(url) !== undefined,
      hasIdentifiers: this.#identifiers !== null,
    })
    this.#rebased.set(value, rebased)
    return rebased
  }
}

function tokensOf(place: Place): Place {
  return fileOf(place) === undefined ? place : place.slice(1)
}

function openedFile(index: DocumentIndex, url: string): OpenFile {
  const self = own({ self: index.get(['$self']) }, 'self')
  const base = typeof self === 'string' ? fileUrl(splitReference(self.trim()).address, url) : null
  return { index, base: base ?? url, problem: '' }
}

function openFile(file: SourceFile, url: string): OpenFile {
  try {
    return openedFile(openDocument(file), url)
  } catch (error) {
    if (error instanceof DocumentError) return { index: null, base: url, problem: unreadable(error) }
    throw error
  }
}
