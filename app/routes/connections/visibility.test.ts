// What the console shows of connections to whom, asked of its loaders and actions.
import { RouterContextProvider } from 'react-router'
import { beforeEach, expect, test } from 'vitest'
import type { Principal } from '../../../server/access/principal.ts'
import { createConnection } from '../../../server/connections/manage.ts'
import { type AppContext, appContext } from '../../../server/context.ts'
import { type ConnectionRow, findConnection, updateConnection } from '../../../server/db/connections.ts'
import { ada, bob, type Helpdesk, openHelpdesk, robot } from '../../../server/testing/helpdesk.ts'
import { config } from '../../../server/testing/mcp-endpoint.ts'
import { loader as loadIntegration } from '../integrations/detail.tsx'
import { action, loader as loadDetail } from './detail.tsx'
import { loader as loadList } from './list.tsx'
import { person } from '../../../server/testing/people.ts'

const eve = person('eve@example.com')
/** Of the configuration what nothing here asks for. */
const unasked = {
  teamDomain: new URL('https://team.cloudflareaccess.com'),
  audiences: [],
  adminEmails: [],
  adminGroups: [],
  allowLocalNetwork: false,
}
const IDENTITY = 'bob-the-account'
const REASON = 'Why it fails'
const HOST = 'https://executor.example.com'

let desk: Helpdesk
let org: ConnectionRow
let bobs: ConnectionRow

beforeEach(async () => {
  desk = await openHelpdesk()
  org = await desk.connect('work')
  const method = desk.integration.authMethods.find(({ id }) => id !== 'none')
  if (!method) throw new Error('no method')
  const named = { name: 'account', label: 'Account', isSecret: false }
  const input = {
    integration: { ...desk.integration, authMethods: [{ ...method, fields: [...method.fields, named] }] },
    method: { ...method, fields: [...method.fields, named] },
    values: { token: 'token-of-bob', account: 'value-of-bob' },
    owner: 'me',
    slug: 'bobs',
  }
  const managed = await createConnection({ ...desk.deps, principal: bob }, input)
  if (!managed.ok) throw new Error(managed.message)
  bobs = managed.connection
  desk.forget()
  await updateConnection(desk.db, bobs.id, { identity: IDENTITY, health: 'failing', healthReason: REASON })
})

function argsOf<Params>(principal: Principal, pattern: string, params: Params, form?: Record<string, string>) {
  const context = new RouterContextProvider()
  const app: AppContext = {
    ...desk.deps,
    config: { ...config, ...unasked },
    principal,
    id: 'request',
    nonce: 'nonce',
  }
  context.set(appContext, app)
  const url = new URL(`${HOST}${pattern}`)
  const request = new Request(url, form && { method: 'POST', body: new URLSearchParams(form) })
  return { context, params, request, url, pattern }
}

const list = (principal: Principal) => loadList(argsOf(principal, '/connections', {}))
const detail = (principal: Principal, { id }: ConnectionRow) =>
  loadDetail(argsOf(principal, '/connections/:id', { id }))
const act = (principal: Principal, { id }: ConnectionRow, form: Record<string, string>) =>
  action(argsOf(principal, '/connections/:id', { id }, form))

const slugs = (rows: { address: string }[]) => rows.map(({ address }) => address)
const notFound = expect.objectContaining({ init: expect.objectContaining({ status: 404 }) })

test('everyone sees the organisation’s, each their own, and admins that others exist', async () => {
  const seenBy = async (principal: Principal) => {
    const shown = await list(principal)
    return [slugs(shown.org), slugs(shown.mine), slugs(shown.others)]
  }
  expect(await seenBy(bob)).toEqual([['helpdesk@work'], ['helpdesk@bobs'], []])
  expect(await seenBy(eve)).toEqual([['helpdesk@work'], [], []])
  expect(await seenBy(robot)).toEqual([['helpdesk@work'], [], []])
  expect(await seenBy(ada)).toEqual([['helpdesk@work'], [], ['helpdesk@bobs']])
})

test('the page of a personal connection is its person’s; to members there is none', async () => {
  expect(await detail(bob, bobs)).toMatchObject({
    mayChange: true,
    mayRemove: true,
    values: { account: 'value-of-bob' },
    healthReason: REASON,
    signedIn: { identity: IDENTITY },
  })
  for (const principal of [eve, robot]) {
    await expect(detail(principal, bobs)).rejects.toEqual(notFound)
    for (const intent of ['test', 'default', 'origins', 'remove', 'replace', 'sign-in']) {
      await expect(act(principal, bobs, { intent })).rejects.toEqual(notFound)
    }
  }
  // The same as for one that does not exist.
  const unknown = await detail(eve, { ...bobs, id: 'con_unknown' }).catch((error: unknown) => error)
  expect(await detail(eve, bobs).catch((error: unknown) => error)).toEqual(unknown)
})

test('an admin sees of it that it exists, and nothing that it says', async () => {
  const shown = await detail(ada, bobs)
  expect(shown).toMatchObject({ mayChange: false, mayRemove: true, values: {}, signedIn: null, runs: [] })
  expect(shown.connection).toMatchObject({ slug: 'bobs', owner: bob.id, health: 'failing' })
  const told = JSON.stringify([shown, await list(ada)])
  for (const secret of [IDENTITY, REASON, 'value-of-bob', 'token-of-bob']) expect(told).not.toContain(secret)
})

test('an admin can only remove it', async () => {
  const before = await findConnection(desk.db, bobs.id)
  for (const intent of ['test', 'default', 'origins', 'replace', 'sign-in']) {
    const answer = await act(ada, bobs, { intent, origin: 'https://helpdesk.example.com' })
    expect(answer).toMatchObject({ init: { status: 422 } })
    expect(await findConnection(desk.db, bobs.id)).toEqual(before)
  }
  expect(desk.received).toEqual([])
  expect(await act(ada, bobs, { intent: 'remove' })).toMatchObject({ status: 302 })
  expect(await findConnection(desk.db, bobs.id)).toBeUndefined()
})

test('members and services see the organisation’s, and change nothing of it', async () => {
  for (const principal of [bob, eve, robot]) {
    expect(await detail(principal, org)).toMatchObject({ mayChange: false, mayRemove: false })
    for (const intent of ['test', 'default', 'origins', 'replace', 'remove', 'sign-in']) {
      expect(await act(principal, org, { intent })).toMatchObject({ init: { status: 422 } })
    }
  }
  expect(await findConnection(desk.db, org.id)).toEqual(org)
})

test('the page of an integration lists what its reader may use, and does not count the rest', async () => {
  const load = (principal: Principal) => loadIntegration(argsOf(principal, '/integrations/:slug', { slug: 'helpdesk' }))
  for (const [principal, expected, counted] of [
    // Who may remove the integration is told what goes with it.
    [ada, ['work'], 2],
    [bob, ['bobs', 'work'], 2],
    [eve, ['work'], 1],
  ] as const) {
    const shown = await load(principal)
    expect(shown.connections.map(({ slug }) => slug)).toEqual(expected)
    expect(shown.allConnectionCount).toBe(counted)
  }
})
