import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { parseYaml } from './yaml-value.ts'

test('a long block document read in pieces is the same as read as a whole', () => {
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom('a: b', '# no comment', '- x', 'line\n\n  two\n', '---', 'null', "it's", '"q"'),
  )
  const value = fc.dictionary(text, fc.jsonValue({ maxDepth: 3 }), { maxKeys: 8 })
  fc.assert(
    fc.property(value, text, fc.integer({ min: 0, max: 3 }), (inner, key, indentSeq) => {
      const filler = Object.fromEntries(
        Array.from({ length: 1400 }, (_, index) => [`/path/${index}`, { get: { summary: `line\n# ${index}` } }]),
      )
      const document = {
        openapi: '3.1.0',
        [`k${key}`]: inner,
        paths: { ...filler, [`/${key}`]: inner },
        tags: [inner, inner],
      }
      const yaml = stringify(document, {
        indentSeq: indentSeq > 0,
        indent: indentSeq + 1,
        aliasDuplicateObjects: false,
      })
      expect(parseYaml(yaml)).toEqual(parse(yaml, { merge: true }))
    }),
    { numRuns: 6 },
  )
})

test('an error of a long document has the line where it is', () => {
  const lines = Array.from({ length: 5000 }, (_, index) => `  /path/${index}: {get: {}}`)
  lines[4000] = '  /broken: [1, 2'
  expect(() => parseYaml(['openapi: 3.1.0', 'paths:', ...lines].join('\n'))).toThrow(/line 400[3-5]/)
})

test('anchors that are used in another part of a long document are followed', () => {
  const lines = Array.from({ length: 3000 }, (_, index) => `  /path/${index}: *shared`)
  const value = parseYaml(['shared: &shared {get: 1}', 'paths:', ...lines].join('\n'))
  expect(value).toMatchObject({ paths: { '/path/2999': { get: 1 } } })
})
