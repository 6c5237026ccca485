import { expect, test } from 'vitest'
import { callCode } from './call-code.ts'

test.each([
  [
    'tool',
    'github.issues.create',
    { title: 'A "b"', n: 1 },
    'await tools.github.issues.create({ title: "A \\"b\\"", n: 1 })',
  ],
  ['tool', 'github@work.issues.list', {}, 'await tools["github@work"].issues.list({})'],
  ['tool', 'github.me', null, 'await tools.github.me()'],
  ['search', '', { query: 'x' }, 'await tools.search({ query: "x" })'],
  ['describe', '', { address: 'github.me' }, 'await tools.describe("github.me")'],
  ['results', '', 'run_1', 'await results.get("run_1")'],
  ['timer', '', 500, 'await new Promise((resolve) => setTimeout(resolve, 500))'],
] as const)('a %s of %s is written as the agent would', (kind, address, input, code) => {
  expect(callCode({ kind, address }, input)).toBe(code)
})

test('a long input takes several lines', () => {
  const input = { title: 'a'.repeat(40), body: 'b'.repeat(40) }
  expect(callCode({ kind: 'tool', address: 'a.b' }, input)).toBe(
    `await tools.a.b({\n  title: "${input.title}",\n  body: "${input.body}",\n})`,
  )
})
