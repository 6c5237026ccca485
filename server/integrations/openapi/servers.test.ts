import { expect, test } from 'vitest'
import { around, readDocument } from '../../testing/read-document.ts'
import { isBinding } from './binding.ts'

const url = 'https://docs.acme.test/api/v3/openapi.json'

async function serversOf(servers: unknown, given: { url?: string } = { url }, openapi = '3.1.0') {
  const { about, problems } = await readDocument({ ...around({}, { servers }), openapi }, given)
  return { urls: about.servers.map((server) => server.url), servers: about.servers, problems }
}

test.each([
  ['https://api.acme.test/v1/', 'https://api.acme.test/v1'],
  ['HTTPS://API.Acme.test:443/v1//', 'https://api.acme.test/v1'],
  ['http://localhost:8080', 'http://localhost:8080'],
  ['/', 'https://docs.acme.test'],
  ['', 'https://docs.acme.test'],
  ['/v1', 'https://docs.acme.test/v1'],
  ['.', 'https://docs.acme.test/api/v3'],
  ['./v1', 'https://docs.acme.test/api/v3/v1'],
  ['v1', 'https://docs.acme.test/api/v3/v1'],
  ['../../v1', 'https://docs.acme.test/v1'],
  ['../../../../v1', 'https://docs.acme.test/v1'],
  ['//api.acme.test/v1', 'https://api.acme.test/v1'],
])('%j is %s', async (written, absolute) => {
  expect(await serversOf([{ url: written }])).toMatchObject({ urls: [absolute], problems: [] })
})

test.each([
  'javascript:alert(1)',
  'file:///etc/passwd',
  'ftp://acme.test',
  'data:text/plain,x',
  'https://user:secret@acme.test',
  'https://user@acme.test',
  'https://',
  'https://[',
  'https://a b.test',
  'wss://acme.test',
  'https:\\\\acme.test',
  '{scheme}:alert(1)',
  'https://{unknown}.acme.test',
  'https://{empty}.acme.test',
  'https://acme.{empty}',
  '{evil}/v1',
  'https://{user}@acme.test',
])('%s is reported and left out', async (written) => {
  const variables = {
    scheme: { default: 'javascript', enum: ['javascript'] },
    empty: { default: '' },
    evil: { default: 'javascript:alert(1)//' },
    user: { default: 'me' },
  }
  const { urls, problems } = await serversOf([{ url: written, variables }, { url: 'https://good.test' }])
  expect(urls).toEqual(['https://good.test'])
  expect(problems).toHaveLength(1)
  expect(problems[0]).toContain(`#/servers: The server "${written}" cannot be used.`)
})

test('variables stay, with what may stand for them', async () => {
  const { servers, problems } = await serversOf([
    {
      url: 'https://{region}.acme.test:{port}/{version}/',
      description: 'Production',
      variables: {
        region: { default: 'eu', enum: ['eu', 'us'], description: 'Where.' },
        port: { default: 8443 },
        version: { enum: ['v2', 'v1'] },
        unused: { default: 'x' },
      },
    },
    { url: '/{base}/v1', variables: { base: { default: 'api' } } },
  ])
  expect(problems).toEqual([])
  expect(servers).toEqual([
    {
      url: 'https://{region}.acme.test:{port}/{version}',
      description: 'Production',
      variables: {
        region: { default: 'eu', values: ['eu', 'us'], description: 'Where.' },
        port: { default: '8443' },
        version: { default: 'v2', values: ['v2', 'v1'] },
      },
    },
    { url: 'https://docs.acme.test/{base}/v1', variables: { base: { default: 'api' } } },
  ])
})

test('a value that would make another kind of address, and a default that is no value, are left out and said', async () => {
  const { servers, problems } = await serversOf([
    {
      url: '{scheme}://{host}/',
      variables: {
        scheme: { default: 'https', enum: ['https', 'http', 'wss', 'javascript'] },
        host: { default: 'gone.test', enum: ['a.test', 'user@evil.test'] },
      },
    },
  ])
  expect(servers[0]?.variables).toEqual({
    scheme: { default: 'https', values: ['https', 'http'] },
    host: { default: 'a.test', values: ['a.test'] },
  })
  expect(problems).toEqual([
    '#/servers: The server variable "host" cannot be "user@evil.test".',
    '#/servers: The server variable "host" has a default that is none of its values.',
    '#/servers: The server variable "scheme" cannot be "wss", "javascript".',
  ])
})

test('variables are called whatever they are called', async () => {
  const variables = `{"__proto__": {"default": "a"}, "constructor": {"default": "b"}, "toString": {"default": "c", "enum": ["c"]}}`
  const document = `{"openapi": "3.1.0", "paths": {"/": {"get": {}}},
    "servers": [{"url": "https://acme.test/{__proto__}/{constructor}/{toString}", "variables": ${variables}},
    {"url": "https://acme.test/{hasOwnProperty}", "variables": {}}]}`
  const { about, problems } = await readDocument(document)
  expect(JSON.stringify(about.servers[0]?.variables)).toBe(
    '{"__proto__":{"default":"a"},"constructor":{"default":"b"},"toString":{"default":"c","values":["c"]}}',
  )
  expect([about.servers.length, problems.length]).toEqual([1, 1])
})

test('without an address of its own a document cannot have relative servers, and has no default one', async () => {
  const { urls, problems } = await serversOf([{ url: '/v1' }, { url: 'https://acme.test' }], {})
  expect(urls).toEqual(['https://acme.test'])
  expect(problems[0]).toContain('where the document came from is not known')
  expect((await serversOf(undefined, {})).urls).toEqual([])
  expect((await serversOf(undefined)).urls).toEqual(['https://docs.acme.test'])
  expect((await serversOf([])).urls).toEqual(['https://docs.acme.test'])
})

test('a query is not sent, the same server is offered once, and no more than 20 are', async () => {
  const query = await serversOf([{ url: 'https://acme.test/v1?key=1#top' }, { url: 'https://acme.test/v1/' }])
  expect(query.urls).toEqual(['https://acme.test/v1'])
  expect(query.problems).toEqual([
    '#/servers: The server "https://acme.test/v1?key=1#top" is used without its query and fragment.',
  ])
  const many = await serversOf(Array.from({ length: 25 }, (_, at) => ({ url: `https://s${at}.test` })))
  expect(many.urls).toHaveLength(20)
  expect(many.problems).toEqual(['#/servers: Of 25 servers the first 20 are offered.'])
})

test('Swagger 2.0 has a host, schemes and a base path', async () => {
  const swagger = async (rest: object, given: { url?: string } = {}) =>
    readDocument({ swagger: '2.0', paths: { '/': { get: {} } }, ...rest }, given)
  const urls = async (...args: Parameters<typeof swagger>) =>
    (await swagger(...args)).about.servers.map((one) => one.url)
  expect(await urls({ host: 'a.test', basePath: 'v1/', schemes: ['http', 'https', 'wss'] })).toEqual([
    'https://a.test/v1',
    'http://a.test/v1',
  ])
  expect(await urls({ host: 'a.test:8080' })).toEqual(['https://a.test:8080'])
  expect(await urls({ basePath: '/v1' }, { url: 'http://b.test/swagger.json' })).toEqual(['http://b.test/v1'])
  expect(await urls({ basePath: '/v1' })).toEqual([])
  expect((await swagger({ host: 'user:secret@a.test' })).problems[0]).toContain('must not contain a user')
  expect((await swagger({ 'x-ms-parameterized-host': {} })).problems[0]).toContain('give the base URL')
})

test('an operation says where it goes when that is another origin than the default server', async () => {
  const paths = {
    '/same': { get: { servers: [{ url: 'https://api.acme.test/v2' }] } },
    '/usual': { get: { servers: [{ url: 'https://api.acme.test' }] } },
    '/other': { servers: [{ url: 'https://{zone}.uploads.test/x', variables: { zone: { default: 'eu' } } }], get: {} },
    '/bad': { get: { servers: [{ url: 'javascript:alert(1)' }] } },
  }
  const read = await readDocument({ openapi: '3.1.0', servers: [{ url: 'https://api.acme.test/' }], paths })
  expect(read.tools.map((tool) => tool.origin)).toEqual([null, null, 'https://eu.uploads.test', null])
  expect(read.tools.map((tool) => isBinding(tool.binding) && tool.binding.server)).toEqual([
    { url: 'https://api.acme.test/v2', insteadOf: 'https://api.acme.test' },
    undefined,
    { url: 'https://eu.uploads.test/x', insteadOf: 'https://api.acme.test' },
    undefined,
  ])
  expect(read.problems).toHaveLength(1)
})

test('where only paths and operations have servers, those are offered', async () => {
  const paths = {
    '/a': { servers: [{ url: 'https://one.test' }], get: {} },
    '/b': { get: { servers: [{ url: 'https://two.test/v1' }] }, post: { servers: [{ url: 'https://one.test/' }] } },
  }
  const { about, tools } = await readDocument({ openapi: '3.1.0', paths })
  expect(about.servers).toEqual([{ url: 'https://one.test' }, { url: 'https://two.test/v1' }])
  expect(tools.map((tool) => tool.origin)).toEqual([null, 'https://two.test', null])
})

test('a relative server in another file is relative to that file', async () => {
  const paths = { '/a': { $ref: 'https://other.test/paths/a.json' } }
  const files = { 'https://other.test/paths/a.json': { get: { servers: [{ url: '../v1' }] } } }
  const { only } = await readDocument({ openapi: '3.1.0', servers: [{ url: '/' }], paths }, { url, files })
  expect(only.origin).toBe('https://other.test')
})
