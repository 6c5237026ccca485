import { expect, test } from 'vitest'
import type { ImportPreview, Server } from '../../../drizzle/shapes.ts'
import { readImportForm, suggestedValues } from './import-values.ts'

const servers: Server[] = [
  {
    url: 'https://{region}.shop.example/{version}',
    variables: { region: { default: 'eu', values: ['eu', 'us'] }, version: { default: 'v2' } },
  },
  { url: 'https://sandbox.shop.example' },
]
const preview: ImportPreview = {
  kind: 'openapi',
  title: 'Shop',
  description: '',
  version: '1',
  suggestedSlug: 'shop',
  servers,
  authMethods: [],
  operationCount: 1,
}

function formOf(fields: Record<string, string>): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  return form
}

const read = (fields: Record<string, string>, from: Server[] = servers) => readImportForm(formOf(fields), from, [])

test('the form begins with the first server, as the document fills it in', () => {
  const values = suggestedValues(preview, [])
  expect(values).toMatchObject({ title: 'Shop', slug: 'shop', server: '0', baseUrl: '' })
  expect(values.variables).toEqual({ 'server.0.region': 'eu', 'server.0.version': 'v2' })
})

test('one of the gallery brings its name, and an address where its document leaves that open', () => {
  const preset = { slug: 'acme', title: 'Acme', baseUrl: 'https://your-site.acme.example' }
  expect(suggestedValues(preview, [], preset)).toMatchObject({
    title: 'Acme',
    slug: 'acme',
    server: 'other',
    baseUrl: 'https://your-site.acme.example',
  })
  expect(suggestedValues(preview, [], { title: 'Acme', slug: undefined })).toMatchObject({ slug: 'shop', server: '0' })
})

test('a document without a server asks for an address', () => {
  expect(suggestedValues({ ...preview, servers: [] }, []).server).toBe('other')
  expect(read({ baseUrl: 'https://shop.example' }, [])).toMatchObject({ baseUrl: 'https://shop.example', errors: [] })
})

test('the chosen server is filled in with its own variables', () => {
  const filled = { 'server.0.region': 'us', 'server.0.version': 'v3' }
  expect(read({ server: '0', ...filled })).toMatchObject({ baseUrl: 'https://us.shop.example/v3', errors: [] })
  expect(read({ server: '1', ...filled })).toMatchObject({ baseUrl: 'https://sandbox.shop.example', errors: [] })
})

test.each([
  ['a value that is not among those of the document', { 'server.0.region': 'evil.example/' }, 'server.0.region'],
  ['a value that leads to another host', { 'server.0.region': 'eu@evil.example#' }, 'server.0.region'],
  ['a value with steps', { 'server.0.version': '../..' }, 'server.0.version'],
  ['a server that the document does not have', { server: '7' }, 'server'],
  ['a name of JavaScript’s own', { server: 'constructor' }, 'server'],
])('%s is refused, at its field, and stays in the form', (_, changed, field) => {
  const fields = { server: '0', 'server.0.region': 'eu', 'server.0.version': 'v2', ...changed }
  const { baseUrl, errors, values } = read(fields)
  expect(baseUrl).toBe('')
  expect(errors).toEqual([{ field, message: expect.any(String) }])
  expect({ server: values.server, ...values.variables }).toEqual(fields)
})

test('another address is taken as it is typed: what it may be is decided where it is stored', () => {
  expect(read({ server: 'other', baseUrl: 'ftp://x' })).toMatchObject({ baseUrl: 'ftp://x', errors: [] })
})
