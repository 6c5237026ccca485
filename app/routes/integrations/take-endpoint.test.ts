import { expect, test } from 'vitest'
import { ENDPOINT, graphQlEndpoint, TOKEN } from '../../../server/testing/graphql-endpoint.ts'
import { ada, helpdeskDocument, openHelpdesk } from '../../../server/testing/helpdesk.ts'
import { DESK, deskServer } from '../../../server/testing/mcp/desk-server.ts'
import { listOpenImports } from '../../../server/db/imports.ts'
import { takeDocument } from './take-document.ts'

/** Hosts with an endpoint each, and where `hasDocument` is set, a document at a usual place. */
async function give(source: string, { token = null as string | null, hasDocument = false } = {}) {
  const endpoint = graphQlEndpoint({ token })
  const server = deskServer({ token })
  const desk = await openHelpdesk((request) => {
    const { hostname, origin, pathname } = new URL(request.url)
    if (hostname === 'guarded.example.com') {
      const challenge = `Bearer resource_metadata="${origin}/.well-known/oauth-protected-resource${pathname}"`
      return new Response('', { status: 401, headers: { 'www-authenticate': challenge } })
    }
    if (hasDocument && request.url.endsWith('/openapi.json')) return Response.json(helpdeskDocument())
    return request.url.startsWith('https://desk.') ? server.answer(request) : endpoint.answer(request)
  })
  const body = new FormData()
  body.set('source', source)
  const request = new Request('https://executor.example.com/integrations/new', { method: 'POST', body })
  const taken = await takeDocument(desk.deps, request, ada.id)
  return { ...taken, imports: await listOpenImports(desk.db, 5) }
}

test('an endpoint is found at its address, and at a usual place of its host', async () => {
  for (const address of [ENDPOINT, 'tracker.example.com', `curl ${ENDPOINT} -H 'Authorization: Bearer x-secret'`]) {
    const { result, imports } = await give(address)
    expect(result).toMatchObject({ ok: true, isRead: true })
    expect(imports).toMatchObject([{ origin: { kind: 'endpoint', protocol: 'graphql', url: ENDPOINT } }])
    expect(JSON.stringify(imports)).not.toContain('x-secret')
  }
})

test('where there is a document as well, a person chooses; whoever names one of them means that one', async () => {
  const both = await give('tracker.example.com', { hasDocument: true })
  expect(both.result).toBeNull()
  expect(both.several).toEqual([
    { url: 'https://tracker.example.com/openapi.json', label: 'OpenAPI document' },
    { url: ENDPOINT, label: 'GraphQL endpoint' },
  ])
  expect(both.imports).toEqual([])
  for (const { url } of both.several ?? []) {
    const { result, imports } = await give(url, { hasDocument: true })
    expect(result).toMatchObject({ ok: true })
    expect(imports).toMatchObject([{ origin: { url } }])
  }
})

test('an endpoint that wants a credential is named and connected first', async () => {
  const { result, imports } = await give(ENDPOINT, { token: TOKEN })
  expect(result).toMatchObject({
    ok: false,
    connectFirst: `/integrations/from-endpoint?protocol=graphql&url=${encodeURIComponent(ENDPOINT)}`,
  })
  expect(imports).toEqual([])
})

test('a schema that is pasted is a document', async () => {
  const { result, imports } = await give('type Query { viewer: User }\ntype User { id: ID! }')
  expect(result).toMatchObject({ ok: true, isRead: true })
  expect(imports).toMatchObject([{ origin: { kind: 'paste' }, preview: { kind: 'graphql', servers: [] } }])
})

const BRIDGED = { mcpServers: { desk: { command: 'npx', args: ['-y', 'mcp-remote', DESK], env: { KEY: 'x-secret' } } } }

test('an MCP server is found at its address, at its host, and in what agents are configured with', async () => {
  const configured = { mcpServers: { desk: { url: DESK, headers: { Authorization: 'Bearer x-secret' } } } }
  const sources = [DESK, 'desk.example.com', JSON.stringify(configured), JSON.stringify(BRIDGED)]
  for (const source of [...sources, `claude mcp add --transport http desk ${DESK}`]) {
    const { result, imports, source: shown } = await give(source)
    expect(result).toMatchObject({ ok: true, isRead: true })
    expect(imports).toMatchObject([{ origin: { kind: 'endpoint', protocol: 'mcp', url: DESK } }])
    expect(JSON.stringify([imports, shown])).not.toContain('x-secret')
  }
})

test('one that wants a credential is connected first, also where there is a document to choose instead', async () => {
  const to = `/integrations/from-endpoint?protocol=mcp&url=${encodeURIComponent(DESK)}`
  const alone = await give('desk.example.com', { token: TOKEN })
  expect(alone.result).toMatchObject({ ok: false, connectFirst: to })
  const both = await give('desk.example.com', { token: TOKEN, hasDocument: true })
  expect(both.result).toBeNull()
  expect(both.several).toEqual([
    { url: 'https://desk.example.com/openapi.json', label: 'OpenAPI document' },
    { url: DESK, label: 'MCP server', to },
  ])
})

test('a server that is a program is told what to do with, and its secrets are not shown again', async () => {
  const configured = { mcpServers: { git: { command: 'npx', args: ['-y', 'git-server'], env: { KEY: 'x-secret' } } } }
  for (const source of ['KEY=x-secret npx -y git-server', JSON.stringify(configured)]) {
    const { result, source: shown } = await give(source)
    const supergateway = /Worker cannot run programs[^]*supergateway --stdio "[^"]*git-server"/
    expect(result).toMatchObject({ ok: false, message: expect.stringMatching(supergateway) })
    expect(JSON.stringify([result, shown])).not.toContain('x-secret')
  }
})

test('where strangers are refused everywhere, it is said that nothing could be read, and what may be there', async () => {
  const { result, several, imports } = await give('https://guarded.example.com/docs')
  expect(result).toMatchObject({ ok: false, message: expect.stringContaining('download it') })
  expect(several?.map(({ url, to }) => [url, to?.slice(0, 42)])).toEqual([
    ['https://guarded.example.com/docs', '/integrations/from-endpoint?protocol=mcp&u'],
  ])
  expect(imports).toEqual([])
})
