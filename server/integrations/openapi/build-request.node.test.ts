// Whatever an operation and its arguments are: a request is refused in words, or goes where the operation says.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { FileValue } from '../../sandbox/file.ts'
import { readDocument } from '../../testing/read-document.ts'
import { validateInput } from '../../tools/validate.ts'
import { isBinding, type Binding } from './binding.ts'
import { buildRequest } from './build-request.ts'

const BASE = 'https://api.test:8443/v1'

const nasty = fc.constantFrom(
  ...'. .. / // \\ %2e %2F % ? # @ : ; & = + , " \' [ ] {x} ~ * ． ／ 。 ‥ ü 日 evil.test http://'.split(' '),
  ...'\n|\0|\t| |\ud800|\udc00|\u0085|\r\n'.split('|'),
)
const text = fc.oneof(
  fc.array(fc.oneof(nasty, fc.string({ minLength: 1, maxLength: 3 })), { maxLength: 5 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.stringMatching(/^[\w-]{1,8}$/),
)
const scalar = fc.oneof({ weight: 4, arbitrary: text }, fc.double(), fc.integer(), fc.boolean(), fc.constant(null))
const anyValue = fc.oneof(
  { weight: 3, arbitrary: scalar },
  fc.array(scalar, { maxLength: 4 }),
  fc.dictionary(text, scalar, { maxKeys: 4 }),
  fc.dictionary(text, fc.oneof(fc.array(scalar, { maxLength: 2 }), fc.dictionary(text, scalar, { maxKeys: 2 })), {
    maxKeys: 2,
  }),
)

const settings = fc.record(
  {
    explode: fc.boolean(),
    allowReserved: fc.boolean(),
    allowEmptyValue: fc.boolean(),
    style: fc.constantFrom(
      'simple',
      'label',
      'matrix',
      'form',
      'spaceDelimited',
      'pipeDelimited',
      'deepObject',
      'cookie',
    ),
  },
  { requiredKeys: [] },
)
const described = fc.oneof(
  { weight: 4, arbitrary: settings.map((more) => ({ schema: {}, ...more })) },
  fc
    .constantFrom('application/json', 'text/plain', '*/*', 'application/x-www-form-urlencoded', 'application/x-ndjson')
    .map((type) => ({ content: { [type]: {} } })),
)
const name = fc.oneof(
  fc.stringMatching(/^[a-z]\w{0,5}$/),
  fc.constantFrom(
    'filter[a]',
    'ids[]',
    'a.b',
    'a b',
    'é',
    '__proto__',
    'constructor',
    '$x',
    'a&b=c',
    'x\r\ny',
    'Host',
    'Cookie',
  ),
)
const parameter = fc
  .record({ name, in: fc.constantFrom('query', 'header', 'cookie', 'querystring') })
  .chain((fixed) => described.map((more) => ({ ...fixed, ...more })))
const segment = fc.oneof(
  fc.constantFrom('users', 'a b', 'ä', 'x.json', 'v1:run', "it's", 'a%20b', '(x)', ''),
  fc.nat({ max: 3 }).map((number) => `{p${number}}`),
  fc.nat({ max: 3 }).map((number) => `pre{p${number}}.post`),
)
const operation = fc.record({
  segments: fc.array(segment, { minLength: 1, maxLength: 4 }),
  inPath: fc.tuple(described, described, described, described),
  others: fc.array(parameter, { maxLength: 5 }),
  values: fc.array(anyValue, { minLength: 12, maxLength: 12 }),
})

async function toolOf({ segments, inPath, others }: { segments: string[]; inPath: object[]; others: object[] }) {
  const path = `/${segments.join('/')}`
  const parameters = [...inPath.map((more, at) => ({ name: `p${at}`, in: 'path', required: true, ...more })), ...others]
  const { tools } = await readDocument({ openapi: '3.2.0', info: {}, paths: { [path]: { get: { parameters } } } })
  const [tool] = tools
  if (!tool || !isBinding(tool.binding)) throw new Error('no tool')
  return { tool, binding: tool.binding }
}

/** Segments of a path as a server may come to see them: decoded, normalised, without what follows a semicolon. */
function stepsOf(pathname: string): string[] {
  // Triples that are no UTF-8 come to nobody as a step.
  const decoded = new TextDecoder().decode(
    Uint8Array.from(
      Buffer.from(
        pathname.replaceAll(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
        'latin1',
      ),
    ),
  )
  return decoded
    .normalize('NFKC')
    .split(/[/\\]/)
    .map((part) => (part.split(';')[0] ?? '').trim())
    .filter((part) => part === '.' || part === '..')
}

function slashesOf(binding: Binding, input: Record<string, unknown>): number {
  const open = binding.parameters.filter((one) => one.in === 'path' && one.allowReserved)
  return open.reduce((count, { key, name }) => {
    const times = binding.path.split(`{${name}}`).length - 1
    return count + times * (JSON.stringify(input[key] ?? '').match(/\//g) ?? []).length
  }, 0)
}

test('a request goes to the host and the path of its operation, and its headers are headers', async () => {
  let sent = 0
  let refused = 0
  await fc.assert(
    fc.asyncProperty(operation, async (given) => {
      const { tool, binding } = await toolOf(given)
      const keys = binding.parameters.map(({ key }) => key)
      const input = Object.fromEntries(keys.map((key, at) => [key, given.values[at % given.values.length]]))
      fc.pre(validateInput(tool.inputSchema, {}, input).ok)
      const built = buildRequest(binding, BASE, input)
      if (!built.ok) {
        refused++
        return built.error.code === 'invalid_arguments' && built.error.message.length > 10
      }
      sent++
      const url = new URL(built.request.url)
      expect([url.origin, url.username, url.hash]).toEqual(['https://api.test:8443', '', ''])
      // `/v1`, then the segments of the template, of which empty ones at the beginning are none.
      const first = given.segments.findIndex((one) => one !== '')
      const least = 2 + given.segments.length - (first < 0 ? given.segments.length - 1 : first)
      const segments = url.pathname.split('/').length
      expect(segments).toBeGreaterThanOrEqual(least)
      expect(segments).toBeLessThanOrEqual(least + slashesOf(binding, input))
      expect(url.pathname.startsWith('/v1/')).toBe(true)
      expect(stepsOf(url.pathname)).toEqual([])
      const names = binding.parameters.filter((one) => one.in === 'header').map((one) => one.name.toLowerCase())
      for (const [header, value] of built.request.headers) {
        expect(['accept', 'cookie', ...names]).toContain(header)
        expect(value).toMatch(/^[\t\u0020-\u007e\u0080-\u00ff]*$/)
      }
      return true
    }),
    { numRuns: 1500 },
  )
  // Both ends are reached, and not by a hair.
  expect(Math.min(sent, refused)).toBeGreaterThan(50)
})

test('a text in a query, a form or a cookie is read back as it was', () => {
  const wellFormed = text.map((value) => value.toWellFormed())
  fc.assert(
    fc.property(wellFormed, wellFormed, fc.boolean(), (key, value, explode) => {
      fc.pre(key !== '')
      const common = { key: 'v', name: key, style: 'form', explode }
      const binding: Binding = {
        method: 'POST',
        path: '/x',
        accept: '*/*',
        parameters: [
          { ...common, in: 'query' },
          { ...common, in: 'cookie' },
        ],
        body: { mediaType: 'application/x-www-form-urlencoded', isRequired: true, key: 'body' },
      }
      const built = buildRequest(binding, BASE, { v: value, body: { [key]: value } })
      if (!built.ok) throw new Error(built.error.message)
      expect([...new URL(built.request.url).searchParams]).toEqual([[key, value]])
      const [name, ...rest] = (built.request.headers.get('cookie') ?? '').split('=')
      expect([decodeURIComponent(name ?? ''), decodeURIComponent(rest.join('='))]).toEqual([key, value])
    }),
  )
})

test('a form and a multipart body are read back as they were', async () => {
  const wellFormed = text.map((value) => value.toWellFormed())
  const field = fc.oneof(
    wellFormed,
    fc.uint8Array({ maxLength: 20 }).map((bytes) => new FileValue('f.bin', 'a/b', bytes)),
  )
  const key = fc.oneof(fc.stringMatching(/^\w{1,5}$/), fc.constantFrom('ü', 'a b', 'a[b]', "it's", 'a;b'))
  await fc.assert(
    fc.asyncProperty(fc.dictionary(key, field, { minKeys: 1, maxKeys: 4 }), async (body) => {
      for (const mediaType of ['multipart/form-data', 'application/x-www-form-urlencoded']) {
        const binding: Binding = {
          method: 'POST',
          path: '/x',
          accept: '*/*',
          parameters: [],
          body: { mediaType, isRequired: true, key: 'body' },
        }
        const built = buildRequest(binding, BASE, { body })
        if (!built.ok) throw new Error(built.error.message)
        const isForm = mediaType !== 'multipart/form-data'
        const read = new Map<string, unknown>()
        for (const [name, value] of await built.request.formData()) {
          read.set(name, typeof value === 'string' ? value : Buffer.from(await value.arrayBuffer()).toString('hex'))
        }
        const expected = Object.entries(body).map(([name, value]): [string, string] => {
          if (typeof value === 'string') return [name, value]
          return [name, Buffer.from(value.bytes).toString(isForm ? 'base64' : 'hex')]
        })
        expect(read).toEqual(new Map(expected))
      }
    }),
    { numRuns: 300 },
  )
})

test('a value that needs nothing is refused nowhere', async () => {
  await fc.assert(
    fc.asyncProperty(operation, async (given) => {
      const { tool, binding } = await toolOf(given)
      const input = Object.fromEntries(binding.parameters.map(({ key }) => [key, 'plain-1']))
      fc.pre(validateInput(tool.inputSchema, {}, input).ok)
      const built = buildRequest(binding, BASE, input)
      expect(built.ok ? '' : built.error.message).toBe('')
    }),
    { numRuns: 500 },
  )
})
