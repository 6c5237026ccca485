import { expect, test } from 'vitest'
import { detectKind } from '../registry.ts'
import { DocumentError } from '../document-error.ts'
import { bytesOf } from '../byte-sequence.ts'
import { openApi } from './adapter.ts'

type Given = string | object | Uint8Array

function sourceOf(given: Given, url?: string) {
  const bytes =
    given instanceof Uint8Array
      ? given
      : new TextEncoder().encode(typeof given === 'string' ? given : JSON.stringify(given))
  const file = { bytes: bytesOf([bytes.subarray(0, 3), bytes.subarray(3)]), ...(url ? { url } : {}) }
  return { documents: [file], referenced: [] }
}

async function refusal(given: Given, url?: string): Promise<string> {
  try {
    const found: string[] = []
    for await (const item of openApi.discover(sourceOf(given, url), () => Promise.reject(new Error('no network'))))
      found.push(item.type)
    return `read: ${found.join(' ')}`
  } catch (error) {
    if (error instanceof DocumentError) return `${error.code}: ${error.message}`
    throw error
  }
}

const page = '<!doctype html><html><head><title>Acme docs</title></head><body><a href="/style.css">x</a>'
const cases: [string, Given, RegExp][] = [
  ['nothing', '', /^empty: The document is empty\.$/],
  ['white space', ' \n\t ', /^empty/],
  ['a web page', `${page}</body></html>`, /^html: This is a web page \("Acme docs"\)/],
  [
    'a web page with a link',
    `${page}<a href="/v1/openapi.yaml">spec</a>`,
    /looks like the document: https:\/\/acme\.test\/v1\/openapi\.yaml$/,
  ],
  [
    'a Swagger UI',
    `${page}<script>SwaggerUIBundle({ url: "./swagger.json" })</script>`,
    /https:\/\/acme\.test\/docs\/swagger\.json$/,
  ],
  ['a page with a dangerous link', `${page}<a href="javascript:openapi.json">`, /usually ends in \.json or \.yaml\.$/],
  ['WSDL', '<?xml version="1.0"?><wsdl:definitions/>', /^not_openapi: This is a WSDL document/],
  [
    'truncated JSON',
    '{"openapi": "3.1.0", "paths": {"/a": {"get": {"summary": "x',
    /^truncated: .*line 1, column 60 \(byte 59\)/,
  ],
  ['broken JSON', '{"openapi": "3.1.0",\n "paths": {nope}}', /^invalid_json: .*line 2, column 12/],
  ['a PNG', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d]), /^binary: This is a PNG image/],
  ['gzip', new Uint8Array([0x1f, 0x8b, 8, 0]), /^binary: This is gzip-compressed data/],
  ['UTF-16', new Uint8Array([0xff, 0xfe, 0x7b, 0]), /^binary: This is UTF-16 text/],
  ['zero bytes', new Uint8Array([0x61, 0x62, 0, 1]), /^binary: .*zero byte at byte 2/],
  [
    'a Postman collection',
    { info: { name: 'Mine', _postman_id: '1' }, item: [] },
    /^not_openapi: .*Postman collection \(Mine\)/,
  ],
  ['JSON Schema', { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object' }, /This is a JSON Schema/],
  ['GraphQL introspection', { data: { __schema: { types: [] } } }, /GraphQL introspection/],
  ['GraphQL SDL', 'type Query {\n  me: User\n}', /GraphQL schema/],
  ['Google Discovery', { kind: 'discovery#restDescription', discoveryVersion: 'v1' }, /Google Discovery/],
  ['AsyncAPI', { asyncapi: '3.0.0', channels: {} }, /AsyncAPI/],
  ['a HAR file', { log: { version: '1.2', entries: [] } }, /HAR file/],
  ['plain data', { users: [1], total: 1 }, /plain data with "users", "total" at the top/],
  ['a list', '[1, 2]', /list of plain data/],
  ['an empty object', '{}', /empty object/],
  ['paths without a version', { paths: { '/a': {} } }, /neither "openapi" nor "swagger" says/],
  ['plain text', 'Dear admin, here is my API', /^not_openapi: This is plain text/],
  ['OpenAPI without paths', { openapi: '3.1.0', info: {} }, /^no_paths: .*no paths/],
  ['OpenAPI with webhooks only', { openapi: '3.1.0', webhooks: { a: {} } }, /^no_paths: .*only webhooks/],
  ['Swagger 1.2', { swaggerVersion: '1.2', apis: [] }, /Swagger 1\.2/],
  ['OpenAPI 4', { openapi: '4.0.0', paths: { '/a': {} } }, /^unsupported_version: .*OpenAPI 4\.0\.0/],
  ['broken YAML', 'openapi: 3.1.0\npaths:\n  /a: [1, 2\n  /b: 3\n', /^invalid_yaml: .*line \d/],
  ['a YAML list', '- a\n- b\n', /^not_openapi: This is a YAML list/],
  ['deep JSON', `{"openapi":"3.1.0","paths":${'{"a":'.repeat(5000)}`, /^too_deep/],
  ['deep YAML', `openapi: 3.1.0\npaths: ${'['.repeat(5000)}`, /^too_deep/],
  ['65 MiB', new Uint8Array(65 * 1024 * 1024).fill(0x20), /^too_large: .*65\.0 MiB is above the limit of 64 MiB/],
]

test.each(cases)('%s is refused with what was found', async (_, given, message) => {
  expect(await refusal(given, 'https://acme.test/docs/')).toMatch(message)
})

test('a large file that is something else is told from its outline', async () => {
  const flow = `--- {openapi: 3.1.0, paths: {/a: {get: {summary: ${'x'.repeat(1024 * 1024)}}}}}\n`
  expect(await refusal(flow)).toMatch(/^too_large: .* 1 MiB for what is not a mapping in block style/)
  expect(await refusal('- a: 1\n'.repeat(200_000))).toMatch(/^not_openapi: This is a YAML list/)
  expect(await refusal(`[${'0,'.repeat(3_000_000)}0]`)).toMatch(/^not_openapi: .*list of plain data/)
  expect(await refusal(`{"data": [${'0,'.repeat(3_000_000)}0]}`)).toMatch(/^not_openapi: .*plain data with "data"/)
})

test('names without end, and one name again and again, are refused', async () => {
  const names = Array.from({ length: 300_001 }, (_, at) => `"name${at}":0`)
  expect(await refusal(`{${names.join()}}`)).toMatch(/^too_large: .*more than 300000 parts/)
  expect(await refusal(`{${'"a":0,'.repeat(20_000)}"a":0}`)).toMatch(/^too_large: .*more than 10000 names twice/)
})

test('what a YAML alias bomb is used for is left out', async () => {
  const levels = Array.from({ length: 12 }, (_, level) =>
    level === 0
      ? 'a0: &a0 [x, x, x, x, x, x, x, x, x]'
      : `a${level}: &a${level} [${Array(9)
          .fill(`*a${level - 1}`)
          .join(', ')}]`,
  )
  const paths = 'paths:\n  /a:\n    get: {tags: *a11}\n  /b:\n    get: {}\n'
  const found = []
  const source = sourceOf(`openapi: 3.1.0\n${levels.join('\n')}\n${paths}`)
  for await (const item of openApi.discover(source, () => Promise.reject(new Error('no network')))) found.push(item)
  expect(found.filter(({ type }) => type === 'tool')).toMatchObject([{ operation: 'GET /b' }])
  expect(found.filter((item) => item.type === 'skipped' && item.isOperation)).toMatchObject([
    { place: 'GET /a', reason: expect.stringMatching(/grows above 4 MiB when the YAML's aliases/) },
  ])
})

test('a byte order mark is no obstacle', async () => {
  const document = '{"openapi":"3.1.0","info":{"title":"x"},"paths":{"/a":{"get":{}}}}'
  expect(await refusal(`\uFEFF${document}`)).toBe('read: about tool')
  expect(await refusal('\uFEFFopenapi: 3.1.0\npaths:\n  /a:\n    get: {}\n')).toBe('read: about tool')
})

test('the kind of a document is told before it is read, and a refusal says what was found', () => {
  expect(detectKind(sourceOf({ openapi: '3.1.0', paths: {} }))).toEqual({ ok: true, kind: 'openapi' })
  expect(detectKind(sourceOf('# mine\nswagger: "2.0"\n'))).toEqual({ ok: true, kind: 'openapi' })
  expect(detectKind(sourceOf({ asyncapi: '3.0.0' }))).toMatchObject({ ok: false, code: 'not_openapi' })
  expect(detectKind(sourceOf('<html>'))).toMatchObject({ ok: false, code: 'html' })
})

async function discovered(given: Given) {
  const found = []
  for await (const item of openApi.discover(sourceOf(given), () => Promise.reject(new Error('no network')))) {
    found.push(item)
  }
  return found
}

function withBody(schema: object, schemas: object, path = '/things') {
  const operation = { requestBody: { required: true, content: { 'application/json': { schema } } }, responses: {} }
  return { openapi: '3.1.0', info: { title: 'Acme' }, paths: { [path]: { post: operation } }, components: { schemas } }
}

test('schemas that are composed of one another in very many ways are read once each', async () => {
  const levels = Array.from({ length: 12 }, (_, level) => [
    `S${level}`,
    {
      type: 'object',
      properties: { [`p${level}`]: { type: 'string', readOnly: level === 11 } },
      allOf: Array.from({ length: 40 }, () => ({ $ref: `#/components/schemas/S${level + 1}` })),
    },
  ])
  // The last one leads back to the first.
  const schemas = { ...Object.fromEntries(levels), S12: { allOf: [{ $ref: '#/components/schemas/S0' }] } }
  const found = await discovered(withBody({ $ref: '#/components/schemas/S0' }, schemas))
  const tool = found.find((item) => item.type === 'tool')
  expect(tool?.inputSchema).toMatchObject({ properties: { p0: {}, p10: {} } })
  expect(tool?.inputSchema).not.toHaveProperty('properties.p11')
  expect(tool?.signature).toContain('p0?: string')
})

test('a list of any length in a schema is read', async () => {
  const many = Array.from({ length: 300_000 }, (_, index) => `v${index}`)
  const found = await discovered(withBody({ $ref: '#/components/schemas/Many' }, { Many: { enum: many } }))
  expect(found.map(({ type }) => type)).toContain('tool')
})

test('what would not fit a row in bytes is left out, and a report of it is short', async () => {
  const text = '漢'.repeat(1_000)
  const properties = Object.fromEntries(
    Array.from({ length: 500 }, (_, index) => [`p${index}`, { type: 'string', description: text }]),
  )
  const path = `/${'long'.repeat(1_000)}`
  const found = await discovered(withBody({ type: 'object', properties }, {}, path))
  expect(found.filter(({ type }) => type === 'tool')).toEqual([])
  const skipped = found.find((item) => item.type === 'skipped')
  expect(skipped).toMatchObject({ isOperation: true, reason: expect.stringContaining('too large') })
  expect(skipped?.place.length).toBeLessThan(400)
})
