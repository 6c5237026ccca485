import { beforeEach, expect, test } from 'vitest'
import type { AuthMethod } from '../../drizzle/shapes.ts'
import { findConnection } from '../db/connections.ts'
import { insertPolicy } from '../db/policies.ts'
import { executeRun } from '../runs/execute.ts'
import {
  ada,
  bob,
  type Helpdesk,
  helpdeskDocument,
  importDocument,
  openHelpdesk,
  robot,
  UPSTREAM,
} from '../testing/helpdesk.ts'
import { ACCESS_PERSON, ACCESS_SERVICE_TOKEN, AWS_SIGV4, builtInMethods } from './built-in-methods.ts'
import { createConnection, updateConnection } from './manage.ts'
import { checkValues, problemOfMethod, sendsNothing, storedMethod } from './method.ts'
import { unconfirmedOrigins } from './origins.ts'

const KEYS = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: '',
  region: 'eu-central-1',
  service: 'execute-api',
}
const SERVICE = { clientId: 'abc.access', clientSecret: 'a-client-secret' }

let desk: Helpdesk
let upstream: (request: Request) => Response

beforeEach(async () => {
  upstream = () => Response.json([])
  desk = await openHelpdesk((request) => upstream(request))
  const all = { id: 'pol_1', pattern: '*', action: 'allow' as const, createdBy: ada.id, createdAt: 1, updatedAt: 1 }
  await insertPolicy(desk.db, all)
})

async function connect(method: AuthMethod, values: Record<string, string>, by = ada, owner = 'org') {
  const { integration } = desk
  const made = await createConnection(
    { ...desk.deps, principal: by },
    { integration, method, values, owner, slug: 'own' },
  )
  desk.forget()
  return made
}

const run = (code: string, principal = ada) => executeRun(desk.deps, { principal, client: 'test', code })
const LIST = 'return await tools.helpdesk.tickets.list({ limit: 3 })'
const signatureIn = (headers: Headers) => /Signature=([0-9a-f]{64})$/.exec(headers.get('authorization') ?? '')?.[1]

test('what sends nothing has neither placements nor a signature nor anything to forward', () => {
  expect(builtInMethods().filter(sendsNothing)).toEqual([])
  expect(sendsNothing({ id: 'none', label: 'None', fields: [], placements: [] })).toBe(true)
  for (const method of builtInMethods()) expect(storedMethod(method)).toEqual(method)
})

test('an Access service token is the pair of headers, for members and services too', async () => {
  const made = await connect(ACCESS_SERVICE_TOKEN, SERVICE)
  expect(made).toMatchObject({ ok: true, connection: { values: { clientId: 'abc.access' } } })
  expect(await run(LIST, robot)).toMatchObject({ state: 'succeeded' })
  expect(desk.received).toHaveLength(1)
  const headers = Object.fromEntries(desk.received[0]?.headers ?? [])
  expect(headers).toMatchObject({ 'cf-access-client-id': 'abc.access', 'cf-access-client-secret': 'a-client-secret' })
  expect(headers).not.toHaveProperty('authorization')
})

test('a service token that Access does not take is said to be that', async () => {
  await connect(ACCESS_SERVICE_TOKEN, SERVICE)
  upstream = () =>
    new Response('<html>', { status: 403, headers: { 'cf-access-aud': 'x', 'content-type': 'text/html' } })
  expect(await run(LIST)).toMatchObject({
    error: { code: 'access_refused', message: expect.stringContaining('Service Auth policy') },
  })
  upstream = () => Response.json({ message: 'Not for you' }, { status: 403 })
  expect(await run(LIST)).toMatchObject({
    error: { code: 'forbidden', message: expect.stringMatching(/^Not for you \(Access let the request/) },
  })
})

test('Access in front of a connection that does not know of it is said', async () => {
  await connect({ ...bearer(), id: 'other' }, { token: 'a-token-of-some-length' })
  upstream = () =>
    new Response(null, {
      status: 302,
      headers: { location: 'https://acme.cloudflareaccess.com/cdn-cgi/access/login/x' },
    })
  expect(await run(LIST)).toMatchObject({
    error: { code: 'access_refused', message: expect.stringContaining('has no way through it') },
  })
  expect(desk.received).toHaveLength(1)
  upstream = () => Response.json({ message: 'Bad credentials' }, { status: 401 })
  expect(await run(LIST)).toMatchObject({ error: { message: expect.not.stringContaining('Access') } })
})

function bearer(): AuthMethod {
  const method = desk.integration.authMethods.find(({ id }) => id !== 'none')
  if (method === undefined) throw new Error('The helpdesk document declares an auth method')
  return method
}

test('keys of AWS sign every request, and the secret one never leaves', async () => {
  const made = await connect(AWS_SIGV4, KEYS)
  expect(made).toMatchObject({
    ok: true,
    connection: { values: { accessKeyId: 'AKIDEXAMPLE', region: 'eu-central-1', service: 'execute-api' } },
  })
  expect(await run(LIST)).toMatchObject({ state: 'succeeded' })
  expect(await run('return await tools.helpdesk.tickets.create({ title: "x" })')).toMatchObject({ state: 'succeeded' })
  const [get, post] = desk.received
  expect(get?.headers.get('authorization')).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/execute-api\/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, /,
  )
  expect(post?.headers.get('authorization')).toContain(
    'SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date,',
  )
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(post?.body))
  expect(post?.headers.get('x-amz-content-sha256')).toBe(Buffer.from(digest).toString('hex'))
  expect(JSON.stringify(desk.received.map(({ url, headers }) => [url, [...headers]]))).not.toContain('wJalr')
})

test('a redirect is signed anew where it stays, and not signed at all where it leaves', async () => {
  await connect(AWS_SIGV4, { ...KEYS, sessionToken: 'a-session-token' })
  upstream = (request) => {
    const { pathname, origin } = new URL(request.url)
    if (origin !== UPSTREAM) return Response.json(['elsewhere'])
    const location = pathname === '/tickets' ? `${UPSTREAM}/moved` : 'https://other.example.com/tickets'
    return new Response(null, { status: 307, headers: { location } })
  }
  expect(await run('return await tools.helpdesk.tickets.create({ title: "x" })')).toMatchObject({
    value: ['elsewhere'],
  })
  const [first, second, third] = desk.received
  expect(signatureIn(first?.headers ?? new Headers())).toMatch(/^[0-9a-f]{64}$/)
  expect(signatureIn(second?.headers ?? new Headers())).toMatch(/^[0-9a-f]{64}$/)
  expect(signatureIn(second?.headers ?? new Headers())).not.toBe(signatureIn(first?.headers ?? new Headers()))
  expect(second?.headers.get('x-amz-security-token')).toBe('a-session-token')
  expect(third).toMatchObject({ url: 'https://other.example.com/tickets', body: '{"title":"x"}' })
  const names = [...(third?.headers.keys() ?? [])]
  expect(names.filter((name) => name === 'authorization' || name.startsWith('x-amz-'))).toEqual([])
})

test.each<[string, Partial<typeof KEYS>, string]>([
  ['without a key', { accessKeyId: '' }, 'accessKeyId'],
  ['without its secret', { secretAccessKey: '' }, 'secretAccessKey'],
  ['without a region', { region: '' }, 'region'],
  ['with a region that would change what is signed', { region: 'eu/s3' }, 'region'],
  ['with a service that is none', { service: 'execute api' }, 'service'],
  ['with a line break in the token', { sessionToken: 'a\nb' }, 'sessionToken'],
  ['with letters that no header carries', { sessionToken: 'tökën' }, 'sessionToken'],
])('keys of AWS %s are refused at their field', (_, wrong, field) => {
  expect(checkValues(AWS_SIGV4, { ...KEYS, ...wrong })).toMatchObject({ ok: false, field })
})

test('a secret that is left empty stays, and a session token can be put in its place', async () => {
  const made = await connect(AWS_SIGV4, KEYS)
  if (!made.ok) throw new Error(made.message)
  const values = { ...KEYS, secretAccessKey: '', sessionToken: 'new-session-token', region: 'us-east-1' }
  const changed = await updateConnection({ ...desk.deps, principal: ada }, made.connection, { values })
  expect(changed).toMatchObject({ ok: true, connection: { values: { region: 'us-east-1' } } })
  desk.forget()
  await run(LIST)
  expect(desk.received[0]?.headers.get('x-amz-security-token')).toBe('new-session-token')
  expect(desk.received[0]?.headers.get('authorization')).toContain('/us-east-1/execute-api/')
})

test('built-in ways are for admins, as they are', async () => {
  for (const [method, values] of [
    [ACCESS_SERVICE_TOKEN, SERVICE],
    [AWS_SIGV4, KEYS],
    [ACCESS_PERSON, {}],
  ] as const) {
    expect(await connect(method, values, bob, 'me')).toMatchObject({ ok: false, field: 'method' })
  }
  const forged: AuthMethod[] = [
    {
      ...ACCESS_PERSON,
      fields: [{ name: 'x', label: 'x', isSecret: true }],
      placements: [{ in: 'header', name: 'X', template: '{x}' }],
    },
    { ...bearer(), forwards: { header: 'Cf-Access-Token' } },
    { ...bearer(), signing: AWS_SIGV4.signing },
  ]
  for (const method of forged) {
    expect(problemOfMethod(method)).not.toBeNull()
    expect(await connect(method, { x: 'secret-value', token: 'secret-value' })).toMatchObject({
      ok: false,
      field: 'method',
    })
  }
})

test('signed and forwarded calls are pinned to origins like any credential', () => {
  const integration = { baseUrl: 'https://new.example.com', origins: [UPSTREAM] }
  for (const method of builtInMethods()) {
    expect(unconfirmedOrigins(integration, { method, origins: [UPSTREAM] })).toEqual(['https://new.example.com'])
  }
})

test('a cookie is a credential by the document, and by an admin’s own description', async () => {
  const document = {
    ...helpdeskDocument(),
    security: [{ session: [] }],
    components: {
      securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: 'sid' } },
      schemas: { Ticket: {}, NewTicket: {} },
    },
  }
  const integration = await importDocument(desk.deps, document, 'cookies')
  const declared = integration.authMethods.find(({ placements }) => placements.length > 0)
  if (declared === undefined) throw new Error('The document declares a cookie')
  const described: AuthMethod = {
    id: '~custom',
    label: 'Cookie remember',
    fields: [{ name: 'secret', label: 'remember', isSecret: true }],
    placements: [{ in: 'cookie', name: 'remember', template: 'v1.{secret}' }],
  }
  const deps = { ...desk.deps, principal: ada }
  for (const [slug, method] of [
    ['declared', declared],
    ['described', described],
  ] as const) {
    const values = { [method.fields[0]?.name ?? '']: 'cookie-secret' }
    expect(await createConnection(deps, { integration, method, values, owner: 'org', slug })).toMatchObject({
      ok: true,
    })
  }
  expect(
    await createConnection(deps, {
      integration,
      method: declared,
      values: { [declared.fields[0]?.name ?? '']: 'a; admin=1' },
      owner: 'org',
      slug: 'bad',
    }),
  ).toMatchObject({ ok: false, field: 'value' })
  desk.forget()
  await run('await tools["cookies@declared"].tickets.list(); await tools["cookies@described"].tickets.list()')
  expect(desk.received.map(({ headers }) => headers.get('cookie'))).toEqual([
    'sid=cookie-secret',
    'remember=v1.cookie-secret',
  ])
})

test('a connection that only forwards has nothing to seal, and keeps that it forwards', async () => {
  upstream = () => new Response(null, { status: 302, headers: { location: '/cdn-cgi/access/login' } })
  const made = await connect(ACCESS_PERSON, {})
  expect(made).toMatchObject({ ok: true, connection: { sealed: null } })
  const stored = made.ok ? await findConnection(desk.db, made.connection.id) : undefined
  expect(stored?.method).toEqual(ACCESS_PERSON)
})
