// The sample company's MCP server through the official client, which knows nothing of Executor.
import { Client, type ElicitResult, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SAMPLE_API_KEY, SAMPLE_READ_ONLY_KEY } from './credentials.ts'
import { type SampleApi, startSampleApi } from './server.ts'

let api: SampleApi

beforeAll(async () => {
  api = await startSampleApi({ port: 0, authorizationServer: 'http://localhost:1' })
})
afterAll(() => api.close())

const ADDRESSES = ['/mcp', '/mcp-legacy']

async function connect(
  path: string,
  answer?: (url: string | undefined) => Promise<ElicitResult>,
  key = SAMPLE_API_KEY,
) {
  const capabilities = { elicitation: { form: {}, url: {} } }
  const client = new Client({ name: 'test', version: '1' }, { capabilities, versionNegotiation: { mode: 'auto' } })
  if (answer) {
    client.setRequestHandler('elicitation/create', ({ params }) =>
      answer(params.mode === 'url' ? params.url : undefined),
    )
  }
  const requestInit = { headers: { authorization: `Bearer ${key}` } }
  await client.connect(new StreamableHTTPClientTransport(new URL(api.url + path), { requestInit }))
  return client
}

test.each(ADDRESSES)('%s lists tools, a resource and a prompt, and tells who may call', async (path) => {
  const client = await connect(path)
  const { tools } = await client.listTools()
  expect(tools.map(({ name }) => name).sort()).toEqual([
    'book_room',
    'create_ticket',
    'find_tickets',
    'sign_contract',
    'take_inventory',
    'whoami',
  ])
  expect(client.getProtocolEra()).toBe(path === '/mcp' ? 'modern' : 'legacy')
  const found = await client.callTool({ name: 'find_tickets', arguments: { limit: 2 } })
  expect(found.structuredContent).toMatchObject({ tickets: [{ number: expect.any(Number) }, {}] })
  const read = await client.readResource({ uri: 'northwind://handbook' })
  expect(read.contents).toMatchObject([{ text: expect.stringContaining('Rooms') }])
  const prompt = await client.getPrompt({ name: 'triage', arguments: { number: '1002' } })
  expect(JSON.stringify(prompt.messages)).toContain('ticket 1002')
  await client.close()

  const reader = await connect(path, undefined, SAMPLE_READ_ONLY_KEY)
  const fields = { title: 'A ticket', project_id: 'prj_001', reporter_id: 'per_012' }
  expect(await reader.callTool({ name: 'create_ticket', arguments: fields })).toMatchObject({ isError: true })
  await reader.close()
})

test.each(ADDRESSES)('%s asks a person by a form, and for a signature at an address', async (path) => {
  const asked: (string | undefined)[] = []
  const client = await connect(path, async (url) => {
    asked.push(url)
    if (url === undefined) return { action: 'accept', content: { people: 4, when: '2026-11-30', size: 'small' } }
    expect(await (await fetch(url)).text()).toContain('<button>Sign</button>')
    await fetch(url, { method: 'POST' })
    return { action: 'accept' }
  })
  const booked = await client.callTool({ name: 'book_room', arguments: { room: 'Servo' } })
  expect(JSON.stringify(booked.content)).toContain('Servo is booked')
  const signed = await client.callTool({ name: 'sign_contract', arguments: {} })
  expect(signed).toMatchObject({ content: [{ text: '“Spare parts” is signed.' }] })
  expect(asked).toEqual([undefined, expect.stringContaining(`${api.url}/contracts/`)])
  await client.close()
})

test.each(ADDRESSES)('%s says without a credential where to sign in', async (path) => {
  const refused = await fetch(api.url + path, { method: 'POST', body: '{}' })
  expect(refused.status).toBe(401)
  const metadata = `${api.url}/.well-known/oauth-protected-resource${path}`
  expect(refused.headers.get('www-authenticate')).toContain(`resource_metadata="${metadata}"`)
  expect(await (await fetch(metadata)).json()).toMatchObject({
    resource: api.url + path,
    authorization_servers: ['http://localhost:1'],
  })
})
