import { expect, test } from 'vitest'
import { type Catalog, explainPattern } from './explain.ts'

const catalog: Catalog = {
  tools: [
    { integration: 'github', name: 'issues.create' },
    { integration: 'github', name: 'issues.list' },
    { integration: 'github', name: 'issues.listComments' },
    { integration: 'github', name: 'repos.delete' },
    { integration: 'tickets', name: 'search' },
  ],
  connections: [
    { integration: 'github', slug: 'work' },
    { integration: 'github', slug: 'sandbox' },
  ],
}

test('a pattern is explained by what it matches', () => {
  expect(explainPattern('github.issues.*', catalog, 2)).toEqual({
    ok: true,
    count: 3,
    examples: ['github.issues.create', 'github.issues.list'],
    message: 'Matches 3 tools.',
  })
  expect(explainPattern('github@work.repos.*', catalog)).toMatchObject({ count: 1, message: 'Matches one tool.' })
})

test.each([
  ['github.issue.create', 'github.issues.create'],
  ['gihub.*', 'github.*'],
  ['GitHub.issues.*', 'github.issues.*'],
  ['github.issues.crate', 'github.issues.create'],
  ['github.*.lisst*', 'github.*.list*'],
  ['*.delte*', '*.delete*'],
  ['github.issues.assignEverybody', 'github.issues.*'],
  ['github.issues.create.now', 'github.issues.*'],
  ['github.pulls.merge', 'github.*'],
  ['github@wrok.issues.*', 'github@work.issues.*'],
  ['github@sandbx.isues.*', 'github@sandbox.issues.*'],
  ['tickets@main.search', 'tickets.search'],
])('%s matches nothing, and the nearest that would is %s', (text, nearest) => {
  const explained = explainPattern(text, catalog)
  expect(explained).toMatchObject({
    ok: true,
    count: 0,
    nearest,
    message: expect.stringContaining(`Did you mean ${nearest}?`),
  })
  expect(explainPattern(nearest, catalog)).not.toMatchObject({ count: 0 })
})

test('when nothing is near, nothing is suggested', () => {
  expect(explainPattern('salesforce.*', catalog)).toEqual({
    ok: true,
    count: 0,
    examples: [],
    message: 'Matches no tool.',
  })
  expect(explainPattern('*.delete*', { tools: [] })).toMatchObject({ count: 0, message: 'Matches no tool.' })
})

test('a pattern that cannot be read says what is wrong with it', () => {
  expect(explainPattern('github', catalog)).toMatchObject({ ok: false, message: expect.stringContaining('github.*') })
})
