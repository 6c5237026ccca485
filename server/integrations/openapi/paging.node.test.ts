import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JsonSchema } from '../../../drizzle/shapes.ts'
import type { CallableTool } from '../adapter.ts'
import { type Binding, isBinding } from './binding.ts'
import { callOperation } from './call.ts'
import { readLinkHeader } from './link-header.ts'
import { type Paging, pagesMark, recognisePaging } from './paging.ts'

const API = 'https://api.example.com'
const integer = { type: 'integer' }
const text = { type: 'string' }

/** A tool as the importer makes it: fields of the path, then of the query. */
function toolOf(path: string, query: Record<string, JsonSchema> = {}, method = 'GET', baseUrl = API): CallableTool {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
  const parameters: Binding['parameters'] = [
    ...inPath.map((name) => ({ key: name, name, in: 'path' as const, style: 'simple', explode: false })),
    ...Object.keys(query).map((name) => ({ key: name, name, in: 'query' as const, style: 'form', explode: true })),
  ]
  const properties = Object.fromEntries([
    ...inPath.map((name): [string, JsonSchema] => [name, text]),
    ...Object.entries(query),
  ])
  const inputSchema: JsonSchema = { type: 'object', properties, required: inPath, additionalProperties: false }
  const binding: Binding = { method, path, parameters, accept: 'application/json' }
  const paging = recognisePaging(binding, inputSchema, new Map())
  if (paging !== undefined) binding.paging = paging
  return { operation: `${method} ${path}`, inputSchema, binding, baseUrl }
}

function pagingOf(query: Record<string, JsonSchema>, method = 'GET'): Paging | undefined {
  const { binding } = toolOf('/x', query, method)
  return isBinding(binding) ? binding.paging : undefined
}

interface Answer {
  body?: unknown
  headers?: Record<string, string>
}

/** One call that is answered with that; the `next` of its result. */
async function nextOf(
  tool: CallableTool,
  input: object,
  { body = [{}], headers = {} }: Answer,
): Promise<object | undefined> {
  const result = await callOperation(tool, input, async () => Response.json(body, { headers }))
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.next
}

/** Every page until there is no next one, at most `max`; with the URLs that were asked for. */
async function readAll(tool: CallableTool, input: object, upstream: (url: URL) => Answer, max = 60) {
  const urls: string[] = []
  const pages: unknown[] = []
  let next: object | undefined = input
  while (next !== undefined && pages.length < max) {
    const result = await callOperation(tool, next, async (request) => {
      urls.push(request.url)
      const { body, headers = {} } = upstream(new URL(request.url))
      return Response.json(body, { headers })
    })
    if (!result.ok) throw new Error(JSON.stringify(result.error))
    pages.push(result.data)
    next = result.next
  }
  return { pages, urls, next }
}

const github = { page: { ...integer, default: 1 }, per_page: { ...integer, default: 30 }, state: text }
const issues = toolOf('/repos/{owner}/{repo}/issues', github)
const acme = { owner: 'acme', repo: 'web' }

const shapes: [name: string, CallableTool, input: object, answer: Answer, next: unknown][] = [
  [
    'GitHub: a Link header with a page, at the path of an alias',
    issues,
    { ...acme, state: 'open' },
    {
      headers: {
        link: `<${API}/repositories/42/issues?state=open&page=2>; rel="next", <${API}/repositories/42/issues?state=open&page=9>; rel="last"`,
      },
    },
    { ...acme, state: 'open', page: 2 },
  ],
  [
    'GitHub: a Link header with a cursor that the document does not have',
    issues,
    acme,
    { headers: { link: `<${API}/repositories/42/issues?after=Y3Vyc29yOnYy&page=2>; rel="next"` } },
    { ...acme, $next: `${API}/repos/acme/web/issues?after=Y3Vyc29yOnYy&page=2` },
  ],
  [
    'GitHub: the last page of a Link header',
    issues,
    { ...acme, page: 9 },
    {
      headers: { link: `<${API}/repositories/42/issues?page=8>; rel="prev"` },
      body: Array.from({ length: 30 }, () => ({})),
    },
    undefined,
  ],
  [
    'GitHub: a search says how many there are',
    toolOf('/search/issues', github),
    { per_page: 2 },
    { body: { total_count: 3, incomplete_results: false, items: [{}, {}] } },
    { per_page: 2, page: 2 },
  ],
  [
    'Slack: response_metadata.next_cursor',
    toolOf('/conversations.list', { cursor: text, limit: integer }),
    { limit: 2 },
    { body: { ok: true, channels: [{}, {}], response_metadata: { next_cursor: 'dGVhbTpDMDYx' } } },
    { limit: 2, cursor: 'dGVhbTpDMDYx' },
  ],
  [
    'Slack: an empty cursor is the end',
    toolOf('/conversations.list', { cursor: text, limit: integer }),
    { limit: 2, cursor: 'x' },
    { body: { ok: true, channels: [{}, {}], response_metadata: { next_cursor: '' } } },
    undefined,
  ],
  [
    'Stripe: has_more and the last id',
    toolOf('/v1/customers', { ending_before: text, limit: integer, starting_after: text }),
    { limit: 2 },
    { body: { object: 'list', data: [{ id: 'cus_1' }, { id: 'cus_2' }], has_more: true, url: '/v1/customers' } },
    { limit: 2, starting_after: 'cus_2' },
  ],
  [
    'Stripe: no more',
    toolOf('/v1/customers', { limit: integer, starting_after: text }),
    { limit: 2 },
    { body: { object: 'list', data: [{ id: 'cus_1' }, { id: 'cus_2' }], has_more: false } },
    undefined,
  ],
  [
    'OpenAI: has_more and last_id',
    toolOf('/v1/files', { limit: integer, after: text }),
    {},
    { body: { object: 'list', data: [{ id: 'file_1' }], first_id: 'file_1', last_id: 'file_9', has_more: true } },
    { after: 'file_9' },
  ],
  [
    'Jira: startAt, with fewer than were asked for',
    toolOf('/rest/api/3/search', { startAt: integer, maxResults: integer }),
    { maxResults: 500 },
    { body: { startAt: 0, maxResults: 2, total: 5, issues: [{}, {}], warningMessages: [] } },
    { maxResults: 500, startAt: 2 },
  ],
  [
    'Jira: isLast',
    toolOf('/rest/api/3/project/search', { startAt: integer, maxResults: integer }),
    { startAt: 2 },
    { body: { startAt: 2, maxResults: 2, isLast: true, values: [{}, {}] } },
    undefined,
  ],
  [
    'Google: nextPageToken, also of an empty page',
    toolOf('/drive/v3/files', { pageToken: text, pageSize: integer, corpora: text }),
    { corpora: 'user' },
    { body: { nextPageToken: '~!!~AI9F', files: [] } },
    { corpora: 'user', pageToken: '~!!~AI9F' },
  ],
  [
    'Microsoft Graph: @odata.nextLink with a $skiptoken',
    toolOf('/v1.0/users', { $top: integer, $skip: integer, $select: text }),
    { $top: 2 },
    { body: { '@odata.nextLink': `${API}/v1.0/users?$top=2&$skiptoken=RFNw`, value: [{}, {}] } },
    { $top: 2, $next: `${API}/v1.0/users?%24top=2&%24skiptoken=RFNw` },
  ],
  [
    'OData: a nextLink with $skip',
    toolOf('/v1.0/me/messages', { $top: integer, $skip: integer }),
    { $top: 2 },
    { body: { '@odata.nextLink': `${API}/v1.0/me/messages?%24top=2&%24skip=2`, value: [{}, {}] } },
    { $top: 2, $skip: 2 },
  ],
  [
    'HAL: _links.next.href, relative',
    toolOf('/orders', { page: integer }),
    {},
    { body: { _links: { self: { href: '/orders' }, next: { href: '/orders?page=2' } }, _embedded: { orders: [{}] } } },
    { page: 2 },
  ],
  [
    'JSON:API: links.next with brackets, and null at the end',
    toolOf('/articles', { 'page[number]': integer, 'page[size]': integer }),
    { 'page[size]': 1 },
    { body: { data: [{}], links: { next: `${API}/articles?page%5Bnumber%5D=2&page%5Bsize%5D=1` } } },
    { 'page[size]': 1, 'page[number]': 2 },
  ],
  [
    'JSON:API: links.next is null',
    toolOf('/articles', { 'page[number]': integer, 'page[size]': integer }),
    { 'page[size]': 1 },
    { body: { data: [{}], links: { self: '/articles', next: null } } },
    undefined,
  ],
  [
    'Plain page numbers: a full page has one after it',
    toolOf('/tickets', { page: integer, per_page: integer }),
    { per_page: 2, page: 3 },
    { body: [{}, {}] },
    { per_page: 2, page: 4 },
  ],
  [
    'Plain page numbers: a page with fewer than asked for is the last',
    toolOf('/tickets', { page: integer, per_page: integer }),
    { per_page: 2, page: 3 },
    { body: [{}] },
    undefined,
  ],
  [
    'Plain page numbers, with total_pages',
    toolOf('/tickets', { page: integer }),
    {},
    { body: { page: 1, total_pages: 2, tickets: [{}] } },
    { page: 2 },
  ],
  [
    'GitLab: x-next-page',
    toolOf('/projects', { page: integer, per_page: integer }),
    { per_page: 20 },
    { body: [{}], headers: { 'x-page': '1', 'x-next-page': '2', 'x-total-pages': '2' } },
    { per_page: 20, page: 2 },
  ],
  [
    'GitLab: an empty x-next-page is the end',
    toolOf('/projects', { page: integer, per_page: integer }),
    { per_page: 1, page: 2 },
    { body: [{}], headers: { 'x-page': '2', 'x-next-page': '' } },
    undefined,
  ],
  [
    'Spring: pages from 0',
    toolOf('/orders', { page: { ...integer, default: 0 }, size: { ...integer, default: 20 } }),
    {},
    { body: { content: [{}], number: 0, size: 20, totalPages: 2, totalElements: 21, last: false } },
    { page: 1 },
  ],
  [
    'Zendesk: links.next with page[after], and another name of the path',
    toolOf('/api/v2/tickets', { 'page[size]': integer, 'page[after]': text }),
    { 'page[size]': 2 },
    {
      body: {
        tickets: [{}, {}],
        meta: { has_more: true, after_cursor: 'xxx', before_cursor: 'yyy' },
        links: { next: `${API}/api/v2/tickets.json?page[size]=2&page[after]=xxx`, prev: null },
      },
    },
    { 'page[size]': 2, 'page[after]': 'xxx' },
  ],
  [
    'Zendesk: links.next that has_more does not agree with',
    toolOf('/api/v2/tickets', { 'page[size]': integer }),
    { 'page[size]': 2 },
    { body: { tickets: [{}], meta: { has_more: false }, links: { next: `${API}/api/v2/tickets?page[after]=xxx` } } },
    undefined,
  ],
  [
    'Shopify: page_info, which takes no other field beside it',
    toolOf('/admin/api/2025-01/products.json', { limit: integer, status: text }),
    { limit: 50, status: 'active' },
    {
      headers: { link: `<${API}/admin/api/2025-01/products.json?limit=50&page_info=eyJs>; rel=next` },
      body: { products: [{}] },
    },
    { limit: 50, status: 'active', $next: `${API}/admin/api/2025-01/products.json?limit=50&page_info=eyJs` },
  ],
  [
    'Shopify: page_info where the document has it',
    toolOf('/admin/products.json', { limit: integer, status: text, page_info: text }),
    { limit: 50, status: 'active' },
    { headers: { link: `<${API}/admin/products.json?limit=50&page_info=eyJs>; rel=next` }, body: { products: [{}] } },
    { limit: 50, page_info: 'eyJs' },
  ],
  [
    'Notion: a GET with start_cursor',
    toolOf('/v1/users', { start_cursor: text, page_size: integer }),
    {},
    { body: { object: 'list', results: [{}], next_cursor: 'fe2cc560', has_more: true } },
    { start_cursor: 'fe2cc560' },
  ],
  [
    'Notion: a POST is no read, whatever it answers',
    toolOf('/v1/search', {}, 'POST'),
    {},
    { body: { object: 'list', results: [{}], next_cursor: 'fe2cc560', has_more: true } },
    undefined,
  ],
  [
    'HubSpot: paging.next.after',
    toolOf('/crm/v3/objects/contacts', { limit: integer, after: text }),
    {},
    { body: { results: [{}], paging: { next: { after: 'NTI1', link: `${API}/crm/v3/objects/contacts?after=NTI1` } } } },
    { after: 'NTI1' },
  ],
  [
    'Facebook: a link with the access token in it, and a cursor without',
    toolOf('/v19.0/{id}/feed', { limit: integer, after: text }),
    { id: '7', limit: 1 },
    {
      body: {
        data: [{}],
        paging: { cursors: { before: 'a', after: 'b' }, next: `${API}/v19.0/7/feed?access_token=EAAB&limit=1&after=b` },
      },
    },
    { id: '7', limit: 1, after: 'b' },
  ],
  [
    'Intercom: pages.next.starting_after',
    toolOf('/contacts', { per_page: integer, starting_after: text }),
    {},
    {
      body: {
        type: 'list',
        data: [{}],
        pages: { type: 'pages', page: 1, total_pages: 2, next: { page: 2, starting_after: 'WzE' } },
      },
    },
    { starting_after: 'WzE' },
  ],
  [
    'Cloudflare: result_info with numbers',
    toolOf('/client/v4/zones', { page: integer, per_page: integer }),
    {},
    {
      body: {
        success: true,
        result: [{}],
        result_info: { page: 1, per_page: 1, count: 1, total_count: 2, total_pages: 2 },
      },
    },
    { page: 2 },
  ],
  [
    'Airtable: an offset that is a cursor',
    toolOf('/v0/{baseId}/Table', { pageSize: integer, offset: text }),
    { baseId: 'app1', pageSize: 1 },
    { body: { records: [{}], offset: 'itrX/recY' } },
    { baseId: 'app1', pageSize: 1, offset: 'itrX/recY' },
  ],
  [
    'Airtable: no offset is the end, however full the page is',
    toolOf('/v0/{baseId}/Table', { pageSize: integer, offset: text }),
    { baseId: 'app1', pageSize: 1 },
    { body: { records: [{}] } },
    undefined,
  ],
  [
    'Pipedrive: additional_data.pagination.next_start',
    toolOf('/v1/deals', { start: integer, limit: integer }),
    {},
    {
      body: {
        success: true,
        data: [{}],
        additional_data: { pagination: { start: 0, limit: 100, more_items_in_collection: true, next_start: 100 } },
      },
    },
    { start: 100 },
  ],
  [
    'Bitbucket Server: nextPageStart',
    toolOf('/rest/api/1.0/projects', { start: integer, limit: integer }),
    {},
    { body: { size: 25, limit: 25, isLastPage: false, values: [{}], start: 0, nextPageStart: 25 } },
    { start: 25 },
  ],
  [
    'SCIM: startIndex from 1',
    toolOf('/scim/v2/Users', { startIndex: integer, count: integer }),
    { count: 2 },
    { body: { totalResults: 3, startIndex: 1, itemsPerPage: 2, Resources: [{}, {}] } },
    { count: 2, startIndex: 3 },
  ],
  [
    'AWS: NextToken',
    toolOf('/clusters', { nextToken: text, maxResults: integer }),
    {},
    { body: { clusters: ['a'], nextToken: 'eyJ2' } },
    { nextToken: 'eyJ2' },
  ],
  [
    'Azure DevOps: x-ms-continuationtoken',
    toolOf('/_apis/projects', { continuationToken: text }),
    {},
    { body: { count: 1, value: [{}] }, headers: { 'x-ms-continuationtoken': '1007' } },
    { continuationToken: '1007' },
  ],
  [
    'Relay: pageInfo.endCursor while hasNextPage',
    toolOf('/things', { after: text, first: integer }),
    {},
    { body: { nodes: [{}], pageInfo: { endCursor: 'abc', hasNextPage: true } } },
    { after: 'abc' },
  ],
  [
    'Relay: no next page has a cursor all the same',
    toolOf('/things', { after: text, first: integer }),
    {},
    { body: { nodes: [{}], pageInfo: { endCursor: 'abc', hasNextPage: false } } },
    undefined,
  ],
  [
    'FHIR: link with a relation, and a query that the document does not have',
    toolOf('/Patient', { name: text }),
    { name: 'x' },
    {
      body: {
        resourceType: 'Bundle',
        total: 3,
        link: [{ relation: 'next', url: `${API}/Patient?_getpages=1&_page=2` }],
        entry: [{}],
      },
    },
    { name: 'x', $next: `${API}/Patient?_getpages=1&_page=2` },
  ],
  [
    'Hydra: hydra:view',
    toolOf('/books', { page: integer }),
    {},
    { body: { 'hydra:member': [{}], 'hydra:view': { 'hydra:next': '/books?page=2' } } },
    { page: 2 },
  ],
  [
    'Django: next behind a proxy that speaks http inside',
    toolOf('/api/books/', { limit: integer, offset: integer }),
    { limit: 1 },
    { body: { count: 2, next: 'http://web:8000/api/books/?limit=1&offset=1', previous: null, results: [{}] } },
    { limit: 1, offset: 1 },
  ],
  [
    'One thing is no list',
    toolOf('/tickets/{id}', { page: integer }),
    { id: '1' },
    { body: { id: 1, title: 'x' } },
    undefined,
  ],
  ['A read that does not page', toolOf('/tickets'), {}, { body: [{}, {}] }, undefined],
  [
    'A date is no cursor',
    toolOf('/events', { after: { type: 'string', format: 'date-time' }, limit: integer }),
    { limit: 1 },
    { body: { data: [{ id: 'e1' }], has_more: true } },
    undefined,
  ],
  [
    'From and to are a range and no offset',
    toolOf('/metrics', { from: integer, to: integer, limit: integer }),
    { from: 1_700_000_000, to: 1_700_000_100, limit: 1 },
    { body: { series: [{}] } },
    undefined,
  ],
]

test.each(shapes)('%s', async (_name, tool, input, answer, next) => {
  expect(await nextOf(tool, input, answer)).toEqual(next)
})

const paged = toolOf('/list', { cursor: text, page: integer, per_page: integer })
const after = toolOf('/list', { starting_after: text, limit: integer })

test.each([
  ['an id is only gone on from when there is more', after, {}, { data: [{ id: 'a' }] }, undefined],
  ['an id is no cursor', toolOf('/list', { cursor: text }), {}, { data: [{ id: 'a' }], has_more: true }, undefined],
  ['a total of something else', paged, { per_page: 2 }, { total: 1, items: [{}, {}] }, { per_page: 2, page: 2 }],
  ['a cursor of the page itself', paged, {}, { items: [{}], cursor: 'a' }, { cursor: 'a' }],
  ['a cursor of an empty page', paged, {}, { items: [], cursor: 'a' }, undefined],
  ['what stands further up counts', paged, {}, { meta: { next_cursor: 'b' }, next_cursor: 'a' }, { cursor: 'a' }],
  ['one of two places is empty', paged, {}, { items: [{}], next: null, next_cursor: 'a' }, { cursor: 'a' }],
  ['what is in the thing itself', paged, {}, { data: { id: 1, result: { next_cursor: 'a' } } }, undefined],
  ['fields beside the URL of a page', paged, { per_page: 1, $next: `${API}/list?at=2` }, [{}], undefined],
  [
    'a page by its URL is followed by one',
    paged,
    { per_page: 1, $next: `${API}/list?at=2` },
    { items: [{}], next: '/list?page=3' },
    { per_page: 1, $next: `${API}/list?page=3` },
  ],
  ['a cursor after a URL', paged, { $next: `${API}/list?at=2` }, { items: [{}], next_cursor: 'a' }, { cursor: 'a' }],
])('%s', async (_name, tool, input, body, next) => {
  expect(await nextOf(tool, input, { body })).toEqual(next)
})

test('a link may leave out what the document requires, and the input keeps it', async () => {
  const tool = toolOf('/search', { q: text, since: text, cursor: text })
  const required = { ...tool, inputSchema: { ...Object(tool.inputSchema), required: ['q'] } }
  const link = { headers: { link: '<?cursor=2>; rel=next' } }
  expect(await nextOf(required, { q: 'x', since: 'y' }, link)).toEqual({ q: 'x', cursor: '2' })
})

test('what chooses a page is found in the document', () => {
  expect(pagingOf(github)).toEqual({ page: 'page', firstPage: 1, size: 'per_page', usualSize: 30 })
  expect(pagingOf({ pageToken: text, pageSize: integer })).toEqual({ cursor: 'pageToken', size: 'pageSize' })
  expect(pagingOf({ $skip: integer, $top: integer })).toEqual({ offset: '$skip', firstItem: 0, size: '$top' })
  expect(pagingOf({ page: { ...integer, description: 'Zero-based page index (0..N)' } })).toEqual({
    page: 'page',
    firstPage: 0,
  })
  expect(
    pagingOf({ page: { type: 'object', properties: { number: integer } }, after: { ...text, format: 'date' } }),
  ).toEqual({})
  expect(pagingOf({ page: { $ref: '#/$defs/none' }, __proto__: integer, constructor: integer })).toMatchObject({
    page: 'page',
  })
  expect(pagingOf(github, 'POST')).toBeUndefined()
  const defined = new Map<string, JsonSchema>([
    ['Page', { type: 'boolean' }],
    ['Size', { ...integer, default: 9 }],
  ])
  const parameters = ['page', 'limit'].map((name) => ({
    key: name,
    name,
    in: 'query' as const,
    style: 'form',
    explode: true,
  }))
  const properties = { page: { $ref: '#/$defs/Page' }, limit: { $ref: '#/$defs/Size' } }
  expect(recognisePaging({ method: 'GET', parameters }, { properties }, defined)).toEqual({
    size: 'limit',
    usualSize: 9,
  })
  expect([pagesMark(pagingOf(github)), pagesMark(pagingOf({ limit: integer })), pagesMark()]).toEqual([
    ' // .pages',
    '',
    '',
  ])
})

test('the Link header is read as RFC 8288 writes it', () => {
  const read = (header: string) => Object.fromEntries(readLinkHeader(header))
  expect(read('<a,b;c>; title="x, <y>; rel=\\"no\\""; rel="prev NEXT" ,, <d>;rel=last;rel=next')).toEqual({
    prev: 'a,b;c',
    next: 'a,b;c',
    last: 'd',
  })
  expect(read('<a>; REL = next; anchor="/other", <b>; foo; rel=next')).toEqual({ next: 'b' })
  expect(read('')).toEqual({})
  expect(read('rel=next')).toEqual({})
  for (const hostile of [
    '<',
    '<a>;'.repeat(50_000),
    `<a>; x="${'\\'.repeat(50_000)}`,
    `${' '.repeat(50_000)}<`,
    `<a>${' ;'.repeat(50_000)}`,
  ]) {
    const before = performance.now()
    readLinkHeader(hostile)
    expect(performance.now() - before).toBeLessThan(500)
  }
})

// What an upstream says of the next page must not move the request, nor what is attached to it.

const search = toolOf('/search', { q: text, limit: integer })

async function sentFor(tool: CallableTool, input: object): Promise<string> {
  let sent = 'nothing was sent'
  const result = await callOperation(tool, input, async (request) => {
    sent = request.url
    return Response.json([])
  })
  return result.ok ? sent : `${result.error.code}: ${result.error.message}`
}

test.each([
  ['another host', 'https://evil.example.com/other?cursor=1'],
  ['a host that begins alike', 'https://api.example.com.evil.example/steal?cursor=1'],
  ['another path', `${API}/admin/keys?cursor=1`],
  ['a path with steps', `${API}/search/../admin?cursor=1`],
  ['javascript:', 'javascript:alert(1)//search?cursor=1'],
  ['data:', 'data:text/html,/search?cursor=1'],
  ['a user', 'https://user:secret@api.example.com/search?cursor=1'],
  ['a user of another host', 'https://api.example.com@evil.example/search/x?cursor=1'],
  ['no URL at all', 'https://[::1/search?cursor=1'],
  ['a very long one', `${API}/search?cursor=${'x'.repeat(100_000)}`],
])('a next link to %s is refused when it is asked for, so that a part is not taken for all', async (_name, link) => {
  for (const answer of [{ headers: { link: `<${link}>; rel="next"` } }, { body: { items: [{}], next_url: link } }]) {
    const next = await nextOf(search, { q: 'x' }, answer)
    expect(next).toEqual({ q: 'x', $next: expect.any(String) })
    expect(JSON.stringify(next).length).toBeLessThan(9000)
    expect(await sentFor(search, next ?? {})).toMatch(/^invalid_arguments: "\$next" (leads elsewhere|is )/)
  }
})

test('a cursor that no URL has room for is refused when it is asked for', async () => {
  const next = await nextOf(paged, { per_page: 1 }, { body: { items: [{}], next_cursor: 'x'.repeat(1_000_000) } })
  expect(next).toEqual({ per_page: 1, $next: expect.any(String) })
  expect(await sentFor(paged, next ?? {})).toBe('invalid_arguments: "$next" is longer than 8192 characters.')
})

test('of a link to the same resource elsewhere, only the query is used', async () => {
  const next = await nextOf(
    search,
    { q: 'x' },
    { body: { items: [{}], next: 'http://10.0.0.7:8080/internal/search?cursor=1#f' } },
  )
  expect(next).toEqual({ q: 'x', $next: `${API}/search?cursor=1` })
  expect(await sentFor(search, next ?? {})).toBe(`${API}/search?cursor=1`)
})

test.each([
  ['its own query', '?q=y&cursor=1', `${API}/search?q=y&cursor=1`],
  ['a whole URL', `${API}/search?cursor=a%2Fb+c`, `${API}/search?cursor=a%2Fb+c`],
  ['a fragment', `${API}/search?cursor=1#x`, `${API}/search?cursor=1`],
  ['another host', 'https://evil.example.com/search', 'invalid_arguments'],
  ['another scheme', 'http://api.example.com/search', 'invalid_arguments'],
  ['another port', `${API}:444/search`, 'invalid_arguments'],
  ['a path below', `${API}/search/x`, 'invalid_arguments'],
  ['a path with an encoded slash', `${API}/x%2F..%2Fsearch`, 'invalid_arguments'],
  ['a blob', `blob:${API}/search`, 'invalid_arguments'],
  ['another method', '?_method=DELETE', 'invalid_arguments: "$next" must not have the parameter "_method".'],
  ['another method, in words of others', '?X-HTTP-Method-Override=PUT', 'invalid_arguments'],
  ['a number', 7, 'invalid_arguments: "$next" is not a URL.'],
  ['a list', ['?cursor=1'], 'invalid_arguments'],
])('$next of an agent, with %s', async (_name, $next, sent) => {
  expect(await sentFor(search, { q: 'x', $next })).toContain(sent)
})

test('$next cannot change what of the query says which operation it is', async () => {
  const list = toolOf('/rpc?action=list&v=1', { page: integer }, 'GET', `${API}/?tenant=acme`)
  for (const $next of ['?action=delete&page=2', '?ACTION=delete&tenant=other&page=2', '?%61ction=delete&page=2&v=2']) {
    expect(await sentFor(list, { $next })).toBe(`${API}/rpc?action=list&v=1&tenant=acme&page=2`)
  }
})

test('$next is no field of what is not read, nor where the document has a field of that name', async () => {
  expect(await sentFor(toolOf('/search', {}, 'POST'), { $next: '?a=1' })).toBe(`${API}/search`)
  const declared = toolOf('/search', { $next: text })
  expect(await sentFor(declared, { $next: 'token' })).toBe(`${API}/search?%24next=token`)
  const link = { headers: { link: `<${API}/search?other=1>; rel=next` } }
  expect(await nextOf(declared, {}, link)).toBeUndefined()
})

test('the same page again is no next page, however it is said', async () => {
  const paged = toolOf('/list', { cursor: text, page: integer })
  expect(await nextOf(paged, { cursor: 'a' }, { body: { items: [{}], next_cursor: 'a' } })).toBeUndefined()
  expect(await nextOf(paged, { page: 2 }, { headers: { link: `<${API}/list?page=2>; rel=next` } })).toBeUndefined()
  expect(
    await nextOf(search, { $next: `${API}/search?c=1`, q: 'x' }, { headers: { link: '<?c=1>; rel=next' } }),
  ).toBeUndefined()
  expect(await nextOf(paged, { page: 5 }, { body: { items: [], next_page: 3 } })).toBeUndefined()
})

test('an upstream that always has another page is read as long as the caller likes', async () => {
  const paged = toolOf('/list', { cursor: text })
  let count = 0
  const { pages, next } = await readAll(paged, {}, () => ({ body: { items: [{}], next_cursor: `c${++count}` } }), 25)
  expect([pages.length, next]).toEqual([25, { cursor: 'c25' }])
})

test('names of prototypes are names like any other', async () => {
  const tool = toolOf('/list', { ['__proto__']: text, constructor: text, cursor: text })
  const body = JSON.parse(
    '{"items":[{}],"__proto__":{"next_cursor":"evil"},"meta":{"__proto__":{"next":"evil"},"next_cursor":"good"}}',
  )
  expect(await nextOf(tool, {}, { body })).toEqual({ cursor: 'good' })
  const next = await nextOf(tool, {}, { headers: { link: '</list?__proto__=a&constructor=b>; rel=next' } })
  expect(Object.entries(next ?? {})).toEqual([
    ['__proto__', 'a'],
    ['constructor', 'b'],
  ])
  expect(Object.getPrototypeOf(next)).toBe(Object.prototype)
  expect(await sentFor(tool, next ?? {})).toBe(`${API}/list?__proto__=a&constructor=b`)
})

test('an answer of any shape says something or nothing, and never fails', async () => {
  const names = fc.constantFrom(
    'next',
    'meta',
    'links',
    'items',
    'page',
    'total',
    'has_more',
    'cursor',
    '__proto__',
    'next_cursor',
    'x',
  )
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom('', '?a=b', '/list?page=2', 'https://', '%', null, true, -1, 1e308, 3),
      tie('list'),
      tie('record'),
    ),
    list: fc.array(tie('any'), { maxLength: 3 }),
    record: fc.dictionary(names, tie('any'), { maxKeys: 6 }),
  })).any
  const tool = toolOf('/list', { cursor: text, page: integer, offset: integer, limit: integer })
  await fc.assert(
    fc.asyncProperty(value, fc.string(), async (body, link) => {
      const headers = { link: link.replaceAll(/[^ -~]/g, '') }
      const next = await nextOf(tool, { limit: 2 }, { body, headers })
      for (const key of Object.keys(next ?? {})) expect(['cursor', 'page', 'offset', 'limit', '$next']).toContain(key)
    }),
    { numRuns: 500 },
  )
})

// Following `next` over n items in pages of k brings every item once.

type Style = (items: number[], size: number, url: URL) => Answer
const at = (url: URL, name: string, usual: number) => Number(url.searchParams.get(name) ?? usual)
const styles: [name: string, query: Record<string, JsonSchema>, answer: Style, usual?: Record<string, unknown>][] = [
  [
    'cursors',
    { cursor: text },
    (items, size, url) => {
      const from = at(url, 'cursor', 0)
      const more = from + size < items.length
      return {
        body: { data: items.slice(from, from + size), meta: { next_cursor: more ? String(from + size) : null } },
      }
    },
  ],
  [
    'pages from 1',
    { page: integer, per_page: integer },
    (items, size, url) => {
      const page = at(url, 'page', 1)
      return { body: items.slice((page - 1) * size, page * size) }
    },
  ],
  [
    'pages from 0 with a total',
    { page: { ...integer, minimum: 0 } },
    (items, size, url) => {
      const page = at(url, 'page', 0)
      return { body: { page, size, total: items.length, items: items.slice(page * size, (page + 1) * size) } }
    },
  ],
  [
    'pages with their number',
    { page: integer },
    (items, size, url) => {
      const page = at(url, 'page', 1)
      const body = { items: items.slice((page - 1) * size, page * size), total_pages: Math.ceil(items.length / size) }
      return { body }
    },
  ],
  [
    'offsets',
    { offset: integer, limit: integer },
    (items, size, url) => {
      const from = at(url, 'offset', 0)
      return { body: { results: items.slice(from, from + size) } }
    },
  ],
  [
    'offsets with a total, and a smaller page than asked for',
    { startAt: integer, maxResults: integer },
    (items, size, url) => {
      const from = at(url, 'startAt', 0)
      return { body: { startAt: from, total: items.length, values: items.slice(from, from + size) } }
    },
  ],
  [
    'indexes from 0, which the document does not say',
    { startIndex: integer },
    (items, size, url) => {
      const from = at(url, 'startIndex', 0)
      return { body: { total: items.length, Items: items.slice(from, from + size) } }
    },
  ],
  [
    'indexes from 1, which only the answer says',
    { startIndex: integer },
    (items, size, url) => {
      const from = at(url, 'startIndex', 1)
      return {
        body: { startIndex: from, totalResults: items.length, Resources: items.slice(from - 1, from - 1 + size) },
      }
    },
  ],
  [
    'indexes from 1',
    { startIndex: { ...integer, minimum: 1 } },
    (items, size, url) => {
      const from = at(url, 'startIndex', 1)
      return { body: { totalResults: items.length, Resources: items.slice(from - 1, from - 1 + size) } }
    },
  ],
  [
    'offsets that must not be 0',
    { $skip: { ...integer, minimum: 1 } },
    (items, size, url) => {
      const from = at(url, '$skip', 0)
      return { body: { '@odata.count': items.length, value: items.slice(from, from + size) } }
    },
  ],
  [
    'a Link header with fields',
    { page: integer },
    (items, size, url) => {
      const page = at(url, 'page', 1)
      const more = page * size < items.length
      return {
        body: items.slice((page - 1) * size, page * size),
        ...(more && { headers: { link: `<?page=${page + 1}>; rel=next` } }),
      }
    },
  ],
  [
    'a Link header with a query of its own',
    {},
    (items, size, url) => {
      const from = at(url, 'from', 0)
      const more = from + size < items.length
      const headers = { link: `<${API}/v2/list?from=${from + size}&sig=a%2Bb>; rel="next"` }
      return { body: items.slice(from, from + size), ...(more && { headers }) }
    },
  ],
  [
    'has_more after an item',
    { starting_after: integer },
    (items, size, url) => {
      const from = url.searchParams.has('starting_after') ? items.indexOf(at(url, 'starting_after', 0)) + 1 : 0
      return {
        body: { data: items.slice(from, from + size).map((id) => ({ id })), has_more: from + size < items.length },
      }
    },
  ],
]

test.each(styles)('every item comes once: %s', async (_name, query, answer) => {
  const tool = toolOf('/list', query)
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 7 }), async (n, size) => {
      const items = Array.from({ length: n }, (_, index) => index + 1)
      const asked = Object.keys(query).find((name) => /limit|per_page/.test(name))
      const input = asked === undefined ? {} : { [asked]: size }
      const { pages, next } = await readAll(tool, input, (url) => answer(items, size, url))
      const read = pages.flatMap((page) =>
        Array.isArray(page) ? page : Object.values(Object(page)).find((field) => Array.isArray(field)),
      )
      expect(read.map((item) => (typeof item === 'object' ? item.id : item))).toEqual(items)
      expect(next).toBeUndefined()
      expect(pages.length).toBeLessThanOrEqual(Math.floor(n / size) + 2)
    }),
    { numRuns: 60 },
  )
})
