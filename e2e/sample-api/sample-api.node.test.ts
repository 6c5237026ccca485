import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { parse } from 'yaml'
import { SAMPLE_API_KEY, SAMPLE_BASIC_PASSWORD, SAMPLE_BASIC_USER, SAMPLE_READ_ONLY_KEY } from './credentials.ts'
import { buildDocument } from './document.ts'
import { digest, type LedgerEntry } from './ledger.ts'
import { operations } from './operations.ts'
import { createRouter } from './router.ts'
import { createSeed } from './seed.ts'
import { type SampleApi, startSampleApi } from './server.ts'

let api: SampleApi

beforeAll(async () => {
  api = await startSampleApi({ port: 0 })
})
afterAll(() => api.close())
beforeEach(() => api.reset())

const bearer = { authorization: `Bearer ${SAMPLE_API_KEY}` }

async function json(response: Response) {
  return JSON.parse(await response.text())
}

async function call(method: string, path: string, input?: unknown, headers: Record<string, string> = {}) {
  const body = input === undefined ? {} : { body: JSON.stringify(input) }
  const type: Record<string, string> = input === undefined ? {} : { 'content-type': 'application/json' }
  const init: RequestInit = { method, headers: { ...bearer, ...type, ...headers }, redirect: 'manual', ...body }
  const response = await fetch(new URL(path, api.url), init)
  const text = await response.text()
  return { status: response.status, headers: response.headers, data: text === '' ? null : JSON.parse(text) }
}

const get = (path: string, headers?: Record<string, string>) => call('GET', path, undefined, headers)

// ── The document ──────────────────────────────────────────────────────────────────────────────────────────────────

test('there are at least 40 operations, and every one has a name, a summary and a description of its own', () => {
  expect(operations.length).toBeGreaterThanOrEqual(40)
  expect(new Set(operations.map(({ id }) => id)).size).toBe(operations.length)
  for (const { id, summary, description } of operations) {
    expect(id).toMatch(/^[a-z]+\/[a-z-]+$/)
    expect(summary).toMatch(/^[A-Z].{4,}[^.]$/)
    expect(description).toMatch(/^[A-Z].{10,}\.$/s)
  }
})

test('the document lists every route, and every route in the document leads to its operation', async () => {
  const document = await json(await fetch(`${api.url}/openapi.json`))
  const route = createRouter(operations)
  const described: string[] = []
  for (const [path, item] of Object.entries<Record<string, { operationId: string }>>(document.paths)) {
    for (const [method, { operationId }] of Object.entries(item)) {
      described.push(operationId)
      const match = route(method.toUpperCase(), path.replaceAll(/\{\w+\}/g, 'x'))
      expect(match).toMatchObject({ kind: 'operation', operation: { id: operationId, method, path } })
    }
  }
  expect(described.sort()).toEqual(operations.map(({ id }) => id).sort())
})

test('every reference in the document resolves, and every parameter of a path is declared', () => {
  const document = buildDocument(operations, api.url)
  const text = JSON.stringify(document)
  for (const [, pointer = ''] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
    const target = pointer.split('/').reduce<unknown>((value, key) => Object(value)[key], document)
    expect([pointer, typeof target]).toEqual([pointer, 'object'])
  }
  for (const { path, params } of operations) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
    expect(inPath.sort()).toEqual(Object.keys(params.shape).sort())
  }
})

test('components that nobody uses are not in the document', () => {
  const { components } = buildDocument(operations, api.url)
  const text = JSON.stringify(buildDocument(operations, api.url))
  for (const kind of ['schemas', 'responses'] as const) {
    for (const name of Object.keys(components[kind])) expect(text).toContain(`"#/components/${kind}/${name}"`)
  }
})

test('the document is the same as JSON and as YAML, names this server, and is linked from the docs page', async () => {
  const asJson = await fetch(`${api.url}/openapi.json`)
  const yaml = await fetch(`${api.url}/openapi.yaml`)
  expect([asJson.headers.get('content-type'), yaml.headers.get('content-type')]).toEqual([
    'application/json',
    'application/yaml',
  ])
  const document = await asJson.json()
  expect(parse(await yaml.text())).toEqual(document)
  expect(document).toMatchObject({ openapi: '3.1.0', servers: [{ url: api.url }] })

  const page = await fetch(`${api.url}/`)
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(await page.text()).toContain('href="/openapi.json"')
  const etag = asJson.headers.get('etag') ?? ''
  expect((await fetch(`${api.url}/openapi.json`, { headers: { 'if-none-match': etag } })).status).toBe(304)
})

test('the examples of request bodies are accepted', async () => {
  const examples = operations.filter(({ body }) => body?.contentType === 'application/json')
  expect(examples.length).toBeGreaterThan(10)
  for (const { id, body } of examples) {
    const reading = await body?.read(Buffer.from(JSON.stringify(body.example)), 'application/json')
    expect([id, reading?.ok]).toEqual([id, true])
  }
})

test('reads answer what the document says', async () => {
  const ids = {
    person_id: 'per_007',
    team_id: 'team_001',
    project_id: 'prj_002',
    ticket_number: '1001',
    invoice_id: 'INV-2026-0012',
  }
  const reads = operations.filter(({ id, method }) => method === 'get' && !id.startsWith('simulate/'))
  for (const { id, path, answers } of reads) {
    const schema = answers[200]?.schema
    if (!schema || answers[200]?.contentType) continue
    const url = Object.entries(ids).reduce((url, [name, value]) => url.replace(`{${name}}`, value), path)
    const query = id === 'people/find-by-email' ? '?email=ada.lindqvist@northwind-robotics.example' : ''
    const { status, data } = await get(url + query)
    expect([id, status, schema.safeParse(data).error]).toEqual([id, 200, undefined])
  }
})

// ── The data ──────────────────────────────────────────────────────────────────────────────────────────────────────

test('the seed is always the same, of the promised size, and refers only to what exists', () => {
  const seed = createSeed()
  expect(createSeed()).toEqual(seed)
  expect([seed.people, seed.projects, seed.tickets, seed.invoices].map(({ length }) => length)).toEqual([
    60, 12, 200, 80,
  ])
  const people = new Set<string | null>([null, ...seed.people.map(({ id }) => id)])
  const projects = new Set<string | null>([null, ...seed.projects.map(({ id }) => id)])
  expect(new Set(seed.people.map(({ email }) => email)).size).toBe(60)
  for (const { manager_id } of seed.people) expect(people).toContain(manager_id)
  for (const { assignee_id, reporter_id, project_id } of seed.tickets) {
    expect([people.has(assignee_id), people.has(reporter_id), projects.has(project_id)]).toEqual([true, true, true])
  }
  for (const { project_id } of seed.invoices) expect(projects).toContain(project_id)
})

test('a reset brings everything back and empties the ledger', async () => {
  await call('DELETE', '/tickets/1001')
  expect((await get('/tickets/1001')).status).toBe(404)
  expect((await fetch(`${api.url}/_reset`, { method: 'POST' })).status).toBe(204)
  expect(api.ledger.entries()).toHaveLength(0)
  expect((await get('/tickets/1001')).status).toBe(200)
})

// ── Who may ───────────────────────────────────────────────────────────────────────────────────────────────────────

const basic = (user: string, password: string) => ({ authorization: `Basic ${btoa(`${user}:${password}`)}` })

test('a key is accepted as bearer and in the query, and a user name and password as basic', async () => {
  const me = async (path: string, headers = {}) => (await fetch(api.url + path, { headers })).json()
  expect(await me('/me', bearer)).toMatchObject({ signed_in_with: 'bearer', may_write: true })
  expect(await me(`/me?api_key=${SAMPLE_API_KEY}`)).toMatchObject({ signed_in_with: 'query', may_write: true })
  expect(await me('/me', basic(SAMPLE_BASIC_USER, SAMPLE_BASIC_PASSWORD))).toMatchObject({ signed_in_with: 'basic' })
})

test.each<[string, string, Record<string, string>]>([
  ['nothing', '/me', {}],
  ['a wrong key', '/me', { authorization: 'Bearer wrong' }],
  ['a wrong key in the query', '/me?api_key=wrong', {}],
  ['a wrong password', '/me', basic(SAMPLE_BASIC_USER, 'wrong')],
  ['a wrong user', '/me', basic('wrong', SAMPLE_BASIC_PASSWORD)],
  ['a key without its scheme', '/me', { authorization: SAMPLE_API_KEY }],
  ['a key as a cookie', '/me', { cookie: `api_key=${SAMPLE_API_KEY}` }],
  ['nothing, for what does not exist', '/nowhere', {}],
])('%s is refused with 401', async (_, path, headers) => {
  const response = await fetch(api.url + path, { headers })
  expect(response.status).toBe(401)
  expect(response.headers.get('www-authenticate')).toBe('Bearer realm="northwind"')
  expect(response.headers.get('content-type')).toBe('application/problem+json')
})

test('every operation but the status refuses a request without a credential', async () => {
  for (const { method, path, isPublic } of operations) {
    const { status } = await fetch(new URL(path, api.url), { method: method.toUpperCase() })
    expect([path, status]).toEqual([path, isPublic ? 200 : 401])
  }
})

test('the read-only key reads, and is refused every change with 403', async () => {
  const headers = { authorization: `Bearer ${SAMPLE_READ_ONLY_KEY}` }
  expect((await get('/people/per_001', headers)).status).toBe(200)
  const { status, data } = await call('DELETE', '/tickets/1001', undefined, headers)
  expect([status, data.detail]).toEqual([403, 'This key may only read, and tickets/delete changes something.'])
  expect((await get('/tickets/1001')).status).toBe(200)
})

// ── Paging ────────────────────────────────────────────────────────────────────────────────────────────────────────

test.each([
  ['/people?per_page=7', 60],
  ['/people?per_page=100&department=engineering', 15],
  ['/projects?per_page=5&include_archived=true', 12],
])('the Link headers of %s reach the end', async (start, count) => {
  const seen: string[] = []
  let next: string | undefined = start
  while (next) {
    const { headers, data }: Awaited<ReturnType<typeof get>> = await get(next)
    expect(headers.get('x-total-count')).toBe(String(count))
    seen.push(...data.map(({ id }: { id: string }) => id))
    next = /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1]
  }
  expect(new Set(seen).size).toBe(count)
  expect(seen).toHaveLength(count)
})

test('a Link header never repeats the key', async () => {
  const response = await fetch(`${api.url}/people?api_key=${SAMPLE_API_KEY}`)
  expect(response.headers.get('link')).toContain('rel="next"')
  expect(response.headers.get('link')).not.toContain(SAMPLE_API_KEY)
})

test.each([
  ['/tickets?limit=30', 'number', 200],
  ['/tickets?limit=9&sort=priority', 'number', 200],
  ['/invoices?limit=13&sort=-total_cents', 'id', 80],
])('the cursors of %s reach the end', async (start, key, count) => {
  const seen: unknown[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const { data }: Awaited<ReturnType<typeof get>> = await get(cursor === '' ? start : `${start}&cursor=${cursor}`)
    expect(data.total).toBe(count)
    seen.push(...data.items.map((item: Record<string, unknown>) => item[key]))
    cursor = data.next_cursor
  }
  expect(new Set(seen).size).toBe(count)
  expect(seen).toHaveLength(count)
})

test('entries that go between two pages are neither skipped nor repeated', async () => {
  const first = (await get('/tickets?limit=3&sort=created_at')).data
  await call('DELETE', '/tickets/1003')
  const second = (await get(`/tickets?limit=3&sort=created_at&cursor=${first.next_cursor}`)).data
  expect(second.items.map(({ number }: { number: number }) => number)).toEqual([1004, 1005, 1006])
  expect((await get('/tickets?cursor=garbage')).data.detail).toBe('query.cursor is not a cursor of this list.')
})

test('filters narrow and combine, repeated or comma separated', async () => {
  const { data } = await get('/tickets?status=open&status=blocked&labels=hardware,safety&limit=100')
  expect(data.items.length).toBeGreaterThan(0)
  for (const { status, labels } of data.items) {
    expect(['open', 'blocked']).toContain(status)
    expect(labels).toEqual(expect.arrayContaining(['hardware', 'safety']))
  }
  const unassigned = await get('/tickets?assignee_id=none&limit=1')
  expect(unassigned.data.items[0].assignee_id).toBeNull()
})

// ── Changes ───────────────────────────────────────────────────────────────────────────────────────────────────────

test('a ticket lives: written, assigned, moved, commented, deleted with what hangs on it', async () => {
  const input = { title: 'Gripper squeaks', project_id: 'prj_001', reporter_id: 'per_002' }
  const created = await call('POST', '/tickets', input)
  expect(created).toMatchObject({ status: 201, data: { ...input, number: 1201, status: 'open', priority: 'normal' } })
  expect(created.headers.get('location')).toBe('/tickets/1201')

  expect((await call('PUT', '/tickets/1201/assignee', { person_id: 'per_003' })).data.assignee_id).toBe('per_003')
  const tooEarly = await call('POST', '/tickets/1201/transitions', { to: 'resolved' })
  expect(tooEarly).toMatchObject({
    status: 409,
    data: { detail: 'A ticket that is open can become in_progress or blocked or closed, not resolved.' },
  })
  await call('POST', '/tickets/1201/transitions', { to: 'in_progress', reason: 'On it.' })
  const comments = await get('/tickets/1201/comments')
  expect(comments.data).toMatchObject([{ body: 'On it.', author_id: 'per_003' }])
  expect((await call('PUT', '/tickets/1201/labels', ['a', 'a', 'b'])).data.labels).toEqual(['a', 'b'])

  expect(await call('DELETE', '/tickets/1201')).toMatchObject({ status: 204, data: null })
  expect((await get('/tickets/1201')).status).toBe(404)
  expect((await call('PATCH', `/tickets/1201/comments/${comments.data[0].id}`, { body: 'x' })).status).toBe(404)
})

test('attachments come back byte by byte, sent as a form or raw', async () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, index) => index % 256)
  const form = new FormData()
  form.set('file', new File([bytes], 'trace ü.bin', { type: 'application/x-trace' }))
  form.set('note', 'From the bench.')
  const sent = await fetch(`${api.url}/tickets/1002/attachments`, { method: 'POST', headers: bearer, body: form })
  const attachment = await json(sent)
  expect([sent.status, attachment]).toMatchObject([
    201,
    { file_name: 'trace ü.bin', content_type: 'application/x-trace', size_bytes: 300, note: 'From the bench.' },
  ])
  const raw = await fetch(`${api.url}/tickets/1002/attachments/raw?file_name=a.bin`, {
    method: 'POST',
    headers: { ...bearer, 'content-type': 'application/octet-stream' },
    body: bytes,
  })
  const second = await json(raw)
  for (const { id } of [attachment, second]) {
    const response = await fetch(`${api.url}/tickets/1002/attachments/${id}/content`, { headers: bearer })
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes)
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename\*=UTF-8''/)
  }
  const large = await fetch(`${api.url}/tickets/1002/attachments/raw?file_name=a.bin`, {
    method: 'POST',
    headers: bearer,
    body: new Uint8Array(5 * 1024 * 1024 + 1),
  })
  expect(large.status).toBe(413)
})

test('a project changes only for who has seen its newest version', async () => {
  const first = await get('/projects/prj_002')
  const etag = first.headers.get('etag') ?? ''
  expect((await get('/projects/prj_002', { 'if-none-match': etag })).status).toBe(304)
  const changed = await call('PATCH', '/projects/prj_002', { status: 'on_hold' }, { 'if-match': etag })
  expect(changed).toMatchObject({ status: 200, data: { status: 'on_hold' } })
  expect((await call('PATCH', '/projects/prj_002', { status: 'done' }, { 'if-match': etag })).status).toBe(412)
})

test('an invoice is drafted, sent and paid, once', async () => {
  const lines = [{ description: 'Work', quantity: 1.5, unit_cents: 1001 }]
  const customer = { name: 'Polar', email: 'a@polar.example', vat_number: null }
  const { data: draft } = await call('POST', '/invoices', { customer, lines })
  expect(draft).toMatchObject({ id: 'INV-2026-0081', status: 'draft', total_cents: 1502, currency: 'EUR' })
  expect((await call('POST', `/invoices/${draft.id}/payments`, { amount_cents: 1502, method: 'card' })).status).toBe(
    409,
  )
  expect((await call('POST', `/invoices/${draft.id}/send`)).data).toMatchObject({
    status: 'sent',
    issued_on: '2026-10-01',
    due_on: '2026-10-31',
  })
  expect((await call('DELETE', `/invoices/${draft.id}`)).status).toBe(409)

  const pay = (amount_cents: number) =>
    call('POST', `/invoices/${draft.id}/payments`, { amount_cents, method: 'card' }, { 'idempotency-key': 'k1' })
  expect((await pay(1)).data.detail).toBe('body.amount_cents must be 1502.')
  const paid = await pay(1502)
  expect([paid.status, paid.data.status]).toEqual([200, 'paid'])
  expect(await pay(1502)).toMatchObject({ status: 200, data: paid.data })
  const again = await call('POST', `/invoices/${draft.id}/payments`, { amount_cents: 1502, method: 'card' })
  expect(again.status).toBe(409)
})

test('invoices come as CSV and PDF, events as NDJSON', async () => {
  const csv = await fetch(`${api.url}/invoices/export?status=paid`, { headers: bearer })
  expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8')
  expect((await csv.text()).split('\r\n')[0]).toBe('id,status,customer,currency,total_cents,issued_on')
  const pdf = await fetch(`${api.url}/invoices/INV-2026-0001/pdf`, { headers: bearer })
  expect(pdf.headers.get('content-type')).toBe('application/pdf')
  expect((await pdf.text()).startsWith('%PDF-1.4')).toBe(true)
  const events = await fetch(`${api.url}/events?limit=3`, { headers: bearer })
  const lines = (await events.text()).trimEnd().split('\n')
  expect(lines.map((line) => Object.keys(JSON.parse(line)))).toEqual([1, 2, 3].map(() => ['at', 'kind', 'id', 'text']))
})

test('who moves to another team is a member there and nowhere else', async () => {
  const counts = async () =>
    (await get('/teams')).data.map(({ member_count }: { member_count: number }) => member_count).slice(0, 2)
  expect(await counts()).toEqual([8, 8])
  await call('PUT', '/teams/team_002/members/per_001')
  expect(await counts()).toEqual([7, 9])
  expect((await get('/people/per_001')).data.team_id).toBe('team_002')
  expect((await call('DELETE', '/teams/team_001/members/per_001')).status).toBe(404)
})

// ── Refusals ──────────────────────────────────────────────────────────────────────────────────────────────────────

test('a 422 names every field that is wrong, and how', async () => {
  const { status, data, headers } = await call('POST', '/tickets', {
    title: 'x',
    prioritty: 'high',
    priority: 'huge',
    labels: [1],
  })
  expect([status, headers.get('content-type')]).toEqual([422, 'application/problem+json'])
  expect(data.errors.map(({ field }: { field: string }) => field).sort()).toEqual([
    'body.labels.0',
    'body.prioritty',
    'body.priority',
    'body.project_id',
    'body.reporter_id',
    'body.title',
  ])
  expect(data.detail).toContain('body.project_id is required.')
  expect(data.detail).toContain('body.prioritty is not a known field.')
  expect((await get('/tickets/abc')).data.detail).toContain('path.ticket_number is not valid: expected number')
  expect((await get('/people?pages=2')).data.detail).toBe('query.pages is not a known field.')
})

test.each([
  ['POST', '/tickets', 'application/json', '{"title":', 400],
  ['POST', '/tickets', 'text/plain', 'hello', 415],
  ['POST', '/tickets/1001/attachments', 'application/json', '{}', 415],
  ['POST', '/tickets/1001/attachments', 'multipart/form-data; boundary=x', 'nonsense', 400],
  ['PUT', '/tickets', 'application/json', '{}', 405],
  ['GET', '/nowhere', '', '', 404],
  ['GET', '/people/per_999', '', '', 404],
  ['GET', '/people/%E0%A4%A', '', '', 404],
  ['DELETE', '/people/per_001', '', '', 409],
  ['DELETE', '/projects/prj_001', '', '', 409],
])('%s %s as %j is refused', async (method, path, type, body, expected) => {
  const init = body === '' ? {} : { body, headers: { ...bearer, 'content-type': type } }
  const response = await fetch(api.url + path, { method, headers: bearer, ...init })
  expect(response.status).toBe(expected)
  expect(await response.json()).toMatchObject({ status: expected, detail: expect.stringMatching(/\.$/) })
})

// ── Failures on demand ────────────────────────────────────────────────────────────────────────────────────────────

test.each([401, 403, 404, 409, 422, 429, 500, 503])(
  'a %i comes on demand, to a read and to a write',
  async (status) => {
    const read = await get(`/simulate/status/${status}?retry_after=7`)
    expect([read.status, read.data.status]).toEqual([status, status])
    expect(read.headers.get('retry-after')).toBe(status === 429 || status === 503 ? '7' : null)
    expect((await call('POST', `/simulate/status/${status}`, { any: 'thing' })).status).toBe(status)
  },
)

test('a flaky operation fails as often as asked, then works', async () => {
  const statuses = []
  for (let index = 0; index < 4; index++) statuses.push((await get('/simulate/flaky?key=a&failures=2')).status)
  expect(statuses).toEqual([503, 503, 200, 200])
  expect((await get('/simulate/flaky?key=b&failures=1')).status).toBe(503)
})

test('a slow answer can be given up, or waited for', async () => {
  const impatient = fetch(`${api.url}/simulate/slow?ms=60000`, { headers: bearer, signal: AbortSignal.timeout(50) })
  await expect(impatient).rejects.toThrow('timeout')
  expect((await get('/simulate/slow?ms=20')).data).toEqual({ done: true })
})

test('a large answer is valid and about as large as asked', async () => {
  const response = await fetch(`${api.url}/simulate/large?bytes=200000`, { headers: bearer })
  const text = await response.text()
  expect(JSON.parse(text)).toHaveLength(3125)
  expect(text.length).toBeGreaterThan(180_000)
})

test.each([
  ['invalid-json', 'application/json', /^\{"name": "Ada", "tickets": \[1001, 1002,$/],
  ['empty-json', 'application/json', /^$/],
  ['html-as-json', 'application/json', /^<!doctype html>/],
  ['json-as-png', 'image/png', /^\{"name": "Ada"\}$/],
])('the answer %s only looks like one', async (kind, type, text) => {
  const response = await fetch(`${api.url}/simulate/broken/${kind}`, { headers: bearer })
  expect([response.status, response.headers.get('content-type')]).toEqual([200, type])
  expect(await response.text()).toMatch(text)
})

test.each([
  ['truncated', 'terminated'],
  ['not-gzip', 'terminated'],
])('the answer %s breaks off while it is read', async (kind, message) => {
  const response = await fetch(`${api.url}/simulate/broken/${kind}`, { headers: bearer })
  expect(response.status).toBe(200)
  await expect(response.text()).rejects.toThrow(message)
})

test('a closed connection has no answer, and a silent one neither', async () => {
  await expect(fetch(`${api.url}/simulate/broken/connection-closed`, { headers: bearer })).rejects.toThrow(
    'fetch failed',
  )
  const signal = AbortSignal.timeout(50)
  await expect(fetch(`${api.url}/simulate/broken/never-answers`, { headers: bearer, signal })).rejects.toThrow(
    'timeout',
  )
})

test.each([
  ['endless-drip', 3],
  ['huge', 20_000_000],
  ['gzip-bomb', 20_000_000],
])('the answer %s goes on and on', async (kind, enoughBytes) => {
  const controller = new AbortController()
  const response = await fetch(`${api.url}/simulate/broken/${kind}`, { headers: bearer, signal: controller.signal })
  let received = 0
  for await (const chunk of response.body ?? []) {
    received += chunk.byteLength
    if (received >= enoughBytes) break
  }
  controller.abort()
  expect(received).toBeGreaterThanOrEqual(enoughBytes)
})

test('a redirect goes to another origin, anywhere, or round and round', async () => {
  const other = (await get('/simulate/redirect?status=307')).headers.get('location')
  expect(new URL(other ?? '').origin).toBe(api.url.replace('localhost', '127.0.0.1'))
  const anywhere = await get('/simulate/redirect?to=http%3A%2F%2F169.254.169.254%2F')
  expect([anywhere.status, anywhere.headers.get('location')]).toEqual([302, 'http://169.254.169.254/'])
  expect((await get('/simulate/redirect?loop=true')).headers.get('location')).toBe('/simulate/redirect?loop=true')
  expect((await get('/simulate/redirect?status=200')).status).toBe(422)
})

// ── The ledger ────────────────────────────────────────────────────────────────────────────────────────────────────

async function ledger(): Promise<LedgerEntry[]> {
  return json(await fetch(`${api.url}/_ledger`))
}

test('the ledger tells what was sent, and keeps credentials as digests only', async () => {
  await call(
    'POST',
    '/people/per_001?x=1&x=2&y=%20',
    { a: 1 },
    { 'x-trace': '7', 'x-api-key': 'other-secret', cookie: 'sid=cookie-secret' },
  )
  await fetch(`${api.url}/status?api_key=${SAMPLE_API_KEY}`, { headers: basic('sample', SAMPLE_BASIC_PASSWORD) })
  const text = await (await fetch(`${api.url}/_ledger`)).text()
  for (const secret of [
    SAMPLE_API_KEY,
    SAMPLE_BASIC_PASSWORD,
    'other-secret',
    'cookie-secret',
    btoa(`sample:${SAMPLE_BASIC_PASSWORD}`),
  ]) {
    expect(text).not.toContain(secret)
  }
  expect(await ledger()).toMatchObject([
    {
      number: 1,
      method: 'POST',
      path: '/people/per_001',
      query: { x: ['1', '2'], y: [' '] },
      headers: { 'x-trace': '7', 'content-type': 'application/json' },
      credentials: expect.arrayContaining([
        { placement: 'bearer', name: 'authorization', sha256: digest(SAMPLE_API_KEY) },
        { placement: 'header', name: 'x-api-key', sha256: digest('other-secret') },
        { placement: 'cookie', name: 'cookie', sha256: digest('sid=cookie-secret') },
      ]),
      body: { bytes: 7, sha256: digest('{"a":1}'), text: '{"a":1}' },
      status: 405,
    },
    {
      number: 2,
      path: '/status',
      query: {},
      credentials: [
        { placement: 'basic', name: 'authorization', sha256: digest(`sample:${SAMPLE_BASIC_PASSWORD}`) },
        { placement: 'query', name: 'api_key', sha256: digest(SAMPLE_API_KEY) },
      ],
      body: null,
      status: 200,
    },
  ])
})

test('the ledger shows bodies only when they are small text, and can be emptied', async () => {
  const post = (body: Uint8Array<ArrayBuffer>) => fetch(`${api.url}/nowhere`, { method: 'POST', body })
  await post(new Uint8Array(5000))
  await post(Uint8Array.of(0xff, 0xfe))
  expect((await ledger()).map(({ body }) => [body?.bytes, body?.text])).toEqual([
    [5000, undefined],
    [2, undefined],
  ])
  expect((await fetch(`${api.url}/_ledger`, { method: 'DELETE' })).status).toBe(204)
  expect(await ledger()).toEqual([])
})

test('two servers do not share data or ledgers', async () => {
  const other = await startSampleApi({ port: 0 })
  await fetch(`${other.url}/tickets/1001`, { method: 'DELETE', headers: bearer })
  expect((await get('/tickets/1001')).status).toBe(200)
  expect([api.ledger.entries().length, other.ledger.entries().length]).toEqual([1, 1])
  await other.close()
  await expect(fetch(other.url)).rejects.toThrow('fetch failed')
})
