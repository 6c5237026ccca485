import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Anchor, type AuditRecord, hashRecord, START } from '../server/db/audit-chain.ts'
import { headerLine, recordLine } from '../server/db/audit-export.ts'
import { ROOT } from './root.ts'

const folder = mkdtempSync(join(tmpdir(), 'audit-verify-'))
let files = 0

/** Runs the command on a file with these lines. */
function verify(lines: string[], ...args: string[]) {
  const file = join(folder, `${++files}.jsonl`)
  writeFileSync(file, lines.join(''))
  return command(file, ...args)
}

function command(...args: string[]) {
  const ran = spawnSync(process.execPath, [join(ROOT, 'scripts/audit-verify.ts'), ...args], { encoding: 'utf8' })
  return { code: ran.status, said: `${ran.stdout}${ran.stderr}` }
}

/** An export of `count` records after `anchor`: its lines, and the hashes of its records. */
async function exported(count: number, anchor: Anchor | null = null) {
  const before = anchor ?? START
  const records: (AuditRecord & { hash: string })[] = []
  let { hash } = before
  for (let sequence = before.sequence + 1; sequence <= before.sequence + count; sequence++) {
    const entry = { sequence, at: 1000 + sequence, actor: 'person:ada@example.com', action: 'policy.added' }
    const record = { ...entry, subject: `“tool” ${sequence}`, details: '{"action":"block","note":"é\\n"}', hash: null }
    hash = await hashRecord(hash, record)
    records.push({ ...record, hash })
  }
  const header = headerLine({ anchor, highest: before.sequence + count }, {})
  return { lines: [header, ...records.map(recordLine)], hashes: records.map((record) => record.hash) }
}

test('an export that is whole is said to be, with its records and its head', async () => {
  const { lines, hashes } = await exported(5)
  const { code, said } = verify(lines)
  expect(said).toContain('The chain holds.\nRecords: 5, from 1 to 5\n')
  expect(said).toContain(`Hash of the last record: ${hashes[4]}`)
  expect(code).toBe(0)
})

test('an export after a deletion by age is whole too, and so is an empty one', async () => {
  const { lines } = await exported(3, { sequence: 7, hash: 'a'.repeat(64) })
  expect(verify(lines)).toMatchObject({ code: 0, said: expect.stringContaining('Deleted by age: up to 7') })
  expect(verify((await exported(0)).lines)).toMatchObject({ code: 0 })
})

test.each<[string, (lines: string[]) => string[], string]>([
  ['a changed line', (lines) => lines.map((line) => line.replace('“tool” 3', '“tool” 9')), 'Record 3 is not'],
  ['changed details', (lines) => lines.with(2, (lines[2] ?? '').replace('block', 'allow')), 'Record 2 is not'],
  ['a removed line', (lines) => lines.toSpliced(3, 1), 'Record 3 is missing.'],
  ['a cut tail', (lines) => lines.slice(0, 4), 'Records 4 to 5 are missing at the end.'],
  ['a cut head', (lines) => lines.toSpliced(1, 2), 'Records 1 to 2 are missing at the beginning'],
  ['two swapped', ([head = '', a = '', b = '', ...rest]) => [head, b, a, ...rest], 'Record 1 is missing'],
  ['a removed hash', (lines) => lines.map((line) => line.replace(/"hash":"\w+"}\n$/, '"hash":null}\n')), 'has no hash'],
  ['half a line', (lines) => lines.with(5, (lines[5] ?? '').slice(0, 30)), 'Line 6 is not a record.'],
  ['no first line', (lines) => lines.slice(1), 'The first line is not that of an export'],
  [
    'an anchor that was put there',
    (lines) => lines.with(0, headerLine({ anchor: { sequence: 1, hash: 'f' }, highest: 5 }, {})),
    'Record 1 is out of place',
  ],
])('%s is found, with its place', async (_what, tamper, place) => {
  const { lines } = await exported(5)
  const { code, said } = verify(tamper(lines))
  expect(said).toContain(place)
  expect(code).toBe(1)
})

test('a head that was noted earlier is required', async () => {
  const { lines, hashes } = await exported(5)
  const [, second = ''] = hashes
  expect(verify(lines, '--expect', second)).toMatchObject({
    code: 0,
    said: expect.stringContaining('that of record 2; 3 came after it'),
  })
  // Somebody made all of it anew: it holds, and is another one.
  const other = await exported(5, { sequence: 0, hash: 'b'.repeat(64) })
  expect(verify(other.lines, '--expect', second)).toMatchObject({
    code: 1,
    said: expect.stringContaining('not in this'),
  })
})

test('the hash of what was deleted by age counts as noted', async () => {
  const anchor = { sequence: 7, hash: 'a'.repeat(64) }
  const { lines } = await exported(2, anchor)
  expect(verify(lines, '--expect', anchor.hash.toUpperCase())).toMatchObject({ code: 0 })
})

test('a filtered export, a missing file and a wrong argument are refused in one sentence', async () => {
  const { lines } = await exported(2)
  const filtered = lines.with(0, headerLine({ anchor: null, highest: 2 }, { group: 'policy' }))
  expect(verify(filtered)).toMatchObject({ code: 1, said: expect.stringContaining('Export everything.') })
  for (const [args, said] of [
    [[], 'Say which file'],
    [['/nowhere/audit.jsonl'], 'no such file'],
    [['a', '--expect', 'x'], '64 hexadecimal digits'],
    [['a', '--other'], 'Say which file'],
  ] as const) {
    const ran = command(...args)
    expect(ran).toMatchObject({ code: 1, said: expect.stringContaining(said) })
    expect(ran.said.trim().split('\n')).toHaveLength(1)
  }
})
