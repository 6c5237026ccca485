// A Cloudflare API on this machine, for the real wrangler and for our own commands: it records every call, enforces
// what the real one does, and can be told to stop answering at a chosen call.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { type ApiAnswer, ApiRefusal, type ApiRequest, paged, type Route } from './answer.ts'
import { accessRoutes } from './access-routes.ts'
import { databaseRoutes } from './database-routes.ts'
import type { FakeAccount, Permission } from './fake-account.ts'
import { close, listen } from '../listen.ts'
import { workerRoutes } from './worker-routes.ts'

export interface RecordedCall {
  method: string
  /** Behind `/client/v4/accounts/<id>`, or behind `/client/v4` for what belongs to no account. */
  path: string
  json: unknown
  status: number
}

export interface FakeCloudflare {
  /** For CLOUDFLARE_API_BASE_URL. */
  baseUrl: string
  account: FakeAccount
  calls: RecordedCall[]
  /** Calls that no route knows: a test of ours should never make one. */
  unknown: string[]
  /** Asked after each call took effect and before it is answered; true leaves it without an answer. */
  afterEffect: (call: RecordedCall) => boolean
  /** Status of every answer while set: the API is down. */
  outage: number | undefined
  close(): Promise<void>
}

const ROUTES: readonly Route[] = [...databaseRoutes, ...workerRoutes, ...accessRoutes]
const PREFIX = '/client/v4'

export async function startFakeCloudflare({
  account,
  port = 0,
}: {
  account: FakeAccount
  port?: number
}): Promise<FakeCloudflare> {
  const server = createServer((request, response) => void serve(fake, request, response))
  const actual = await listen(server, port)
  const fake: FakeCloudflare = {
    baseUrl: `http://127.0.0.1:${actual}${PREFIX}`,
    account,
    calls: [],
    unknown: [],
    afterEffect: () => false,
    outage: undefined,
    close: () => close(server),
  }
  return fake
}

async function serve(fake: FakeCloudflare, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const request = await readRequest(incoming)
  const { account } = fake
  const inAccount = `/accounts/${account.id}/`
  const path = request.path.startsWith(inAccount) ? `/${request.path.slice(inAccount.length)}` : request.path
  const call: RecordedCall = { method: request.method, path, json: request.json, status: 0 }
  fake.calls.push(call)
  const answer = await answerOf(fake, { ...request, path })
  call.status = answer.status
  if (fake.afterEffect(call)) return void response.destroy()
  response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body))
}

async function readRequest(incoming: IncomingMessage): Promise<ApiRequest> {
  const url = new URL(incoming.url ?? '/', 'http://api.invalid')
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (typeof value === 'string') headers.set(name, value)
  }
  const bytes = new Uint8Array(await buffer(incoming))
  const isJson = headers.get('content-type')?.startsWith('application/json') === true && bytes.length > 0
  const json: unknown = isJson ? JSON.parse(new TextDecoder().decode(bytes)) : undefined
  const path = url.pathname.startsWith(PREFIX) ? url.pathname.slice(PREFIX.length) : url.pathname
  return { method: incoming.method ?? 'GET', path, query: url.searchParams, headers, bytes, json }
}

async function answerOf(fake: FakeCloudflare, request: ApiRequest): Promise<{ status: number; body: unknown }> {
  try {
    if (fake.outage !== undefined) throw new ApiRefusal(fake.outage, 10500, 'the API is down')
    const { result, status = 200, info } = await handle(fake, request)
    return { status, body: { success: true, errors: [], messages: [], result, ...(info && { result_info: info }) } }
  } catch (error) {
    const refusal = error instanceof ApiRefusal ? error : new ApiRefusal(500, 10500, String(error))
    const { status, code, message } = refusal
    return { status, body: { success: false, errors: [{ code, message }], messages: [], result: null } }
  }
}

async function handle(fake: FakeCloudflare, request: ApiRequest): Promise<ApiAnswer> {
  const { account } = fake
  const token = (request.headers.get('authorization') ?? '').replace(/^Bearer /, '')
  // Asset uploads carry the token of their session, which their route checks.
  const permissions = request.path === '/workers/assets/upload' ? new Set<Permission>() : account.tokens.get(token)
  if (!permissions) throw new ApiRefusal(401, 1000, 'Invalid API Token')
  if (request.method === 'GET' && request.path === '/accounts') {
    const { id, name } = account
    return paged(permissions.has('account') ? [{ id, name }, ...account.otherAccounts] : [], request.query)
  }
  if (request.method === 'GET' && request.path === `/accounts/${account.id}`) {
    if (!permissions.has('account')) throw new ApiRefusal(403, 9109, 'Unauthorized to access requested resource')
    return { result: { id: account.id, name: account.name } }
  }
  for (const route of ROUTES) {
    const match = route.method === request.method ? route.path.exec(request.path) : null
    if (!match) continue
    const needed = [route.permission].flat()
    if (needed.length > 0 && !needed.some((one) => permissions.has(one))) {
      throw new ApiRefusal(403, 10000, 'Authentication error')
    }
    return route.handle(account, request, match.slice(1))
  }
  fake.unknown.push(`${request.method} ${request.path}`)
  throw new ApiRefusal(404, 7003, 'Could not route to the path')
}
