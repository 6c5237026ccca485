import { expect, test } from 'vitest'
import { errorOf, valueOf } from '../testing/run-program.ts'

test.each([
  ['statements with return', 'const a: number = 1\nreturn a + 1', 2],
  ['a bare expression', '1 + 1', 2],
  ['a trailing expression statement', 'const list = [1, 2]\nlist.map((n) => n * 2)', [2, 4]],
  ['an object literal', '{ a: 1, b: [2] }', { a: 1, b: [2] }],
  ['an object literal with a trailing comment', '{ a: 1 } // done', { a: 1 }],
  ['an arrow function', '() => 7', 7],
  ['an async arrow function', 'async () => { await null; return 8 }', 8],
  ['an async arrow function with a semicolon', 'async () => { return 8 };', 8],
  ['an anonymous function expression', 'function () { return 9 }', 9],
  ['a named async function', 'async function main(): Promise<number> { return 10 }', 10],
  ['a fenced block', '```ts\nconst n: number = 11\nreturn n\n```', 11],
  ['a fenced block without a language', '\n```\n12\n```\n', 12],
  ['top-level await', 'const n = await Promise.resolve(13)\nreturn n', 13],
  ['a promise that nobody awaited', 'Promise.resolve(14)', 14],
  ['a block, not an object', '{ const n = 15; return n }', 15],
  [
    'types of every kind',
    'enum E { A = 3 }\ninterface I { x: string }\nconst f = <T>(x: T): T => x\nreturn f<number>(E.A) as number',
    3,
  ],
  [
    'a local that has the name of a global',
    'const results = await tools.a.b({ n: 1 })\nconst URL = 2\nreturn [results, URL]',
    [{ n: 1 }, 2],
  ],
  ['nothing at all to answer', 'const a = 1', undefined],
])('runs %s', async (_, code, expected) => {
  expect(await valueOf(code)).toEqual(expected)
})

test.each([
  ['nothing', ' \n', 'There is no code to run.'],
  ['a big integer literal', 'return 10n', 'Big integers are off in the sandbox: use numbers, or strings for long ids.'],
  [
    'a big integer in hex',
    'return 0xffn',
    'Big integers are off in the sandbox: use numbers, or strings for long ids.',
  ],
  ['an import', "import fs from 'fs'", 'There are no modules in the sandbox: `import` is off.'],
  ['a dynamic import', "await import('fs')", 'There are no modules in the sandbox: `import` is off.'],
  ['an export', 'export const a = 1', 'There are no modules in the sandbox: `export` is off.'],
  ['half a program', 'const a = [1,', 'SyntaxError: Unexpected token'],
  ['a name declared twice', 'let a\nlet a', 'SyntaxError: invalid redefinition of lexical identifier'],
  ['brackets without end', '['.repeat(60_000), 'SyntaxError: the code is nested too deeply to be read.'],
  [
    'what sends the parser back 2^40 times',
    `x = ${'<T>(a = '.repeat(40)}1${')'.repeat(40)}`,
    'SyntaxError: the code is nested too deeply to be read.',
  ],
  ['more than 64 KiB', `return "${'é'.repeat(40_000)}"`, 'The code is 80009 bytes; at most 65536 are run.'],
])('refuses %s with a sentence', async (_, code, message) => {
  expect((await errorOf(code)).message).toContain(message)
})

test('words that are refused as syntax are fine as names of properties and in strings', async () => {
  expect(await valueOf('const o = { import: "export 10n", export: 2 }; return [o.import, o.export]')).toEqual([
    'export 10n',
    2,
  ])
})

test('a runtime error is shown at its line and column, although types were taken out before it', async () => {
  const code =
    'type Row = { id: number }\nconst rows: Row[] = []\nconst first = (rows as Row[])[0] as Row; first.id.toFixed()\nreturn 1'
  expect(await errorOf(code)).toEqual({
    code: 'program_error',
    message: "TypeError: cannot read property 'id' of undefined",
    line: 3,
    column: 47,
    frame: [
      '  2 | const rows: Row[] = []',
      '> 3 | const first = (rows as Row[])[0] as Row; first.id.toFixed()',
      '    |                                               ^',
      '  4 | return 1',
    ].join('\n'),
  })
})

test('a line in a fenced block is counted from the start of what was sent', async () => {
  expect(await errorOf('```ts\nconst a = 1\nmissing.x\n```')).toMatchObject({ line: 3, column: 1 })
})

test('a column on the first line does not count what was put around the code', async () => {
  expect(await errorOf('return missing')).toMatchObject({ line: 1, column: 8 })
  expect(await errorOf('{ a: missing }')).toMatchObject({ line: 1, column: 6 })
})

test('a long line is cut around the place', async () => {
  const { frame } = await errorOf(`const s = "${'x'.repeat(2000)}"; missing()`)
  expect(frame?.split('\n').every((row) => row.length < 140)).toBe(true)
  expect(frame).toContain('missing()')
})

test('a failed tool call points at the line that made it', async () => {
  const call = async () => ({
    ok: false as const,
    error: { code: 'not_found', message: 'No such issue', status: 404 },
    at: 0,
  })
  expect(await errorOf('const a = 1\n\nawait tools.github.issues.get({ n: 1 })', { call })).toMatchObject({
    code: 'not_found',
    message: 'No such issue',
    status: 404,
    line: 3,
  })
})
