// GitHub's own description: 13 MB, 1,223 operations.
import { readFile } from 'node:fs/promises'
import { beforeAll, expect, test } from 'vitest'
import { discovered } from '../../testing/read-document.ts'
import type { DiscoveredTool, Discovered, Source } from '../adapter.ts'
import { bytesOf } from '../byte-sequence.ts'
import { openApi } from './adapter.ts'
import { isBinding } from './binding.ts'

const file = new URL('../../../node_modules/@octokit/openapi/generated/api.github.com.json', import.meta.url)
let source: Source
let found: Discovered[]
const tools = new Map<string, DiscoveredTool>()

beforeAll(async () => {
  const bytes = await readFile(file)
  const chunks: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += 65_536) chunks.push(new Uint8Array(bytes.subarray(at, at + 65_536)))
  source = { documents: [{ bytes: bytesOf(chunks) }], referenced: [] }
  found = await discovered(source)
  for (const item of found) if (item.type === 'tool') tools.set(item.suggestedName, item)
})

function tool(name: string): DiscoveredTool {
  const known = tools.get(name)
  if (!known) throw new Error(`no tool ${name}`)
  return known
}

test('every operation is a tool with a name of its own', () => {
  expect(found[0]).toMatchObject({ type: 'about', operationCount: 1223, servers: [{ url: 'https://api.github.com' }] })
  expect(found.filter((item) => item.type === 'tool')).toHaveLength(1223)
  expect(tools.size).toBe(1223)
  for (const name of tools.keys()) expect(name).toMatch(/^[a-z]\w*\.[a-z]\w*$/i)
})

test('names are those of the document', () => {
  const wanted = ['issues.create', 'repos.listForOrg', 'pulls.merge', 'repos.getContent', 'meta.root', 'search.code']
  expect(wanted.filter((name) => !tools.has(name))).toEqual([])
  expect(tool('issues.create').operation).toBe('POST /repos/{owner}/{repo}/issues')
})

test('every reference leads to a schema that was handed on before the tool', () => {
  const known = new Set<string>()
  for (const item of found) {
    if (item.type === 'schema') known.add(item.name)
    if (item.type !== 'tool') continue
    const references = JSON.stringify([item.inputSchema, item.outputSchema]).matchAll(/"\$ref":"#\/\$defs\/([^"]*)"/g)
    for (const [, name = ''] of references) expect(known).toContain(name)
  }
  const bodies = JSON.stringify(found.filter((item) => item.type === 'schema').map((item) => item.body))
  for (const [, name = ''] of bodies.matchAll(/"\$ref":"([^"]*)"/g))
    expect(known).toContain(name.replace('#/$defs/', ''))
})

test('reading goes on from the middle with the same names', async () => {
  const cut = found.findIndex((item) => item.type === 'tool' && item.operation === 'POST /repos/{owner}/{repo}/issues')
  const before = found.slice(0, cut)
  const schemas = before.flatMap((item) => (item.type === 'schema' ? { name: item.name, place: item.place } : []))
  const done = before.filter((item) => item.type === 'tool').length
  const rest = await discovered(source, { done, schemas })
  expect([...before, ...rest.slice(1)]).toEqual(found)
  expect(openApi.references?.(source)).toEqual([])
})

test('only uploads go to another origin', () => {
  const others = [...tools.values()].filter((one) => one.origin !== null)
  expect(others.map((one) => [one.suggestedName, one.origin])).toEqual([
    ['repos.uploadReleaseAsset', 'https://uploads.github.com'],
  ])
})

test('inputs are flat and closed', () => {
  expect(tool('issues.create').inputSchema).toMatchObject({
    required: ['owner', 'repo', 'title'],
    additionalProperties: false,
    properties: { owner: { type: 'string' }, assignee: { type: ['string', 'null'] }, labels: { type: 'array' } },
  })
  for (const { inputSchema } of tools.values())
    expect(inputSchema).toMatchObject({ type: 'object', additionalProperties: false })
  expect(tool('repos.uploadReleaseAsset').inputSchema).toMatchObject({ properties: { body: { format: 'binary' } } })
})

test('signatures are enough to write a call and never long', () => {
  expect(tool('search.code').signature).toBe(
    '(input: { q: string; sort?: "indexed"; order?: "desc" | "asc"; per_page?: number; page?: number }) => ' +
      'Promise<{ total_count: number; incomplete_results: boolean; items: CodeSearchResultItem[] }> // .pages',
  )
  expect(tool('issues.create').signature).toMatch(
    /^\(input: \{ owner: string; repo: string; title: string \| number; body\?: string;/,
  )
  for (const { signature } of tools.values()) expect(signature.length).toBeLessThanOrEqual(420)
})

test('effects follow the method', () => {
  const effects = { read: 0, write: 0, destructive: 0 }
  for (const { effect, operation } of tools.values()) {
    effects[effect]++
    expect(effect).toBe(
      operation.startsWith('GET ') ? 'read' : operation.startsWith('DELETE ') ? 'destructive' : 'write',
    )
  }
  expect(effects.read + effects.write + effects.destructive).toBe(1223)
})

test('bindings say where everything goes', () => {
  expect(tool('issues.create').binding).toMatchObject({
    method: 'POST',
    path: '/repos/{owner}/{repo}/issues',
    parameters: [
      { key: 'owner', in: 'path', style: 'simple' },
      { key: 'repo', in: 'path' },
    ],
    body: { mediaType: 'application/json', isRequired: true },
    accept: 'application/json',
  })
  expect(tool('repos.uploadReleaseAsset').binding).toMatchObject({
    server: { url: 'https://uploads.github.com', insteadOf: 'https://api.github.com' },
    body: { mediaType: 'application/octet-stream', key: 'body' },
  })
  for (const { binding, operation } of tools.values())
    expect([operation, isBinding(binding)]).toEqual([operation, true])
})

test('what is left out is said', () => {
  expect(found.filter((item) => item.type === 'skipped')).toEqual([
    {
      type: 'skipped',
      place: '#/x-webhooks',
      reason: '270 webhooks are sent by the API and cannot be called.',
      isOperation: false,
    },
  ])
})
