// A GraphQL endpoint: an admin gives its address and its key, agents ask for what they need of it, and no selection gets
// out of the field that was called. The company's own ledger says what was sent.
import { type Page, expect, test } from '@playwright/test'
import { parse } from 'graphql'
import { type ConnectedAgent, connectAgent } from './agent.ts'
import { openConsole, removeIntegration, removeRule, wordsOf } from './console.ts'
import { executeHeld } from './held-calls.ts'
import type { HttpBrowser } from './local-access/http-browser.ts'
import { SAMPLE_API_KEY } from './sample-api/credentials.ts'
import { digest, type LedgerEntry } from './sample-api/ledger.ts'
import { createSeed } from './sample-api/seed.ts'
import { signIn } from './sign-in.ts'
import { stackOrigins } from './stack-origins.ts'

const SOON = { timeout: 15_000 }

test.describe.configure({ mode: 'serial' })

let admin: HttpBrowser
let agent: ConnectedAgent
let sample: string
let slug: string

test.beforeAll(async ({ baseURL }, { project }) => {
  const stack = stackOrigins(baseURL)
  sample = stack.sample
  slug = `company_${project.name}`
  admin = await openConsole(stack.access)
  agent = await connectAgent(stack.access)
})

test.afterAll(async () => {
  await removeRule(admin, `${slug}.type.Person.email`)
  for (const one of [slug, `private_${slug}`]) await removeIntegration(admin, one)
  await agent.client.close()
})

async function give(page: Page, source: string) {
  await page.getByLabel('Address or document').fill(source)
  await page.getByRole('button', { name: 'Preview', exact: true }).click()
}

interface Sent {
  query: string
  variables: Record<string, unknown>
}

/** What came to the endpoint since the number. */
async function received(since: number): Promise<LedgerEntry[]> {
  const ledger: LedgerEntry[] = await (await fetch(`${sample}/_ledger`)).json()
  return ledger.filter(({ number, path }) => number > since && path === '/graphql')
}

async function newest(): Promise<number> {
  const ledger: LedgerEntry[] = await (await fetch(`${sample}/_ledger`)).json()
  return ledger.at(-1)?.number ?? 0
}

/** Runs code that must succeed; its result as JSON, and the operations that were sent meanwhile. */
async function run(code: string): Promise<{ text: string; sent: Sent[] }> {
  const since = await newest()
  const { isError, text, whole } = await agent.execute(code)
  expect(isError, text).toBe(false)
  expect(whole).not.toContain(SAMPLE_API_KEY)
  const entries = await received(since)
  for (const { credentials } of entries) {
    expect(credentials).toEqual([{ placement: 'bearer', name: 'authorization', sha256: digest(SAMPLE_API_KEY) }])
  }
  return { text, sent: entries.map(({ body }) => JSON.parse(body?.text ?? '')) }
}

test('an admin gives the address, sees what the endpoint offers, and connects it in one step', async ({ page }) => {
  await signIn(page, '/integrations/new')
  await give(page, `${sample}/graphql`)
  const main = page.getByRole('main')
  await expect(page.getByRole('heading', { name: 'Name it' })).toBeVisible(SOON)
  await expect(main).toContainText('GraphQL')
  await expect(main).toContainText(`${sample}/graphql`)
  for (const words of ['25 in all', '16 read', '7 write', '1 destructive', '1 skipped']) {
    await expect(main).toContainText(words)
  }
  await page.getByLabel('Title').fill('Northwind in GraphQL')
  await page.getByLabel('Slug').fill(slug)
  await page.getByLabel('Token', { exact: true }).fill(SAMPLE_API_KEY)
  await page.getByRole('button', { name: 'Import 24 operations' }).click()
  await page.waitForURL(`**/integrations/${slug}*`)
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Northwind in GraphQL')
  await expect(main).not.toContainText(SAMPLE_API_KEY)
  // Tested with the read that says who is signed in.
  await expect
    .poll(async () => wordsOf((await admin.open(`/integrations/${slug}`)).html), SOON)
    .toMatch(new RegExp(`${slug} ?@ ?main works`))
  const [tested] = (await received(0)).slice(-1)
  expect(tested?.body?.text).toContain('query viewer')
})

test('of two things at one host, a person says which is meant', async ({ page }) => {
  await signIn(page, '/integrations/new')
  await give(page, sample)
  await expect(page.getByRole('heading', { name: '3 APIs were found' })).toBeVisible(SOON)
  await page.getByRole('button', { name: /^Preview .*GraphQL endpoint/ }).click()
  await expect(page.getByRole('main')).toContainText('25 in all', SOON)
  await page.getByRole('button', { name: 'Do not import this' }).click()
})

test('an agent finds a field as a tool and calls it without knowing GraphQL', async () => {
  const found = await agent.call('search', { query: 'list tickets', integration: slug, limit: 5 })
  expect(found.text).toContain(`${slug}.tickets`)
  const { text, sent } = await run(`return await tools.${slug}.tickets({ first: 3 })`)
  const result: { nodes: object[] } = JSON.parse(text)
  expect(result.nodes).toHaveLength(3)
  expect(result.nodes[0]).toMatchObject({ title: expect.any(String), status: expect.stringMatching(/^[A-Z_]+$/) })
  expect(result.nodes[0]).not.toHaveProperty('assigneeId')
  expect(sent).toMatchObject([{ variables: { first: 3 } }])
  expect(sent[0]?.query).toContain('tickets(first: $first)')
})

test('a selection of its own brings exactly what was asked for, and pages go to the end', async () => {
  const one = await run(
    `return await tools.${slug}.ticket({ id: '1002', select: 'number reporter { name team { id } }' })`,
  )
  expect(JSON.parse(one.text)).toEqual({
    number: 1002,
    reporter: { name: expect.any(String), team: { id: expect.stringMatching(/^team_/) } },
  })
  const { text, sent } = await run(`
    const ids = [], totals = []
    for await (const page of tools.${slug}.people.pages({ first: 25, select: 'totalCount nodes { id }' })) {
      ids.push(...page.nodes.map(({ id }) => id))
      totals.push(page.totalCount)
    }
    return { ids, total: totals[0] }`)
  const result: { ids: string[]; total: number } = JSON.parse(text)
  expect([result.ids.length, new Set(result.ids).size]).toEqual([result.total, result.total])
  expect(sent).toHaveLength(Math.ceil(result.total / 25))
})

test('an enum, a @oneOf input and a union are asked for as they are, and refused by name when they are wrong', async () => {
  const { text } = await run(`
    const wrong = (call) => call.then(() => 'sent', ({ code, message }) => code + ': ' + message)
    return {
      open: (await tools.${slug}.tickets({ first: 2, status: ['OPEN'], select: 'nodes { status }' })).nodes,
      ada: await tools.${slug}.person({ by: { email: 'ada.lindqvist@northwind-robotics.example' }, select: 'id' }),
      found: await tools.${slug}.search({ text: 'ada lindqvist', select: '__typename ... on Person { title }' }),
      enum: await wrong(tools.${slug}.tickets({ status: ['CLOSED_LONG_AGO'] })),
      both: await wrong(tools.${slug}.person({ by: { id: 'per_001', email: 'a@b.example' } })),
      field: await wrong(tools.${slug}.ticket({ id: 1002, select: 'titel' })),
    }`)
  const result: unknown = JSON.parse(text)
  expect(result).toMatchObject({
    open: [{ status: 'OPEN' }, { status: 'OPEN' }],
    ada: { id: 'per_001' },
    found: [{ __typename: 'Person', title: expect.any(String) }],
    enum: expect.stringMatching(/^invalid_arguments: /),
    both: expect.stringMatching(/^invalid_arguments: /),
    field: expect.stringMatching(/^invalid_arguments: .*Did you mean title/s),
  })
})

test('what one field could not say is told beside the data, and what is refused as a whole is an error', async () => {
  const { text } = await run(`
    const partial = await tools.${slug}.ticket.raw({ id: 1197, select: 'number estimate' })
    const refused = await tools.${slug}.simulateError({ status: 429, retryAfter: 0, inBody: true }).catch((error) => error)
    return { partial, refused: { code: refused.code, retryable: refused.retryable } }`)
  const result: { partial: object; refused: object } = JSON.parse(text)
  expect(result.partial).toMatchObject({
    status: 200,
    data: { number: 1197, estimate: null },
    errors: [{ path: ['ticket', 'estimate'], extensions: { code: 'PLANNING_UNAVAILABLE' } }],
  })
  expect(result.refused).toEqual({ code: 'rate_limited', retryable: true })
})

test('a mutation is held, shown as the operation that is sent, and sent once when it is approved', async ({ page }) => {
  const title = `Held ${test.info().testId}`
  const fields = JSON.stringify({ title, projectId: 'prj_001', reporterId: 'per_012', priority: 'HIGH' })
  const since = await newest()
  const { run: held, questions } = await executeHeld(
    agent,
    `return (await tools.${slug}.createTicket({ input: ${fields}, select: 'ticket { title priority }' })).ticket`,
  )
  expect(questions).toHaveLength(1)
  expect(await received(since)).toEqual([])

  await signIn(page, questions[0] ?? '')
  await expect(page.getByRole('region', { name: 'Request' })).toContainText(`POST ${sample}/graphql`)
  const body = page.getByRole('region', { name: 'Body' })
  await expect(body).toContainText('mutation createTicket')
  await expect(body).toContainText(title)
  const shown = await body.textContent()
  await page.getByRole('button', { name: 'Approve' }).click()
  await expect(page.getByRole('main')).toContainText('The program ran to its end.', SOON)

  const resumed = await agent.call('resume', { run: held })
  expect(JSON.parse(resumed.text)).toEqual({ title, priority: 'HIGH' })
  const sent = (await received(since)).map(({ body }): Sent => JSON.parse(body?.text ?? ''))
  expect(sent).toHaveLength(1)
  const flat = (text: string) => text.replaceAll(/\s/g, '')
  expect(flat(shown ?? '')).toContain(flat(sent[0]?.query ?? 'nothing was sent'))
})

test('a file that came from another API is attached byte by byte', async () => {
  const picture = createSeed().attachments.find(({ content_type }) => content_type === 'image/png')
  const since = await newest()
  const { run: held, questions } = await executeHeld(
    agent,
    `const file = await tools.northwind.attachments.download({
       ticket_number: ${picture?.ticket_number}, attachment_id: '${picture?.id}' })
     const select = 'attachment { fileName contentType sha256 }'
     return (await tools.${slug}.attachFile({ ticketId: '1002', file, select })).attachment`,
  )
  expect(questions).toHaveLength(1)
  expect((await admin.submit(questions[0] ?? '', { intent: 'approve', remember: 'once' })).status).toBe(200)
  const resumed = await agent.call('resume', { run: held })
  const { file_name: fileName, content_type: contentType, sha256 } = picture ?? {}
  expect(JSON.parse(resumed.text)).toEqual({ fileName, contentType, sha256 })
  expect((await received(since)).map(({ headers }) => headers['content-type'])).toEqual([
    expect.stringMatching(/^multipart\/form-data; boundary=/),
  ])
})

const REFUSED_SELECTIONS = [
  'nodes { id } } viewer { company }',
  'nodes { id } } } mutation { deleteTicket(id: 1001) { deletedId }',
  '{ nodes { id } } { viewer { company } }',
  '{ nodes { id } } fragment F on Query { viewer { company } }',
  'nodes { ...F }',
  'nodes { id } ... on Query { viewer { company } }',
  'nodes { ... on Mutation { deleteTicket(id: 1001) { deletedId } } }',
  'query { nodes { id } }',
  'mutation { deleteTicket(id: 1001) { deletedId } }',
  'nodes { id @include(if: true) }',
  'nodes { id } __schema { queryType { name } }',
  '__type(name: "Query") { name }',
  'nodes { project { lead { $x } } }',
  'nodes { id',
  '',
  '#',
]

/** What only looks as if it went elsewhere. */
const HARMLESS_SELECTIONS = [
  'nodes { comments(first: $other) { totalCount } }',
  'totalCount # } viewer { company } {',
  'nodes { viewer: id } # }',
  'totalCount\u2028nodes { deleteTicket: title }',
  'nodes { project { tickets(first: 1, after: null) { query: totalCount } } }',
]

test('no selection gets out of its field', async () => {
  const { text, sent } = await run(`
    const selections = ${JSON.stringify(REFUSED_SELECTIONS)}
    const tell = (select) => tools.${slug}.tickets({ first: 1, select }).then(() => 'sent', ({ code }) => code)
    return await Promise.all(selections.map(tell))`)
  const result: unknown = JSON.parse(text)
  expect(result).toEqual(REFUSED_SELECTIONS.map(() => 'invalid_arguments'))
  expect(sent).toEqual([])

  const harmless = await run(`
    for (const select of ${JSON.stringify(HARMLESS_SELECTIONS)}) {
      await tools.${slug}.tickets({ first: 1, select }).catch(({ message }) => console.log(message))
    }
    return 'done'`)
  for (const { query } of harmless.sent) {
    const { definitions } = parse(query)
    expect(definitions).toMatchObject([
      {
        kind: 'OperationDefinition',
        operation: 'query',
        selectionSet: { selections: [{ kind: 'Field', name: { value: 'tickets' } }] },
      },
    ])
    expect(query).not.toContain('company')
  }
  expect(harmless.sent.length).toBeGreaterThan(0)
})

test('a blocked field of a type is in no answer, whichever way it is asked for', async ({ page }) => {
  const ask = `await tools.${slug}.person({ by: { id: 'per_007' } })`
  expect(JSON.parse((await run(`return ${ask}`)).text)).toMatchObject({
    name: expect.any(String),
    email: expect.any(String),
  })

  await signIn(page, '/policies')
  await page.getByLabel('Pattern').fill(`${slug}.type.Person.email`)
  await page.getByRole('button', { name: 'Preview' }).click()
  await expect(page.getByText('Matches one field of a type.')).toBeVisible()
  await page.getByRole('radio', { name: 'Block' }).check()
  await page.getByRole('button', { name: 'Add rule' }).click()
  await expect(page.getByRole('link', { name: `${slug}.type.Person.email` })).toBeVisible()

  const { text, sent } = await run(`
    const refused = (select) => tools.${slug}.person({ by: { id: 'per_007' }, select }).then(() => 'sent', ({ code }) => code)
    return {
      usual: ${ask},
      plain: await refused('name email'),
      renamed: await refused('name: email'),
      inside: await refused('manager { reports { email } }'),
      typed: await refused('... on Node { ... on Person { email } }'),
      through: await tools.${slug}.node({ id: 'per_007', select: '... on Person { email }' }).then(() => 'sent', ({ code }) => code),
      viewer: await tools.${slug}.viewer({ select: 'person { email }' }).then(() => 'sent', ({ code }) => code),
    }`)
  const result: { usual: object } & Record<string, unknown> = JSON.parse(text)
  expect(result.usual).toMatchObject({ name: expect.any(String) })
  expect(result.usual).not.toHaveProperty('email')
  const { usual: _, ...others } = result
  expect(new Set(Object.values(others))).toEqual(new Set(['blocked']))
  expect(sent).toHaveLength(1)
  expect(JSON.stringify(sent)).not.toContain('email')
})

test('an endpoint that keeps its schema for who is signed in is named, connected, and then read', async ({ page }) => {
  const own = `private_${slug}`
  await signIn(page, '/integrations/new')
  await give(page, `${sample}/graphql-private`)
  await page.getByLabel('Slug').fill(own)
  await page.getByRole('button', { name: 'Add and connect' }).click()
  await page.getByLabel('Token', { exact: true }).fill(SAMPLE_API_KEY)
  await page.getByRole('button', { name: 'Save and test' }).click()
  await page.waitForURL(/\/connections\/con_|\/integrations\//)
  await page.goto(`/integrations/${own}`)
  await page.getByRole('button', { name: 'Read the schema through main' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^What .* can do$/, SOON)
  await expect(page.getByRole('main')).toContainText('25 in all', SOON)
  await page.getByRole('button', { name: 'Use this version' }).click()
  await page.waitForURL(`**/integrations/${own}*`)
  const { text } = await agent.execute(`return (await tools.${own}.viewer()).company`)
  expect(text).toBe('Northwind Robotics')
})
