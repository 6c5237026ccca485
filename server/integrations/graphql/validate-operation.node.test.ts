// Our rules find in an operation what those of graphql-js find, and nothing else.
import * as fc from 'fast-check'
import { buildSchema, parse, validate } from 'graphql'
import { expect, test } from 'vitest'
import type { JsonSchema } from '../../../drizzle/shapes.ts'
import { bytesOf } from '../byte-sequence.ts'
import { graphQl } from './adapter.ts'
import { isGraphQlBinding, type GraphQlBinding } from './binding.ts'
import { planOperation } from './operation.ts'

const SDL = `
scalar Any
enum Color { RED GREEN BLUE }
input In { id: ID! in: In list: [In!] numbers: [[Int!]] color: Color! = RED any: Any ratio: Float }
input One @oneOf { a: Int b: In text: String }
interface Named { name: String! other(in: In, first: Int): Named same: [Named] }
interface Lonely { name: Int }
type A implements Named { name: String! other(in: In, first: Int): A same: [Named] a: Int list(first: Int!, one: One): [A!]! color: Color any: Any }
type B implements Named { name: String! other(in: In, first: Int): Named same: [Named] a: String list(first: Int!, one: One): [B!]! color: Color! any: Any }
type C { name: Int a: Float list: [C] color: [Color] any: Any other(flag: Boolean!, id: ID, text: String! = "x"): C }
union AB = A | B
union BC = B | C
type Query {
  root(id: ID!, text: String, number: Int!, in: In, list: [Int], one: Int, color: Color, after: [In!]!): A
  named(id: ID): Named
  ab(first: Int): [AB!]
  bc(text: String! = "x"): BC
  leaf(id: ID!): [Color]
}`
const schema = buildSchema(SDL)
const rows = new Map<string, JsonSchema>()
const bindings = new Map<string, GraphQlBinding>()
const documents = [{ bytes: bytesOf([new TextEncoder().encode(SDL)]) }]
for await (const found of graphQl.discover({ documents, referenced: [] }, () => Promise.reject(new Error('no')))) {
  if (found.type === 'schema') rows.set(found.name, structuredClone(found.body))
  if (found.type === 'tool' && isGraphQlBinding(found.binding)) bindings.set(found.suggestedName, found.binding)
}

const context = {
  schemas: async (names: readonly string[]) =>
    new Map(
      names.flatMap((name): [string, JsonSchema][] => {
        const row = rows.get(name)
        return row === undefined ? [] : [[name, row]]
      }),
    ),
  isBlocked: () => false,
  memory: new Map(),
}
type Input = Record<string, unknown> & { select?: string | undefined }

async function ours(binding: GraphQlBinding, input: Input): Promise<string> {
  const planned = await planOperation(binding, input, context)
  return planned.ok ? '' : planned.error.message
}

function theirs(binding: GraphQlBinding, input: Input): string[] {
  const given = binding.arguments.filter(({ name }) => input[name] !== undefined)
  const variables = given.map(({ name, type }) => `$${name}: ${type}`).join(' ')
  const args = given.map(({ name }) => `${name}: $${name}`).join(' ')
  const select = input.select === undefined ? '' : `{ ${input.select} }`
  const text = `query ${variables && `(${variables})`} { ${binding.field} ${args && `(${args})`} ${select} }`
  return validate(schema, parse(text)).map(({ message }) => message)
}

/** Suggestions are found in another way. */
function plain(message: string): string {
  return message.replaceAll(/\.? Did you mean [^?]*\?( Found)?/g, '').replaceAll(/, found|:|\s|\./g, '')
}

interface Compared {
  is: 'valid' | 'not valid' | 'refused before'
  differences: unknown[]
}

async function compare(field: string, input: Input): Promise<Compared> {
  const binding = bindings.get(field)
  if (binding === undefined) throw new Error(`no tool ${field}`)
  const mine = await ours(binding, input)
  if (mine !== '' && !mine.startsWith('The selection is not valid')) return { is: 'refused before', differences: [] }
  const expected = theirs(binding, input)
  if (mine === '') return { is: 'valid', differences: expected }
  if (expected.length === 0) return { is: 'not valid', differences: [mine] }
  // Few problems are told, and not at any length.
  const isWhole = expected.length < 5 && mine.length < 900
  const missing = expected.filter((message) => {
    // Theirs shows variables in values as null.
    const isOtherwise = message.includes('cannot represent') && (input.select ?? '').includes('$')
    return !isOtherwise && !plain(mine).includes(plain(message))
  })
  return { is: 'not valid', differences: isWhole && missing.length > 0 ? [mine, missing] : [] }
}

const GIVEN = { id: 1, text: 'x', number: 1, in: { id: 1 }, list: [1], one: 1, color: 'RED', after: [] }

test.each([
  'name',
  'a: name a',
  'a { b }',
  'other',
  'color { x: name }',
  'list { name }',
  'list(first: null) { name }',
  'list(first: 1, first: 2) { name }',
  'list(first: 1.5) { name }',
  'list(first: 2147483648) { name }',
  'list(first: -2147483648) { name }',
  'list(first: "1") { name }',
  'list(first: [1]) { name }',
  'list(first: $number) { name }',
  'list(first: $one) { name }',
  'list(first: $text) { name }',
  'list(first: $missing) { name }',
  'list(firts: 1) { name }',
  'list(first: 1, one: {}) { name }',
  'list(first: 1, one: { a: null }) { name }',
  'list(first: 1, one: { a: 1, text: "b" }) { name }',
  'list(first: 1, one: { a: $one }) { name }',
  'list(first: 1, one: { a: $number }) { name }',
  'list(first: 1, one: { x: 1 }) { name }',
  'list(first: 1, one: { a: 1, x: 1 }) { name }',
  'other(in: {}) { name }',
  'other(in: 1) { name }',
  'other(in: [{ id: 1 }]) { name }',
  'other(in: $in) { name }',
  'other(in: { id: 1, id: 2 }) { name }',
  'other(in: { id: $id, in: $in, list: $after }) { name }',
  'other(in: { id: 1, list: { id: "x" } }) { name }',
  'other(in: { id: 1, list: [{ id: 1.5 }, null] }) { name }',
  'other(in: { id: 1, list: $in }) { name }',
  'other(in: { id: 1, numbers: 1 }) { name }',
  'other(in: { id: 1, numbers: [1] }) { name }',
  'other(in: { id: 1, numbers: [$one, [$one], $list] }) { name }',
  'other(in: { id: 1, numbers: [null, [null]] }) { name }',
  'other(in: { id: 1, color: null }) { name }',
  'other(in: { id: 1, color: RDE }) { name }',
  'other(in: { id: 1, color: "RED" }) { name }',
  'other(in: { id: 1, color: $color }) { name }',
  'other(in: { id: 1, any: { a: [$id, RED, 1], a: 2 }, ratio: 1 }) { name }',
  'other(in: { id: 1, ratio: true, idd: 2 }) { name }',
  'other(in: { id: 1 }) { name } other(in: { id: 2 }) { name }',
  'other(in: { id: 1, any: 2 }, first: 1) { name } other(first: 1, in: { any: 2, id: 1 }) { a }',
  'other { x: name } other { x: a }',
  'other { x: name } other(first: null) { x: name }',
  'same { ... on A { a } ... on B { a } }',
  'same { ... on A { x: color } ... on B { x: color } }',
  'same { ... on A { x: name } ... on B { x: a } }',
  'same { ... on A { list(first: 1) { x: a } } ... on B { list(first: 1) { x: a } } }',
  'same { ... on A { list(first: 1) { name } } ... on B { list(first: 2) { name } } }',
  'same { ... on Named { x: name } ... on A { x: a } }',
  'same { ... on AB { __typename } ... on BC { __typename } ... on C { name } ... on Lonely { name } }',
  'same { ... on Color { __typename } ... on In { __typename } }',
  'same { x: __typename x: name }',
  'same { x: __typename ... on A { x: color } }',
  '... on A { name } ... { x: name x: a } ... on B { name }',
  '... on Named { other { x: name } other { ... on A { x: a } } }',
])('the same is found in %s', async (select) => {
  const inputs = { root: { ...GIVEN, select }, named: { id: 1, select }, ab: { select }, bc: { select } }
  for (const [field, input] of Object.entries(inputs)) {
    expect(await compare(field, input)).toHaveProperty('differences', [])
  }
})

test('the same is found in the arguments of a field', async () => {
  expect(await compare('root', { select: 'name' })).toEqual({ is: 'not valid', differences: [] })
  expect(await compare('root', { ...GIVEN, id: undefined, select: 'name' })).toEqual({
    is: 'not valid',
    differences: [],
  })
  expect(await compare('bc', { select: '__typename' })).toEqual({ is: 'valid', differences: [] })
  expect(await compare('leaf', {})).toEqual({ is: 'not valid', differences: [] })
  expect(await compare('leaf', { id: 1 })).toEqual({ is: 'valid', differences: [] })
})

const value = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(
      '1',
      '"x"',
      '1.5',
      'null',
      'true',
      'RED',
      'BLEU',
      '$id',
      '$number',
      '$one',
      '$in',
      '$list',
      '{}',
      '[]',
      '{ id: 1 }',
      '{ a: 1 }',
    ),
    fc.array(tie('value'), { maxLength: 2 }).map((some) => `[${some.join(' ')}]`),
    fc
      .array(
        fc.tuple(
          fc.constantFrom('id', 'in', 'list', 'numbers', 'color', 'any', 'ratio', 'a', 'b', 'text'),
          tie('value'),
        ),
        { maxLength: 3 },
      )
      .map((some) => `{ ${some.map(([name, inner]) => `${name}: ${inner}`).join(' ')} }`),
  ),
})).value
const argument = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('', '', '(first: 1)', '(first: 2)', '(in: { id: 1 })') },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.tuple(fc.constantFrom('first', 'in', 'one', 'id', 'flag', 'text'), value), {
        minLength: 1,
        maxLength: 3,
      })
      .map((some) => `(${some.map(([name, inner]) => `${name}: ${inner}`).join(' ')})`),
  },
)
const LEAVES = ['name', 'a', 'color', 'any']
const selection = fc.letrec<{ some: string }>((tie) => ({
  some: fc
    .array(
      fc.oneof(
        { depthSize: 'small' },
        fc
          .tuple(fc.constantFrom('', '', 'x: ', 'a: '), fc.constantFrom(...LEAVES, '__typename'))
          .map((parts) => parts.join('')),
        fc
          .tuple(fc.constantFrom('', '', 'x: '), fc.constantFrom('other', 'same', 'list'), argument, tie('some'))
          .map(([alias, name, args, inner]) => `${alias}${name}${name === 'same' ? '' : args} { ${inner} }`),
        fc
          .tuple(fc.constantFrom('on Named', 'on A', 'on B', 'on C', 'on AB', 'on BC', ''), tie('some'))
          .map(([on, inner]) => `... ${on} { ${inner} }`),
      ),
      { minLength: 1, maxLength: 4 },
    )
    .map((some) => some.join(' ')),
})).some

test('the same is found in any selection', async () => {
  const seen = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('root', 'named', 'ab', 'bc'), selection, async (field, select) => {
      const { is, differences } = await compare(field, field === 'root' ? { ...GIVEN, select } : { select })
      expect(differences).toEqual([])
      seen.set(is, (seen.get(is) ?? 0) + 1)
    }),
    { numRuns: 8000 },
  )
  expect(Math.min(seen.get('valid') ?? 0, seen.get('not valid') ?? 0)).toBeGreaterThan(100)
}, 120_000)

test('comparing fields ends', async () => {
  const nested = (depth: number): string =>
    depth === 0 ? 'name' : `other { ${nested(depth - 1)} } other { ${nested(depth - 1)} }`
  const wide = Array.from({ length: 290 }, () => 'other { name }').join(' ')
  const binding = bindings.get('named')
  if (binding === undefined) throw new Error('no tool named')
  const started = performance.now()
  for (const select of [nested(6), wide, wide.replaceAll('name', 'name name')]) {
    await ours(binding, { id: 1, select })
  }
  expect(performance.now() - started).toBeLessThan(3000)
})
