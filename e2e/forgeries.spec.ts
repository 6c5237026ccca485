// Requests that pretend: to come from the console's own pages, from a person, or from Access itself. Each is refused and
// changes nothing, and no answer says how close it came.
import { expect, test } from '@playwright/test'
import {
  importJWK,
  type JSONWebKeySet,
  type JWK,
  exportSPKI,
  type JWTPayload,
  generateKeyPair,
  SignJWT,
  UnsecuredJWT,
} from 'jose'
import { SERVICE_HEADERS } from './agent.ts'
import { NEW_INTEGRATION, openConsole, signInCookie, wordsOf } from './console.ts'
import { ADMIN, LOCAL_AUDIENCE, MEMBER } from './local-access/identities.ts'
import { oauthToken } from './oauth-token.ts'
import { stackOrigins } from './stack-origins.ts'

let origin: string
let worker: string
let cookie: string

test.beforeAll(async ({ baseURL }) => {
  const stack = stackOrigins(baseURL)
  origin = stack.access
  worker = stack.worker
  cookie = await signInCookie(origin, ADMIN)
})

const RULE = { pattern: 'forged.*', action: 'block', note: '', intent: 'save' }

const post = (path: string, headers: Record<string, string>, body: BodyInit): Promise<Response> =>
  fetch(origin + path, { method: 'POST', headers, body, redirect: 'manual' })

const addsRule = (headers: Record<string, string>) => post('/policies', headers, new URLSearchParams(RULE))

const givesDocument = (headers: Record<string, string>) => {
  const form = new FormData()
  form.set('source', '{"openapi":"3.1.0","paths":{"/a":{"get":{}}}}')
  return post(NEW_INTEGRATION, headers, form)
}

test('a change needs a page of the console, a person, and the browser that this person signed in with', async () => {
  const bearer = `Bearer oauth:${(await oauthToken(origin, ADMIN)).replace(/^oauth:/, '')}`
  const sameOrigin = { origin, 'sec-fetch-site': 'same-origin' }
  const forgeries: [string, Record<string, string>, RegExp][] = [
    ['without Origin and Sec-Fetch-Site', { cookie }, /Only a signed-in person can change this, in the console itself/],
    [
      'of another site',
      { cookie, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
      /came from another website/,
    ],
    ['of another site that hides its origin', { cookie, origin: 'null' }, /came from another website/],
    ['of a neighbour', { cookie, 'sec-fetch-site': 'same-site' }, /came from another website/],
    ['with a service token', { ...SERVICE_HEADERS, ...sameOrigin }, /Only a signed-in person/],
    ['of an agent that a person signed in', { authorization: bearer, ...sameOrigin }, /Only a signed-in person/],
    [
      'of an agent with a cookie of its own',
      { authorization: bearer, cookie: 'CF_Authorization=made-up', ...sameOrigin },
      /Only a signed-in person/,
    ],
  ]
  for (const [name, headers, words] of forgeries) {
    for (const send of [addsRule, givesDocument]) {
      const response = await send(headers)
      const text = wordsOf(await response.text())
      expect(response.status, `${name}: ${text}`).toBe(403)
      expect(text, name).toMatch(words)
      expect(text, name).toMatch(/[Nn]othing was changed/)
    }
  }
  const member = { cookie: await signInCookie(origin, MEMBER), ...sameOrigin }
  expect((await addsRule(member)).status).toBe(403)
  expect((await givesDocument(member)).status).toBe(403)

  const console = await openConsole(origin)
  expect((await console.open('/policies')).html).not.toContain('forged.*')
})

test('the same requests are let in with all three', async () => {
  const response = await givesDocument({ cookie, origin, 'sec-fetch-site': 'same-origin' })
  expect(response.status).toBe(302)
  expect(response.headers.get('location')).toMatch(/^\/integrations\/imports\/imp_/)
})

/** What Access would say of an admin, to be signed by somebody else. */
function claims(changes: JWTPayload = {}): JWTPayload {
  const now = Math.floor(Date.now() / 1000)
  const person = { sub: ADMIN.sub, email: ADMIN.email, groups: [...ADMIN.groups] }
  return { type: 'app', iss: origin, aud: [LOCAL_AUDIENCE], iat: now, nbf: now, exp: now + 600, ...person, ...changes }
}

/** Tokens that no Access made, by what is wrong with them. */
async function forgedTokens(): Promise<Record<string, string>> {
  const { keys }: JSONWebKeySet = await (await fetch(`${origin}/cdn-cgi/access/certs`)).json()
  const published: JWK = keys[0] ?? {}
  const kid = published.kid ?? ''
  const { privateKey } = await generateKeyPair('RS256')
  const publicKey = await importJWK({ ...published, alg: 'RS256' }, 'RS256', { extractable: true })
  if (publicKey instanceof Uint8Array) throw new Error('a published key is not a secret')
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const real = cookie.slice('CF_Authorization='.length)
  const [header = '', , signature = ''] = real.split('.')
  const rs256 = (key: string) => new SignJWT(claims()).setProtectedHeader({ alg: 'RS256', kid: key }).sign(privateKey)
  return {
    'signed by somebody else': await rs256(kid),
    'with an unknown key': await rs256('nobody'),
    'alg none': new UnsecuredJWT(claims()).encode(),
    'alg none with a key id': `${encode({ alg: 'none', kid })}.${encode(claims())}.`,
    'HS256 with the public key as PEM': await new SignJWT(claims())
      .setProtectedHeader({ alg: 'HS256', kid })
      .sign(Buffer.from(await exportSPKI(publicKey))),
    'HS256 with the modulus': await new SignJWT(claims())
      .setProtectedHeader({ alg: 'HS256', kid })
      .sign(Buffer.from(published.n ?? '', 'base64url')),
    'real, with other claims': `${header}.${encode(claims({ email: 'root@example.com' }))}.${signature}`,
    'real, without its signature': real.replace(/[^.]+$/, ''),
    'real, with its own key in the header': await new SignJWT(claims())
      .setProtectedHeader({ alg: 'RS256', kid, jwk: published, jku: 'http://evil.example/jwks' })
      .sign(privateKey),
    nothing: 'x',
  }
}

const SURFACES = ['/', '/integrations', '/api/health', '/mcp', '/policies.data']

/** Refused, with the same words whatever is wrong. */
async function expectRefused(response: Response, name: string): Promise<void> {
  expect(response.status, name).toBe(401)
  expect(response.headers.get('www-authenticate'), name).toMatch(/^Bearer/)
  // A nonce is random text, in which any of these letters may come.
  const text = (await response.text()).replaceAll(/nonce="[^"]*"/g, '')
  expect(text, name).not.toMatch(
    /signature|alg\b|RS256|HS256|\bkid\b|key id|expired|audience|issuer|malformed|jose|JWS|JWT/i,
  )
}

test('past Access, the Worker lets nobody in who has no assertion of this Access', async () => {
  for (const path of SURFACES) await expectRefused(await fetch(worker + path), path)
  const tokens = await forgedTokens()
  for (const [name, token] of Object.entries(tokens)) {
    for (const path of SURFACES) {
      const headers = { 'cf-access-jwt-assertion': token, 'cf-access-authenticated-user-email': ADMIN.email, cookie }
      await expectRefused(await fetch(worker + path, { headers }), `${name}, ${path}`)
    }
  }
  // Neither the cookie nor headers that Access would send are an assertion.
  const headers = { cookie, ...SERVICE_HEADERS, 'cf-access-authenticated-user-email': ADMIN.email }
  await expectRefused(await fetch(worker, { headers }), 'the cookie alone')
  expect(await (await fetch(`${worker}/healthz`)).text()).toBe('ok\n')
})

test('through Access, an assertion that somebody brings along counts for nothing', async () => {
  for (const [name, token] of Object.entries(await forgedTokens())) {
    const response = await fetch(`${origin}/mcp`, { method: 'POST', headers: { 'cf-access-jwt-assertion': token } })
    expect(response.status, name).toBe(401)
  }
  // With a credential of one's own the assertion is that one's, whatever else was sent.
  const forged = Object.values(await forgedTokens())[0] ?? ''
  const headers = { cookie: await signInCookie(origin, MEMBER), 'cf-access-jwt-assertion': forged }
  const page = await (await fetch(`${origin}/`, { headers })).text()
  expect(page).toContain(`person:${MEMBER.email}`)
  expect(page).not.toContain(ADMIN.email)
})
