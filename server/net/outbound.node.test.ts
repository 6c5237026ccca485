// The rules that only a real socket can show: what the wire does to lengths, encodings and connections.
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, expect, test } from 'vitest'
import { createOutbound, OutboundError } from './outbound.ts'

const servers: Server[] = []

async function listen(handle: RequestListener): Promise<string> {
  const server = createServer(handle)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address: AddressInfo | string | null = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return `http://127.0.0.1:${address.port}`
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

const outbound = createOutbound({ allowLocalNetwork: true })

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => new Error('nothing failed'),
    (error: unknown) => error,
  )
  if (!(error instanceof OutboundError)) throw error
  return error.code
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}

test('a gzip bomb is counted after decompression', async () => {
  const bomb = gzipSync(Buffer.alloc(8 * 1024 * 1024))
  expect(bomb.byteLength).toBeLessThan(10_000)
  const url = await listen((_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': bomb.byteLength }).end(bomb)
  })
  const response = await outbound.send(new Request(url), { maxBytes: 1024 * 1024 })
  expect(await codeOf(response.arrayBuffer())).toBe('too_large')
})

test('an answer arrives decompressed, without the encoding and the length it had on the wire', async () => {
  const url = await listen((_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'application/json' }).end(gzipSync('{"a":1}'))
  })
  const response = await outbound.send(new Request(url))
  expect(Object.fromEntries(response.headers)).not.toHaveProperty('content-encoding')
  expect(Object.fromEntries(response.headers)).not.toHaveProperty('content-length')
  expect(await response.json()).toEqual({ a: 1 })
})

test('an encoding that cannot be decoded breaks the answer off', async () => {
  const url = await listen((_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end('this is not gzip')
  })
  expect(await codeOf(outbound.send(new Request(url)).then((response) => response.text()))).toBe('interrupted')
})

test('a connection that closes before the headers is unreachable, and one that closes in the body is interrupted', async () => {
  const silent = await listen((_, response) => response.destroy())
  expect(await codeOf(outbound.send(new Request(silent)))).toBe('unreachable')

  const truncated = await listen((_, response) => {
    response.writeHead(200, { 'content-length': 100 })
    response.write('only this', () => response.destroy())
  })
  const response = await outbound.send(new Request(truncated))
  expect(await codeOf(response.text())).toBe('interrupted')
})

test('a port where nothing listens is unreachable', async () => {
  const url = await listen(() => {})
  const server = servers.pop()
  await new Promise((resolve) => server?.close(resolve))
  expect(await codeOf(outbound.send(new Request(url)))).toBe('unreachable')
})

test('an endless drip is ended by the time limit, and the upstream sees it', async () => {
  const closed = Promise.withResolvers<void>()
  const url = await listen((_, response) => {
    const timer = setInterval(() => response.write('.'), 5)
    response.on('close', () => {
      clearInterval(timer)
      closed.resolve()
    })
  })
  const response = await outbound.send(new Request(url), { timeoutMs: 150 })
  expect(await codeOf(response.text())).toBe('timeout')
  await closed.promise
})

test('a body that is never read is given up at the time limit', async () => {
  const closed = Promise.withResolvers<void>()
  const url = await listen((_, response) => {
    response.write('first')
    response.on('close', closed.resolve)
  })
  expect((await outbound.send(new Request(url), { timeoutMs: 50 })).status).toBe(200)
  await closed.promise
})

test('a body is sent with its length, and again after a 307 to another origin, without the credential', async () => {
  const seen: string[] = []
  const record = async (request: IncomingMessage) => {
    const { authorization = 'none', 'content-length': length } = request.headers
    seen.push(`${request.method} ${request.url} ${authorization} ${length} ${await bodyOf(request)}`)
  }
  const second = await listen((request, response) => {
    void record(request).then(() => response.end('done'))
  })
  const first = await listen((request, response) => {
    void record(request).then(() => response.writeHead(307, { location: `${second}/b` }).end())
  })
  const response = await outbound.send(new Request(`${first}/a`, { method: 'POST', body: 'hello' }), {
    credential: { origins: [first], apply: ({ headers }) => headers.set('authorization', 'Bearer s3cret') },
  })
  expect(await response.text()).toBe('done')
  expect(response.url).toBe(`${second}/b`)
  expect(seen).toEqual(['POST /a Bearer s3cret 5 hello', 'POST /b none 5 hello'])
})

test('a status outside HTTP is an invalid answer', async () => {
  const url = await listen((_, response) => response.writeHead(999).end('blocked'))
  expect(await codeOf(outbound.send(new Request(url)))).toBe('invalid_response')
})
