// The reference server of before 2026-07-28, by streamable HTTP with sessions and by HTTP with SSE: how it is found, read,
// and spoken to again. What its tools give a program is tested in server/runs.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { countingFetch, type CountingFetch } from '../../testing/mcp/counting-fetch.ts'
import { startEverything, type Everything } from '../../testing/mcp/everything.ts'
import type { CallContext } from '../adapter.ts'
import { mcp } from './adapter.ts'
import { readCatalog } from './catalog.ts'
import { probeMcp } from './probe.ts'

describe.each(['streamableHttp', 'sse'] as const)('%s', (transport) => {
  const kind = transport === 'sse' ? 'sse' : 'http'
  let server: Everything
  let net: CountingFetch

  beforeAll(async () => {
    server = await startEverything(transport)
    net = countingFetch()
  })

  afterAll(() => server?.stop())

  test('it is found, also without its path, and reading its catalog leaves nothing behind', async () => {
    const probe = await probeMcp(new URL('/', server.url).href, net.fetch)
    expect(probe).toEqual({
      ok: true,
      found: { url: server.url, transport: kind, era: 'legacy', needsCredential: false },
    })
    net.requests.length = 0
    await readCatalog(server.url, kind, net.fetch)
    const lists = ['tools/list', 'resources/list', 'resources/templates/list', 'prompts/list'].map(
      (each) => `POST ${each}`,
    )
    const introduction = ['POST initialize', 'POST notifications/initialized']
    expect(net.requests).toEqual(
      transport === 'sse'
        ? ['GET', ...introduction, ...lists]
        : ['POST server/discover', ...introduction, ...lists, 'DELETE'],
    )
    expect(net.openStreams()).toBe(0)
  })

  test.runIf(transport === 'streamableHttp')('a session that is gone is begun anew, once', async () => {
    const context: CallContext = {
      memory: new Map(),
      schemas: () => Promise.resolve(new Map()),
      isBlocked: () => false,
    }
    const binding = { url: server.url, transport: kind, method: 'tools/call', name: 'echo' }
    const tool = { operation: 'tool echo', inputSchema: {}, binding, baseUrl: server.url }
    const echo = (message: string) => mcp.call(tool, { message }, net.fetch, context)
    await echo('before')
    const [key, known] = [...context.memory].find(([name]) => name.startsWith('session')) ?? []
    if (key === undefined) throw new Error('No session')
    context.memory.set(key, { era: 'legacy', session: { id: 'gone', version: '2025-11-25' } })
    net.requests.length = 0
    expect(await echo('after')).toMatchObject({ ok: true, data: 'Echo: after' })
    expect(net.requests).toEqual([
      'GET',
      'POST tools/call',
      'POST server/discover',
      'POST initialize',
      'POST notifications/initialized',
      'GET',
      'POST tools/call',
    ])
    expect(context.memory.get(key)).not.toEqual(known)
    expect(net.openStreams()).toBe(0)
  })
})
