import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../root.ts'
import { NO_DATABASE, parseWorkerConfig, withDatabaseId } from './worker-config.ts'

const ID = '5f0c1d2e-3a4b-4c5d-8e6f-000000000001'
const entry = (inside: string) =>
  `{ "name": "executor", "d1_databases": [{ "binding": "DB", "database_name": "executor", ${inside} }] }`

test('our own wrangler.jsonc: the id is written, and every other character stays', async () => {
  const text = await readFile(join(ROOT, 'wrangler.jsonc'), 'utf8')
  const changed = withDatabaseId(text, ID)
  const { databaseId } = parseWorkerConfig(text)
  expect(changed).toBe(text.replace(databaseId ?? NO_DATABASE, ID))
  expect(parseWorkerConfig(changed)).toMatchObject({
    name: 'executor-cloudflare',
    databaseName: 'executor',
    databaseId: ID,
  })
})

test('a file that has the id already stays the very same', () => {
  const text = entry(`"database_id": "${ID}"`)
  expect(withDatabaseId(text, ID)).toBe(text)
})

test('comments, strings that look like comments, other bindings and other fields of that name are passed over', () => {
  const text = `// "d1_databases": [{ "binding": "DB", "database_id": "a comment" }]
{
  "name": "x", /* "database_id": "another" */
  "vars": { "URL": "https://example.com/*not*/", "database_id": "a variable" },
  "d1_databases": [
    { "binding": "LOGS", "database_name": "logs", "database_id": "logs-id", "nested": { "a": ["}"] } },
    {
      // "database_id": "commented out",
      "binding": "DB", "database_name": "executor",
      "database_id" : "${NO_DATABASE}", // made by hand
    },
  ],
}\r\n`
  expect(parseWorkerConfig(text).databaseId).toBeUndefined()
  const changed = withDatabaseId(text, ID)
  expect(changed).toBe(text.replace(`"${NO_DATABASE}"`, `"${ID}"`))
  expect(parseWorkerConfig(changed).databaseId).toBe(ID)
})

test('an entry without an id gets one', () => {
  const text = entry('"migrations_dir": "drizzle/migrations" // here').replace(' // here', '')
  const changed = withDatabaseId(text, ID)
  expect(parseWorkerConfig(changed).databaseId).toBe(ID)
  expect(changed.replace(` "database_id": "${ID}",`, '')).toBe(text)
})

test.each([
  ['{ "name": "x" ', 'cannot be read'],
  ['{ "name": "x" }', 'cannot be used'],
  ['{ "name": "x", "d1_databases": [] }', 'no entry with the binding DB'],
])('%s is refused with a sentence', (text, words) => {
  expect(() => parseWorkerConfig(text)).toThrow(words)
})
