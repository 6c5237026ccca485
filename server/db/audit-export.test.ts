import { expect, test } from 'vitest'
import type { AuditRow } from './audit.ts'
import { CSV_HEADER, csvRow, headerLine, parseHeader, parseRecord, recordLine } from './audit-export.ts'

const RECORD: AuditRow = {
  sequence: 7,
  at: Date.UTC(2026, 4, 1, 12, 30),
  actor: 'person:ada@example.com',
  action: 'policy.changed',
  subject: 'github.*',
  details: '{"action":{"from":"block","to":"allow"}}',
  hash: 'f'.repeat(64),
}

/** The cell of a subject in the table. */
function subjectCell(subject: string): string {
  const before = '7,2026-05-01T12:30:00.000Z,person:ada@example.com,policy.changed,'
  const after = `,{},${RECORD.hash}\r\n`
  return csvRow({ ...RECORD, details: '{}', subject }).slice(before.length, -after.length)
}

test('a table has a row of names, times that people read, and lines that end with CRLF', () => {
  expect(CSV_HEADER).toBe('sequence,time,actor,action,subject,details,hash\r\n')
  expect(csvRow(RECORD)).toBe(
    `7,2026-05-01T12:30:00.000Z,person:ada@example.com,policy.changed,github.*,"{""action"":{""from"":""block"",""to"":""allow""}}",${RECORD.hash}\r\n`,
  )
  expect(csvRow({ ...RECORD, hash: null }).endsWith(',\r\n')).toBe(true)
  expect(csvRow({ ...RECORD, at: 1e20 })).toContain('7,100000000000000000000,')
})

test.each([
  ['plain', 'plain'],
  ['a,b', '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ['two\nlines', '"two\nlines"'],
  ['=1+1', `'=1+1`],
  ['=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`],
  ['+1', `'+1`],
  ['-1', `'-1`],
  ['@SUM(A1)', `'@SUM(A1)`],
  ['\t=1', `'\t=1`],
  ['\r=1', `"'\r=1"`],
  ['a=1', 'a=1'],
])('the cell of %j cannot be taken for a formula or for two cells', (subject, cell) => {
  expect(subjectCell(subject)).toBe(cell)
})

test('a line of JSON has the details as an object, and is read back to exactly what is stored', () => {
  expect(JSON.parse(recordLine(RECORD))).toEqual({ ...RECORD, details: { action: { from: 'block', to: 'allow' } } })
  for (const details of [RECORD.details, '{}', '{"b":1,"a":[1.5,null]}', '{"é":"\\n\\u0001"}', '{"10":1,"9":2}']) {
    const line = recordLine({ ...RECORD, details })
    expect(line.indexOf('\n')).toBe(line.length - 1)
    expect(parseRecord(line)).toEqual({ ok: true, value: { ...RECORD, details } })
  }
})

test('details that were tampered with are exported as the text that they are', () => {
  for (const details of ['', 'no json', '[1]', '"x"', '{ "a": 1 }', '{"a":1,"a":2}', '{"a":1e2}']) {
    const line = recordLine({ ...RECORD, details })
    expect(JSON.parse(line).details).toBe(details)
    expect(parseRecord(line)).toMatchObject({ ok: true, value: { details } })
  }
})

test('the first line tells what was deleted by age, where the end is, and whether it is everything', () => {
  const bounds = { anchor: { sequence: 3, hash: 'a' }, highest: 9 }
  expect(parseHeader(headerLine(bounds, {}))).toMatchObject({ ok: true, value: { ...bounds, filter: null } })
  expect(parseHeader(headerLine({ ...bounds, anchor: null }, { group: 'policy' }))).toMatchObject({
    ok: true,
    value: { anchor: null, highest: 9, filter: { group: 'policy' } },
  })
})

test('what is no first line and no record is refused', () => {
  for (const line of ['', '{}', recordLine(RECORD), '{"format":"executor-audit-1"}']) {
    expect(parseHeader(line)).toMatchObject({ ok: false })
  }
  for (const line of ['', '[]', '{}', '{"sequence":1.5}', recordLine(RECORD).replace('"at":', '"then":')]) {
    expect(parseRecord(line)).toMatchObject({ ok: false })
  }
})
