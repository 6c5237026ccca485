// What arrives on the wire, read by a server of its own, and checked with another implementation of the signature.
import { createHash, createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createOutbound } from '../net/outbound.ts'
import { credentialFor } from './attach.ts'
import { AWS_SIGV4 } from './built-in-methods.ts'
import { createVault } from './seal.ts'

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'

interface Arrived {
  method: string
  target: string
  headers: IncomingMessage['headers']
  body: string
}

/** Answers `/away` with a redirect to the other server, and everything else with 200. */
async function listen(arrived: Arrived[], away: () => string): Promise<{ server: Server; origin: string }> {
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('latin1')
    request.on('data', (chunk) => (body += String(chunk)))
    request.on('end', () => {
      const { method = '', url: target = '', headers } = request
      arrived.push({ method, target, headers, body })
      if (target.startsWith('/away')) response.writeHead(307, { location: `${away()}/elsewhere` })
      response.end('{}')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { server, origin: `http://127.0.0.1:${address.port}` }
}

const here: Arrived[] = []
const there: Arrived[] = []
let home: Awaited<ReturnType<typeof listen>>
let other: Awaited<ReturnType<typeof listen>>

beforeAll(async () => {
  other = await listen(there, () => '')
  home = await listen(here, () => other.origin)
})

afterAll(() => {
  home.server.close()
  other.server.close()
})

async function send(path: string, service: string, init: RequestInit = {}): Promise<Arrived> {
  const vault = createVault({ key: '0123456789abcdeffedcba98765432100f1e2d3c4b5a69788796a5b4c3d2e1f0' })
  const values = {
    accessKeyId: 'AKID',
    secretAccessKey: SECRET,
    sessionToken: 'a-session',
    region: 'eu-west-1',
    service,
  }
  const connection = { id: 'con_1', owner: 'org', method: AWS_SIGV4, values, sealed: null, origins: [home.origin] }
  const opened = await credentialFor(connection, vault)
  if (!opened.ok || opened.credential === null) throw new Error('expected a credential')
  here.length = 0
  there.length = 0
  const outbound = createOutbound({ allowLocalNetwork: true })
  await (await outbound.send(new Request(home.origin + path, init), { credential: opened.credential })).text()
  const [first] = here
  if (first === undefined) throw new Error('nothing arrived')
  return first
}

/** As a service checks it: from what it received, by the rules for its own path. */
function expectedSignature({ method, target, headers, body }: Arrived, service: string): string {
  const [path = '', query = ''] = target.split('?')
  const [, scope = '', signedHeaders = ''] =
    /Credential=AKID\/([^,]+), SignedHeaders=([^,]+),/.exec(headers.authorization ?? '') ?? []
  const strict = (text: string) =>
    encodeURIComponent(text).replaceAll(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
  const pairs = query
    .split('&')
    .filter(Boolean)
    .map((pair) => (pair.includes('=') ? pair : `${pair}=`))
    .sort()
  const canonical = [
    method,
    service === 's3' ? path : path.replaceAll(/\/+/g, '/').split('/').map(strict).join('/'),
    pairs.join('&'),
    ...signedHeaders.split(';').map((name) => `${name}:${String(headers[name]).trim()}`),
    '',
    signedHeaders,
    createHash('sha256').update(body, 'latin1').digest('hex'),
  ].join('\n')
  const digest = createHash('sha256').update(canonical).digest('hex')
  const toSign = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, digest].join('\n')
  let key: string | Buffer = `AWS4${SECRET}`
  for (const part of scope.split('/')) key = createHmac('sha256', key).update(part).digest()
  return createHmac('sha256', key).update(toSign).digest('hex')
}

const json = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name":"ä"}' }

test.each<[string, string, RequestInit]>([
  ['/', 'execute-api', {}],
  ['/a//b/%E1%88%B4/x%20y?b=2&a=1&a=0&c', 'execute-api', {}],
  ["/f(1)!*'?q=a+b%2Bc&r=(x)~", 'execute-api', {}],
  ['/items', 'dynamodb', json],
  ['/items', 'dynamodb', { ...json, method: 'PUT', body: '' }],
  ['/items/1', 'dynamodb', { method: 'DELETE' }],
  ['/bucket//key (1)+ä.txt?list-type=2&prefix=a b/&acl', 's3', {}],
  [
    '/bucket/key',
    's3',
    { method: 'PUT', body: new Uint8Array([0, 255, 10, 13]), headers: { 'content-type': 'image/png' } },
  ],
])('%s of %s arrives with a signature that fits it', async (path, service, init) => {
  const arrived = await send(path, service, init)
  expect(arrived.headers.authorization).toContain(`/eu-west-1/${service}/aws4_request`)
  expect(arrived.headers.authorization).toMatch(new RegExp(`Signature=${expectedSignature(arrived, service)}$`))
})

test('a redirect to another origin arrives there without anything of the signature', async () => {
  const arrived = await send('/away', 'execute-api', json)
  expect(arrived.headers.authorization).toContain('Signature=')
  expect(there).toMatchObject([{ method: 'POST', target: '/elsewhere' }])
  const names = Object.keys(there[0]?.headers ?? {})
  expect(names.filter((name) => name === 'authorization' || name.startsWith('x-amz-'))).toEqual([])
  expect(JSON.stringify(there)).not.toMatch(/AKID|a-session|Signature/)
})
