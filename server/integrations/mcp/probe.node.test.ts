import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { countingFetch } from '../../testing/mcp/counting-fetch.ts'
import { probeMcp, type McpProbe } from './probe.ts'

/** What is found at `path` of a server that answers like that. */
async function probing(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  path = '/mcp',
): Promise<{ probe: McpProbe; origin: string; open: number }> {
  const server = createServer((request, response) => {
    request.resume().once('end', () => answer(request, response))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('No port')
  const origin = `http://127.0.0.1:${address.port}`
  const net = countingFetch()
  const probe = await probeMcp(`${origin}${path}`, net.fetch)
  server.closeAllConnections()
  server.close()
  return { probe, origin, open: net.openStreams() }
}

const refusing = (status: number, headers: Record<string, string> = {}, body = '') => {
  return (_: IncomingMessage, response: ServerResponse) => void response.writeHead(status, headers).end(body)
}

test('a server that asks for a credential is found, with its challenge or without', async () => {
  const challenge = 'Bearer resource_metadata="https://example.com/.well-known/oauth-protected-resource"'
  const asked = await probing(refusing(401, { 'www-authenticate': challenge }), '/')
  expect(asked.probe).toEqual({
    ok: true,
    found: { url: `${asked.origin}/`, transport: 'http', era: null, needsCredential: true, challenge, isGuess: true },
  })
  const bare = await probing(refusing(401, {}, 'Unauthorized'))
  expect(bare.probe).toEqual({
    ok: true,
    found: { url: `${bare.origin}/mcp`, transport: 'http', era: null, needsCredential: true },
  })
  const named = await probing(
    refusing(401, {}, '{"jsonrpc":"2.0","error":{"code":-32001,"message":"No"},"id":null}'),
    '/v1/tools',
  )
  expect(named.probe).toMatchObject({ ok: true, found: { url: `${named.origin}/v1/tools`, needsCredential: true } })
})

test('at a host that refuses everything, a place of that name is one only where it is refused in its own words', async () => {
  const metadata = (path = '') =>
    `Bearer resource_metadata="https://example.com/.well-known/oauth-protected-resource${path}"`
  const alike = await probing(refusing(401, { 'www-authenticate': metadata() }), '/')
  expect(alike.probe).toMatchObject({ found: { url: `${alike.origin}/`, isGuess: true } })
  const plain = await probing(refusing(401), '/')
  expect(plain.probe.ok).toBe(false)
  const own = await probing((request, response) => {
    const path = request.url === '/mcp' ? '/mcp' : ''
    response.writeHead(401, { 'www-authenticate': metadata(path) }).end()
  }, '/')
  expect(own.probe).toMatchObject({ ok: true, found: { url: `${own.origin}/mcp`, challenge: metadata('/mcp') } })
  expect(own.probe.ok && own.probe.found.isGuess).toBe(undefined)
  // As Access does in front of whatever there is.
  const everywhere = await probing((request, response) => {
    response.writeHead(401, { 'www-authenticate': metadata(request.url) }).end()
  }, '/docs')
  expect(everywhere.probe).toMatchObject({ ok: true, found: { isGuess: true } })
})

test('an API that refuses strangers is none, but a place beside it that is named so may be', async () => {
  const { probe } = await probing((request, response) => {
    const status = request.url?.endsWith('/mcp') || request.url?.endsWith('/sse') ? 404 : 401
    response.writeHead(status, { 'www-authenticate': 'Basic' }).end()
  }, '/api')
  expect(probe).toMatchObject({ ok: false })
  expect(probe.ok ? [] : probe.tried.map(({ url, transport }) => `${transport} ${new URL(url).pathname}`)).toEqual([
    'http /api',
    'sse /api',
    'http /api/mcp',
    'sse /api/sse',
  ])
})

test.each([
  ['a page', refusing(200, { 'content-type': 'text/html' }, '<title>Welcome</title>')],
  ['400', refusing(400)],
  ['404', refusing(404)],
  ['405', refusing(405)],
  ['406', refusing(406, {}, 'Not Acceptable')],
  ['500', refusing(500)],
  ['JSON', refusing(200, { 'content-type': 'application/json' }, '{"hello":"world"}')],
  ['a list', refusing(200, { 'content-type': 'application/json' }, '[]')],
  ['nothing', refusing(204)],
  ['a dropped connection', (_: IncomingMessage, response: ServerResponse) => void response.destroy()],
])('%s is no server, and what there was is told of every place', async (_, answer) => {
  const { probe, open } = await probing(answer)
  expect(probe.ok).toBe(false)
  expect(probe.ok ? [] : probe.tried.map(({ found }) => found !== '')).toEqual([true, true])
  expect(open).toBe(0)
})

test('a stream that is none of HTTP with SSE ends with the probe', async () => {
  const { probe, open } = await probing((request, response) => {
    const isGet = request.method === 'GET'
    response.writeHead(isGet ? 200 : 405, { 'content-type': 'text/event-stream' })
    if (isGet) response.write('event: endpoint\ndata: https://elsewhere.example/steal\n\n')
    else response.end()
  })
  expect(probe.ok).toBe(false)
  expect(open).toBe(0)
})

test('a server that is silent does not keep anybody waiting', async () => {
  const since = Date.now()
  const { probe, open } = await probing((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n\n')
  })
  expect(probe.ok).toBe(false)
  expect(Date.now() - since).toBeLessThan(15_000)
  expect(open).toBe(0)
})
