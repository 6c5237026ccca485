import { expect, test } from 'vitest'
import { sourceOf } from '../../testing/read-document.ts'
import type { Source } from '../adapter.ts'
import { referredUrls } from './referred-urls.ts'

const url = 'https://acme.test/api/openapi.yaml'
const at = (path: string) => `https://acme.test/api/${path}`

test.each([
  ['JSON', '{"$ref": "a.json#/x", "b": {"$ref" : "sub/b.yaml"}}', ['a.json', 'sub/b.yaml']],
  ['JSON without spaces', '{"a":{"$ref":"a.json"},"b":[{"$ref":"b.json"},{"$ref":"#/c"}]}', ['a.json', 'b.json']],
  ['JSON with escapes', String.raw`{"$ref": "sub\/\u0061.json#\/x"}`, ['sub/a.json']],
  ['plain YAML', 'a:\n  $ref: a.yaml#/x\nb:\n  - $ref: ./b.yaml\n', ['a.yaml', 'b.yaml']],
  ['quoted YAML', `a: {$ref: 'a.yaml'}\nb: {"$ref": "b.yaml"}\nc: {'$ref' : c.yaml}\n`, ['a.yaml', 'b.yaml', 'c.yaml']],
  ['folded YAML', 'a:\n  $ref: >-\n    long/a.yaml#/x\nb:\n  $ref:\n    "b.yaml"\n', ['long/a.yaml', 'b.yaml']],
  ['a comment behind it', 'a:\n  $ref: a.yaml # the first\nb:\n  $ref: # nothing\n', ['a.yaml']],
  ['the same file twice', 'a: {$ref: "a.yaml#/x"}\nb: {$ref: "a.yaml#/y"}', ['a.yaml']],
  ['the document itself', 'a: {$ref: "openapi.yaml#/x"}\nb: {$ref: "#/y"}', []],
  ['text that only looks like one', String.raw`{"description": "say \"$ref\": \"no.json\" here"}`, []],
])('%s', (_, document, paths) => {
  expect(referredUrls(sourceOf(document, { url }))).toEqual(paths.map(at))
})

test('mappings of a discriminator name files, components and places', () => {
  const yaml = `x:
  discriminator:
    propertyName: kind
    mapping:
      dog: './dog.yaml'
      cat: cat.json#/Cat
      "a:b": "sub/bird.yml"
      fish: Fish
      horse: '#/components/schemas/Horse'
  other: not.yaml
properties:
  mapping: {type: object, description: no.yaml file}
`
  expect(referredUrls(sourceOf(yaml, { url }))).toEqual(['dog.yaml', 'cat.json', 'sub/bird.yml'].map(at))
  const json = '{"discriminator":{"propertyName":"kind","mapping":{"dog":"./dog.yaml","fish":"Fish"}},"x":"no.json"}'
  expect(referredUrls(sourceOf(json, { url }))).toEqual([at('dog.yaml')])
})

test('what a referenced file needs is relative to that file, and what the source has is not asked for again', () => {
  const files = { [at('shared/a.json')]: { x: { $ref: 'b.json' }, y: { $ref: '../c.json' } } }
  const document = { a: { $ref: 'shared/a.json#/x' }, $self: 'https://acme.test/api/openapi.yaml' }
  expect(referredUrls(sourceOf(document, { url, files }))).toEqual([at('shared/b.json'), at('c.json')])
})

test('$self is what references are relative to', () => {
  const document = {
    openapi: '3.2.0',
    $self: 'https://other.test/v1/api',
    a: { $ref: 'a.json' },
    b: { $ref: 'api#/a' },
  }
  expect(referredUrls(sourceOf(document, { url }))).toEqual(['https://other.test/v1/a.json'])
})

test('only http(s) without credentials is ever asked for, and nothing relative to nowhere', () => {
  const references = [
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:application/json,{}',
    'urn:example:x',
    'https://user:secret@acme.test/a.json',
    'http://[',
    'ftp://acme.test/a.json',
    'relative.json',
    'https://acme.test/ok.json#/a',
    '//acme.test/scheme.json',
  ]
  const document = references.map((reference) => ({ $ref: reference }))
  expect(referredUrls(sourceOf(document))).toEqual(['https://acme.test/ok.json'])
  expect(referredUrls(sourceOf(document, { url })).toSorted()).toEqual([
    'https://acme.test/api/relative.json',
    'https://acme.test/ok.json',
    'https://acme.test/scheme.json',
  ])
})

test('no more than 200 are asked for, however many there are', () => {
  const document = Array.from({ length: 5000 }, (_, index) => ({ $ref: `file${index}.json` }))
  expect(referredUrls(sourceOf(document, { url }))).toHaveLength(200)
  const long = [{ $ref: `${'x'.repeat(1_000_000)}.json` }, { $ref: `${'y'.repeat(1990)}.json` }, { $ref: 'ok.json' }]
  expect(referredUrls(sourceOf(long, { url }))).toEqual([at('ok.json')])
})

test('a reference is found wherever the text is cut, in a document of any size', () => {
  const filler = 'x'.repeat(1000)
  for (const size of [255, 256, 257, 300]) {
    const text = `{${Array.from({ length: size }, (_, index) => `"k${index}": "${filler}${'é'.repeat(index % 7)}"`).join(',')},"z":{"$ref":"last.json#/a"}}`
    expect(referredUrls(sourceOf(text, { url }))).toEqual([at('last.json')])
  }
  // Plain text has no end of its own: every place where it can be cut.
  for (let before = 264 * 1024 - 40; before < 264 * 1024 + 10; before++) {
    const text = `${'#'.repeat(before)}\na:\n  $ref: some/long/path.yaml\n`
    expect(referredUrls(sourceOf(text, { url }))).toEqual([at('some/long/path.yaml')])
  }
})

test('text that is made to be slow to search is not', () => {
  const hostile = [
    '$ref'.repeat(500_000),
    `$ref${' '.repeat(2_000_000)}`,
    `"$ref": "${'\\'.repeat(2_000_000)}`,
    '"mapping":'.repeat(200_000),
    `mapping:\n${'  a: b.yaml\n'.repeat(150_000)}`,
    '\nmapping:\n a'.repeat(150_000),
  ]
  for (const text of hostile) {
    const started = performance.now()
    referredUrls(sourceOf(text, { url }) satisfies Source)
    expect(performance.now() - started).toBeLessThan(5000)
  }
})
