import { beforeEach, expect, test } from 'vitest'
import { approvals, calls, runs } from '../../../drizzle/schema.ts'
import type { Database } from '../../../server/db/database.ts'
import { freshDatabase } from '../../../server/testing/database.ts'
import { ada, bob, robot } from '../../../server/testing/helpdesk.ts'
import { loadApproval } from './load-approval.ts'

let db: Database

const SECRET = 'hunter 2'
const approval = {
  id: 'apr_1',
  runId: 'run_1',
  number: 1,
  question: 'send' as const,
  principal: bob.id,
  client: 'c',
  tool: 'crm.logins.create',
  integrationId: 'int_1',
  account: 'crm@work',
  effect: 'write' as const,
  summary: 'Create a login',
  request: {
    method: 'POST',
    url: `https://example.com/logins?password=${encodeURIComponent(SECRET)}`,
    headers: [['x-password', SECRET]] satisfies [string, string][],
    body: JSON.stringify({ name: 'ada', password: SECRET }),
  },
  because: 'A rule asks.',
  hash: '',
  state: 'pending' as const,
  expiresAt: 9000,
  createdAt: 1100,
}

beforeEach(async () => {
  db = await freshDatabase()
  const run = { id: 'run_1', principal: bob.id, client: 'c', code: 'return 1', seed: '', startedAt: 1000 }
  await db.insert(runs).values({ ...run, state: 'waiting' })
  const call = {
    runId: 'run_1',
    number: 1,
    kind: 'tool' as const,
    tool: approval.tool,
    address: approval.tool,
    hash: '',
  }
  const input = JSON.stringify({ name: 'ada', password: SECRET })
  await db.insert(calls).values({ ...call, arguments: input, state: 'held', startedAt: 1050 })
  await db.insert(approvals).values(approval)
})

test('a question is shown to whom it concerns and to admins, and only people decide', async () => {
  expect(await loadApproval({ db, principal: bob }, 'apr_1')).toMatchObject({ canDecide: true })
  expect(await loadApproval({ db, principal: ada }, 'apr_1')).toMatchObject({ canDecide: true })
  expect(await loadApproval({ db, principal: ada }, 'apr_2')).toBeUndefined()
  await db.update(approvals).set({ principal: robot.id })
  expect(await loadApproval({ db, principal: robot }, 'apr_1')).toMatchObject({ canDecide: false })
  expect(await loadApproval({ db, principal: bob }, 'apr_1')).toBeUndefined()
})

test('whoever decides sees everything that would be sent; afterwards its secrets are hidden everywhere', async () => {
  const pending = await loadApproval({ db, principal: ada }, 'apr_1')
  expect(pending?.request).toMatchObject({ url: approval.request.url, headers: approval.request.headers })
  expect(JSON.parse(pending?.request?.body ?? '')).toEqual({ name: 'ada', password: SECRET })
  expect(JSON.parse(pending?.arguments ?? '')).toEqual({ name: 'ada', password: SECRET })
  expect(pending?.approval.hasSecrets).toBe(false)

  await db.update(approvals).set({ state: 'approved', decidedBy: ada.id, decidedAt: 2000 })
  const decided = await loadApproval({ db, principal: ada }, 'apr_1')
  expect(decided?.approval.hasSecrets).toBe(true)
  expect(JSON.parse(decided?.request?.body ?? '')).toEqual({ name: 'ada', password: '[hidden]' })
  expect(JSON.stringify(decided)).not.toMatch(/hunter/)
})

test('a run whose question was decided is going on until it says otherwise', async () => {
  expect(await loadApproval({ db, principal: ada }, 'apr_1')).toMatchObject({ run: { isGoingOn: false } })
  await db.update(approvals).set({ state: 'declined', decidedBy: ada.id, decidedAt: 2000 })
  expect(await loadApproval({ db, principal: ada }, 'apr_1')).toMatchObject({ run: { isGoingOn: true } })
  await db.update(approvals).set({ isApplied: true })
  expect(await loadApproval({ db, principal: ada }, 'apr_1')).toMatchObject({ run: { isGoingOn: false } })
})

test('a question outlives its run, and a request that is not known is none', async () => {
  await db.delete(runs)
  await db.delete(calls)
  await db.update(approvals).set({ state: 'expired', request: { method: '', url: '', headers: [], body: null } })
  expect(await loadApproval({ db, principal: ada }, 'apr_1')).toMatchObject({
    run: undefined,
    calls: [],
    arguments: null,
    request: null,
  })
})
