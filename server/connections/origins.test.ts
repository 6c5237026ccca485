// What a hostile upstream, or a hostile document, can do about where a credential goes. The credential is a stored
// connection's, sealed and opened; the network's edge is faked below server/net.
import { beforeEach, expect, test } from 'vitest'
import type { Placement } from '../../drizzle/shapes.ts'
import { createOutbound, type Outbound } from '../net/outbound.ts'
import { credentialFor, placeOf } from './attach.ts'
import { confirmedOrigins, originsOf, unconfirmedOrigins } from './origins.ts'
import { createVault } from './seal.ts'

const SECRET = 's3cret-value'
const API = 'https://api.example.com'
const UPLOADS = 'https://uploads.example.com'
const vault = createVault({ key: '0123456789abcdeffedcba98765432100f1e2d3c4b5a69788796a5b4c3d2e1f0' })

/** Every place that a credential can have, and two at once. */
const PLACEMENTS: [string, Placement[]][] = [
  ['a bearer token', [{ in: 'header', name: 'Authorization', template: 'Bearer {secret}' }]],
  ['a header', [{ in: 'header', name: 'X-Api-Key', template: '{secret}' }]],
  ['a query parameter', [{ in: 'query', name: 'api_key', template: '{secret}' }]],
  ['a cookie', [{ in: 'cookie', name: 'sid', template: '{secret}' }]],
  ['a password', [{ in: 'basic', userTemplate: 'ada', passwordTemplate: '{secret}' }]],
  [
    'two at once',
    [
      { in: 'query', name: 'api_key', template: 'k-{secret}' },
      { in: 'header', name: 'X-Api-Key', template: '{secret}' },
    ],
  ],
]

/** Where requests went, and whether the secret was anywhere in them. */
let sent: { url: string; hasSecret: boolean }[]
let answers: Map<string, Response>
let outbound: Outbound

beforeEach(() => {
  sent = []
  answers = new Map()
  outbound = createOutbound({
    allowLocalNetwork: false,
    resolver: async () => ({ ok: true, addresses: ['93.184.215.14'] }),
    fetch: async (request) => {
      const { origin, pathname } = new URL(request.url)
      sent.push({ url: `${origin}${pathname}`, hasSecret: holdsSecret(request, await request.clone().text()) })
      return answers.get(`${origin}${pathname}`)?.clone() ?? new Response('done')
    },
  })
})

function holdsSecret(request: Request, body: string): boolean {
  const texts = [decodeURIComponent(request.url), body, ...Array.from(request.headers, ([, value]) => value)]
  const basic = texts.flatMap((text) => (text.startsWith('Basic ') ? atob(text.slice('Basic '.length)) : []))
  return [...texts, ...basic].some((text) => text.includes(SECRET))
}

async function credential(placements: Placement[], origins: string[]) {
  const method = { id: 'm', label: 'M', fields: [{ name: 'secret', label: 'Secret', isSecret: true }], placements }
  const place = { id: 'con_1', owner: 'org' }
  const sealed = await vault.seal({ secret: SECRET }, placeOf(place))
  const opened = await credentialFor({ ...place, method, values: {}, sealed, origins }, vault)
  if (!opened.ok || !opened.credential) throw new Error('expected a credential')
  return opened.credential
}

async function send(placements: Placement[], url: string, init?: RequestInit, origins = [API, UPLOADS]) {
  await outbound.send(new Request(url, init), { credential: await credential(placements, origins) })
}

function redirect(from: string, to: string, status = 302): void {
  answers.set(from, new Response(null, { status, headers: { location: to } }))
}

test.each(PLACEMENTS)('%s goes to every host that the connection is for', async (_, placements) => {
  await send(placements, `${API}/things?q=1`)
  await send(placements, `${UPLOADS}/files`, { method: 'POST', body: 'x' })
  expect(sent).toEqual([
    { url: `${API}/things`, hasSecret: true },
    { url: `${UPLOADS}/files`, hasSecret: true },
  ])
})

test.each(PLACEMENTS)('%s follows a redirect between those hosts', async (_, placements) => {
  redirect(`${API}/files`, `${UPLOADS}/files`)
  await send(placements, `${API}/files`)
  expect(sent).toEqual([
    { url: `${API}/files`, hasSecret: true },
    { url: `${UPLOADS}/files`, hasSecret: true },
  ])
})

const REDIRECTS = PLACEMENTS.flatMap(([what, placements]) =>
  [301, 302, 303, 307, 308].map((status) => ({ what, placements, status })),
)

test.each(REDIRECTS)('$what stays behind when a $status leads elsewhere, and does not come back', async (given) => {
  const { placements, status } = given
  redirect(`${API}/away`, 'https://evil.example.net/in', status)
  redirect('https://evil.example.net/in', `${API}/back`, status)
  await send(placements, `${API}/away`, { method: 'POST', body: 'x' })
  expect(sent).toEqual([
    { url: `${API}/away`, hasSecret: true },
    { url: 'https://evil.example.net/in', hasSecret: false },
    // The way back is somebody else's choice: of a path, and of a query, that the credential would have carried out.
    { url: `${API}/back`, hasSecret: false },
  ])
})

test.each(PLACEMENTS)('%s does not go to a host that only looks like one of its own', async (_, placements) => {
  const hosts = [
    'https://api.example.com:8443',
    'https://api.example.com.',
    'https://api.example.com.evil.net',
    'https://evil.api.example.com',
    'https://example.com',
    'https://xn--pi-7ka.example.com',
    'http://api.example.com',
  ]
  for (const host of hosts) await send(placements, `${host}/things`).catch(() => {})
  for (const host of hosts) {
    answers.clear()
    redirect(`${API}/things`, `${host}/things`)
    await send(placements, `${API}/things`).catch(() => {})
  }
  const elsewhere = sent.filter(({ url }) => !url.startsWith(`${API}/`))
  expect(elsewhere.length).toBeGreaterThanOrEqual(hosts.length)
  expect(elsewhere.filter(({ hasSecret }) => hasSecret)).toEqual([])
})

test.each(PLACEMENTS)('%s does not go to an address that hides a host behind a user', async (_, placements) => {
  for (const url of [`https://api.example.com@evil.example.net/`, `https://api.example.com%40evil.example.net/`]) {
    redirect(`${API}/things`, url)
    await expect(send(placements, `${API}/things`)).rejects.toMatchObject({ code: 'invalid_url' })
  }
  expect(sent.filter(({ url }) => !url.startsWith(`${API}/`))).toEqual([])
})

test.each(PLACEMENTS)('%s is not sent in the clear after a redirect to http', async (_, placements) => {
  redirect(`${API}/things`, 'http://api.example.com/things')
  await expect(send(placements, `${API}/things`)).rejects.toThrow(/https to http/)
  expect(sent).toEqual([{ url: `${API}/things`, hasSecret: true }])
})

test('a redirect that repeats the query takes the secret in it nowhere', async () => {
  answers.set(
    `${API}/things`,
    new Response(null, { status: 302, headers: { location: `https://evil.example.net/?copy=${SECRET}&q=1` } }),
  )
  await send([{ in: 'query', name: 'api_key', template: '{secret}' }], `${API}/things?q=1`)
  expect(sent.at(-1)).toEqual({ url: 'https://evil.example.net/', hasSecret: false })
})

test('what is confirmed is what the integration has, never more, and never less than what calls need', () => {
  const method = { id: 'm', label: 'M', fields: [], placements: PLACEMENTS[0]?.[1] ?? [] }
  const integration = { baseUrl: `${API}/v3`, origins: [API, UPLOADS] }
  expect(originsOf(integration)).toEqual([API, UPLOADS])
  // A base URL that an admin has just changed counts also where the column is behind.
  expect(originsOf({ ...integration, origins: [] })).toEqual([API])
  expect(unconfirmedOrigins(integration, { method, origins: [API] })).toEqual([UPLOADS])
  expect(confirmedOrigins(integration, { method, origins: [API] }, ['https://evil.example.net'])).toEqual([API])
  expect(confirmedOrigins(integration, { method, origins: ['https://old.example.com'] }, [UPLOADS])).toEqual([UPLOADS])
})
