// Every document of @readme/oas-examples: what is made of it, and what is said of the rest.
import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { discovered } from '../../testing/read-document.ts'
import type { Source } from '../adapter.ts'
import { bytesOf } from '../byte-sequence.ts'
import { DocumentError } from '../document-error.ts'

const folder = dirname(createRequire(import.meta.url).resolve('@readme/oas-examples/package.json'))

/**
 * `*` stands for `json` and `yaml` alike. Then the number of operations, all of which become tools unless a line below
 * begins with `!`, or the reason why the document is refused; then how each line begins that an admin is shown.
 */
const TABLE: [file: string, operations: number | string, ...said: string[]][] = [
  ['2.0/*/api-with-examples', 2],
  ['2.0/*/petstore-expanded', 4],
  ['2.0/*/petstore-minimal', 1],
  ['2.0/*/petstore-simple', 3, '#/securityDefinitions/petstore_auth: The implicit flow'],
  ['2.0/*/petstore-with-external-docs', 4],
  ['2.0/*/petstore', 20, '#/securityDefinitions/petstore_auth: The implicit flow'],
  ['2.0/*/schema-circular', 1],
  ['3.0/*/callbacks', 1, 'POST /streams: 1 callback is sent by the API and cannot be called: onData'],
  ['3.0/*/circular-paths', 3],
  ['3.0/*/circular-request-bodies', 4],
  ['3.0/*/circular', 1],
  ['3.0/*/complex-nesting', 5],
  ['3.0/*/discriminators', 10],
  ['3.0/*/file-uploads', 3],
  ['3.0/*/form-data', 1],
  ['3.0/*/http-status-codes', 89],
  ['3.0/*/link-example', 6],
  ['3.0/json/openapi-workshop/additional-ref', 2],
  ['3.0/json/openapi-workshop/anyOf-allOf', 2],
  ['3.0/json/openapi-workshop/get', 2],
  ['3.0/json/openapi-workshop/hoot', 5],
  ['3.0/json/openapi-workshop/post-requestBody', 1],
  ['3.0/json/openapi-workshop/post-responses', 1],
  ['3.0/json/openapi-workshop/post', 1],
  ['3.0/json/openapi-workshop/refs', 2],
  ['3.0/json/openapi-workshop/server-variables', 2],
  ['3.0/json/openapi-workshop/title', 'no_paths: The OpenAPI document has no paths, so there is nothing to call.'],
  ['3.0/*/parameters-common', 5],
  ['3.0/*/parameters-cookies', 1],
  ['3.0/*/parameters-extreme', 1],
  ['3.0/*/parameters-style', 25],
  ['3.0/*/petstore-expanded', 4],
  ['3.0/*/petstore-simple-no-tags', 2],
  ['3.0/*/petstore-simple', 2],
  ['3.0/*/petstore', 20, '#/components/securitySchemes/petstore_auth/flows/implicit: The implicit flow'],
  ['3.0/*/polymorphism', 13],
  ['3.0/*/readme-extensions', 12, '#/components/securitySchemes/petstore_auth/flows/implicit: The implicit flow'],
  ['3.0/*/readme-legacy', 36],
  ['3.0/*/request-examples', 11],
  ['3.0/json/response-empty-examples', 1],
  ['3.0/*/response-examples', 2],
  ['3.0/*/response-http-behavior', 3],
  ['3.0/*/response-multiple-mediatypes', 4],
  ['3.0/*/response-schemas', 8, 'GET /anything/object: The body of a GET request is never sent'],
  ['3.0/*/schema-additional-properties', 1],
  ['3.0/*/schema-circular', 3],
  ['3.0/*/schema-deprecated', 1],
  ['3.0/*/schema-encoding-style', 1],
  ['3.0/*/schema-enums', 3, 'GET /anything/strings: The body of a GET request is never sent'],
  ['3.0/*/schema-types', 21],
  ['3.0/*/schema-validation', 5],
  ['3.0/*/schema-visibility', 1],
  [
    '3.0/*/security-multiple',
    4,
    '#/components/securitySchemes/oauth2/flows/authorizationCode/authorizationUrl: The address',
    '#/components/securitySchemes/oauth2/flows/authorizationCode/tokenUrl: The address',
    '#/components/securitySchemes/oauth2/flows/authorizationCode: The flow was left out',
    '#/components/securitySchemes/oauth2/flows/clientCredentials/tokenUrl: The address',
    '#/components/securitySchemes/oauth2/flows/clientCredentials: The flow was left out',
    '#/components/securitySchemes/oauth2/flows/implicit: The implicit flow',
    '#/components/securitySchemes/oauth2/flows/password: The password flow',
    '#/components/securitySchemes/oauth2_alternate/flows/implicit: The implicit flow',
    '#/paths/~1anything~1and/post/security: “basic” and “oauth2” both fill the header authorization',
    '#/paths/~1anything~1many-and-or/post/security: “basic” and “bearer” both fill the header authorization',
    '#/paths/~1anything~1many-and-or/post/security: “basic” and “oauth2” both fill the header authorization',
  ],
  [
    '3.0/*/security',
    15,
    '#/components/securitySchemes/oauth2/flows/authorizationCode/authorizationUrl: The address',
    '#/components/securitySchemes/oauth2/flows/authorizationCode/tokenUrl: The address',
    '#/components/securitySchemes/oauth2/flows/authorizationCode: The flow was left out',
    '#/components/securitySchemes/oauth2/flows/clientCredentials/tokenUrl: The address',
    '#/components/securitySchemes/oauth2/flows/clientCredentials: The flow was left out',
    '#/components/securitySchemes/oauth2/flows/implicit: The implicit flow',
    '#/components/securitySchemes/oauth2/flows/password: The password flow',
    '#/components/securitySchemes/oauth2_authorizationCode/flows/authorizationCode/authorizationUrl: The address',
    '#/components/securitySchemes/oauth2_authorizationCode/flows/authorizationCode/tokenUrl: The address',
    '#/components/securitySchemes/oauth2_authorizationCode/flows/authorizationCode: The flow was left out',
    '#/components/securitySchemes/oauth2_clientCredentials/flows/clientCredentials/tokenUrl: The address',
    '#/components/securitySchemes/oauth2_clientCredentials/flows/clientCredentials: The flow was left out',
    '#/components/securitySchemes/oauth2_implicit/flows/implicit: The implicit flow',
    '#/components/securitySchemes/oauth2_password/flows/password: The password flow',
  ],
  ['3.0/*/server-path-level', 7],
  ['3.0/*/server-variables', 4],
  ['3.0/*/star-trek', 120],
  ['3.0/*/uspto', 3],
  ['3.1/json/parameters-style', 25, 'GET /anything/form-data/spaceDelimited: The body of a GET request is never sent'],
  ['3.1/*/petstore-simple', 2],
  ['3.1/*/petstore', 20, '#/components/securitySchemes/petstore_auth/flows/implicit: The implicit flow'],
  ['3.1/*/readme-extensions', 10, '#/components/securitySchemes/petstore_auth/flows/implicit: The implicit flow'],
  ['3.1/*/readme', 54],
  ['3.1/*/schema-encoding-style', 1],
  ['3.1/*/schema-types', 23],
  ['3.1/*/schema-validation-local', 5],
  ['3.1/*/schema-validation-top-level', 1],
  [
    '3.1/*/security',
    15,
    '#/components/securitySchemes/mutualTLS: Client certificates (mutual TLS) cannot be used: a Worker sends none',
    '#/components/securitySchemes/oauth2/flows/authorizationCode/authorizationUrl: The address',
    '#/components/securitySchemes/oauth2/flows/authorizationCode/tokenUrl: The address',
    '#/components/securitySchemes/oauth2/flows/authorizationCode: The flow was left out',
    '#/components/securitySchemes/oauth2/flows/clientCredentials/tokenUrl: The address',
    '#/components/securitySchemes/oauth2/flows/clientCredentials: The flow was left out',
    '#/components/securitySchemes/oauth2/flows/implicit: The implicit flow',
    '#/components/securitySchemes/oauth2/flows/password: The password flow',
    '#/components/securitySchemes/oauth2_authorizationCode/flows/authorizationCode/authorizationUrl: The address',
    '#/components/securitySchemes/oauth2_authorizationCode/flows/authorizationCode/tokenUrl: The address',
    '#/components/securitySchemes/oauth2_authorizationCode/flows/authorizationCode: The flow was left out',
    '#/components/securitySchemes/oauth2_clientCredentials/flows/clientCredentials/tokenUrl: The address',
    '#/components/securitySchemes/oauth2_clientCredentials/flows/clientCredentials: The flow was left out',
    '#/components/securitySchemes/oauth2_implicit/flows/implicit: The implicit flow',
    '#/components/securitySchemes/oauth2_password/flows/password: The password flow',
  ],
  ['3.1/*/train-travel', 7, '#/webhooks: 1 webhook is sent by the API and cannot be called'],
  ['3.1/*/webhooks', 'no_paths: The OpenAPI document has only webhooks, which the API sends and nobody can call.'],
  ['3.1/yaml/parameters-style', 25, 'GET /anything/form-data/deepObject: The body of a GET request is never sent'],
]

const rows = TABLE.flatMap(([name, operations, ...said]) => {
  const names = name.includes('*') ? ['json', 'yaml'].map((format) => name.replace('*', format)) : [name]
  return names.map((one) => ({ file: `${one}.${one.split('/')[1]}`, operations, said }))
})

let files: string[] = []

beforeAll(async () => {
  const all = await readdir(folder, { recursive: true })
  files = all.filter((file) => /^\d.*\.(json|ya?ml)$/.test(file)).toSorted()
})

test('the table has every document', () => {
  expect(rows.map(({ file }) => file).toSorted()).toEqual(files)
})

async function sourceOf(file: string): Promise<Source> {
  const bytes = bytesOf([new Uint8Array(await readFile(join(folder, file)))])
  return { documents: [{ bytes, url: `https://examples.test/${file}` }], referenced: [] }
}

const isRefused = ({ operations }: (typeof rows)[number]) => typeof operations === 'string'

test.each(rows.filter(isRefused))('$file: $operations', async ({ file, operations }) => {
  const error: unknown = await discovered(await sourceOf(file)).catch((reason: unknown) => reason)
  expect(error instanceof DocumentError && `${error.code}: ${error.message}`).toBe(operations)
})

test.each(rows.filter((row) => !isRefused(row)))(
  '$file: $operations operations',
  async ({ file, operations, said }) => {
    const found = await discovered(await sourceOf(file))
    const skipped = found.filter((item) => item.type === 'skipped')
    const lines = skipped.map((item) => `${item.isOperation ? '! ' : ''}${item.place}: ${item.reason}`).toSorted()
    expect(lines.map((line, at) => line.slice(0, said[at]?.length))).toEqual(said)
    expect(found[0]).toMatchObject({ type: 'about', operationCount: operations })
    const tools = found.filter((item) => item.type === 'tool')
    expect(tools).toHaveLength(Number(operations) - skipped.filter((item) => item.isOperation).length)
    expect(new Set(tools.map((tool) => tool.operation)).size).toBe(tools.length)
  },
)
