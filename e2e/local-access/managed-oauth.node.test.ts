import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHash, randomBytes } from 'node:crypto'
import { auth, type OAuthClientProvider, type StoredOAuthTokens } from '@modelcontextprotocol/client'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createHttpBrowser, type HttpBrowser, signIn } from './http-browser.ts'
import { ADMIN, LOCAL_AUDIENCE, MEMBER } from './identities.ts'
import { type LocalAccess, startLocalAccess } from './start-local-access.ts'

const PORT = 8904
const REDIRECT = 'http://localhost:33418/callback'
const OAUTH = '/cdn-cgi/access/oauth'

let upstream: Server
let access: LocalAccess

beforeAll(async () => {
  upstream = createServer((request, response) => response.end(JSON.stringify(request.headers)))
  await once(upstream.listen(PORT + 1, '127.0.0.1'), 'listening')
  access = await startLocalAccess({ port: PORT, upstream: `http://127.0.0.1:${PORT + 1}` })
})

afterAll(async () => {
  await access.close()
  upstream.closeAllConnections()
  upstream.close()
})

async function register(metadata: object = {}, url = access.url): Promise<Response> {
  return fetch(`${url}${OAUTH}/registration`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'Test',
      redirect_uris: [REDIRECT],
      token_endpoint_auth_method: 'none',
      ...metadata,
    }),
  })
}

async function clientId(metadata: object = {}): Promise<string> {
  const response = await register(metadata)
  expect(response.status).toBe(201)
  return (await response.json<{ client_id: string }>()).client_id
}

const verifier = randomBytes(32).toString('base64url')

function authorization(client: string, changes: Record<string, string | undefined> = {}): string {
  const all = {
    response_type: 'code',
    client_id: client,
    redirect_uri: REDIRECT,
    state: 'st',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    resource: `${access.url}/mcp`,
    ...changes,
  }
  const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return `${OAUTH}/authorization?${new URLSearchParams(given)}`
}

/** Walks to the consent page as `email` and answers it; the URL is where the browser was sent in the end. */
async function decide(browser: HttpBrowser, address: string, email: string, decision = 'allow'): Promise<URL> {
  await signIn(browser, email)
  const consent = await browser.open(address)
  expect(consent.html).toContain(email)
  return (await browser.submit(consent.url.pathname, { decision })).url
}

async function exchange(fields: Record<string, string>, url = access.url): Promise<Response> {
  return fetch(`${url}${OAUTH}/token`, { method: 'POST', body: new URLSearchParams(fields) })
}

interface Tokens {
  access_token: string
  refresh_token: string
  expires_in: number
}

async function tokensFor(email: string): Promise<{ tokens: Tokens; client: string }> {
  const client = await clientId()
  const answer = await decide(createHttpBrowser(access.url), authorization(client), email)
  const response = await exchange({
    grant_type: 'authorization_code',
    code: answer.searchParams.get('code') ?? '',
    redirect_uri: REDIRECT,
    client_id: client,
    code_verifier: verifier,
    resource: `${access.url}/mcp`,
  })
  expect(response.status).toBe(200)
  return { tokens: await response.json<Tokens>(), client }
}

const useToken = (token: string, headers: Record<string, string> = {}) =>
  fetch(`${access.url}/mcp`, { headers: { authorization: `Bearer ${token}`, ...headers } })

test('a client finds its way from the challenge to the endpoints', async () => {
  const challenge = (await fetch(`${access.url}/mcp`, { method: 'POST' })).headers.get('www-authenticate') ?? ''
  const resourceMetadata = await fetch(/resource_metadata="(.+?)"/.exec(challenge)?.[1] ?? '')
  expect(await resourceMetadata.json()).toMatchObject({
    resource: `${access.url}/mcp`,
    authorization_servers: [access.url],
  })
  const root = await fetch(`${access.url}/.well-known/oauth-protected-resource`)
  expect(await root.json()).toMatchObject({ resource: `${access.url}/` })
  const metadata = await fetch(`${access.url}/.well-known/oauth-authorization-server`)
  expect(await metadata.json()).toMatchObject({
    issuer: access.url,
    code_challenge_methods_supported: ['S256'],
    registration_endpoint: `${access.url}${OAUTH}/registration`,
  })
})

test('an opaque token brings the same kind of assertion as a browser’s login, and no cookie', async () => {
  const { tokens } = await tokensFor(MEMBER.email)
  expect(tokens.access_token).toMatch(/^oauth:[\w-]+$/)
  expect(tokens.expires_in).toBe(15 * 60)
  expect(JSON.stringify(tokens)).not.toContain('eyJ')
  const cookie = `a=1; CF_Authorization=${await access.sign({ sub: ADMIN.sub })}`
  const seen = await (await useToken(tokens.access_token, { cookie })).json<Record<string, string>>()
  expect(decodeJwt(seen['cf-access-jwt-assertion'] ?? '')).toMatchObject({
    iss: access.url,
    aud: [LOCAL_AUDIENCE],
    type: 'app',
    email: MEMBER.email,
    sub: MEMBER.sub,
    groups: MEMBER.groups,
  })
  expect(seen).not.toHaveProperty('authorization')
  expect(seen.cookie).toBe('a=1')
})

test('the official MCP client registers, signs in and connects by itself', async () => {
  const stored: { verifier?: string; client?: { client_id: string }; tokens?: StoredOAuthTokens; goTo?: URL } = {}
  const provider: OAuthClientProvider = {
    redirectUrl: REDIRECT,
    clientMetadata: {
      redirect_uris: [REDIRECT],
      client_name: 'Official',
      token_endpoint_auth_method: 'none',
      scope: 'mcp',
    },
    clientInformation: () => stored.client,
    saveClientInformation: (client) => void (stored.client = client),
    tokens: () => stored.tokens,
    saveTokens: (tokens) => void (stored.tokens = tokens),
    redirectToAuthorization: (url) => void (stored.goTo = url),
    saveCodeVerifier: (value) => void (stored.verifier = value),
    codeVerifier: () => stored.verifier ?? '',
  }
  const serverUrl = `${access.url}/mcp`
  expect(await auth(provider, { serverUrl })).toBe('REDIRECT')
  const answer = await decide(createHttpBrowser(access.url), stored.goTo?.href ?? '', ADMIN.email)
  const options = { serverUrl, authorizationCode: answer.searchParams.get('code') ?? '' }
  const iss = answer.searchParams.get('iss')
  expect(await auth(provider, iss === null ? options : { ...options, iss })).toBe('AUTHORIZED')
  expect((await useToken(stored.tokens?.access_token ?? '')).status).toBe(200)
  const first = stored.tokens?.access_token
  expect(await auth(provider, { serverUrl })).toBe('AUTHORIZED')
  expect(stored.tokens?.access_token).not.toBe(first)
})

test('a person who is not signed in does that first, and comes back to the consent', async () => {
  const browser = createHttpBrowser(access.url)
  const login = await browser.open(authorization(await clientId({ client_name: 'Desk <b>' })))
  expect(login.url.pathname).toBe('/cdn-cgi/access/login')
  const consent = await signIn(browser, MEMBER.email, login.url.searchParams.get('redirect_url') ?? '')
  expect(consent.html).toContain('Allow Desk &lt;b&gt; to use Executor as you?')
  expect(consent.html).toContain('localhost:33418')
})

test('the person signed in at Access is the one a client acts for, also after changing who that is', async () => {
  const browser = createHttpBrowser(access.url)
  for (const email of [ADMIN.email, MEMBER.email]) {
    const client = await clientId()
    const answer = await decide(browser, authorization(client), email)
    const fields = { redirect_uri: REDIRECT, client_id: client, code_verifier: verifier }
    const code = answer.searchParams.get('code') ?? ''
    const tokens = await (await exchange({ grant_type: 'authorization_code', code, ...fields })).json<Tokens>()
    const seen = await (await useToken(tokens.access_token)).json<Record<string, string>>()
    expect(decodeJwt(seen['cf-access-jwt-assertion'] ?? '').email).toBe(email)
  }
})

test('a person may say no, and no other site says yes for them', async () => {
  const client = await clientId()
  const answer = await decide(createHttpBrowser(access.url), authorization(client), MEMBER.email, 'deny')
  expect(answer.origin).toBe('http://localhost:33418')
  expect(answer.searchParams.get('error')).toBe('access_denied')
  expect(answer.searchParams.get('state')).toBe('st')
  const uninvited = await createHttpBrowser(access.url).submit(`${OAUTH}/consent/made-up`, { decision: 'allow' })
  expect(uninvited.status).toBe(400)
})

test.each([
  ['https://evil.example/cb', 400],
  ['http://evil.example/cb', 400],
  ['http://localhost.evil.example/cb', 400],
  ['javascript:alert(1)', 400],
  ['not a uri', 400],
  ['http://127.0.0.1:7777/cb', 201],
  ['http://[::1]:7777/cb', 201],
  ['cursor://anysphere.cursor-mcp/oauth/callback', 201],
])('registering the redirect URI %s answers %i', async (uri, status) => {
  expect((await register({ redirect_uris: [uri] })).status).toBe(status)
  expect((await register({ redirect_uris: [uri], application_type: 'web' })).status).toBe(status)
})

test('a loopback redirect URI is good on any port, and on that path alone', async () => {
  const client = await clientId()
  const open = async (redirect_uri: string) =>
    (await createHttpBrowser(access.url).open(authorization(client, { redirect_uri }))).url.pathname
  expect(await open('http://localhost:50123/callback')).toBe('/cdn-cgi/access/login')
  expect(await open('http://localhost:50123/elsewhere')).toBe(`${OAUTH}/authorization`)
  expect(await open('https://evil.example/callback')).toBe(`${OAUTH}/authorization`)
})

test.each([
  ['without PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
  ['with plain PKCE', { code_challenge_method: 'plain' }, 'invalid_request'],
  ['for another resource', { resource: 'https://evil.example/' }, 'invalid_target'],
  ['for an implicit token', { response_type: 'token' }, 'unsupported_response_type'],
])('an authorization %s is an error at the client', async (_what, changes, error) => {
  const { url } = await createHttpBrowser(access.url).open(authorization(await clientId(), changes))
  expect(url.href).toContain(`error=${error}`)
})

test('a code works once and with its own verifier only', async () => {
  const client = await clientId()
  const browser = createHttpBrowser(access.url)
  const redeem = async (code: string, code_verifier: string) =>
    (
      await exchange({
        grant_type: 'authorization_code',
        code,
        redirect_uri: REDIRECT,
        client_id: client,
        code_verifier,
      })
    ).status
  const code = async () => (await decide(browser, authorization(client), MEMBER.email)).searchParams.get('code') ?? ''
  expect(await redeem(await code(), randomBytes(32).toString('base64url'))).toBe(400)
  const good = await code()
  expect(await redeem(good, verifier)).toBe(200)
  expect(await redeem(good, verifier)).toBe(400)
})

test('a refresh token is renewed with every use, and its reuse ends the grant', async () => {
  const { tokens, client } = await tokensFor(MEMBER.email)
  const refresh = (refresh_token: string) => exchange({ grant_type: 'refresh_token', refresh_token, client_id: client })
  const next = await (await refresh(tokens.refresh_token)).json<Tokens>()
  expect(next.access_token).toMatch(/^oauth:/)
  expect(next.refresh_token).not.toBe(tokens.refresh_token)
  expect((await useToken(next.access_token)).status).toBe(200)
  expect((await refresh(tokens.refresh_token)).status).toBe(400)
  expect((await useToken(next.access_token)).status).toBe(401)
})

test('a token that is made up, or sent without its prefix, is told to be invalid', async () => {
  const { tokens } = await tokensFor(MEMBER.email)
  for (const token of ['oauth:made-up', tokens.access_token.replace('oauth:', ''), `oauth:${tokens.refresh_token}`]) {
    const response = await useToken(token)
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"')
  }
})

test('an access token ends after its time, and a restart keeps clients and tokens when there is a file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'local-access-'))
  const options = {
    port: PORT + 2,
    upstream: `http://127.0.0.1:${PORT + 1}`,
    oauthStoragePath: join(folder, 'oauth.json'),
    accessTokenSeconds: 2,
  }
  const first = await startLocalAccess(options)
  const { client_id: client } = await (await register({}, first.url)).json<{ client_id: string }>()
  const address = authorization(client, { resource: `${first.url}/mcp` })
  const answer = await decide(createHttpBrowser(first.url), address, MEMBER.email)
  const fields = { redirect_uri: REDIRECT, client_id: client, code_verifier: verifier }
  const code = answer.searchParams.get('code') ?? ''
  const redeemed = await exchange({ grant_type: 'authorization_code', code, ...fields }, first.url)
  const tokens = await redeemed.json<Tokens>()
  expect(tokens.expires_in).toBe(2)
  await first.close()

  const second = await startLocalAccess(options)
  try {
    const refresh = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token, client_id: client }
    const renewed = await (await exchange(refresh, second.url)).json<Tokens>()
    const status = async () =>
      (await fetch(`${second.url}/mcp`, { headers: { authorization: `Bearer ${renewed.access_token}` } })).status
    expect(await status()).toBe(200)
    await expect.poll(status, { timeout: 5000, interval: 200 }).toBe(401)
  } finally {
    await second.close()
    await rm(folder, { recursive: true })
  }
})
