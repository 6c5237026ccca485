// GitHub's own schema, in both forms in which it is published.
import { readFileSync } from 'node:fs'
import { buildClientSchema, buildSchema, graphqlSync, parse, validate, type GraphQLSchema } from 'graphql'
import { expect, test } from 'vitest'
import type { CallContext, Discovered } from '../adapter.ts'
import { bytesOf } from '../byte-sequence.ts'
import { graphQl } from './adapter.ts'
import { detectGraphQl } from './detect.ts'
import { isGraphQlBinding } from './binding.ts'
import { introspectionRequests } from './introspect.ts'
import { planOperation } from './operation.ts'

const pathOf = (name: string) => new URL(`../../../node_modules/@octokit/graphql-schema/${name}`, import.meta.url)
const json = readFileSync(pathOf('schema.json'))
const sdl = readFileSync(pathOf('schema.graphql'))
const ofJson = buildClientSchema(JSON.parse(json.toString()), { assumeValid: true })
const ofSdl = buildSchema(sdl.toString(), { assumeValid: true, assumeValidSDL: true })
const [request] = introspectionRequests('https://api.github.com/graphql')
const { query }: { query: string } = JSON.parse(await request!.text())
const introspected = new TextEncoder().encode(JSON.stringify(graphqlSync({ schema: ofSdl, source: query })))
/** The SDL describes two fields of one type twice, which graphql-js takes without a word and SDL does not allow. */
const TWICE = ['repositoryDeployKeySetting', 'repositoryDeployKeySettingOrganizations'].map(
  (field) => `type EnterpriseOwnerInfo.${field}`,
)

async function discover(bytes: Uint8Array) {
  const source = { documents: [{ bytes: bytesOf([bytes]) }], referenced: [] }
  const all: Discovered[] = []
  for await (const found of graphQl.discover(source, () => Promise.reject(new Error('no')))) all.push(found)
  const tools = all.filter((found) => found.type === 'tool')
  const rows = new Map(all.filter((found) => found.type === 'schema').map(({ name, body }) => [name, body]))
  return { all, tools, rows, skipped: all.filter((found) => found.type === 'skipped') }
}

/** Something for every argument that must be given; the values are variables, which nothing here looks at. */
const given = (inputSchema: unknown) =>
  Object.fromEntries(
    Object.keys(Object(Object(inputSchema).properties))
      .filter((name) => name !== 'select')
      .map((name) => [name, '1']),
  )

const FORMS: [form: string, bytes: Uint8Array, schema: GraphQLSchema, counts: [number, number], skipped: string[]][] = [
  ['an answer to introspection', introspected, ofSdl, [31, 247], []],
  ['SDL', sdl, ofSdl, [31, 247], TWICE],
  // An older edition, which the package has beside the other one.
  ['introspection JSON', json, ofJson, [30, 242], []],
]

test.each(FORMS)(
  '%s: every root field is a tool, and its operation is valid',
  async (_, bytes, github, counts, left) => {
    expect(detectGraphQl({ bytes: bytesOf([bytes]) })).toBe(true)
    const { tools, rows, skipped } = await discover(bytes)
    const count = (type: string) => tools.filter(({ operation }) => operation.startsWith(`${type} `)).length
    expect([count('query'), count('mutation')]).toEqual(counts)
    expect(skipped.map(({ place }) => place)).toEqual(left)
    const context: CallContext = {
      schemas: async (names) => new Map(names.flatMap((name) => (rows.has(name) ? [[name, rows.get(name)!]] : []))),
      isBlocked: () => false,
      memory: new Map(),
    }
    for (const { operation, binding, inputSchema, signature } of tools) {
      if (!isGraphQlBinding(binding)) throw new Error('no binding')
      for (const used of [context, undefined]) {
        const planned = await planOperation(binding, given(inputSchema), used)
        if (!planned.ok) throw new Error(`${operation}: ${planned.error.message}`)
        expect(
          validate(github, parse(planned.operation.query)).map(({ message }) => `${operation}: ${message}`),
        ).toEqual([])
      }
      expect(signature.length).toBeLessThan(600)
    }
  },
)
