import { writeFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Document, Pair, parseDocument, Scalar, visit, YAMLMap, YAMLSeq, type ToStringOptions } from 'yaml'
import { bytesOf } from '../byte-sequence.ts'
import { DocumentError } from '../document-error.ts'
import { walk, type Place } from './document-index.ts'
import { YamlDocument } from './yaml-document.ts'

const RUNS = Number(process.env.RUNS ?? 200)
const encoder = new TextEncoder()

/** In pieces so small that everything that can be taken apart is. */
function opened(text: string, pieceBytes?: number): YamlDocument {
  const bytes = encoder.encode(text)
  const chunks: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += 997) chunks.push(bytes.subarray(at, at + 997))
  return new YamlDocument(bytesOf(chunks), 0, pieceBytes)
}

function refusal(act: () => unknown): string {
  try {
    return `read ${JSON.stringify(act())}`
  } catch (error) {
    if (error instanceof DocumentError) return `${error.code}: ${error.message}`
    throw error
  }
}

function* placesIn(value: unknown, place: Place = []): Generator<Place> {
  yield place
  if (typeof value !== 'object' || value === null) return
  for (const [key, member] of Object.entries(value)) yield* placesIn(member, [...place, key])
}

/** What the package makes of a text; null when it refuses it. */
function readWhole(text: string): unknown {
  const document = parseDocument(text, { merge: true, uniqueKeys: false, logLevel: 'error' })
  try {
    if (document.errors.length > 0) return null
    const value: unknown = document.toJS({ maxAliasCount: -1 })
    // Throws for a value that contains itself.
    JSON.stringify(value)
    return value
  } catch {
    return null
  }
}

/** At every place, deepest first and last, the document says what reading all of it says. */
function expectSame(text: string, pieceBytes: number): void {
  const whole = readWhole(text)
  // The package prints some values as what it does not read, and "<<" as a merge.
  fc.pre(whole !== null && text.isWellFormed())
  const document = opened(text, pieceBytes)
  const places = [...placesIn(whole)]
  for (const place of [...places.toReversed(), ...places]) {
    const value = walk(whole, place)
    let got: unknown
    try {
      got = document.get(place)
    } catch (error) {
      if (String(error).includes('Tag not resolved')) return
      throw new Error(`${place.join(' ')}\n${text}\n${JSON.stringify(text)}`, { cause: error })
    }
    if (JSON.stringify(got)?.length !== JSON.stringify(value)?.length)
      writeFileSync('/tmp/rd/fail.txt', `${JSON.stringify(place)} ${pieceBytes}\n${text}`)
    expect({ text, place, got }).toEqual({ text, place, got: value })
    const keys = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : []
    expect([place, document.keys(place).toSorted()]).toEqual([place, keys.toSorted()])
  }
  expect(document.get(['paths', '/nowhere', 'get'])).toEqual(walk(whole, ['paths', '/nowhere', 'get']))
  expect(document.get(['constructor'])).toEqual(walk(whole, ['constructor']))
}

const odd = [
  'a: b',
  '# no comment',
  'a #b',
  '- x',
  'line\n\n  two\n',
  '\n',
  ' lead',
  'trail ',
  '---',
  '...',
  'null',
  '~',
  'true',
  '1.0',
  '0x1f',
  '007',
  "it's",
  '"q"',
  '&a',
  '*a',
  '<<',
  '!t',
  '{',
  '[',
  '{a: b}',
  '? a',
  ': b',
  'a\tb',
  '\ttab',
  '%x',
  '@x',
  '`x',
  '|',
  '>',
  'ä漢😀',
  'a: "b\n  c: d"',
  '__proto__',
  'constructor',
  'toString',
  '',
  ' ',
  '-',
  '-1',
  'x\r\ny',
  'long '.repeat(30),
  `${'long '.repeat(20)}\n  # not: a comment\n\n- nor: this\n`,
]
const text = fc.oneof(
  { weight: 2, arbitrary: fc.string({ maxLength: 12 }) },
  { weight: 3, arbitrary: fc.constantFrom(...odd) },
)
const key = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('get', 'post', '/a', '/a/{b}', '200', 'x-a', 'schemas') },
  { weight: 2, arbitrary: text },
)
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 3, arbitrary: text },
    { weight: 1, arbitrary: fc.constantFrom(null, true, false, 0, -1.5, 1e21, 12345678901) },
    { weight: 3, arbitrary: fc.dictionary(key, tie('value'), { maxKeys: 5, noNullPrototype: true }) },
    { weight: 2, arbitrary: fc.array(tie('value'), { maxLength: 5 }) },
  ),
}))
const options: fc.Arbitrary<ToStringOptions> = fc.record({
  indent: fc.integer({ min: 1, max: 5 }),
  indentSeq: fc.boolean(),
  lineWidth: fc.constantFrom(0, 20, 40, 80),
  minContentWidth: fc.constantFrom(0, 20),
  collectionStyle: fc.constantFrom('any', 'block', 'any', 'block', 'flow'),
  defaultStringType: fc.constantFrom('PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE', 'BLOCK_LITERAL', 'BLOCK_FOLDED'),
  defaultKeyType: fc.constantFrom(null, 'PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE'),
  doubleQuotedAsJSON: fc.boolean(),
  doubleQuotedMinMultiLineLength: fc.constantFrom(5, 40),
  singleQuote: fc.constantFrom(null, true, false),
  blockQuote: fc.constantFrom(true, false, 'folded', 'literal'),
  flowCollectionPadding: fc.boolean(),
  trailingComma: fc.boolean(),
  nullStr: fc.constantFrom('null', '~', ''),
})

/** A document of which parts are in several places, as anchors and aliases where the printer wants them. */
const documents = fc
  .record({
    parts: fc.array(value, { minLength: 1, maxLength: 4 }),
    picks: fc.array(fc.nat(), { minLength: 8, maxLength: 8 }),
    extra: value,
    keys: fc.array(key, { minLength: 4, maxLength: 4 }),
  })
  .map(({ parts, picks, extra, keys }) => {
    const pick = (at: number) => parts[(picks[at] ?? 0) % parts.length]
    return {
      openapi: '3.1.0',
      [keys[0] ?? '']: extra,
      components: { schemas: { [keys[1] ?? '']: pick(0), B: pick(1), C: { of: pick(2) } }, parameters: pick(3) },
      paths: {
        [keys[2] ?? '']: pick(4),
        '/a': { get: pick(5), [keys[3] ?? '']: { responses: pick(6) } },
        '/b': pick(7),
      },
      tags: [pick(0), extra, { name: pick(1) }],
    }
  })

const reading = fc.record({
  pieceBytes: fc.constantFrom(1, 20, 80, 65_536),
  isCrlf: fc.boolean(),
  marker: fc.constantFrom('', '---\n', '# a: "\n--- # "\n', '%YAML 1.2\n---\n', '%YAML 1.1\n---\n'),
  aliasDuplicateObjects: fc.boolean(),
})

test('every value of a document is found where it lies, however it is printed', () => {
  fc.assert(
    fc.property(documents, options, reading, (given, printing, how) => {
      const { pieceBytes, isCrlf, marker, aliasDuplicateObjects } = how
      const printed = marker + new Document(given, { aliasDuplicateObjects }).toString(printing)
      expectSame(isCrlf ? printed.replaceAll('\n', '\r\n') : printed, pieceBytes)
    }),
    { numRuns: RUNS },
  )
})

test('members that are merged from elsewhere are found as if they were written out', () => {
  const merges = fc.array(fc.record({ from: fc.nat(), into: fc.nat(), at: fc.nat(), isList: fc.boolean() }), {
    minLength: 1,
    maxLength: 6,
  })
  fc.assert(
    fc.property(documents, options, reading, merges, (given, printing, { pieceBytes }, wished) => {
      const document = new Document(given, { aliasDuplicateObjects: false })
      const maps: { map: YAMLMap; isIn: Set<unknown> }[] = []
      visit(document, { Map: (_, map, path) => void maps.push({ map, isIn: new Set(path) }) })
      for (const { from, into, at, isList } of wished) {
        const [first, second] = [maps[from % maps.length], maps[into % maps.length]]
        // An alias means something in front of it, and nothing around it.
        if (!first || !second || maps.indexOf(first) >= maps.indexOf(second) || second.isIn.has(first.map)) continue
        const alias = document.createAlias(first.map, first.map.anchor ?? `m${maps.indexOf(first)}`)
        const merged = isList ? Object.assign(new YAMLSeq(), { items: [alias], flow: true }) : alias
        second.map.items.splice(at % (second.map.items.length + 1), 0, new Pair(new Scalar('<<'), merged))
      }
      expectSame(document.toString(printing), pieceBytes)
    }),
    { numRuns: RUNS },
  )
})

test('what the package accepts of a damaged document is read as it reads it', () => {
  const damage = fc.array(
    fc.record({
      at: fc.nat(),
      cut: fc.nat({ max: 3 }),
      put: fc.oneof(
        fc.constantFrom(
          '\n',
          ' ',
          '  ',
          '\t',
          ': ',
          '- ',
          '? ',
          '"',
          "'",
          '[',
          '}',
          '#',
          ' #',
          '&a ',
          '*a',
          '|',
          '>-\n',
          '!x ',
          ',',
        ),
        fc.string({ maxLength: 2 }),
      ),
    }),
    { minLength: 1, maxLength: 3 },
  )
  fc.assert(
    fc.property(
      documents,
      options,
      reading,
      damage,
      (given, printing, { pieceBytes, aliasDuplicateObjects }, wounds) => {
        let text = new Document(given, { aliasDuplicateObjects }).toString(printing)
        for (const { at, cut, put } of wounds) {
          const place = at % (text.length + 1)
          text = text.slice(0, place) + put + text.slice(place + cut)
        }
        // Explicit keys and values that are indented by less than what they follow are no YAML, but read somehow.
        fc.pre(!/^[ -]*[?:]\s/m.test(text))
        expectSame(text, pieceBytes)
      },
    ),
    { numRuns: RUNS },
  )
})
