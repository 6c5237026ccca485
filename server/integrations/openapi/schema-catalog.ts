// The schemas that a document's operations share. Each gets one name, is translated when the first operation reaches it,
// and is then handed on as a row; what stays in memory is a name and a place for each, and the last few of them.
import type { JsonSchema } from '../../../drizzle/shapes.ts'
import { utf8Bytes } from '../../db/json-rows.ts'
import type { Position } from '../adapter.ts'
import { isRecord, own, ownText, type JsonRecord } from '../json-value.ts'
import { ABSENT, PackedFlags, PackedNames, PackedTexts } from '../packed-texts.ts'
import { isScalar, type TypeNode, typeNodeOf } from '../type-node.ts'
import {
  childrenOf,
  discriminatingPart,
  isComplete,
  readDiscriminator,
  tightened,
  type DiscriminatorContext,
} from './discriminator.ts'
import { fileOf, placeAt, placeOf, pointerOf, type DocumentIndex, type Place } from './document-index.ts'
import { RecentValues } from './recent-values.ts'
import { isBareReference, resolveSchema } from './references.ts'
import { SchemaMarks } from './schema-marks.ts'
import { SchemaNames } from './schema-names.ts'
import { translateSchema, type Direction, type TranslationContext, type Use } from './schema-translation.ts'

/** Of the schemas that are kept at hand, translated and as the document has them, as JSON. */
const TRANSLATED_BYTES = 500_000
const LOOKED_BYTES = 300_000
/** References whose targets are kept at hand, and schemas whose alternatives are. */
const CACHED_TARGETS = 20_000
/** A stored row must stay below D1's limit. */
const MAX_SCHEMA_BYTES = 1_000_000
const SECTIONS: Place[] = [['components', 'schemas'], ['definitions']]

/** What is known of a reference that leads straight to a schema, and is that schema's key. */
const IS_STRAIGHT = 1
const HAS_NO_ALTERNATIVES = 2
/** … and of a name: it is in use, and once the tree of its type was made, whether that is scalar. */
const IS_DEFINED = 1
const IS_SCALAR = 2
const IS_COMPOSED = 4

interface Translated {
  body: JsonSchema
  /** Made when it is first asked for. */
  node?: TypeNode
}

/** What a reference leads to. */
interface Target {
  /** The pointer of its place. */
  key: string
  /** Set for the two schemas that need no row. */
  isTrue?: boolean
}

interface Alternative {
  reference: string
  tight: JsonRecord | null
}

export class SchemaCatalog {
  /** What is being read, for reports of schemas that are its own. */
  operation = ''
  readonly #index: DocumentIndex
  readonly #report: (place: string, reason: string) => void
  readonly #names: SchemaNames
  /** Names of components, by the section that they are in. */
  readonly #components = SECTIONS.map((section) => ({ section, names: new PackedTexts() }))
  readonly #marks: SchemaMarks
  /** By reference; why it leads nowhere where it does not. Those that lead straight to a schema are not among them. */
  #targets = new Map<string, Target | string>()
  readonly #straight = new PackedFlags()
  /** What a value of a schema may be beside the schema itself, by its key. */
  #alternatives = new Map<string, Alternative[]>()
  readonly #definitions = new PackedFlags()
  readonly answers = new PackedNames()
  #queue: string[] = []
  /** Names of schemas that were handed on before reading was interrupted. */
  readonly #handedOn = new PackedTexts()
  /** Whether everything that those lead to was handed on too. It need not be: reading may end between two schemas. */
  #isClosed = false
  readonly #recent = new RecentValues<string, Translated>(TRANSLATED_BYTES)
  readonly #looked = new RecentValues<string, unknown>(LOOKED_BYTES)

  constructor(
    index: DocumentIndex,
    report: (place: string, reason: string) => void,
    handedOn: Position['schemas'] = [],
  ) {
    this.#index = index
    this.#report = report
    this.#names = new SchemaNames(this.#readComponents(), handedOn)
    for (const { name } of handedOn) this.#handedOn.add(name)
    this.#marks = new SchemaMarks(
      (pointer) => this.#valueOf(this.#targetOf(pointer)),
      (reference, isMapped) => this.#targetOf((isMapped && this.#component(reference)) || reference)?.key ?? null,
    )
  }

  /** A schema of an operation in JSON Schema 2020-12. */
  translate(raw: unknown, direction: Direction): JsonSchema {
    return translateSchema(raw, this.#context(direction, ''))
  }

  /**
   * The schema itself when `raw` is a reference: what the document has there, without its discriminator, which can be
   * most of it.
   */
  look(raw: unknown): unknown {
    const reference = ownText(raw, '$ref')
    if (!reference) return raw
    if (!isBareReference(raw)) return withPart(raw)
    const looked = this.#looked.get(reference)
    if (looked !== undefined) return looked
    const resolved = resolveSchema(this.#index, reference)
    const schema = resolved.ok ? withPart(resolved.value) : undefined
    if (isRecord(schema)) this.#looked.set(reference, schema, JSON.stringify(schema).length)
    return schema
  }

  /** Whether a value of the schema may be one of its children, which have fields of their own. */
  hasChildren(raw: unknown): boolean {
    const target = isBareReference(raw) ? this.#targetOf(ownText(raw, '$ref')) : null
    return target !== null && this.#alternativesOf(target).length > 0
  }

  /** A shared schema by name, translated again unless it was used lately. */
  get(name: string): JsonSchema | undefined {
    return this.#translated(name)?.body
  }

  /** Its type: many tools show the same ones. */
  nodeOf(name: string): TypeNode | undefined {
    const translated = this.#translated(name)
    if (translated === undefined || translated.node) return translated?.node
    const node = typeNodeOf(translated.body)
    this.#definitions.set(name, IS_DEFINED | (isScalar(node) ? IS_SCALAR : IS_COMPOSED))
    return (translated.node = node)
  }

  isScalar(name: string): boolean | undefined {
    const flags = this.#definitions.get(name)
    return (flags & IS_SCALAR) !== 0 ? true : (flags & IS_COMPOSED) !== 0 ? false : undefined
  }

  /** Shared schemas that were reached since the last time, and those that they reach. */
  *reached(): Generator<{ name: string; place: string; body: JsonSchema }> {
    for (let at = 0; at < this.#queue.length; at++) {
      const name = this.#queue[at] ?? ''
      const body = this.get(name)
      if (body === undefined || this.#handedOn.find(name) !== ABSENT) continue
      yield { name, place: this.#names.placeKeyOf(name), body }
    }
    this.#queue = []
    this.#isClosed = true
  }

  /** Gives back at once what the names of schemas take outside of the heap; nothing can be asked from then on. */
  release(): void {
    for (const { names } of this.#components) names.release()
    for (const packed of [this.#names, this.#marks, this.#straight, this.#definitions]) packed.release()
    for (const packed of [this.answers, this.#handedOn]) packed.release()
  }

  #translated(name: string): Translated | undefined {
    const recent = this.#recent.get(name)
    if (recent !== undefined) return recent
    return this.#definitions.get(name) === 0 ? undefined : this.#define(name)
  }

  #define(name: string): Translated {
    const placeKey = this.#names.placeKeyOf(name)
    const pointer = placeKey.slice(placeKey.indexOf(' ') + 1)
    const context = this.#context(placeKey.startsWith('input ') ? 'input' : 'output', pointer)
    let body = translateSchema(this.#index.get(placeAt(pointer)), context, 'value')
    const bytes = utf8Bytes(JSON.stringify(body))
    if (bytes > MAX_SCHEMA_BYTES) {
      this.#report(pointer, 'The schema is too large to keep; values of it are not checked.')
      body = { description: 'Too large to show.' }
    }
    const translated: Translated = { body }
    this.#recent.set(name, translated, bytes)
    return translated
  }

  /** `pointer` is that of the schema; empty for one of an operation, which its own reports name. */
  #context(direction: Direction, pointer: string): TranslationContext {
    const mark = direction === 'input' ? 'readOnly' : 'writeOnly'
    return {
      direction,
      refer: (reference, use) => this.#refer(reference, direction, use),
      look: (reference) => this.look({ $ref: reference }),
      isLeftOut: (property) => {
        const reference = ownText(property, '$ref')
        const target = reference ? this.#targetOf(reference) : null
        return own(property, mark) === true || (target !== null && this.#marks.isMarked(target.key, mark))
      },
      leadsToMarks: (reference) => {
        const target = this.#targetOf(reference)
        return target !== null && this.#marks.leadsToMarks(target.key)
      },
      tighten: (schema, alternative) => this.#tighten(schema, alternative),
      report: (reason) => this.#report(pointer || this.operation, reason),
    }
  }

  #refer(reference: string, direction: Direction, use: Use): JsonRecord {
    const target = this.#follow(reference)
    if (typeof target === 'string') {
      this.#report(reference, `A schema is not known: ${target}.`)
      return {}
    }
    if (target.isTrue !== undefined) return target.isTrue ? {} : { not: {} }
    const alternatives = use === 'value' ? this.#alternativesOf(target) : []
    if (alternatives.length === 0) return this.#named(target, direction)
    return {
      anyOf: alternatives.map(({ reference, tight }) => ({ ...tight, ...this.#refer(reference, direction, 'part') })),
    }
  }

  #named({ key }: Target, direction: Direction): JsonRecord {
    const form = direction === 'input' && this.#marks.leadsToMarks(key) ? 'input' : 'output'
    const name = this.#names.nameOf(key, form)
    if (name === null) {
      this.#report('#', 'There are too many schemas; values of those that come last are not checked.')
      return {}
    }
    if (this.#definitions.get(name) === 0) {
      this.#definitions.set(name, IS_DEFINED)
      if (!this.#isClosed || this.#handedOn.find(name) === ABSENT) this.#queue.push(name)
    }
    return { $ref: `#/$defs/${name}` }
  }

  #targetOf(reference: string): Target | null {
    const target = this.#follow(reference)
    return typeof target === 'string' ? null : target
  }

  #follow(reference: string): Target | string {
    if (this.#straight.get(reference) !== 0) return { key: reference }
    const known = this.#targets.get(reference)
    if (known !== undefined) return known
    const resolved = resolveSchema(this.#index, reference)
    const target = resolved.ok ? targetAt(resolved.place ?? [], resolved.value) : resolved.problem
    const isStraight = typeof target !== 'string' && target.key === reference && target.isTrue === undefined
    if (isStraight && this.#straight.size < CACHED_TARGETS) {
      this.#straight.set(reference, IS_STRAIGHT)
      return target
    }
    if (this.#targets.size >= CACHED_TARGETS) this.#targets = new Map()
    this.#targets.set(reference, target)
    return target
  }

  #valueOf(target: Target | null): unknown {
    return target && this.#index.get(placeAt(target.key))
  }

  /** The children that only a mapping connects with a schema, and the schema itself where those are not all of them. */
  #alternativesOf(target: Target): Alternative[] {
    const { key } = target
    const known = this.#alternatives.get(key)
    if (known) return known
    if ((this.#straight.get(key) & HAS_NO_ALTERNATIVES) !== 0) return []
    const context = this.#discriminators()
    const schema = this.#valueOf(target)
    const part = discriminatingPart(schema)
    const discriminator = readDiscriminator(part, context)
    const children = part && discriminator ? childrenOf(part, discriminator) : []
    const others = children.filter((child) => child.key !== key)
    if (others.length === 0 && this.#straight.get(key) !== 0) {
      this.#straight.set(key, IS_STRAIGHT | HAS_NO_ALTERNATIVES)
      return []
    }
    const isAll = others.length === 0 || (discriminator !== null && isComplete(schema, discriminator, context))
    const alternatives: Alternative[] = (others.length > 0 && isAll ? children : others).map(({ reference }) => ({
      reference,
      tight: discriminator && tightened(discriminator, reference, null, context),
    }))
    if (!isAll) alternatives.push({ reference: key, tight: null })
    if (this.#alternatives.size >= CACHED_TARGETS) this.#alternatives = new Map()
    this.#alternatives.set(key, alternatives)
    return alternatives
  }

  #tighten(schema: JsonRecord, alternative: unknown): JsonRecord | null {
    const context = this.#discriminators()
    const discriminator = readDiscriminator(schema, context)
    const reference = ownText(alternative, '$ref')
    return discriminator && tightened(discriminator, reference, this.#componentName(reference), context)
  }

  #discriminators(): DiscriminatorContext {
    return {
      identify: (reference) => {
        const target = this.#follow(reference)
        if (typeof target !== 'string') return target.key
        this.#report(reference, `A discriminator names a schema that is not known: ${target}.`)
        return null
      },
      component: (name) => this.#component(name),
      look: (reference) => this.look({ $ref: reference }),
    }
  }

  #component(name: string): string | null {
    const found = this.#components.find(({ names }) => names.find(name) !== ABSENT)
    return found ? pointerOf([...found.section, name]) : null
  }

  /** Each once: of a name in two sections, the first counts. */
  *#readComponents(): Generator<{ name: string; place: Place }> {
    for (const { section, names } of this.#components) {
      for (const name of this.#index.keys(section)) {
        if (this.#component(name) !== null) continue
        names.add(name)
        yield { name, place: this.#home([...section, name]) }
      }
    }
  }

  /** The name of a schema as a component of the document; null when it is none. */
  #componentName(reference: string): string | null {
    const name = placeOf(reference)?.at(-1)
    return name !== undefined && this.#component(name) === reference ? name : null
  }

  /** Where a component is: one that is only a reference to another file lends its name to what is there. */
  #home(place: Place): Place {
    if (!this.#index.hasFiles || !this.#index.keys(place).includes('$ref')) return place
    const resolved = resolveSchema(this.#index, pointerOf(place))
    return resolved.ok && resolved.place !== null && fileOf(resolved.place) !== undefined ? resolved.place : place
  }
}

/** What stands beside a reference as a part of its own. */
function withPart(schema: unknown): unknown {
  if (!isRecord(schema)) return schema
  const { $ref, discriminator: _, ...more } = schema
  return $ref === undefined ? more : { allOf: [{ $ref }, more] }
}

function targetAt(place: Place, value: unknown): Target {
  return { key: pointerOf(place), ...(typeof value === 'boolean' ? { isTrue: value } : {}) }
}
