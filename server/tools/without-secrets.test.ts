import { expect, test } from 'vitest'
import type { ToolResult } from '../integrations/adapter.ts'
import { FileValue } from '../sandbox/file.ts'
import { withoutSecrets } from './without-secrets.ts'

const SECRET = 'k3y/of+the"house&=ü'

function answer(data: unknown, headers: Record<string, string> = {}): ToolResult {
  return { ok: true, status: 200, headers, data }
}

test.each([
  ['as it is', SECRET],
  ['in a URL', encodeURIComponent(SECRET)],
  ['in a form', new URLSearchParams({ a: SECRET }).toString().slice(2)],
  ['in JSON inside a text', JSON.stringify(SECRET).slice(1, -1)],
  ['with slashes as PHP writes them', SECRET.replaceAll('/', String.raw`\/`)],
])('a secret that an answer repeats %s is hidden', (_, echo) => {
  const data = { args: [{ api_key: echo }], url: `https://api.example.com/?a=1&api_key=${echo}&b=2`, [echo]: { echo } }
  const result = withoutSecrets(answer(data, { link: `<https://x/?k=${echo}>; rel=next` }), [SECRET])
  for (const form of [SECRET, echo, 'house', encodeURIComponent('house&')]) {
    expect(JSON.stringify(result)).not.toContain(form)
  }
  expect(result).toMatchObject({ data: { '•••': {} }, headers: { link: expect.stringContaining('•••') } })
})

test('what stands around it stays', () => {
  const data = { url: `https://api.example.com/?a=1&api_key=${encodeURIComponent(SECRET)}&b=2`, n: 1, none: null }
  expect(withoutSecrets(answer(data), [SECRET])).toEqual(
    answer({ url: 'https://api.example.com/?a=1&api_key=•••&b=2', n: 1, none: null }),
  )
})

test('errors have it neither in their message nor in their details', () => {
  const error = { code: 'bad_request', message: `No ${SECRET}`, status: 400, details: { body: { deep: [SECRET] } } }
  expect(withoutSecrets({ ok: false, error, headers: { 'x-echo': SECRET } }, [SECRET])).toEqual({
    ok: false,
    error: { code: 'bad_request', message: 'No •••', status: 400, details: { body: { deep: ['•••'] } } },
    headers: { 'x-echo': '•••' },
  })
})

test('the input that asks for the next page is without it', () => {
  const result = withoutSecrets({ ok: true, status: 200, headers: {}, data: [], next: { cursor: `c:${SECRET}` } }, [
    SECRET,
  ])
  expect(result).toMatchObject({ next: { cursor: 'c:•••' } })
})

test('in a file it is overwritten, and the file stays as long as it was', () => {
  const before = `head ${SECRET} middle ${SECRET}`
  const data = { file: new FileValue(`${SECRET}.txt`, 'text/plain', new TextEncoder().encode(before)) }
  withoutSecrets(answer(data), [SECRET])
  const length = new TextEncoder().encode(SECRET).length
  expect(new TextDecoder().decode(data.file.bytes)).toBe(`head ${'*'.repeat(length)} middle ${'*'.repeat(length)}`)
  expect(data.file.name).toBe('•••.txt')
})

test('a secret that is part of another leaves nothing of it', () => {
  const result = withoutSecrets(answer(['sk_live_1234567890']), ['sk_live_1234', 'sk_live_1234567890'])
  expect(result).toEqual(answer(['•••']))
})

test('short values and no values hide nothing', () => {
  const result = answer({ word: 'secrets' })
  expect(withoutSecrets(result, ['secret', ''])).toBe(result)
  expect(withoutSecrets(result, [])).toBe(result)
})

test('no shape of an answer gets around it', () => {
  let deep: unknown = SECRET
  for (let depth = 0; depth < 100_000; depth++) deep = [deep]
  const hostile: unknown = JSON.parse(
    `{"__proto__": ${JSON.stringify(SECRET)}, "constructor": {"a": ${JSON.stringify(SECRET)}}}`,
  )
  const data = { hostile, deep }
  withoutSecrets(answer(data), [SECRET])
  expect(JSON.stringify(data.hostile)).toBe('{"__proto__":"•••","constructor":{"a":"•••"}}')
  let innermost = data.deep
  while (Array.isArray(innermost)) innermost = innermost[0]
  expect(innermost).toBe('•••')
})
