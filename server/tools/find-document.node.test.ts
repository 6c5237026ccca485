// With real sockets: what hosts do to time, and whether connections are closed that nobody reads.
import { createServer, type RequestListener, type Server } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { createOutbound } from '../net/outbound.ts'
import { findDocument } from './find-document.ts'

const OPENAPI = '{"openapi":"3.1.0","paths":{}}'
const servers: Server[] = []

async function listen(handle: RequestListener): Promise<string> {
  const server = createServer(handle)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return `127.0.0.1:${address.port}`
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

const outbound = createOutbound({ allowLocalNetwork: true })

test('a host that never answers costs the time that it was given, once', async () => {
  let requests = 0
  const host = await listen(() => requests++)
  const start = performance.now()
  const result = await findDocument({ outbound }, host, { forMs: 400 })
  expect(result).toMatchObject({ ok: false, code: 'timeout', message: `${host} did not answer in time.` })
  expect(performance.now() - start).toBeLessThan(2_000)
  expect(requests).toBe(1)
})

test('a page that drips is given up, and its connection closed', async () => {
  const closed = Promise.withResolvers<void>()
  const host = await listen((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' })
    const timer = setInterval(() => response.write('<html> '), 20)
    response.on('close', () => {
      clearInterval(timer)
      closed.resolve()
    })
  })
  const result = await findDocument({ outbound }, `${host}/docs`, { forMs: 400 })
  expect(result).toMatchObject({ ok: false, code: 'timeout' })
  await closed.promise
})

test('a page that redirects for ever is an error that says so', async () => {
  const host = await listen(({ url = '' }, response) => {
    response.writeHead(302, { location: `${url}x` }).end()
  })
  const result = await findDocument({ outbound }, `${host}/openapi.json`)
  expect(result).toMatchObject({ ok: false, code: 'too_many_redirects' })
})

test('of several answers at once one is read, and the others are closed', async () => {
  const closed: string[] = []
  const done = Promise.withResolvers<void>()
  const host = await listen(({ url = '' }, response) => {
    if (url !== '/openapi.json' && url !== '/swagger.json') return response.writeHead(404).end('nothing')
    response.on('close', () => {
      closed.push(url)
      if (closed.length === 2) done.resolve()
    })
    response.writeHead(200).write(OPENAPI.padEnd(5_000))
    // The one that is not chosen never ends by itself.
    return url === '/openapi.json' ? response.end(' '.repeat(100_000)) : response.write(' ')
  })
  const result = await findDocument({ outbound }, host)
  if (!result.ok) throw new Error(result.message)
  expect(result.url).toBe(`http://${host}/openapi.json`)
  expect(result.alternatives).toEqual([{ url: `http://${host}/swagger.json` }])
  let bytes = 0
  for await (const chunk of result.chunks) bytes += chunk.byteLength
  expect(bytes).toBe(105_000)
  await done.promise
})

test('a document is read for longer than it may take to find one', async () => {
  const host = await listen((_, response) => {
    response.writeHead(200).write(OPENAPI.padEnd(5_000))
    setTimeout(() => response.end('the end'), 600)
  })
  const result = await findDocument({ outbound }, `${host}/openapi.json`, { forMs: 300 })
  if (!result.ok) throw new Error(result.message)
  let text = ''
  for await (const chunk of result.chunks) text += new TextDecoder().decode(chunk)
  expect(text).toMatch(/the end$/)
})

test('a document that nobody reads is closed with its stream', async () => {
  const closed = Promise.withResolvers<void>()
  const host = await listen((_, response) => {
    response.on('close', () => closed.resolve())
    response.writeHead(200).write(OPENAPI.padEnd(5_000))
  })
  const result = await findDocument({ outbound }, `${host}/openapi.json`)
  if (!result.ok) throw new Error(result.message)
  for await (const chunk of result.chunks) if (chunk.byteLength > 0) break
  expect(await closed.promise).toBeUndefined()
})
