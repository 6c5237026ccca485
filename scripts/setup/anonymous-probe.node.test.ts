import { createServer } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { close, listen } from '../../e2e/listen.ts'
import { judge, probeAnonymously } from './anonymous-probe.ts'

const login = 'https://acme.cloudflareaccess.com/cdn-cgi/access/login/executor.acme.workers.dev?kid=1'

test.each<[string, number, Record<string, string>, string, object]>([
  [
    'Executor’s own refusal',
    401,
    { 'www-authenticate': 'Bearer realm="Executor"' },
    '',
    { kind: 'refused', by: 'executor' },
  ],
  ['the login of Access', 302, { location: login }, '', { kind: 'refused', by: 'access' }],
  [
    'the challenge of Managed OAuth',
    401,
    { 'www-authenticate': 'Bearer resource_metadata="https://x"' },
    '',
    { kind: 'refused', by: 'access' },
  ],
  ['a page', 200, {}, '<html>', { kind: 'open' }],
  ['a redirect to elsewhere', 302, { location: '/home' }, '', { kind: 'open' }],
  [
    'a redirect to a name like Access',
    302,
    { location: 'https://cloudflareaccess.com.evil.test/cdn-cgi/access/login' },
    '',
    { kind: 'open' },
  ],
  ['a 401 of somebody else', 401, { 'www-authenticate': 'Basic realm="nginx"' }, '', { kind: 'open' }],
  ['a 404 of the application', 404, {}, 'Not found', { kind: 'open' }],
  ['a server error', 500, {}, '', { kind: 'open' }],
  ['an address that has no Worker yet', 404, {}, '<h1>There is nothing here yet</h1>', { kind: 'pending' }],
  ['an edge that does not know it yet', 523, {}, '', { kind: 'pending' }],
])('%s (%i)', (_, status, headers, text, expected) => {
  expect(judge({ status, headers: new Headers(headers) }, text)).toMatchObject(expected)
})

const server = createServer()
afterEach(async () => {
  server.removeAllListeners('request')
  if (server.listening) await close(server)
})

test('a new address is asked again until it answers', async () => {
  let asked = 0
  server.on('request', (_, response) => {
    const isReady = ++asked > 7
    const headers = isReady ? { 'www-authenticate': 'Bearer realm="Executor"' } : {}
    response.writeHead(isReady ? 401 : 404, headers).end('There is nothing here yet')
  })
  const url = `http://127.0.0.1:${await listen(server)}`
  expect(await probeAnonymously(url, { waitMs: 10_000, intervalMs: 5 })).toEqual({ ok: true, problems: [] })
})

test('what is open is told at once, each way in by itself', async () => {
  server.on('request', ({ url, method }, response) => {
    const isOpen = url === '/api/integrations' && method === 'POST'
    response.writeHead(isOpen ? 201 : 401, { 'www-authenticate': 'Bearer realm="Executor"' }).end()
  })
  const url = `http://127.0.0.1:${await listen(server)}`
  expect(await probeAnonymously(url, { waitMs: 3_600_000 })).toEqual({
    ok: false,
    problems: ['POST /api/integrations: not refused (status 201)'],
  })
})

test('nobody there is no refusal', async () => {
  const port = await listen(server)
  await close(server)
  const report = await probeAnonymously(`http://127.0.0.1:${port}`, { waitMs: 0 })
  expect(report.ok).toBe(false)
  expect(report.problems[0]).toContain('GET /: no answer')
})
