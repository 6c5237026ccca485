import { expect, test } from 'vitest'
import { errorOf, runProgram, valueOf } from '../testing/run-program.ts'
import type { HostReply, HostRequest } from './evaluate.ts'

/** A host whose tools have `count` pages: page n is `[n]`, and asked for by `{ page: n }`. */
function pagedHost(count: number, { failAt }: { failAt?: number } = {}) {
  const asked: Extract<HostRequest, { kind: 'tool' }>[] = []
  const call = async (request: HostRequest): Promise<HostReply> => {
    if (request.kind !== 'tool') return { ok: true, value: null, at: 0 }
    asked.push(request)
    const input = Object(request.input)
    const page = Number(input.page ?? 1)
    if (page === failAt) return { ok: false, error: { code: 'not_found', message: 'gone', status: 404 }, at: 0 }
    const next = page < count && { next: { ...input, page: page + 1 } }
    return { ok: true, value: { status: 200, headers: {}, data: [page], ...next }, at: 0 }
  }
  return { asked, call }
}

test('for await reads a page at a time, each by the input that the one before gave', async () => {
  const { asked, call } = pagedHost(3)
  const code = `
    const seen = []
    for await (const page of tools["github@work"].issues.list.pages({ owner: 'acme' })) seen.push(page)
    return seen`
  expect(await valueOf(code, { call })).toEqual([[1], [2], [3]])
  const same = { kind: 'tool', address: 'github.issues.list', connection: 'work', raw: true, paged: true }
  expect(asked).toEqual([
    { ...same, input: { owner: 'acme' } },
    { ...same, input: { owner: 'acme', page: 2 } },
    { ...same, input: { owner: 'acme', page: 3 } },
  ])
})

test('await gives the list of pages, asks once, and a read without pages has one', async () => {
  const { asked, call } = pagedHost(2)
  const code = `
    const pages = tools.a.b.pages()
    const [one, two] = await Promise.all([pages, pages.then((list) => list.flat())])
    return [one, two, (await pages) === one, pages.next, one.next, await tools.a.b.pages({ page: 2 })]`
  expect(await valueOf(code, { call })).toEqual([[[1], [2]], [1, 2], true, null, null, [[2]]])
  expect(asked).toHaveLength(3)
  expect(await valueOf('return await tools.a.b.pages({ page: 9 })', pagedHost(1))).toEqual([[9]])
})

test.each([
  'return tools.a.b.pages({})',
  'tools.a.b.pages({})',
  '() => tools.a.b.pages({})',
  'async () => tools.a.b.pages({})',
])('pages that nobody awaited are a result all the same: %s', async (code) => {
  expect(await valueOf(code, pagedHost(2))).toEqual([[1], [2]])
})

test('max bounds the pages; what is left is in next, and in the log', async () => {
  const { asked, call } = pagedHost(100)
  const code = `
    const pages = tools.a.b.pages({ q: 'x' }, { max: 2 })
    for await (const page of pages) console.log(page)
    const list = await tools.a.b.pages(pages.next, { max: 1 })
    return [pages.next, list, list.next]`
  expect(await runProgram(code, { call })).toMatchObject({
    state: 'succeeded',
    value: [{ q: 'x', page: 3 }, [[3]], { q: 'x', page: 4 }],
    logs: [
      '[1]\n[2]\n',
      'warning: tools.a.b.pages stopped at { max: 2 }, and there are more pages: raise it, or go on with .next as input\n',
      'warning: tools.a.b.pages stopped at { max: 1 }, and there are more pages: raise it, or go on with .next as input\n',
    ].join(''),
  })
  expect(asked).toHaveLength(3)
  expect(await valueOf('return (await tools.a.b.pages()).length', pagedHost(100))).toBe(20)
  expect(await valueOf('return (await tools.a.b.pages({}, { max: 100 })).length', pagedHost(1000))).toBe(100)
})

test('a loop that is left reads no further, and knows where it was', async () => {
  const { asked, call } = pagedHost(9)
  const code = `
    const pages = tools.a.b.pages()
    const before = pages.next
    for await (const page of pages) if (page[0] === 2) break
    return [before, pages.next, await pages]`
  expect(await runProgram(code, { call })).toMatchObject({ value: [{}, { page: 3 }, []], logs: '' })
  expect(asked).toHaveLength(2)
})

test('a page that fails throws what the call throws, at the place that asked for pages', async () => {
  const code = `
    const seen = []
    try {
      for await (const page of tools.a.b.pages()) seen.push(page)
    } catch (error) {
      return [seen, error instanceof ToolError, error.code, error.status]
    }`
  expect(await valueOf(code, pagedHost(3, { failAt: 2 }))).toEqual([[[1]], true, 'not_found', 404])
  const failed = { code: 'not_found', status: 404, line: 2, column: expect.any(Number) }
  expect(await errorOf('const x = 1\nconst all = await tools.a.b.pages()', pagedHost(3, { failAt: 2 }))).toMatchObject(
    failed,
  )
  expect(
    await errorOf('const x = 1\nfor await (const p of tools.a.b.pages()) x', pagedHost(3, { failAt: 1 })),
  ).toMatchObject(failed)
  expect(await valueOf('return tools.a.b.pages().catch((error) => error.code)', pagedHost(1, { failAt: 1 }))).toBe(
    'not_found',
  )
})

test.each(['0', '101', '2.5', '-1', '"5"', 'NaN', 'Infinity', 'true', '{}', '[]'])(
  'max: %s is refused in words',
  async (max) => {
    const { asked, call } = pagedHost(3)
    const error = await errorOf(`\nawait tools.a.b.pages({}, { max: ${max} })`, { call })
    const message = 'max is how many pages are read at most: a whole number from 1 to 100.'
    expect(error).toMatchObject({ code: 'invalid_arguments', message: expect.stringContaining(message), line: 2 })
    expect(asked).toEqual([])
  },
)

test.each(['{}, 5', '{}, {}, {}', '{}, "max"'])('pages(%s) says what it takes', async (args) => {
  const { asked, call } = pagedHost(3)
  const error = await errorOf(`for await (const page of tools.a.b.pages(${args})) {}`, { call })
  expect(error).toMatchObject({
    code: 'invalid_arguments',
    message: expect.stringContaining('.pages takes (input, { max })'),
  })
  expect(asked).toEqual([])
})

test('pages count among the calls of a run', async () => {
  const { asked, call } = pagedHost(50)
  const code = `
    const seen = []
    try { for await (const page of tools.a.b.pages()) seen.push(page) } catch (error) { return [seen.length, error.code] }`
  expect(await valueOf(code, { call, limits: { calls: 7 } })).toEqual([7, 'call_limit'])
  expect(asked).toHaveLength(7)
})

test('raw gives the input of the next page, where there is one', async () => {
  const code = 'return [await tools.a.b.raw({ q: 1 }), await tools.a.b.raw({ page: 2 })]'
  expect(await valueOf(code, pagedHost(2))).toEqual([
    { status: 200, headers: {}, data: [1], next: { q: 1, page: 2 } },
    { status: 200, headers: {}, data: [2] },
  ])
})

test('several reads page side by side', async () => {
  const { asked, call } = pagedHost(3)
  expect(await valueOf('return Promise.all([tools.a.b.pages(), tools.c.d.pages()])', { call })).toEqual([
    [[1], [2], [3]],
    [[1], [2], [3]],
  ])
  expect(asked.map(({ address }) => address)).toEqual(['a.b', 'c.d', 'a.b', 'c.d', 'a.b', 'c.d'])
})

test('pages are no value: a result or an argument says what to do with them', async () => {
  const { asked, call } = pagedHost(2)
  expect(await valueOf('return { pages: tools.a.b.pages() }', { call })).toEqual({ pages: '[Promise: await it]' })
  const error = await errorOf('await tools.a.b({ x: tools.a.b.pages() })', { call })
  expect(error).toMatchObject({ message: expect.stringContaining('"input.x" is a promise: await it first.') })
  expect(asked).toEqual([])
})

test('a host that always has another page is read to max, and an endless one to the limit of the run', async () => {
  const endless = async (): Promise<HostReply> => ({
    ok: true,
    value: { status: 200, headers: {}, data: 'x', next: {} },
    at: 0,
  })
  expect(await valueOf('return (await tools.a.b.pages({}, { max: 9 })).join("")', { call: endless })).toBe('xxxxxxxxx')
  const code =
    'let input = {}; for (;;) { const pages = tools.a.b.pages(input, { max: 100 }); await pages; input = pages.next }'
  expect(await errorOf(code, { call: endless })).toMatchObject({ code: 'call_limit' })
})
