// What is written means what was read, as graphql-js has it.
import * as fc from 'fast-check'
import { parse, parseValue, print, visit, type ASTNode, type ValueNode } from 'graphql'
import { expect, test } from 'vitest'
import { writeSelection, writeValue } from './write-selection.ts'

const options = { noLocation: true }
const name = fc.stringMatching(/^[_A-Za-z][_0-9A-Za-z]{0,8}$/)
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('"""', '\\', '\u007f\u0085\u2028'),
)
const { value: values } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(
      'null',
      'true',
      'false',
      'RED',
      '$x',
      '-0',
      '12',
      '1.5e-3',
      '""" two\n   lines """',
      '"\\u{1F600}"',
    ),
    text.map((some) => JSON.stringify(some)),
    fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join(' ')}]`),
    fc
      .array(fc.tuple(name, tie('value')), { maxLength: 4 })
      .map((fields) => `{${fields.map(([key, one]) => `${key}:${one}`).join(' ')}}`),
  ),
}))

/** A block string is another way to write the same. */
const plain = <Node extends ASTNode>(node: Node): Node =>
  visit(node, { StringValue: ({ kind, value }) => ({ kind, value, block: false }) })

test('a value reads back as it was', () => {
  let read = 0
  fc.assert(
    fc.property(values, (source) => {
      let value: ValueNode
      try {
        value = parseValue(source, options)
      } catch {
        return
      }
      read++
      expect(plain(parseValue(writeValue(value), options))).toEqual(plain(value))
    }),
    { numRuns: 2000 },
  )
  expect(read).toBeGreaterThan(1000)
})

test('a selection reads back as it was', () => {
  for (const source of [
    '{ id }',
    '{ a: id b: id __typename }',
    `{ list(first: 3, by: { path: "}", """: [1 2] }) { ... on User { name } ... { id x: y(z: [{ a: $v }]) { id } } } }`.replace(
      '""":',
      'k:',
    ),
  ]) {
    const [operation] = parse(source, options).definitions
    if (operation?.kind !== 'OperationDefinition') throw new Error(source)
    expect(parse(writeSelection(operation.selectionSet), options).definitions).toEqual([operation])
    expect(writeSelection(operation.selectionSet)).toBe(print(operation))
  }
})
