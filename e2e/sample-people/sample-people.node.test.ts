// The application without Access in front: it has to know by itself whom it may believe.
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { JWTPayload } from 'jose'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { PEOPLE_AUDIENCE } from '../local-access/applications.ts'
import { ADMIN, type Identity, LOCAL_AGENT, LOCAL_AUDIENCE, MEMBER } from '../local-access/identities.ts'
import { createSigningKeys, type SigningKeys } from '../local-access/signing-keys.ts'
import { type SamplePeople, startSamplePeople } from './server.ts'

const PORT = 8920
const TEAM = `http://127.0.0.1:${PORT + 1}`
const DIRECT = `http://127.0.0.1:${PORT}`
const PUBLIC = 'http://127.0.0.1:8929'

let keys: SigningKeys
let team: Server
let people: SamplePeople

beforeAll(async () => {
  keys = await createSigningKeys()
  team = createServer((_request, response) => response.end(JSON.stringify(keys.jwks())))
  await once(team.listen(PORT + 1, '127.0.0.1'), 'listening')
  people = await startSamplePeople({ port: PORT, publicUrl: PUBLIC, teamDomain: TEAM, audience: PEOPLE_AUDIENCE })
})

afterAll(async () => {
  await people.close()
  team.closeAllConnections()
  team.close()
})

beforeEach(() => fetch(`${DIRECT}/_reset`, { method: 'POST' }))

function claims({ sub, email }: Pick<Identity, 'sub' | 'email'>): JWTPayload {
  return { iss: TEAM, aud: [PEOPLE_AUDIENCE], sub, email, exp: Math.floor(Date.now() / 1000) + 600 }
}

async function ask(path: string, assertion: JWTPayload | null, init: RequestInit = {}): Promise<Response> {
  const headers = assertion ? { 'cf-access-jwt-assertion': await keys.sign(assertion) } : undefined
  return fetch(DIRECT + path, { ...init, ...(headers && { headers }) })
}

test('everybody sees their own payslips and nobody else’s', async () => {
  const [ofAdmin, ofMember] = await Promise.all(
    [ADMIN, MEMBER].map(async (person) => (await ask('/payslips', claims(person))).json<{ id: string }[]>()),
  )
  expect(ofAdmin?.map(({ id }) => id)).toEqual(['pay_01_202608', 'pay_01_202609', 'pay_01_202610'])
  expect(ofMember?.map(({ id }) => id)).toEqual(['pay_02_202608', 'pay_02_202609', 'pay_02_202610'])
})

test('a member sees the own team without salaries, the personnel department everybody with', async () => {
  const list = async (person: Identity) =>
    (await ask('/people', claims(person))).json<{ team: string; salary_cents?: number }[]>()
  const ofMember = await list(MEMBER)
  expect(new Set(ofMember.map(({ team }) => team))).toEqual(new Set(['Motion']))
  expect(JSON.stringify(ofMember)).not.toContain('salary')
  expect((await list(ADMIN)).map(({ salary_cents }) => salary_cents)).toHaveLength(6)
  expect((await ask('/salaries/emp_03', claims(MEMBER))).status).toBe(403)
  expect(await (await ask('/salaries/emp_03', claims(ADMIN))).json()).toMatchObject({ salary_cents: 8_800_000 })
  expect((await ask('/salaries/emp_99', claims(ADMIN))).status).toBe(404)
})

test('time off is asked for by whoever calls, whatever the body says', async () => {
  const post = (body: string) => ask('/time-off', claims(MEMBER), { method: 'POST', body })
  const day = { from: '2026-12-24', to: '2026-12-31' }
  expect(await (await post(JSON.stringify(day))).json()).toEqual({ id: 'off_1', ...day, note: null })
  expect((await post(JSON.stringify({ ...day, employee_id: 'emp_01' }))).status).toBe(422)
  expect((await post('{')).status).toBe(400)
  expect(await (await ask('/time-off', claims(MEMBER))).json()).toHaveLength(1)
  expect(await (await ask('/time-off', claims(ADMIN))).json()).toEqual([])
})

test.each<[string, number, () => JWTPayload | null]>([
  ['no assertion', 401, () => null],
  ['an assertion for Executor', 401, () => ({ ...claims(ADMIN), aud: [LOCAL_AUDIENCE] })],
  ['another team', 401, () => ({ ...claims(ADMIN), iss: 'https://other.example' })],
  ['an assertion that has expired', 401, () => ({ ...claims(ADMIN), exp: 1 })],
  ['an assertion without an end', 401, () => ({ ...claims(ADMIN), exp: undefined })],
  ['a service token with an email beside it', 401, () => ({ ...claims(ADMIN), sub: '' })],
  ['a service token', 403, () => ({ ...claims(ADMIN), sub: '', email: undefined, common_name: LOCAL_AGENT.id })],
  ['a stranger', 403, () => claims({ sub: 'x', email: 'eve@example.com' })],
])('%s is answered %i', async (_what, status, assertion) => {
  const response = await ask('/me', assertion())
  expect(response.status).toBe(status)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
})

test('a header that names a person, and a key that is not the team’s, say nothing', async () => {
  const headers = { 'cf-access-authenticated-user-email': ADMIN.email }
  expect((await fetch(`${DIRECT}/me`, { headers })).status).toBe(401)
  const forged = await (await createSigningKeys()).sign(claims(ADMIN))
  expect((await fetch(`${DIRECT}/me`, { headers: { 'cf-access-jwt-assertion': forged } })).status).toBe(401)
})

test('new keys of the team are found', async () => {
  await keys.rotate()
  expect((await ask('/me', claims(ADMIN))).status).toBe(200)
})

test('the ledger keeps digests of tokens, and is not to be had through Access', async () => {
  const token = await keys.sign(claims(ADMIN))
  await fetch(`${DIRECT}/me`, { headers: { 'cf-access-jwt-assertion': token } })
  const ledger = await (await fetch(`${DIRECT}/_ledger`)).text()
  expect(JSON.parse(ledger)).toMatchObject([{ path: '/me', status: 200, credentials: [{ placement: 'header' }] }])
  expect(ledger).not.toContain('eyJ')
})

test('the document describes what is there, and every operation takes the application’s word for who calls', async () => {
  const document = await (await fetch(`${DIRECT}/openapi.json`)).json<{ paths: Record<string, object> }>()
  expect(document).toMatchObject({ openapi: '3.1.0', servers: [{ url: PUBLIC }] })
  expect(document).not.toHaveProperty('components.securitySchemes')
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of Object.keys(item)) {
      const response = await ask(path.replace('{employee_id}', 'emp_02'), null, { method: method.toUpperCase() })
      expect([path, response.status]).toEqual([path, 401])
    }
  }
})
