// Schemas and selections that nobody thought of: whatever is sent is valid, is one field of one operation, and reaches
// nothing that is blocked.
import * as fc from 'fast-check'
import {
  buildSchema,
  graphql,
  isAbstractType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  getNamedType,
  parse,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
  type GraphQLFieldResolver,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql'
import { expect, test } from 'vitest'
import type { JsonSchema } from '../../../drizzle/shapes.ts'
import type { CallContext, Discovered } from '../adapter.ts'
import { bytesOf } from '../byte-sequence.ts'
import { graphQl } from './adapter.ts'
import { readAnswer } from './answer.ts'
import { isGraphQlBinding, type GraphQlBinding } from './binding.ts'
import { combineOperations } from './combine-operations.ts'
import { planOperation, type Operation } from './operation.ts'

interface Drawn {
  sdl: string
  names: string[]
}

const OBJECTS = 5
const objectNames = Array.from({ length: OBJECTS }, (_, index) => `O${index}`)
const fieldName = fc.constantFrom(
  'id',
  'name',
  'a',
  'b',
  'nodes',
  'edges',
  'pageInfo',
  'type',
  'query',
  'constructor',
  'toString',
  'on',
  'fragment',
)
const wrap = (inner: string, kind: number) =>
  [inner, `${inner}!`, `[${inner}]`, `[${inner}!]!`, `[[${inner}]!]`][kind] ?? inner
const wrapping = fc.integer({ min: 0, max: 4 })
const leaf = fc.constantFrom('ID', 'String', 'Int', 'Float', 'Boolean', 'Color', 'Any')
const argument = fc.constantFrom(
  'first: Int',
  'first: Int!',
  'limit: Int! = 3',
  'id: ID!',
  'in: In',
  'in: In!',
  'select: String',
  'color: Color = RED',
  'one: One',
  'after: String',
)
const args = fc
  .uniqueArray(argument, { maxLength: 3, selector: (text) => text.split(':')[0] })
  .map((some) => (some.length > 0 ? `(${some.join(', ')})` : ''))
const output = fc
  .tuple(fc.oneof(leaf, fc.constantFrom(...objectNames, 'I', 'U', 'Query')), wrapping)
  .map(([type, kind]) => wrap(type, kind))
const field = fc.tuple(fieldName, args, output).map(([name, list, type]) => ({ name, text: `${name}${list}: ${type}` }))
const fields = fc.uniqueArray(field, { minLength: 1, maxLength: 7, selector: ({ name }) => name })

const schemas: fc.Arbitrary<Drawn> = fc
  .record({
    objects: fc.array(fields, { minLength: OBJECTS, maxLength: OBJECTS }),
    shared: fields,
    query: fields,
    members: fc.subarray(objectNames, { minLength: 1 }),
    implementers: fc.subarray(objectNames),
  })
  .map(({ objects, shared, query, members, implementers }) => {
    const types = objects.map((own, index) => {
      const implemented = implementers.includes(`O${index}`)
      const all = implemented ? [...shared, ...own.filter(({ name }) => !shared.some((one) => one.name === name))] : own
      return `type O${index}${implemented ? ' implements I' : ''} { ${all.map(({ text }) => text).join(' ')} }`
    })
    const sdl = `
      scalar Any enum Color { RED GREEN } input In { id: ID! in: In list: [In!] color: Color = RED } input One @oneOf { a: Int b: In }
      interface I { ${shared.map(({ text }) => text).join(' ')} } union U = ${members.join(' | ')}
      type Query { ${query.map(({ text }) => text).join(' ')} } ${types.join('\n')}`
    return { sdl, names: [...objects.flat(), ...shared].map(({ name }) => name) }
  })

async function read(sdl: string) {
  const rows = new Map<string, JsonSchema>()
  const bindings: GraphQlBinding[] = []
  const documents = [{ bytes: bytesOf([new TextEncoder().encode(sdl)]) }]
  for await (const found of graphQl.discover({ documents, referenced: [] }, () => Promise.reject(new Error('no')))) {
    if (found.type === 'schema') rows.set(found.name, found.body)
    if (isTool(found) && isGraphQlBinding(found.binding)) bindings.push(found.binding)
  }
  return { rows, bindings }
}

const isTool = (found: Discovered) => found.type === 'tool'

function contextOf(rows: ReadonlyMap<string, JsonSchema>, blocked: ReadonlySet<string>): CallContext {
  return {
    schemas: async (names) => new Map(names.flatMap((name) => (rows.has(name) ? [[name, rows.get(name)!]] : []))),
    isBlocked: (name) => blocked.has(name),
    memory: new Map(),
  }
}

/** Every argument is given, so that none that is required is missing. */
const inputFor = (binding: GraphQlBinding) => Object.fromEntries(binding.arguments.map(({ name }) => [name, 1]))

function check(schema: GraphQLSchema, query: string, field: string, blocked: ReadonlySet<string>): void {
  const document = parse(query)
  expect(validate(schema, document).map(({ message }) => message)).toEqual([])
  const [operation, ...more] = document.definitions
  if (operation?.kind !== 'OperationDefinition' || more.length > 0) throw new Error('not one operation')
  const [only, ...others] = operation.selectionSet.selections
  if (only?.kind !== 'Field' || others.length > 0) throw new Error('not one field')
  expect([only.name.value, only.alias]).toEqual([field, undefined])
  const info = new TypeInfo(schema)
  const reached = new Set<string>()
  let depth = 0
  visit(
    document,
    visitWithTypeInfo(info, {
      Field: {
        enter(node) {
          const parent = info.getParentType()
          if (depth++ === 0 || parent === null || parent === undefined || node.name.value === '__typename') return
          // A root field is another tool's.
          expect(getNamedType(parent)?.name).not.toBe('Query')
          reached.add(`type.${parent.name}.${node.name.value}`)
          const types = 'getTypes' in parent ? [] : parent.getInterfaces()
          for (const type of types)
            if (type.getFields()[node.name.value]) reached.add(`type.${type.name}.${node.name.value}`)
          if (isAbstractType(parent)) {
            for (const type of schema.getPossibleTypes(parent)) reached.add(`type.${type.name}.${node.name.value}`)
          }
        },
        leave: () => void depth--,
      },
    }),
  )
  expect([...reached].filter((name) => blocked.has(name))).toEqual([])
}

const blockedFields = fc
  .uniqueArray(
    fc.tuple(fc.constantFrom(...objectNames, 'I'), fieldName).map(([type, name]) => `type.${type}.${name}`),
    { maxLength: 6 },
  )
  .map((names) => new Set(names))

test('the usual selection of any field of any schema is valid, and without what is blocked', async () => {
  await fc.assert(
    fc.asyncProperty(schemas, blockedFields, async ({ sdl }, blocked) => {
      const schema = buildSchema(sdl)
      const { rows, bindings } = await read(sdl)
      expect(bindings).toHaveLength(Object.keys(schema.getQueryType()?.getFields() ?? {}).length)
      for (const binding of bindings) {
        const planned = await planOperation(binding, inputFor(binding), contextOf(rows, blocked))
        if (!planned.ok) throw new Error(planned.error.message)
        check(schema, planned.operation.query, binding.field, blocked)
      }
    }),
    { numRuns: 300 },
  )
}, 120_000)

/** Pieces of selections, whole and broken. */
const piece = fc.oneof(
  { weight: 6, arbitrary: fieldName },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        fieldName,
        fc.constantFrom(
          '(first: 1)',
          '(first: 2, id: "x")',
          '(in: { id: 1 })',
          '(one: { a: 1 })',
          '(color: RED)',
          '(id: $id)',
        ),
      )
      .map((parts) => parts.join('')),
  },
  { weight: 3, arbitrary: fc.constantFrom('{', '}', '{ id }', '{ a b }', '{ name }') },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '... on I {',
      '... on O0 {',
      '... on O1 {',
      '... on U {',
      '... on Query {',
      '... {',
      'x:',
      'y: id',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '__typename',
      '__schema { types { name } }',
      '__type(name: "I") { name }',
      '...F',
      'fragment F on Query { a }',
      'query',
      'mutation {',
      'query Q {',
      '@include(if: true)',
      '#',
      '"""',
      '"',
      '\\u007D',
      ')',
      '(',
      ',',
      '\uFEFF',
      '}{',
      '} query {',
    ),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 5 }) },
)

/** What an agent that knows the schema writes: `choices` are numbers that choose among what there is. */
function written(schema: GraphQLSchema, type: string, choices: number[], depth = 0): string {
  const object = schema.getType(type)
  const next = (below: number) => (choices.shift() ?? 0) % below
  const parts: string[] = []
  const fields = isObjectType(object) || isInterfaceType(object) ? Object.values(object.getFields()) : []
  for (let count = 1 + next(4); count > 0; count--) {
    const field = fields[next(fields.length)]
    if (field === undefined || next(8) === 0) {
      const on = isAbstractType(object) ? (schema.getPossibleTypes(object)[0]?.name ?? type) : type
      parts.push(depth > 3 ? '__typename' : `... on ${on} { ${written(schema, on, choices, depth + 1)} }`)
      continue
    }
    const given = field.args.filter(isRequiredArgument).map(({ name }) => `${name}: ${LITERALS[name] ?? '1'}`)
    const named = getNamedType(field.type)
    if (depth > 3 && !isLeafType(named)) continue
    const inner = isLeafType(named) ? '' : ` { ${written(schema, named.name, choices, depth + 1)} }`
    const alias = next(2) === 0 ? `x${next(50)}: ` : ''
    parts.push(`${alias}${field.name}${given.length > 0 ? `(${given.join(' ')})` : ''}${inner}`)
  }
  return parts.length > 0 ? parts.join(' ') : '__typename'
}

const LITERALS: Record<string, string> = { in: '{ id: 1, in: { id: "x" } }', id: '"1"' }

test('no text that is given as a selection leaves its field, or makes an operation that is not valid', async () => {
  let sent = 0
  await fc.assert(
    fc.asyncProperty(
      schemas,
      blockedFields,
      fc.array(fc.array(piece, { minLength: 1, maxLength: 12 }), { minLength: 4, maxLength: 4 }),
      fc.array(fc.array(fc.nat({ max: 1000 }), { minLength: 40, maxLength: 40 }), { minLength: 4, maxLength: 4 }),
      async ({ sdl }, blocked, pieces, choices) => {
        const schema = buildSchema(sdl)
        const { rows, bindings } = await read(sdl)
        for (const binding of bindings.slice(0, 3)) {
          if (binding.selectKey === undefined) continue
          const texts = pieces.map((some) => some.join(' '))
          const type = binding.type.replaceAll(/[[\]!]/g, '')
          for (const some of choices) texts.push(written(schema, type, [...some]))
          for (const select of texts) {
            const input = { ...inputFor(binding), [binding.selectKey]: select }
            const planned = await planOperation(binding, input, contextOf(rows, blocked))
            if (!planned.ok) continue
            sent++
            check(schema, planned.operation.query, binding.field, blocked)
            // Without the schema at hand it is shown, and is one field even so.
            const shown = await planOperation(binding, input)
            if (!shown.ok) throw new Error('what is sent cannot be shown')
          }
        }
      },
    ),
    { numRuns: 400 },
  )
  // Not all of them are refused.
  expect(sent).toBeGreaterThan(400)
}, 120_000)

test('any text at all is shown as one field of one operation, or refused', async () => {
  const binding: GraphQlBinding = {
    operation: 'query',
    field: 'f',
    root: 'Query',
    type: 'O',
    arguments: [],
    selection: '{ id }',
    selectKey: 'select',
  }
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.array(piece, { maxLength: 20 }).map((some) => some.join(' ')),
        fc.string({ maxLength: 200 }),
      ),
      async (select) => {
        const planned = await planOperation(binding, { select })
        if (!planned.ok) return
        const { definitions } = parse(planned.operation.query)
        expect(definitions).toHaveLength(1)
        expect(definitions[0]).toMatchObject({
          operation: 'query',
          selectionSet: { selections: [{ name: { value: 'f' } }] },
        })
        expect(definitions[0]).toHaveProperty('selectionSet.selections.length', 1)
      },
    ),
    { numRuns: 2000 },
  )
}, 60_000)

/** Sure of itself: a field has the same value, null or error whatever it is called and whatever stands beside it. */
const resolve: GraphQLFieldResolver<unknown, unknown> = (
  source,
  args,
  _,
  { parentType, fieldName, returnType, schema },
) => {
  const seed = `${String(Object(source).seed)}/${parentType.name}.${fieldName}${JSON.stringify(args)}`
  const number = new TextEncoder().encode(seed).reduce((hash, byte) => (hash * 31 + byte) % 1_000_003, 7)
  if (number % 11 === 0) throw new Error(`no ${fieldName}`)
  const valueOf = (type: GraphQLOutputType, at: number): unknown => {
    if (isNonNullType(type)) return valueOf(type.ofType, at)
    if (isListType(type)) return [valueOf(type.ofType, at + 1), valueOf(type.ofType, at + 2)]
    if (at % 7 === 0) return null
    if (isLeafType(type)) return { Color: 'RED', Boolean: at % 2 === 0, Any: { at } }[type.name] ?? at
    const possible = isAbstractType(type) ? schema.getPossibleTypes(type) : [type]
    return { __typename: possible[at % possible.length]?.name, seed: `${number}` }
  }
  return valueOf(returnType, number)
}

const VALUES: Record<string, unknown> = { in: { id: 'x', in: { id: 2 } }, one: { a: 1 }, color: 'GREEN' }

test('queries in one request come to what each of them comes to alone', async () => {
  const counts = { together: 0, errors: 0, lost: 0 }
  await fc.assert(
    fc.asyncProperty(
      schemas,
      fc.array(fc.array(fc.nat({ max: 1000 }), { minLength: 40, maxLength: 40 }), { minLength: 2, maxLength: 6 }),
      fc.nat({ max: 20 }),
      async ({ sdl }, choices, wrong) => {
        const schema = buildSchema(sdl)
        const { rows, bindings } = await read(sdl)
        const operations = []
        for (const [index, some] of choices.entries()) {
          const binding = bindings[(some[0] ?? 0) % bindings.length]!
          const text = written(schema, binding.type.replaceAll(/[[\]!]/g, ''), [...some])
          const given = binding.arguments.map(({ name }) => [name, index === wrong ? [] : (VALUES[name] ?? some[1])])
          const input = {
            ...Object.fromEntries(given),
            ...(binding.selectKey && index % 2 && { [binding.selectKey]: text }),
          }
          const planned = await planOperation(binding, input, contextOf(rows, new Set()))
          if (planned.ok) operations.push(planned.operation)
        }
        const combined = combineOperations(operations)
        if (combined === null) return
        expect(validate(schema, parse(combined.query)).map(({ message }) => message)).toEqual([])
        const ask = async ({ query: source, variables: variableValues }: Operation) => {
          const result = await graphql({
            schema,
            source,
            variableValues,
            fieldResolver: resolve,
            rootValue: { seed: '' },
          })
          const answer = await readAnswer(Response.json(result), 'https://api.example/graphql')
          if (answer.is === 'failure') throw new Error(answer.error.message)
          return answer
        }
        const parts = combined.split(await ask(combined))
        expect(parts).toHaveLength(operations.length)
        for (const [index, part] of parts.entries()) {
          if (part === null) {
            counts.lost++
            continue
          }
          const alone = await ask(operations[index]!)
          const errorsOf = ({ errors }: typeof alone) => errors.map(({ message, path }) => ({ message, path }))
          expect([part.data, errorsOf(part)]).toEqual([alone.data, errorsOf(alone)])
          counts.together++
          if (part.errors.length > 0) counts.errors++
        }
      },
    ),
    { numRuns: 200 },
  )
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(5)
}, 120_000)
