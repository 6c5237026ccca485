// Whatever is given as a document through the console's own form: the page says what was found and where, nothing is
// imported, and what was typed is still there.
import { expect, test } from '@playwright/test'
import { connectAgent } from './agent.ts'
import { addIntegration, giveDocument, openConsole, removeIntegration, wordsOf } from './console.ts'
import { findForm } from './local-access/html-form.ts'
import type { HttpBrowser, Page } from './local-access/http-browser.ts'
import { type RecordingUpstream, startRecordingUpstream } from './recording-upstream.ts'
import { stackOrigins } from './stack-origins.ts'

const MEBIBYTE = 1024 * 1024

let origin: string
let sample: string
let admin: HttpBrowser
let site: RecordingUpstream

test.beforeAll(async ({ baseURL }) => {
  const stack = stackOrigins(baseURL)
  origin = stack.access
  sample = stack.sample
  admin = await openConsole(origin)
  const html = { 'content-type': 'text/html' }
  site = await startRecordingUpstream({
    'GET /docs': { headers: html, body: '<!doctype html><title>Acme API</title><a href="/v1/openapi.yaml">Spec</a>' },
    'GET /moved': { status: 302, headers: { location: `${sample}/openapi.json` } },
    'GET /in-circles': { status: 302, headers: { location: '/in-circles' } },
    'GET /inside': { status: 302, headers: { location: 'http://192.168.0.1/openapi.json' } },
    'GET /error': { status: 503, body: 'down' },
    'GET /nothing': { headers: { 'content-type': 'application/json' } },
    'GET /secret': { headers: { 'content-type': 'text/plain' }, body: 'root:x:0:0:root:/root:/bin/bash' },
  })
})

test.afterAll(async () => {
  await removeIntegration(admin, 'cyclic')
  await removeIntegration(admin, 'from_yaml')
  await site.close()
})

/** The form again, with an error; nothing was imported. */
function expectRefusal(page: Page, message: RegExp | string): void {
  const text = wordsOf(page.html)
  expect(page.status, text).toBe(422)
  expect(page.url.pathname).toBe('/integrations/new')
  expect(text).toContain('The document could not be read')
  expect(text).toMatch(message)
  // React Router, and whatever else lies under the console, stays out of sight.
  expect(text).not.toMatch(/Unexpected Server Error|TypeError|at .*\.(js|ts):\d/)
}

/** What the box for the address or document holds, with the line breaks that were given: forms send CRLF. */
const shownSource = (page: Page) => findForm(page.html, 'source')?.values.source?.replaceAll('\r\n', '\n')

const paths = '"paths":{"/a":{"get":{"operationId":"a","responses":{"200":{"description":"ok"}}}}}'

for (const [name, document, message] of [
  [
    'HTML',
    '<!doctype html><html><head><title>Acme docs</title></head><body>Hi</body></html>',
    /This is a web page \("Acme docs"\), not an OpenAPI document/,
  ],
  ['truncated JSON', `{"openapi":"3.1.0",\n${paths.slice(0, -4)}`, /ends .*line 2, column \d+ \(byte \d+\)/],
  ['broken JSON', `{"openapi":"3.1.0",\n${paths.replace('"get":', 'get:')}}`, /line 2, column 16/],
  ['broken YAML', 'openapi: 3.1.0\npaths:\n  /a: [1, 2\n  /b: 3\n', /line \d/],
  [
    'a Postman collection',
    '{"info":{"_postman_id":"1","name":"Mine"},"item":[]}',
    /This is a Postman collection \(Mine\)\. Export the API's OpenAPI document instead/,
  ],
  ['plain data', '{"users":[1],"total":1}', /plain data with "users", "total" at the top/],
  ['an empty object', '{}', /It is an empty object/],
  [
    'a JSON Schema',
    '{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object"}',
    /This is a JSON Schema/,
  ],
  [
    'prose',
    'Dear admin, here is my API',
    /That is neither an address, nor a document in JSON or YAML, nor a curl command/,
  ],
  ['a document without paths', '{"openapi":"3.1.0","info":{"title":"x","version":"1"}}', /no paths/],
  ['nested brackets', `{"openapi":"3.1.0","paths":${'['.repeat(20_000)}`, /nested/],
] as const) {
  test(`${name}, pasted, is refused with what was found and where`, async () => {
    const page = await giveDocument(admin, document)
    expectRefusal(page, message)
    expect(shownSource(page)).toBe(document)
  })
}

for (const [name, bytes, message] of [
  ['an empty file', Buffer.alloc(0), /The document is empty/],
  ['a PNG', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), /This is a PNG image, not an OpenAPI document/],
  ['zero bytes', Buffer.alloc(5000), /binary data \(a zero byte at byte 0\)/],
  [
    'a damaged gzip file',
    Buffer.from('1f8b0800000000000003ffff', 'hex'),
    /compressed with gzip, and the data is damaged/,
  ],
  ['a ZIP archive', Buffer.from('504b0304140000000800', 'hex'), /This is a ZIP archive/],
] as const) {
  test(`${name}, uploaded, is refused with what was found`, async () => {
    expectRefusal(await giveDocument(admin, new File([bytes], 'openapi.json')), message)
  })
}

test('a form with nothing in it asks for something', async () => {
  expectRefusal(await giveDocument(admin, ''), /Give an address, paste a document, or choose a file/)
})

test('a document of 66 MB is refused with the limit, and the Worker goes on', async () => {
  const beginning = `{"openapi":"3.1.0","info":{"title":"Huge","version":"1"},${paths},"x-filler":[`
  const row = `${JSON.stringify({ filler: 'x'.repeat(1000) })},`
  const blob = new Blob([beginning, row.repeat(Math.ceil((66 * MEBIBYTE) / row.length)), '0]}'])
  const agent = await connectAgent(origin)
  const upload = giveDocument(admin, new File([blob], 'huge.json', { type: 'application/json' }))
  const meanwhile = await agent.execute('return (await tools.northwind.teams.list()).length > 0')
  expectRefusal(await upload, /larger than 64 MiB|above the limit of 64 MiB/)
  expect(meanwhile.text).toBe('true')
  expect((await agent.execute('return 1')).text).toBe('1')
  await agent.client.close()
})

for (const [name, address, message] of [
  ['nobody listens at', 'http://127.0.0.1:9/openapi.json', /127\.0\.0\.1:9 could not be reached/],
  [
    'answers with a web page',
    () => `${site.url}/docs`,
    /shows a web page \(“Acme API”\) that leads to no API description/,
  ],
  ['answers with an error', () => `${site.url}/error`, /answered 503 instead of a document/],
  ['answers with nothing', () => `${site.url}/nothing`, /The document is empty/],
  ['redirects without end', () => `${site.url}/in-circles`, /redirected more than 5 times/],
  [
    'redirects into a private network',
    () => `${site.url}/inside`,
    /192\.168\.0\.1 is .*Executor reaches public addresses only/,
  ],
  ['is private', 'http://10.0.0.1/openapi.json', /10\.0\.0\.1 is .*Executor reaches public addresses only/],
  ['is the metadata of a cloud', 'http://169.254.169.254/latest/meta-data/', /169\.254\.169\.254 is /],
  ['is private in disguise', 'http://0x0a000001/openapi.json', /10\.0\.0\.1 is /],
  ['is private in IPv6', 'http://[::ffff:10.0.0.1]/openapi.json', /Executor reaches public addresses only/],
  [
    'is a name of the local network',
    'http://printer.local/openapi.json',
    /printer\.local is a name on a local network/,
  ],
  ['is a script', 'javascript:alert(1)', /not a web address|Only http and https/],
  ['is a file', 'file:///etc/passwd', /This is not a web address/],
  ['carries a password', 'http://user:hunter2@example.com/openapi.json', /must not carry a user name or password/],
  ['is no address', 'https://', /This is not a web address: it should look like https/],
] as const) {
  test(`an address that ${name} is refused, and stays in the form`, async () => {
    const given = typeof address === 'string' ? address : address()
    const page = await giveDocument(admin, given)
    expectRefusal(page, message)
    expect(shownSource(page)).toBe(given)
  })
}

test('what an address answers is not shown at length', async () => {
  const page = await giveDocument(admin, `${site.url}/secret`)
  expectRefusal(page, /plain text/)
  expect(page.html).not.toContain('/bin/bash/bin/bash')
})

test('an address is found with redirects and without its scheme', async () => {
  const redirected = await giveDocument(admin, `${site.url}/moved`)
  expect(redirected.status).toBe(200)
  expect(wordsOf(redirected.html)).toContain('This is what the document would become.')
  // A host of this machine speaks http; any other is taken to speak https, and the refusal says what to do about that.
  const bare = await giveDocument(admin, `${new URL(sample).host}/openapi.json`)
  expect(wordsOf(bare.html)).toContain('This is what the document would become.')
})

test('YAML by its address becomes the same tools as JSON', async () => {
  await addIntegration(admin, `${sample}/openapi.yaml`, { slug: 'from_yaml', title: 'From YAML' })
  const agent = await connectAgent(origin)
  const { text } = await agent.execute(`
    const { integrations } = await tools.search({})
    const count = (slug) => integrations.find((one) => one.slug === slug)?.toolCount
    const typesOf = async (slug) => JSON.stringify((await tools.describe(slug + ".tickets.create")).typescript)
    return [count("northwind") > 40, count("from_yaml") === count("northwind"), await typesOf("from_yaml") === await typesOf("northwind")]`)
  expect(text).toBe('[true,true,true]')
  await agent.client.close()
})

test('schemas that lead back to themselves are imported and can be used', async () => {
  const node = { $ref: '#/components/schemas/Node' }
  const document = {
    openapi: '3.1.0',
    info: { title: 'Cyclic', version: '1' },
    servers: [{ url: site.url }],
    paths: {
      '/nothing': {
        get: {
          operationId: 'nodes/get',
          responses: { 200: { description: 'ok', content: { 'application/json': { schema: node } } } },
        },
      },
    },
    components: {
      schemas: {
        Node: { type: 'object', properties: { next: node, twin: { $ref: '#/components/schemas/Twin' } } },
        Twin: { $ref: '#/components/schemas/Other' },
        Other: { $ref: '#/components/schemas/Twin' },
      },
    },
  }
  await addIntegration(admin, JSON.stringify(document), { slug: 'cyclic', title: 'Cyclic', method: 'none' })
  const agent = await connectAgent(origin)
  const { text } = await agent.execute(
    'return [await tools.cyclic.nodes.get(), (await tools.describe("cyclic.nodes.get")).typescript.length > 20]',
  )
  expect(text).toBe('[null,true]')
  expect((await admin.open('/tools/cyclic.nodes.get')).status).toBe(200)
  await agent.client.close()
})
