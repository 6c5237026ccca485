// Whose connections an agent works with, as it sees it at `/mcp`.
import { expect, test } from 'vitest'
import type { Principal } from '../access/principal.ts'
import { createConnection, updateConnection } from '../connections/manage.ts'
import { ada, bob, type Helpdesk, openHelpdesk, ORIGIN, robot } from '../testing/helpdesk.ts'
import { callTool } from '../testing/mcp-endpoint.ts'
import { person } from '../testing/people.ts'

const eve = person('eve@example.com')
const LIST = 'return (await tools.helpdesk.tickets.list({})).length'
const through = (slug: string) => `return (await tools["helpdesk@${slug}"].tickets.list({})).length`

/** The helpdesk takes every token; which one it was is seen in what reached it. */
const openDesk = () => openHelpdesk(() => Response.json([{ id: 1 }]))

async function connect(desk: Helpdesk, by: Principal, slug: string, owner: 'org' | 'me') {
  const { deps, integration } = desk
  const method = integration.authMethods.find(({ id }) => id !== 'none')
  if (!method) throw new Error('no method')
  const values = Object.fromEntries(method.fields.map(({ name }) => [name, `token-of-${slug}`]))
  const managed = await createConnection({ ...deps, principal: by }, { integration, method, values, owner, slug })
  if (!managed.ok) throw new Error(managed.message)
  desk.forget()
  return managed.connection
}

/** The tokens with which an execution reached the helpdesk, and what the agent was told. */
async function execute(desk: Helpdesk, principal: Principal, code: string) {
  desk.forget()
  const { text, isError } = await callTool(desk, { name: 'execute', arguments: { code }, principal })
  const tokens = desk.received.map(({ headers }) => headers.get('authorization')?.replace('Bearer token-of-', ''))
  return { text, isError, tokens }
}

async function search(desk: Helpdesk, principal: Principal) {
  const found = await callTool(desk, { name: 'search', arguments: { query: 'list tickets' }, principal })
  const all = await callTool(desk, { name: 'search', arguments: {}, principal })
  return `${found.text}\n${all.text}`
}

const NEEDS = `needs a connection: ${ORIGIN}/connections/new?integration=helpdesk`

test('a connection that the admin made for everyone works for members and the service token', async () => {
  const desk = await openDesk()
  expect(await search(desk, robot)).toContain(NEEDS)
  await connect(desk, ada, 'work', 'org')
  for (const principal of [ada, bob, eve, robot]) {
    expect(await search(desk, principal)).not.toContain('needs a connection')
    for (const code of [LIST, through('work')]) {
      expect(await execute(desk, principal, code)).toMatchObject({ text: '1', isError: false, tokens: ['work'] })
    }
  }
})

test('a personal connection works for its person, and to everybody else there is none', async () => {
  const desk = await openDesk()
  await connect(desk, bob, 'bobs', 'me')
  expect(await search(desk, bob)).not.toContain('needs a connection')
  for (const code of [LIST, through('bobs')]) {
    expect(await execute(desk, bob, code)).toMatchObject({ text: '1', tokens: ['bobs'] })
  }
  for (const principal of [ada, eve, robot]) {
    const found = await search(desk, principal)
    expect(found).toContain(NEEDS)
    expect(found).not.toContain('bobs')
    const unnamed = await execute(desk, principal, LIST)
    expect(unnamed).toMatchObject({ isError: true, tokens: [] })
    expect(unnamed.text).toContain('You have no connection to helpdesk')
    expect(unnamed.text).not.toContain('bobs')
    // Whether it exists is not to be told from the answer.
    const [named, invented] = [
      await execute(desk, principal, through('bobs')),
      await execute(desk, principal, through('xxxx')),
    ]
    expect(named).toMatchObject({ isError: true, tokens: [] })
    const sameText = (text: string) => text.replaceAll(/bobs|xxxx/g, '').replaceAll(/run_\w+/g, '')
    expect(sameText(named.text)).toBe(sameText(invented.text))
  }
})

test('an agent that guesses names of connections inside a program gets at nobody else’s', async () => {
  const desk = await openDesk()
  await connect(desk, ada, 'work', 'org')
  await connect(desk, bob, 'bobs', 'me')
  const code = `const told = []
    for (const slug of ['bobs', 'BOBS', ' bobs', 'bobs.', 'work@bobs', 'bobs@work', 'person:bob@example.com']) {
      try { told.push(await tools['helpdesk@' + slug].tickets.list({})) } catch (error) { told.push(error.code) }
    }
    return told`
  for (const principal of [ada, eve, robot]) {
    const { text, tokens } = await execute(desk, principal, code)
    expect(tokens).toEqual([])
    expect(JSON.parse(text)).toEqual(
      Array.from({ length: 7 }, () => expect.stringMatching(/^(connection_unknown|unknown_\w+)$/)),
    )
  }
})

test('with several, nothing is guessed: they are listed, a default decides, and one’s own comes first', async () => {
  const desk = await openDesk()
  const work = await connect(desk, ada, 'work', 'org')
  const mine = await connect(desk, bob, 'bobs', 'me')
  const ambiguous = await execute(desk, bob, LIST)
  expect(ambiguous).toMatchObject({ isError: true, tokens: [] })
  expect(ambiguous.text).toContain('Say which: helpdesk@bobs, helpdesk@work')
  expect((await execute(desk, eve, LIST)).tokens).toEqual(['work'])

  await updateConnection({ ...desk.deps, principal: ada }, work, { isDefault: true })
  expect((await execute(desk, bob, LIST)).tokens).toEqual(['work'])
  await updateConnection({ ...desk.deps, principal: bob }, mine, { isDefault: true })
  expect((await execute(desk, bob, LIST)).tokens).toEqual(['bobs'])
  expect((await execute(desk, bob, through('work'))).tokens).toEqual(['work'])
  for (const principal of [ada, eve, robot]) expect((await execute(desk, principal, LIST)).tokens).toEqual(['work'])
})
