import { beforeEach, expect, test } from 'vitest'
import type { Principal } from '../access/principal.ts'
import { insertConnection } from '../db/connections.ts'
import { type Database, openDatabase, type RoundTrip } from '../db/database.ts'
import { insertPolicy } from '../db/policies.ts'
import { freshDatabase } from '../testing/database.ts'
import { BEARER, importScripted, type ListedTool } from '../testing/scripted-import.ts'
import { loadCatalog } from './catalog.ts'
import { type SearchInput, searchTools } from './search.ts'

const principal: Principal = {
  kind: 'person',
  id: 'person:ada@example.com',
  email: 'ada@example.com',
  subject: 'ada',
  groups: [],
  isAdmin: false,
}
const origin = 'https://executor.example'
let db: Database
let trips: RoundTrip[]

beforeEach(async () => {
  trips = []
  db = openDatabase((await freshDatabase()).$client, { onQuery: (trip) => trips.push(trip) })
})

const TRACKER: ListedTool[] = [
  {
    operation: 'GET /repos/{owner}/{repo}/issues',
    suggestedName: 'issues.listForRepo',
    summary: 'List repository issues',
  },
  { operation: 'POST /repos/{owner}/{repo}/issues', suggestedName: 'issues.create', summary: 'Create an issue' },
  { operation: 'GET /repos/{owner}/{repo}/issues/{n}', suggestedName: 'issues.get', summary: 'Get an issue' },
  { operation: 'PATCH /repos/{owner}/{repo}/issues/{n}', suggestedName: 'issues.update', summary: 'Update an issue' },
  {
    operation: 'POST /repos/{owner}/{repo}/issues/{n}/comments',
    suggestedName: 'issues.createComment',
    summary: 'Create an issue comment',
    description: 'You can use the REST API to create comments on issues and pull requests.',
  },
  {
    operation: 'DELETE /repos/{owner}/{repo}/issues/comments/{id}',
    suggestedName: 'issues.deleteComment',
    summary: 'Delete an issue comment',
  },
  { operation: 'GET /repos/{owner}/{repo}/branches', suggestedName: 'repos.listBranches', summary: 'List branches' },
  {
    operation: 'GET /repos/{owner}/{repo}/readme',
    suggestedName: 'repos.getReadme',
    summary: 'Get a repository README',
  },
  { operation: 'GET /users/{username}', suggestedName: 'users.getByUsername', summary: 'Get a user' },
  { operation: 'GET /search/code', suggestedName: 'search.code', summary: 'Search code' },
]

const MAIL: ListedTool[] = [
  { operation: 'GET /messages', suggestedName: 'messages.list', summary: 'Lists the messages in the mailbox' },
  { operation: 'POST /messages/send', suggestedName: 'messages.send', summary: 'Sends a message to its recipients' },
  { operation: 'DELETE /messages/{id}', suggestedName: 'messages.delete', summary: 'Deletes a message for good' },
]

const integrate = async () => {
  await importScripted(db, 'tracker', { tools: TRACKER })
  await importScripted(db, 'mail', { tools: MAIL, authMethods: [BEARER] })
  trips.length = 0
}

const block = (pattern: string, action: 'allow' | 'block' = 'block') =>
  insertPolicy(db, { id: pattern, pattern, action, createdBy: 'x', createdAt: 1, updatedAt: 1 })

const search = (query: string, more: Partial<SearchInput> = {}) =>
  searchTools({ db, origin }, { principal, query, ...more })

async function found(query: string, more: Partial<SearchInput> = {}): Promise<string[]> {
  return (await search(query, more)).hits.map(({ address }) => address)
}

test('the tool that was asked for comes first', async () => {
  await integrate()
  expect((await found('create an issue'))[0]).toBe('tracker.issues.create')
  expect((await found('creating issues'))[0]).toBe('tracker.issues.create')
  expect((await found('list the issues of a repository'))[0]).toBe('tracker.issues.listForRepo')
  expect((await found('comment on an issue'))[0]).toBe('tracker.issues.createComment')
  expect((await found('remove a comment'))[0]).toBe('tracker.issues.deleteComment')
  expect((await found('show me the README of a repo'))[0]).toBe('tracker.repos.getReadme')
  expect((await found('read the messages in my mailbox'))[0]).toBe('mail.messages.list')
  expect((await found('search code'))[0]).toBe('tracker.search.code')
})

test('an exact name or address is always first', async () => {
  await integrate()
  for (const [index, { suggestedName }] of TRACKER.entries()) {
    expect((await found(suggestedName))[0]).toBe(`tracker.${suggestedName}`)
    expect((await found(`tracker.${TRACKER[index]?.suggestedName}`))[0]).toBe(`tracker.${suggestedName}`)
  }
})

test('words that a document writes as one are found', async () => {
  await integrate()
  const tools: ListedTool[] = [
    { operation: 'GET /me', suggestedName: 'account.whoami', summary: 'Show the caller' },
    { operation: 'GET /seats', suggestedName: 'seats.list', summary: 'List those who am I to know' },
    { operation: 'GET /hooks', suggestedName: 'webhooks.list', summary: 'List subscriptions' },
  ]
  await importScripted(db, 'crm', { tools })
  expect((await found('who am I'))[0]).toBe('crm.account.whoami')
  expect((await found('web hooks'))[0]).toBe('crm.webhooks.list')
})

test('an address is found through a connection, and whatever its names look like', async () => {
  await importScripted(db, 'Graph', {
    tools: [
      { operation: 'GET /users/{id}/messages', suggestedName: 'Users.ListMessages', summary: 'Mail of a user' },
      {
        operation: 'GET /users/{id}/messages/{m}',
        suggestedName: 'Users.ListMessagesOfOne',
        summary: 'Mail of a user',
      },
    ],
  })
  expect((await found('Users.ListMessages'))[0]).toBe('Graph.Users.ListMessages')
  expect((await found('Graph@work.Users.ListMessages'))[0]).toBe('Graph.Users.ListMessages')
})

test('a mistyped word still finds what was meant', async () => {
  await integrate()
  expect((await found('crete isue'))[0]).toBe('tracker.issues.create')
  expect((await found('list brnaches'))[0]).toBe('tracker.repos.listBranches')
  expect((await found('send mesage'))[0]).toBe('mail.messages.send')
})

test('what nothing answers gets an honest nothing', async () => {
  await integrate()
  for (const query of ['xyzzy plugh', 'order a pepperoni pizza', '日本語', '!!!', '   ¿?  ']) {
    expect(await search(query)).toMatchObject({ hits: [] })
    expect(await search(query)).not.toHaveProperty('error')
  }
})

test('no query is read as syntax of the full-text index', async () => {
  await integrate()
  const attempts = [
    '" OR *',
    'issues" OR "a',
    'NEAR(issues create, 5)',
    'name : issues',
    '{name summary} : create',
    '-issues',
    '^issues',
    'issues AND',
    'NOT issues',
    'issu*',
    "'; DROP TABLE tools; --",
    '%27 ) --',
    'a\u0000b',
    '\ud800 lone surrogate issue',
    '((((((((((',
    'ＩＳＳＵＥ ﬁ ǅ İ ß',
    '😀 issue 👩‍👩‍👧',
    'issue '.repeat(2_000),
    'a'.repeat(10_000),
    Array.from({ length: 2_000 }, (_, index) => `w${index}`).join(' '),
  ]
  for (const query of attempts) {
    const result = await search(query)
    expect(Array.isArray(result.hits)).toBe(true)
  }
  expect((await found('-issues create')).length).toBeGreaterThan(0)
  expect((await loadCatalog(db, { id: 'person:ada@example.com' })).integrations).toHaveLength(2)
})

test('a search takes two statements, and as many with the catalog at hand', async () => {
  await integrate()
  await search('create an issue')
  expect(trips.flatMap((trip) => trip.statements)).toHaveLength(2)
  const catalog = await loadCatalog(db, { id: 'person:ada@example.com' })
  trips.length = 0
  expect(await search('create an issue', { catalog })).toEqual(await search('create an issue'))
  expect(trips.flatMap((trip) => trip.statements)).toHaveLength(4)
  trips.length = 0
  await search('xyzzy')
  expect(trips.flatMap((trip) => trip.statements)).toHaveLength(1)
})

test('rows read do not grow with the catalog', async () => {
  const many = (count: number): ListedTool[] =>
    Array.from({ length: count }, (_, index) => ({
      operation: `GET /teams/${index}/members`,
      suggestedName: `teams.listMembers${index}`,
      summary: `List the members of team number ${index}`,
      description: 'Lists all members of a team that the user may see.',
    }))
  await importScripted(db, 'small', { tools: many(500) })
  const read = async (integration: string): Promise<number> => {
    trips.length = 0
    const { hits } = await search('list team members', { integration })
    expect(hits).toHaveLength(8)
    return trips.reduce((sum, trip) => sum + trip.rowsRead, 0)
  }
  const small = await read('small')
  await importScripted(db, 'large', { tools: many(8_000) })
  expect(await read('large')).toBeLessThan(2 * small)
})

test('a blocked tool does not appear, whatever is asked', async () => {
  await integrate()
  await block('tracker.issues.*')
  await block('tracker.issues.get', 'allow')
  expect(await found('issues', { limit: 50 })).toEqual(['tracker.issues.get'])
  expect(await found('tracker.issues.create')).not.toContain('tracker.issues.create')
  expect(await found('', { integration: 'tracker', limit: 50 })).toEqual([
    'tracker.issues.get',
    'tracker.repos.getReadme',
    'tracker.repos.listBranches',
    'tracker.search.code',
    'tracker.users.getByUsername',
  ])
})

test('a hit says what stands between the caller and the call', async () => {
  await integrate()
  expect((await search('send message')).hits[0]).toMatchObject({
    address: 'mail.messages.send',
    effect: 'write',
    needsApproval: true,
    needsConnection: true,
    connectUrl: `${origin}/connections/new?integration=mail`,
  })
  const read = (await search('search code')).hits[0]
  expect(read).toMatchObject({ effect: 'read', needsApproval: false, needsConnection: false })
  expect(read).not.toHaveProperty('connectUrl')
})

test('a policy for one connection marks and hides as the call through it would', async () => {
  await integrate()
  const mail = (await loadCatalog(db, { id: 'person:ada@example.com' })).integrations.find(
    ({ slug }) => slug === 'mail',
  )
  const connection = {
    owner: 'org',
    method: BEARER,
    values: {},
    origins: [],
    createdBy: 'x',
    createdAt: 1,
    updatedAt: 1,
  }
  await insertConnection(db, { ...connection, id: 'con_1', integrationId: mail?.id ?? '', slug: 'work' })
  await block('mail@work.messages.send')
  expect(await found('send message')).not.toContain('mail.messages.send')
  await insertConnection(db, { ...connection, id: 'con_2', integrationId: mail?.id ?? '', slug: 'home' })
  expect(await found('send message')).toContain('mail.messages.send')
})

test('one integration can be asked alone, and an unknown one says what was meant', async () => {
  await integrate()
  expect(await found('delete', { integration: 'mail' })).toEqual(['mail.messages.delete'])
  expect(await search('delete', { integration: 'mial' })).toMatchObject({
    hits: [],
    error: { code: 'unknown_integration', message: expect.stringContaining('"mail"') },
  })
  expect(await search('', { integration: 'x" OR "y' })).toMatchObject({ error: { code: 'unknown_integration' } })
})

test('a question of any length is answered', async () => {
  await integrate()
  for (const long of [`${'.'.repeat(1_000_000)} issue`, 'issue '.repeat(300_000), 'x'.repeat(2_000_000)]) {
    expect((await search(long)).error).toBeUndefined()
    expect((await search('issue', { integration: long })).error?.code).toBe('unknown_integration')
  }
})

test('pages are stable and together have every hit once', async () => {
  await integrate()
  for (const query of ['issue', '']) {
    const whole = await found(query, { integration: 'tracker', limit: 50 })
    const paged: string[] = []
    let cursor: string | undefined
    do {
      const page = await search(query, { integration: 'tracker', limit: 2, ...(cursor && { cursor }) })
      paged.push(...page.hits.map(({ address }) => address))
      cursor = page.next
    } while (cursor !== undefined)
    expect(whole.length).toBeGreaterThan(4)
    expect(paged).toEqual(whole)
  }
  expect(await search('issue', { cursor: 'not a cursor' })).toMatchObject({ error: { code: 'invalid_cursor' } })
})

test('without a query the integrations are listed, with how many tools each has', async () => {
  await integrate()
  expect(await search('')).toMatchObject({
    hits: [],
    total: 2,
    integrations: [
      { slug: 'mail', toolCount: 3, needsConnection: true, connectUrl: `${origin}/connections/new?integration=mail` },
      { slug: 'tracker', toolCount: 10, needsConnection: false },
    ],
  })
  expect(trips.flatMap((trip) => trip.statements)).toHaveLength(1)
  const first = await search('', { limit: 1 })
  expect(first.integrations).toHaveLength(1)
  expect(await search('', { limit: 1, ...(first.next && { cursor: first.next }) })).toMatchObject({
    integrations: [{ slug: 'tracker' }],
  })
})
