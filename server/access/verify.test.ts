import { SignJWT, UnsecuredJWT } from 'jose'
import { expect, test } from 'vitest'
import {
  AUDIENCE,
  createTestAccess,
  newTeamKey,
  personClaims,
  TEAM_DOMAIN,
  type TestAccess,
} from '../testing/access.ts'
import { createVerifier } from './verify.ts'

const teamKey = await newTeamKey()

/** A verifier whose clock the test moves. */
async function setUp() {
  const access = await createTestAccess(teamKey)
  const clock = { now: Date.now() }
  const verify = createVerifier({
    teamDomain: TEAM_DOMAIN,
    audiences: [AUDIENCE, 'second-application'],
    fetch: (request) => access.fetch(request),
    now: () => clock.now,
  })
  return { access, clock, verify }
}

const seconds = () => Math.floor(Date.now() / 1000)

test('a token of our team for our application is good, and so is one for a second application', async () => {
  const { access, verify } = await setUp()
  expect(await verify(await access.sign())).toMatchObject({ ok: true, claims: { email: 'ada@example.com' } })
  expect(await verify(await access.sign({ aud: ['second-application'] }))).toMatchObject({ ok: true })
  expect(await verify(await access.sign({ aud: AUDIENCE }))).toMatchObject({ ok: true })
})

const forgeries: [string, string, (access: TestAccess) => Promise<string> | string][] = [
  ['of another application', 'wrong_audience', (access) => access.sign({ aud: ['b'.repeat(64)] })],
  ['without an audience', 'wrong_audience', (access) => access.sign({ aud: undefined })],
  ['with an empty audience', 'wrong_audience', (access) => access.sign({ aud: [] })],
  ['of another team', 'wrong_issuer', (access) => access.sign({ iss: 'https://evil.cloudflareaccess.com' })],
  [
    'of an issuer that only starts like ours',
    'wrong_issuer',
    (access) => access.sign({ iss: `${TEAM_DOMAIN.origin}.evil.com` }),
  ],
  ['without an issuer', 'wrong_issuer', (access) => access.sign({ iss: undefined })],
  ['that has expired', 'expired', (access) => access.sign({ exp: seconds() - 60 })],
  ['without exp', 'no_expiry', (access) => access.sign({ exp: undefined })],
  ['that is not valid yet', 'not_yet_valid', (access) => access.sign({ nbf: seconds() + 120 })],
  ['for the team itself and no application', 'wrong_type', (access) => access.sign({ type: 'org' })],
  ['with a key id that does not exist', 'unknown_key', (access) => access.sign({}, { kid: 'nobody' })],
  ['without a key id', 'unknown_key', (access) => access.sign({}, { kid: undefined })],
  ['that says alg none', 'algorithm', () => new UnsecuredJWT({ ...personClaims(), exp: seconds() + 60 }).encode()],
  [
    'that says alg none of a known key',
    'algorithm',
    async (access) => recoded(await access.sign(), { alg: 'none', kid: 'key-1' }),
  ],
  [
    'signed with HS256 and our public key as the secret',
    'algorithm',
    async (access) =>
      new SignJWT({ ...personClaims(), exp: seconds() + 60 })
        .setProtectedHeader({ alg: 'HS256', kid: 'key-1' })
        .sign(new TextEncoder().encode(await access.publicKeyPem())),
  ],
  ['of somebody else’s key with the id of ours', 'bad_signature', async () => (await createTestAccess()).sign()],
  [
    'whose claims were changed',
    'bad_signature',
    async (access) => withClaims(await access.sign(), { email: 'root@example.com' }),
  ],
  ['without its signature', 'bad_signature', async (access) => (await access.sign()).replace(/[^.]+$/, '')],
  ['with an unknown critical header', 'malformed', async (access) => critical(await access.sign())],
  ['twice, as two headers arrive', 'malformed', async (access) => `${await access.sign()}, ${await access.sign()}`],
  ['with something behind it', 'malformed', async (access) => `${await access.sign()}.x`],
  ['that is no token', 'malformed', () => 'Bearer x'],
  ['of three empty parts', 'malformed', () => '..'],
  ['that is very long', 'malformed', () => 'a'.repeat(20_000)],
  ['that is empty', 'missing', () => ''],
]

test.each(forgeries)('a token %s is refused: %s', async (_, reason, forge) => {
  const { access, verify } = await setUp()
  expect(await verify(await forge(access))).toMatchObject({ ok: false, reason })
})

test('no token is refused without asking for keys', async () => {
  const { access, verify } = await setUp()
  expect(await verify(null)).toEqual({ ok: false, reason: 'missing' })
  expect(access.fetches).toBe(0)
})

test('a clock that is a little off does not matter', async () => {
  const { access, verify } = await setUp()
  expect(await verify(await access.sign({ nbf: seconds() + 20, exp: seconds() + 60 }))).toMatchObject({ ok: true })
  expect(await verify(await access.sign({ exp: seconds() - 20 }))).toMatchObject({ ok: true })
})

test('after the first answer, a hundred requests fetch no keys', async () => {
  const { access, verify } = await setUp()
  await verify(await access.sign())
  expect(access.fetches).toBe(1)
  const token = await access.sign({ email: 'grace@example.com' })
  const answers = await Promise.all(Array.from({ length: 100 }, () => verify(token)))
  expect(answers.every(({ ok }) => ok)).toBe(true)
  expect(access.fetches).toBe(1)
})

test('an unknown key id is looked for once, and not again for a while', async () => {
  const { access, clock, verify } = await setUp()
  await verify(await access.sign())
  clock.now += 60_000
  const unknown = await access.sign({}, { kid: 'nobody' })
  for (let attempt = 0; attempt < 20; attempt++) expect(await verify(unknown)).toMatchObject({ reason: 'unknown_key' })
  expect(access.fetches).toBe(2)
})

test('a new key is found when the first token of it arrives, and the one before stays good', async () => {
  const { access, clock, verify } = await setUp()
  const before = await access.sign()
  await verify(before)
  await access.rotate()
  clock.now += 10_000
  expect(await verify(await access.sign())).toMatchObject({ ok: true })
  expect(await verify(before)).toMatchObject({ ok: true })
  expect(access.fetches).toBe(2)
})

test.each<[string, () => Response | Promise<Response>]>([
  ['cannot be reached', () => Promise.reject(new Error('connection refused'))],
  ['answers 503', () => new Response('busy', { status: 503 })],
  ['answers a page', () => new Response('<h1>Sign in</h1>')],
  ['answers something else', () => Response.json({ keys: 'none' })],
])('while the keys’ endpoint %s nobody is let in, and everybody is as soon as it answers', async (_, outage) => {
  const { access, verify } = await setUp()
  const token = await access.sign()
  access.outage = outage
  expect(await verify(token)).toMatchObject({ ok: false, reason: 'keys_unavailable' })
  access.outage = undefined
  expect(await verify(token)).toMatchObject({ ok: true })
})

test('keys in hand bridge a short outage and not a long one', async () => {
  const { access, clock, verify } = await setUp()
  const token = await access.sign({ exp: seconds() + 86_400 })
  await verify(token)
  access.outage = () => new Response(null, { status: 500 })
  clock.now += 30 * 60_000
  expect(await verify(token)).toMatchObject({ ok: true })
  expect(await verify(token)).toMatchObject({ ok: true })
  expect(access.fetches).toBe(2)
  clock.now += 60 * 60_000
  expect(await verify(token)).toMatchObject({ ok: false, reason: 'keys_unavailable' })
})

function recoded(token: string, header: object): string {
  return token.replace(/^[^.]+/, encoded(header)).replace(/[^.]+$/, '')
}

function critical(token: string): string {
  return token.replace(/^[^.]+/, encoded({ alg: 'RS256', kid: 'key-1', crit: ['x'], x: 1 }))
}

function withClaims(token: string, claims: object): string {
  const [header, payload = '', signature] = token.split('.')
  const changed = { ...JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))), ...claims }
  return [header, encoded(changed), signature].join('.')
}

function encoded(value: object): string {
  return btoa(JSON.stringify(value)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
