// GitHub, whole: its document of 13 MB and 1,223 operations is imported in one step of the console, and an agent calls
// what it describes. An upstream on this machine keeps what arrived, byte for byte.
import { fileURLToPath } from 'node:url'
import { expect, test } from '@playwright/test'
import { encode } from 'gpt-tokenizer/encoding/o200k_base'
import { type ConnectedAgent, connectAgent } from './agent.ts'
import { addRule, openConsole, removeIntegration, removeRule, wordsOf } from './console.ts'
import type { HttpBrowser } from './local-access/http-browser.ts'
import { type RecordingUpstream, startRecordingUpstream } from './recording-upstream.ts'
import { signIn } from './sign-in.ts'

const DOCUMENT = fileURLToPath(
  new URL('../node_modules/@octokit/openapi/generated/api.github.com.json', import.meta.url),
)
const TOKEN = 'ghp_of_this_journey'
const MOST_TOKENS = 600
const ISSUE = { number: 7, title: 'It broke', labels: [{ name: 'bug' }] }
const LINK = '<https://api.github.com/repositories/1/issues?page=2>; rel="next"'
const ASSET = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 255, 254, 13, 10])

/** Ours, then those of the platform. */
const EXPECTED_HEADERS = new Set(
  'accept authorization user-agent accept-encoding cache-control pragma cf-worker connection host'.split(' '),
)

const ANSWERS = {
  'GET /user': { body: { login: 'octocat', id: 1 } },
  'GET /notifications': { body: [] },
  'GET /repos/acme/web/issues': { headers: { link: LINK, 'x-ratelimit-remaining': '4999' }, body: [ISSUE] },
  'GET /repos/acme/web/contents/docs%2Fread%20me%20%E2%9C%93.md': { body: { type: 'file', name: 'read me ✓.md' } },
  'GET /advisories': { body: [{ ghsa_id: 'GHSA-1' }] },
  'GET /search/repositories': { body: { total_count: 0, incomplete_results: false, items: [] } },
  'GET /repos/acme/web/zipball/main': { headers: { 'content-type': 'image/png' }, body: ASSET },
  'POST /repos/acme/web/issues': { status: 201, headers: { location: '/repos/acme/web/issues/7' }, body: ISSUE },
  'PATCH /repos/acme/web/issues/7': { body: { ...ISSUE, state: 'closed' } },
  'PUT /repos/acme/web/topics': { body: { names: ['tools'] } },
  'PUT /repos/acme/web/issues/7/lock': { status: 204 },
  'DELETE /repos/acme/web/issues/7/lock': { status: 204 },
  'PUT /repos/acme/web/contents/a.txt': { status: 201, body: { content: { path: 'a.txt' } } },
  'POST /markdown/raw': { headers: { 'content-type': 'text/html; charset=utf-8' }, body: '<h1>Hi</h1>\n' },
  'POST /repos/acme/web/releases/3/assets': { status: 201, body: { id: 9 } },
  'GET /orgs/secret': { status: 401, body: { message: 'Bad credentials' } },
  'POST /gists': {
    status: 422,
    headers: { 'x-github-request-id': 'ABCD' },
    body: { message: 'Validation Failed', errors: [{ resource: 'Gist', field: 'files', code: 'missing_field' }] },
  },
}

test.describe.configure({ mode: 'serial' })

let upstream: RecordingUpstream
let admin: HttpBrowser
let agent: ConnectedAgent

test.beforeAll(async ({ baseURL }) => {
  upstream = await startRecordingUpstream(ANSWERS)
  admin = await openConsole(String(baseURL))
  agent = await connectAgent(String(baseURL))
})

test.afterAll(async () => {
  await removeRule(admin, 'github.*')
  await removeIntegration(admin, 'github')
  await agent.client.close()
  await upstream.close()
})

/** Tokens of what an agent must know before its first call. */
async function costOfTools(): Promise<number> {
  const listed = await agent.client.listTools()
  return encode(JSON.stringify(listed)).length + encode(agent.client.getInstructions() ?? '').length
}

/** Runs code that must succeed; its result, and what reached the upstream meanwhile. */
async function run(code: string) {
  upstream.take()
  const { isError, text, whole } = await agent.execute(code)
  expect(isError, text).toBe(false)
  expect(whole).not.toContain(TOKEN)
  const result: unknown = JSON.parse(text)
  return { result, received: upstream.take() }
}

test('an admin imports GitHub in one step, with its credential, and an agent pays nothing for it', async ({ page }) => {
  const before = await costOfTools()
  await signIn(page, '/integrations/new')
  await page.getByLabel('Or a file').setInputFiles(DOCUMENT)
  await page.getByRole('button', { name: 'Preview' }).click()
  await expect(page.getByRole('heading', { name: 'Name it' })).toBeVisible({ timeout: 30_000 })
  await page.getByLabel('Slug').fill('github')
  await page.getByRole('radio', { name: 'Another address' }).check()
  await page.getByLabel('Base URL').fill(upstream.url)
  await page.getByLabel('Token', { exact: true }).fill(TOKEN)
  await page.getByRole('button', { name: 'Import 1,223 operations' }).click()
  await page.waitForURL('**/integrations/github*')
  await expect(page.getByRole('link', { name: 'All', exact: true })).toBeVisible({ timeout: 30_000 })
  await expect(page.getByRole('main')).toContainText('1,223')

  // The connection is tested with the most harmless call there is, once the tools are there.
  await expect
    .poll(async () => wordsOf((await admin.open('/integrations/github')).html), { timeout: 30_000 })
    .toMatch(/github ?@ ?main works/)
  expect(upstream.take().at(-1)).toMatchObject({ target: '/user', headers: { authorization: `Bearer ${TOKEN}` } })
  expect(JSON.parse((await agent.execute('return await tools.search({})')).text)).toMatchObject({
    integrations: expect.arrayContaining([expect.objectContaining({ slug: 'github', toolCount: 1223 })]),
  })
  const after = await costOfTools()
  expect(after).toBe(before)
  expect(after).toBeLessThanOrEqual(MOST_TOKENS)
})

test('what anybody would ask of GitHub is found at once', async () => {
  for (const [query, address] of [
    ['create an issue', 'github.issues.create'],
    ['list pull requests of a repository', 'github.pulls.list'],
    ['merge a pull request', 'github.pulls.merge'],
    ['search repositories', 'github.search.repos'],
    ['lock an issue', 'github.issues.lock'],
    ['replace all topics of a repository', 'github.repos.replaceAllTopics'],
    ['upload a release asset', 'github.repos.uploadReleaseAsset'],
    ['get the authenticated user', 'github.users.getAuthenticated'],
  ]) {
    const { text } = await agent.call('search', { query, integration: 'github', limit: 5 })
    const found = text.split('\n').flatMap((line) => /^github\.\S+/.exec(line) ?? [])
    expect(found, query).toContain(address)
  }
})

test('reads arrive with their path and query, the credential attached, and nothing of the agent', async () => {
  const { result, received } = await run(`
    const issues = await tools.github.issues.listForRepo.raw({
      owner: "acme", repo: "web", labels: "bug,good first issue", state: "all", per_page: 2, page: 1 })
    const file = await tools.github.repos.getContent({ owner: "acme", repo: "web", path: "docs/read me ✓.md", ref: "feature/a&b=c" })
    const notifications = await tools.github.activity.listNotificationsForAuthenticatedUser({ all: true, participating: false })
    const advisories = await tools.github.securityAdvisories.listGlobalAdvisories({ cwes: ["79", "22,5"], is_withdrawn: false })
    const found = await tools.github.search.repos({ q: 'language:ts stars:>100 in:name "a+b"' })
    const { status, headers, data } = issues
    return { status, link: headers.link, left: headers["x-ratelimit-remaining"], data, file, notifications, advisories, found }`)
  expect(result).toEqual({
    status: 200,
    link: LINK,
    left: '4999',
    data: [ISSUE],
    file: { type: 'file', name: 'read me ✓.md' },
    notifications: [],
    advisories: [{ ghsa_id: 'GHSA-1' }],
    found: { total_count: 0, incomplete_results: false, items: [] },
  })
  expect(received.map(({ method, target }) => `${method} ${target}`)).toEqual([
    'GET /repos/acme/web/issues?state=all&labels=bug%2Cgood%20first%20issue&per_page=2&page=1',
    'GET /repos/acme/web/contents/docs%2Fread%20me%20%E2%9C%93.md?ref=feature%2Fa%26b%3Dc',
    'GET /notifications?all=true&participating=false',
    'GET /advisories?cwes=79&cwes=22%2C5&is_withdrawn=false',
    'GET /search/repositories?q=language%3Ats%20stars%3A%3E100%20in%3Aname%20%22a%2Bb%22',
  ])
  for (const { headers, body } of received) {
    expect(headers).toMatchObject({
      accept: 'application/json',
      authorization: `Bearer ${TOKEN}`,
      'user-agent': 'Executor',
    })
    expect(Object.keys(headers).filter((name) => !EXPECTED_HEADERS.has(name))).toEqual([])
    expect(body).toHaveLength(0)
  }
})

test('writes wait for a person unless a rule allows them, and then arrive with exactly the body that was given', async () => {
  upstream.take()
  const held = await agent.execute(
    'return tools.github.issues.create({ owner: "acme", repo: "web", title: "It broke" })',
  )
  expect(held.isError).toBe(false)
  expect(held.text).toMatch(/github\.issues\.create[\s\S]*\/approvals\/apr_/)
  expect(upstream.take()).toEqual([])
  await addRule(admin, 'github.*', 'allow')

  const { result, received } = await run(`
    const repo = { owner: "acme", repo: "web" }
    const made = await tools.github.issues.create.raw({ ...repo, title: 'It "broke" ✓', body: "a\\nb", labels: ["bug", { name: "p1", color: null }], assignees: [], milestone: null })
    const closed = await tools.github.issues.update({ ...repo, issue_number: 7, state: "closed", state_reason: "not_planned" })
    const topics = await tools.github.repos.replaceAllTopics({ ...repo, names: ["tools"] })
    const locked = await tools.github.issues.lock({ ...repo, issue_number: 7, lock_reason: "resolved" })
    const unlocked = await tools.github.issues.unlock.raw({ ...repo, issue_number: 7 })
    const file = await tools.github.repos.createOrUpdateFileContents({ ...repo, path: "a.txt", message: "m", content: btoa("hi"), committer: { name: "A", email: "a@example.com" } })
    return { status: made.status, at: made.headers.location, closed, topics, locked, unlocked: [unlocked.status, unlocked.data], file }`)
  expect(result).toEqual({
    status: 201,
    at: '/repos/acme/web/issues/7',
    closed: { ...ISSUE, state: 'closed' },
    topics: { names: ['tools'] },
    locked: null,
    unlocked: [204, null],
    file: { content: { path: 'a.txt' } },
  })
  const json = { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` }
  expect(received.map(({ method, target }) => `${method} ${target}`)).toEqual([
    'POST /repos/acme/web/issues',
    'PATCH /repos/acme/web/issues/7',
    'PUT /repos/acme/web/topics',
    'PUT /repos/acme/web/issues/7/lock',
    'DELETE /repos/acme/web/issues/7/lock',
    'PUT /repos/acme/web/contents/a.txt',
  ])
  expect(received.map(({ body }) => (body.length === 0 ? null : JSON.parse(body.toString())))).toEqual([
    {
      title: 'It "broke" ✓',
      body: 'a\nb',
      labels: ['bug', { name: 'p1', color: null }],
      assignees: [],
      milestone: null,
    },
    { state: 'closed', state_reason: 'not_planned' },
    { names: ['tools'] },
    { lock_reason: 'resolved' },
    null,
    { message: 'm', content: 'aGk=', committer: { name: 'A', email: 'a@example.com' } },
  ])
  for (const { method, headers } of received) {
    expect(headers).toMatchObject(method === 'DELETE' ? { authorization: json.authorization } : json)
    expect(headers['content-type']).toBe(method === 'DELETE' ? undefined : json['content-type'])
  }
})

test('text and bytes go up and come down as they are', async () => {
  const { result, received } = await run(`
    const html = await tools.github.markdown.renderRaw({ body: "# Hi\\n\\n*there* ✓" })
    const { data: asset } = await tools.github.repos.downloadZipballArchive.raw({ owner: "acme", repo: "web", ref: "main" })
    const sent = await tools.github.repos.uploadReleaseAsset({ owner: "acme", repo: "web", release_id: 3, name: "a b.png", body: asset })
    return { html, file: [asset.type, asset.size, [...(await asset.bytes())]], sent }`)
  expect(result).toEqual({ html: '<h1>Hi</h1>\n', file: ['image/png', ASSET.length, [...ASSET]], sent: { id: 9 } })
  expect(received).toMatchObject([
    {
      method: 'POST',
      target: '/markdown/raw',
      headers: { 'content-type': 'text/plain', accept: expect.stringContaining('text/html') },
    },
    { method: 'GET', target: '/repos/acme/web/zipball/main' },
    {
      method: 'POST',
      target: '/repos/acme/web/releases/3/assets?name=a%20b.png',
      headers: { 'content-type': 'application/octet-stream' },
    },
  ])
  expect(received[0]?.body.toString()).toBe('# Hi\n\n*there* ✓')
  expect(received[2]?.body.equals(ASSET)).toBe(true)
})

test('refusals come with code, status, message and what the upstream said', async () => {
  const { result, received } = await run(`
    const caught = async (promise) => { try { return await promise } catch ({ name, code, status, message, details, retryable }) { return { name, code, status, message, details, retryable } } }
    return {
      missing: await caught(tools.github.repos.get({ owner: "acme", repo: "gone" })),
      secret: await caught(tools.github.orgs.get({ org: "secret" })),
      invalid: await caught(tools.github.gists.create({ files: { "a.txt": { content: "x" } } })),
    }`)
  expect(result).toMatchObject({
    missing: { name: 'ToolError', code: 'not_found', status: 404, message: 'Not Found', retryable: false },
    secret: {
      code: 'unauthorized',
      status: 401,
      message: expect.stringMatching(/^Bad credentials \(github@main was refused; a person can repair it: http/),
    },
    invalid: {
      code: 'validation_failed',
      status: 422,
      message: 'Validation Failed: files: missing_field',
      details: { body: { errors: [{ resource: 'Gist', field: 'files', code: 'missing_field' }] } },
    },
  })
  expect(received.map(({ target }) => target)).toEqual(['/repos/acme/gone', '/orgs/secret', '/gists'])
})

test('a path cannot be left, and what is not in the document is not sent', async () => {
  upstream.take()
  const refused = async (code: string) => (await agent.execute(code)).text
  expect(
    await refused('return tools.github.repos.getContent({ owner: "acme", repo: "web", path: "../../user" })'),
  ).toContain('must not contain the path steps')
  expect(await refused('return tools.github.repos.get({ owner: "acme/x/..", repo: "web" })')).toContain('path steps')
  expect(await refused('return tools.github.repos.get({ owner: "acme" })')).toContain('missing required field "repo"')
  expect(await refused('return tools.github.issues.create({ owner: "acme", repo: "web", titel: "x" })')).toContain(
    'did you mean "title"',
  )
  expect(await refused('return tools.github.issues.creat({ owner: "acme" })')).toContain(
    'Did you mean github.issues.create',
  )
  expect(upstream.take()).toEqual([])
})
