// The sample company's server. `startSampleApi` is all that others need.
import { createHash } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { stringify } from 'yaml'
import { authenticate, type Caller, scopeFor } from './authenticate.ts'
import { ALL_SCOPES } from '../sample-oauth/clients.ts'
import { docsPage } from './docs-page.ts'
import { buildDocument } from './document.ts'
import { createTokenCheck, type TokenCheck } from './introspect.ts'
import { answerGraphQl, GRAPHQL_PATH, PRIVATE_GRAPHQL_PATH } from './graphql/answer.ts'
import { createLedger, type Ledger } from './ledger.ts'
import { answerContract, answerMcp, createMcpState, LEGACY_MCP_PATH, MCP_PATH, type McpState } from './mcp/answer.ts'
import { operations } from './operations.ts'
import { ok, problem, type Reply } from './reply.ts'
import { createRouter } from './router.ts'
import { createSeed } from './seed.ts'
import { createStore, type Store } from './store.ts'

export interface SampleApi {
  /** `http://localhost:8790`, without a slash at the end. */
  url: string
  ledger: Ledger
  /** Puts the data back to what it was at the start, and empties the ledger. */
  reset: () => void
  close: () => Promise<void>
}

interface Company {
  url: string
  store: Store
  mcp: McpState
  ledger: Ledger
  reset: () => void
  /** Issuer of the access tokens that are taken beside the keys. */
  authorizationServer: string | undefined
  checkToken: TokenCheck | undefined
}

const RESOURCE_METADATA = '/.well-known/oauth-protected-resource'
const MAX_BODY_BYTES = 16 * 1024 * 1024
const NOBODY: Caller = { placement: null, mayWrite: false }
const route = createRouter(operations)

/** Port 0 takes any free one. Listens on loopback unless told otherwise. */
export async function startSampleApi({
  port,
  host = '127.0.0.1',
  authorizationServer,
}: {
  port: number
  host?: string
  /** Issuer of access tokens that are accepted beside the keys; none unless given. */
  authorizationServer?: string
}): Promise<SampleApi> {
  const ledger = createLedger()
  const company: Company = {
    url: '',
    store: createStore(createSeed()),
    mcp: createMcpState(),
    ledger,
    reset: () => {
      company.store = createStore(createSeed())
      ledger.clear()
    },
    authorizationServer,
    checkToken:
      authorizationServer === undefined ? undefined : createTokenCheck(authorizationServer, () => company.url),
  }
  const server = createServer((request, response) => {
    handle(request, response, company).catch((error: unknown) => {
      console.error(error)
      send(response, problem(500, 'The sample company has a bug.'))
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port')
  company.url = `http://localhost:${address.port}`

  return {
    url: company.url,
    ledger,
    reset: company.reset,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
        server.closeAllConnections()
      }),
  }
}

async function handle(request: IncomingMessage, response: ServerResponse, company: Company): Promise<void> {
  const { method = 'GET', headers } = request
  const url = URL.parse(request.url ?? '/', `http://${headers.host ?? 'localhost'}`)
  const body = await readBody(request)
  if (url === null) return send(response, problem(400, 'The URL is not valid.'))
  if (url.pathname.startsWith('/_')) return send(response, forTests(method, url.pathname, company))

  const entry = company.ledger.record({ method, url, headers, body: body ?? Buffer.alloc(0) })
  if (body === null) send(response, problem(413, `A body holds at most ${MAX_BODY_BYTES} bytes.`))
  else
    send(
      response,
      describe(method, url.pathname, headers, company) ??
        answerContract(method, url.pathname, company.mcp) ??
        (await answer(method, url, headers, body, company)),
    )
  entry.status = response.headersSent ? response.statusCode : null
}

/** Authentication first, so that nobody learns without a key which paths exist. */
async function answer(
  method: string,
  url: URL,
  headers: IncomingHttpHeaders,
  body: Buffer,
  company: Company,
): Promise<Reply> {
  const { store, checkToken } = company
  const authentication = await authenticate(headers, url.searchParams, checkToken)
  if (url.pathname === GRAPHQL_PATH || url.pathname === PRIVATE_GRAPHQL_PATH) {
    const challengeOf = (error: { error?: string; scope?: string }) => challenge(company, checkToken ? error : {})
    return answerGraphQl({ method, url, headers, body, store, authentication, challenge: challengeOf })
  }
  const isMcp = url.pathname === MCP_PATH || url.pathname === LEGACY_MCP_PATH
  if (isMcp && authentication.ok) {
    const request = toRequest(method, url, headers, body)
    return answerMcp({ request, state: company.mcp, store, caller: authentication.caller, url: company.url })
  }
  const match = route(method, url.pathname)
  const isPublic = match.kind === 'operation' && match.operation.isPublic === true
  if (!isPublic && !authentication.ok) {
    const error = checkToken && authentication.isInvalid ? { error: 'invalid_token' } : {}
    return problem(401, authentication.detail, { headers: challenge(company, error, isMcp ? url.pathname : '') })
  }
  const caller = authentication.ok ? authentication.caller : NOBODY
  if (match.kind === 'none')
    return problem(404, `There is nothing at ${url.pathname}. The API is described at /openapi.json.`)
  if (match.kind === 'other-methods') {
    const allow = match.allow.join(', ')
    return problem(405, `${url.pathname} answers ${allow}, not ${method}.`, { headers: { allow } })
  }
  const scope = scopeFor(match.operation)
  if (caller.token && !isPublic && !caller.token.scopes.includes(scope)) {
    const headers = challenge(company, { error: 'insufficient_scope', scope })
    return problem(403, `The access token is not good for ${scope}, which ${match.operation.id} needs.`, { headers })
  }
  if (match.operation.method !== 'get' && !caller.mayWrite) {
    return problem(403, `This key may only read, and ${match.operation.id} changes something.`)
  }
  return match.operation.run({ params: match.params, headers, body, store, url, caller })
}

/** RFC 6750, section 3, and where the authorization server is named (RFC 9728, section 5.1). */
function challenge(
  { url, authorizationServer }: Company,
  error: { error?: string; scope?: string },
  /** Of what is a resource by itself. */
  path = '',
): Record<string, string> {
  const metadata = authorizationServer === undefined ? {} : { resource_metadata: url + RESOURCE_METADATA + path }
  const parameters = Object.entries({ realm: 'northwind', ...error, ...metadata })
  return { 'www-authenticate': `Bearer ${parameters.map(([name, value]) => `${name}="${value}"`).join(', ')}` }
}

/** The docs page, the document, and what clients are told about signing in, for everybody. */
function describe(method: string, path: string, headers: IncomingHttpHeaders, company: Company): Reply | null {
  const { url, authorizationServer } = company
  if (method !== 'GET' && method !== 'HEAD') return null
  if (path === '/') return content(docsPage(operations), 'text/html; charset=utf-8', headers)
  if (path === '/openapi.json') {
    const document = buildDocument(operations, url, authorizationServer)
    return content(JSON.stringify(document, null, 2), 'application/json', headers)
  }
  if (path === '/openapi.yaml') {
    const yaml = stringify(buildDocument(operations, url, authorizationServer), { aliasDuplicateObjects: false })
    return content(yaml, 'application/yaml', headers)
  }
  const resource = ['', MCP_PATH, LEGACY_MCP_PATH].find((one) => path === RESOURCE_METADATA + one)
  if (resource !== undefined && authorizationServer !== undefined) {
    return ok({
      resource: url + resource,
      authorization_servers: [authorizationServer],
      scopes_supported: ALL_SCOPES,
      bearer_methods_supported: ['header'],
      resource_name: 'Northwind Robotics API',
    })
  }
  return null
}

function toRequest(method: string, url: URL, headers: IncomingHttpHeaders, body: Buffer): Request {
  const sent = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)])
  return new Request(url, { method, headers: sent, ...(body.byteLength > 0 && { body: new Uint8Array(body) }) })
}

function content(text: string, type: string, headers: IncomingHttpHeaders): Reply {
  const etag = `"${createHash('sha256').update(text).digest('hex').slice(0, 16)}"`
  if (headers['if-none-match'] === etag) return { status: 304, headers: { etag } }
  return { status: 200, headers: { etag }, body: { bytes: Buffer.from(text), type } }
}

/** What tests ask: no credential, not in the document, not in the ledger. */
function forTests(method: string, path: string, { ledger, reset }: Company): Reply {
  if (path === '/_ledger' && method === 'GET') return ok(ledger.entries())
  if (path === '/_ledger' && method === 'DELETE') {
    ledger.clear()
    return { status: 204 }
  }
  if (path === '/_reset' && method === 'POST') {
    reset()
    return { status: 204 }
  }
  return problem(404, 'Tests may GET or DELETE /_ledger, and POST /_reset.')
}

/** Null when the body is too large; it is read to its end even so, because a client may not listen before. */
async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.byteLength
    if (size <= MAX_BODY_BYTES) chunks.push(chunk)
  }
  return size <= MAX_BODY_BYTES ? Buffer.concat(chunks) : null
}

function send(response: ServerResponse, { status, headers = {}, body }: Reply): void {
  if (body && 'write' in body) return body.write(response)
  if (response.headersSent) return void response.destroy()
  const bytes = body && ('bytes' in body ? Buffer.from(body.bytes) : Buffer.from(JSON.stringify(body.json)))
  const type = body && ('bytes' in body ? body.type : (body.type ?? 'application/json'))
  response.writeHead(status, {
    ...headers,
    ...(type && { 'content-type': type }),
    ...(bytes && { 'content-length': bytes.byteLength }),
  })
  response.end(bytes)
}
