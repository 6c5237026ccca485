// The same code where it runs: in a Worker, without code from strings and with its fetch.
import { expect, test } from 'vitest'
import type { JsonSchema } from '../../../drizzle/shapes.ts'
import type { CallContext, Discovered } from '../adapter.ts'
import { bytesOf } from '../byte-sequence.ts'
import { FileValue } from '../../sandbox/file.ts'
import { graphQl } from './adapter.ts'

const sdl = `
  scalar Upload
  interface Node { id: ID! }
  type User implements Node { id: ID! email: String friends(first: Int!, after: String): [User!]! }
  type Query { user(id: ID!): User node(id: ID!): Node }
  type Mutation { upload(file: Upload!): Int }
`

async function read() {
  const found: Discovered[] = []
  const documents = [{ bytes: bytesOf([new TextEncoder().encode(sdl)]) }]
  for await (const one of graphQl.discover({ documents, referenced: [] }, fetch)) found.push(one)
  const rows = new Map<string, JsonSchema>()
  for (const one of found) if (one.type === 'schema') rows.set(one.name, one.body)
  const context: CallContext = {
    schemas: async (names) => new Map([...rows].filter(([name]) => names.includes(name))),
    isBlocked: (name) => name === 'type.User.email',
    memory: new Map(),
  }
  const call = (name: string, input: object, send: (request: Request) => Promise<Response>) => {
    const tool = found.find((one) => one.type === 'tool' && one.suggestedName === name)
    if (tool?.type !== 'tool') throw new Error(`no ${name}`)
    const { operation, inputSchema, binding } = tool
    return graphQl.call(
      { operation, inputSchema, binding, baseUrl: 'https://api.example/graphql' },
      input,
      send,
      context,
    )
  }
  return call
}

test('a query, a selection that is refused, and a file', async () => {
  const call = await read()
  let query = ''
  const data = { user: { id: '1', friends: [] } }
  const answered = await call('user', { id: '1' }, async (request) => {
    const body: { query: string } = JSON.parse(await request.text())
    query = body.query.replaceAll(/\s+/g, ' ')
    return Response.json({ data })
  })
  expect(query).toBe('query user($id: ID!) { user(id: $id) { id } }')
  expect(answered).toMatchObject({ ok: true, data: data.user })

  const no = () => Promise.reject(new Error('sent'))
  const refused = await call('node', { id: '1', select: 'id ... on User { e: email }' }, no)
  expect(refused).toMatchObject({ ok: false, error: { code: 'blocked' } })
  const broken = await call('user', { id: '1', select: 'id } secrets { value' }, no)
  expect(broken).toMatchObject({ ok: false, error: { code: 'invalid_arguments' } })

  const file = new FileValue('a.txt', 'text/plain', new TextEncoder().encode('hello'))
  const uploaded = await call('upload', { file }, async (request) => {
    const form = await request.formData()
    const part = form.get('0')
    return Response.json({ data: { upload: part instanceof File ? part.size : -1 } })
  })
  expect(uploaded).toMatchObject({ ok: true, data: 5 })
})
