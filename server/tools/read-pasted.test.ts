import { expect, test } from 'vitest'
import { readPasted } from './read-pasted.ts'

test.each([
  ['https://api.example.com/openapi.json', 'https://api.example.com/openapi.json'],
  ['  HTTPS://API.example.com/Docs  ', 'https://api.example.com/Docs'],
  ['api.example.com', 'https://api.example.com/'],
  ['example.com/docs', 'https://example.com/docs'],
  ['example.com:8443/docs?v=2', 'https://example.com:8443/docs?v=2'],
  ['localhost:3000/openapi.json', 'http://localhost:3000/openapi.json'],
  ['localhost', 'http://localhost/'],
  ['api.localhost:8080', 'http://api.localhost:8080/'],
  ['127.0.0.1:8000/docs', 'http://127.0.0.1:8000/docs'],
  ['[::1]:3000/openapi.yaml', 'http://[::1]:3000/openapi.yaml'],
  ['http://intranet/openapi.json', 'http://intranet/openapi.json'],
  ['<https://api.example.com/openapi.json>', 'https://api.example.com/openapi.json'],
  ['"https://api.example.com/openapi.json",', 'https://api.example.com/openapi.json'],
  ['`api.example.com/openapi.json`', 'https://api.example.com/openapi.json'],
  ['[the API](https://api.example.com/docs)', 'https://api.example.com/docs'],
  ['https://petstore.example/#/pet/addPet', 'https://petstore.example/'],
  ['The API is at https://api.example.com/docs, have a look.', 'https://api.example.com/docs'],
  ['wget https://api.example.com/openapi.json -O spec.json', 'https://api.example.com/openapi.json'],
])('%s is an address', (text, url) => {
  expect(readPasted(text)).toMatchObject({ kind: 'address', url })
})

test.each([
  ['', /^Paste an address/],
  [' \n\uFEFF ', /^Paste an address/],
  ['github', /^This is not a web address: it should look like https/],
  ['https://', /^This is not a web address: it should look like https/],
  ['openapi.json', /name of a file/],
  ['./specs/openapi.yaml', /name of a file/],
  ['C:\\specs\\openapi.yaml', /name of a file/],
  ['file:///etc/passwd', /name of a file/],
  ['ftp://example.com/openapi.json', /Only http and https/],
  ['javascript:alert(1)', /Only http and https/],
  ['data:application/json,{}', /placeholder|Only http/],
  ['mailto:ada@example.com', /Only http and https/],
  ['https://<your-domain>.example.com/api', /placeholder/],
  ['https://{tenant}.example.com/api', /placeholder/],
  ['https://user:s3cret@api.example.com/', /must not carry a user name or password/],
  ['<!doctype html><html><body>Docs', /source of a web page/],
  ['<definitions xmlns="http://schemas.xmlsoap.org/wsdl/">', /source of a web page or an XML/],
  ['Would you kindly import our API?', /neither an address/],
  ['```json\n{"openapi": "3.1.0"}\n```', /Leave out the lines/],
  ['```\n```\n```', /nothing between|Paste an address/],
])('%s is nothing useful, and it says why', (text, message) => {
  const pasted = readPasted(text)
  expect(pasted.kind).toBe('nothing')
  expect(pasted.message).toMatch(message)
  expect(pasted.message).not.toContain('s3cret')
})

test.each([
  ['{"openapi":"3.1.0"}', 'json'],
  ['\uFEFF { "swagger": "2.0" }', 'json'],
  ['[{"a": 1}]', 'json'],
  ['openapi: 3.1.0\ninfo:\n  title: A\n', 'yaml'],
  ['# Ours\n---\nswagger: "2.0"\n', 'yaml'],
  ['info:\n  title: A\n  description: |\n    curl https://api.example.com/v1\nopenapi: 3.0.0\n', 'yaml'],
])('%s is a document', (text, format) => {
  expect(readPasted(text)).toMatchObject({ kind: 'document', format })
})

test.each([
  'type Query {\n  me: User\n}',
  'schema { query: Query }',
  '"""The root"""\ntype Query implements Node {\n a: Int }',
])('%s is a schema of GraphQL', (text) => {
  expect(readPasted(text)).toMatchObject({ kind: 'document', format: 'graphql' })
})

test('a curl command is read where it stands: after a prompt, in a script, in a block of Markdown', () => {
  for (const text of [
    'curl https://api.example.com/v1',
    '$ curl https://api.example.com/v1',
    'export TOKEN=abc\ncurl -sS https://api.example.com/v1 -H "Authorization: Bearer $TOKEN"',
    'TOKEN=abc curl.exe https://api.example.com/v1',
    '```bash\ncurl https://api.example.com/v1\n```',
    '# List customers:\n/usr/bin/curl https://api.example.com/v1',
  ]) {
    expect(readPasted(text)).toMatchObject({ kind: 'curl', url: 'https://api.example.com/v1' })
  }
  expect(readPasted('curl --silent')).toMatchObject({ kind: 'nothing' })
})

test('a text that was made to be slow is read at once', () => {
  let slowest = 0
  const size = 1024 * 1024
  for (const text of [
    'a'.repeat(size),
    ' '.repeat(size) + 'x',
    '`'.repeat(size) + 'x',
    '```\n'.repeat(size / 4),
    `type ${'a'.repeat(size)}`,
    `type ${'a '.repeat(size / 2)}`,
    `curl ${'\\'.repeat(size)}`,
    `curl ${`'`.repeat(size + 1)}`,
    `curl ${'$"'.repeat(size / 2)}`,
    `curl ${'-H '.repeat(size / 3)}`,
    `${'a='.repeat(size / 2)} curl x`,
    `${'a=b '.repeat(size / 4)}curl`,
    `^${' '.repeat(size)}curl`,
    'https://'.repeat(size / 8),
    `[${'['.repeat(size)}`,
    `"${'a'.repeat(size)}`,
    ':\n'.repeat(size / 2),
  ]) {
    const start = performance.now()
    expect(readPasted(text).message).toMatch(/[.…]$/)
    slowest = Math.max(slowest, performance.now() - start)
  }
  expect(slowest).toBeLessThan(500)
})
