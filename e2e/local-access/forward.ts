// The proxy: passes a request to the application with Access's own assertion and without anything that only
// Access may say, and streams the answer back as it comes.
import { type ClientRequest, type IncomingMessage, request as send, type ServerResponse } from 'node:http'
import { isNavigation, sendJson, sendPage, withoutCookies } from './answer.ts'
import { COOKIE, OAUTH_PREFIX } from './credential.ts'
import { messagePage } from './pages.ts'

const HOP_BY_HOP = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

export interface Forwarding {
  upstream: URL
  /** The token that the application verifies. Without one Access is not in the way: everything goes on as it comes. */
  assertion?: string
  /** The person's email, which Access also sends in a header of its own. */
  email?: string
  /** The cookie stays with browsers: a program never shows the application one. */
  keepsCookie: boolean
  /** `Authorization` was for Access, so the application does not see it. */
  tookAuthorization?: boolean
}

/** Names in pairs, as Node keeps raw headers, without hop-by-hop headers and those that `Connection` names. */
function* endToEnd(message: IncomingMessage): Generator<[name: string, value: string]> {
  const named = new Set((message.headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase()))
  for (let index = 0; index < message.rawHeaders.length; index += 2) {
    const name = message.rawHeaders[index] ?? ''
    const lower = name.toLowerCase()
    if (!HOP_BY_HOP.has(lower) && !named.has(lower)) yield [name, message.rawHeaders[index + 1] ?? '']
  }
}

function isOnlyForAccess(name: string, value: string, tookAuthorization: boolean): boolean {
  if (name.startsWith('cf-access-') || (tookAuthorization && name === 'authorization')) return true
  return name === 'authorization' && value.toLowerCase().startsWith(`bearer ${OAUTH_PREFIX}`)
}

function requestHeaders(request: IncomingMessage, forwarding: Forwarding): string[] {
  const { assertion, email, keepsCookie, tookAuthorization = false } = forwarding
  const headers: string[] = []
  for (const [name, value] of endToEnd(request)) {
    const lower = name.toLowerCase()
    if (lower === 'cookie') continue
    if (assertion !== undefined && isOnlyForAccess(lower, value, tookAuthorization)) continue
    headers.push(name, value)
  }
  const cookie = keepsCookie ? request.headers.cookie : withoutCookies(request.headers.cookie, [COOKIE])
  if (cookie !== undefined) headers.push('Cookie', cookie)
  if (assertion !== undefined) headers.push('Cf-Access-Jwt-Assertion', assertion)
  if (email !== undefined) headers.push('Cf-Access-Authenticated-User-Email', email)
  // Node frames a body of unknown length only where told so.
  if (request.headers['transfer-encoding'] !== undefined) headers.push('Transfer-Encoding', 'chunked')
  return headers
}

function answerUnreachable(request: IncomingMessage, response: ServerResponse): void {
  const text = 'The application behind the local Access does not answer. It may still be starting, or it has stopped.'
  if (!isNavigation(request)) return sendJson(response, 502, { error: 'bad_gateway', message: text })
  sendPage(response, 502, messagePage({ title: 'The application does not answer', text }))
}

function passAnswer(answer: IncomingMessage, response: ServerResponse): void {
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage ?? '', [...endToEnd(answer)].flat())
  response.flushHeaders()
  answer.on('error', () => response.destroy())
  answer.pipe(response)
}

export function forward(request: IncomingMessage, response: ServerResponse, forwarding: Forwarding): void {
  const { upstream } = forwarding
  const outgoing: ClientRequest = send({
    hostname: upstream.hostname,
    port: upstream.port,
    method: request.method,
    path: request.url,
    headers: requestHeaders(request, forwarding),
    setDefaultHeaders: false,
    // A fresh connection a request: a reused one may be closing just then, and a body cannot be sent twice.
    agent: false,
  })
  outgoing.on('response', (answer) => passAnswer(answer, response))
  outgoing.on('error', () => {
    if (response.headersSent) response.destroy()
    else answerUnreachable(request, response)
  })
  // Whoever goes away takes the application's work with them.
  response.on('close', () => outgoing.destroy())
  request.pipe(outgoing)
}
