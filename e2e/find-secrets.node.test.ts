import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { CANARY, secretsToFind } from './canary.ts'
import { createSecretFinder } from './find-secrets.ts'

const SECRET = 'a/secret+with "odd &signs'
const finder = createSecretFinder(new Map([['it', SECRET]]))
const folder = mkdtempSync(join(tmpdir(), 'find-secrets-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const bytes = Buffer.from(SECRET)

/** Ways in which something could be written down without anybody noticing. */
const WRITTEN: [string, Uint8Array | string][] = [
  ['as it is', `{"a":1}${SECRET}tail`],
  ['URL-encoded', `/?k=${encodeURIComponent(SECRET)}&b`],
  ['form-encoded', new URLSearchParams({ a: SECRET }).toString()],
  ['in JSON', JSON.stringify({ a: SECRET })],
  ['in HTML', '<p>a/secret+with &quot;odd &amp;signs</p>'],
  ['hex', `x${bytes.toString('hex')}y`],
  ['HEX', bytes.toString('hex').toUpperCase()],
  ['UTF-16LE', Buffer.from(`xx${SECRET}`, 'utf16le')],
  ['UTF-16BE', Buffer.from(`xx${SECRET}`, 'utf16le').swap16()],
  ...['', 'u', 'us', 'user:', 'user: '].flatMap((before): [string, string][] => [
    ['base64', Buffer.from(`${before}${SECRET}tail`).toString('base64')],
    ['base64', Buffer.from(`${before}${SECRET}`).toString('base64url')],
  ]),
]

test.each(WRITTEN)('a secret is found %s (%#)', (form, written) => {
  const found = finder.inBytes(typeof written === 'string' ? Buffer.from(written) : written, 'here')
  expect(found).toContainEqual({ secret: 'it', form, where: 'here' })
})

test('what is not there is not found, and no report repeats a secret', () => {
  expect(finder.inText('a secret with odd signs', 'here')).toEqual([])
  expect(JSON.stringify(finder.inText(SECRET, 'here'))).not.toContain('odd')
})

test('in a database it is found in every type of value, compressed and cut', () => {
  const path = join(folder, 'scratch.sqlite')
  const database = new DatabaseSync(path)
  database.exec('CREATE TABLE run_chunks (run_id, number, part, bytes); CREATE TABLE any_other (a, b)')
  const row = database.prepare('INSERT INTO any_other VALUES (?, ?)')
  row.run('nothing', null)
  row.run(`text ${SECRET}`, 9_007_474_132_647_936n)
  for (const pack of [gzipSync, deflateSync, deflateRawSync]) row.run(null, pack(`packed ${SECRET}`))
  const chunk = database.prepare("INSERT INTO run_chunks VALUES ('run_1', 3, ?, ?)")
  const whole = gzipSync(`${'filler '.repeat(50)}${SECRET}`)
  chunk.run(1, whole.subarray(40))
  chunk.run(0, whole.subarray(0, 40))
  database.close()

  const tables: Record<string, number> = {}
  const found = finder.inDatabase(path, (table, rows) => (tables[table] = rows))
  expect(found.map(({ where }) => where)).toEqual([
    'value 3 of run_1',
    'any_other.a, row 2',
    'any_other.b, row 3, gzip',
    'any_other.b, row 4, deflate',
    'any_other.b, row 5, raw deflate',
  ])
  expect(tables).toEqual({ run_chunks: 2, any_other: 5 })
})

test('in a folder it is found in every file but those left out', () => {
  writeFileSync(join(folder, 'worker.log'), `GET /?k=${encodeURIComponent(SECRET)}`)
  writeFileSync(join(folder, 'other'), SECRET)
  const found = finder.inFolder(folder, (path) => path.endsWith('other') || path.endsWith('.sqlite'))
  expect(found.map(({ where }) => where)).toEqual([join(folder, 'worker.log')])
})

test('the canaries are found by it', () => {
  const canaries = createSecretFinder(secretsToFind())
  for (const [name, value] of Object.entries(CANARY)) {
    const found = canaries.inText(`Basic ${Buffer.from(`ada:${value}`).toString('base64')}`, 'here')
    expect(found).toEqual([{ secret: name, form: 'base64', where: 'here' }])
  }
})
