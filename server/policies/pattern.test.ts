import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Address, isNarrower, matches, parsePattern, type Pattern } from './pattern.ts'

function pattern(text: string): Pattern {
  const parsed = parsePattern(text)
  if (!parsed.ok) throw new Error(parsed.message)
  return parsed.pattern
}

/** `github@work.issues.create` as an address. */
function address(text: string): Address {
  const [first = '', ...rest] = text.split('.')
  const [integration = '', connection] = first.split('@')
  return { integration, name: rest.join('.'), ...(connection !== undefined && { connection }) }
}

test.each([
  ['*', 'github.issues.create', true],
  ['*', 'github@work.user', true],
  ['github.*', 'github.issues.create', true],
  ['github.*', 'github.user', true],
  ['github.*', 'github@work.user', true],
  ['github.*', 'githubEnterprise.user', false],
  ['github.*', 'gitlab.user', false],
  ['github.issues.*', 'github.issues.create', true],
  ['github.issues.*', 'github.issues.comments.list', true],
  ['github.issues.*', 'github.issues', false],
  ['github.issues.*', 'github.issuesArchive.create', false],
  ['github.issues.create', 'github.issues.create', true],
  ['github.issues.create', 'github.issues.createMany', false],
  ['github.issues.create', 'github.issues.Create', false],
  ['github@work.*', 'github@work.issues.create', true],
  ['github@work.*', 'github@home.issues.create', false],
  ['github@work.*', 'github.issues.create', false],
  ['github@work.issues.create', 'github@work.issues.create', true],
  ['*.delete*', 'github.delete', true],
  ['*.delete*', 'github.repos.deleteHook', true],
  ['*.delete*', 'github.repos.undelete', false],
  ['*.delete*', 'github.deleted.list', false],
  ['github.*.list*', 'github.issues.listForRepo', true],
  ['github.*.list*', 'github.issues.comments.list', true],
  ['github.*.list*', 'github.list', false],
  ['github.issues.get*', 'github.issues.get', true],
  ['github.issues.*Hook', 'github.issues.Hook', true],
  ['github.*hub*', 'github.xhuby', true],
  ['git*.*', 'gitlab.user', true],
  ['github.**', 'github.user', true],
])('%s covers %s: %s', (text, use, expected) => {
  expect(matches(pattern(text), address(use))).toBe(expected)
})

test.each([
  ['', /Write a pattern/],
  ['github', /github\.\* covers all/],
  ['git*', /git\.\* covers all/],
  ['github.', /dot at an end/],
  ['.issues', /dot at an end/],
  ['github..issues', /Two dots/],
  ['github issues', /no spaces/],
  ['github.issues.create, github.issues.delete', /no spaces/],
  ['github/issues', /character that no name contains/],
  ['github.issues-create', /character that no name contains/],
  ['github.1st', /starts with a digit/],
  ['*@work.*', /without a star/],
  ['github@*.*', /named in full/],
  ['github@.*', /name of a connection/],
  ['github@work', /github@work\.\* covers all/],
  ['github.issues@work.create', /right after the integration/],
  ['github@a@b.*', /right after the integration/],
  ['a.*b*c*d*e*f*g*h*i*', /at most 8 stars/],
  [`a.${'b'.repeat(200)}`, /at most 200 characters/],
])('%j is refused with words that help', (text, message) => {
  const parsed = parsePattern(text)
  expect(parsed).toMatchObject({ ok: false, message: expect.stringMatching(message) })
})

test.each([
  ['github.issues.create', 'github.issues.*', true],
  ['github.issues.*', 'github.*', true],
  ['github.*', '*', true],
  ['*', 'github.*', false],
  ['*', '*.*', true],
  ['github.*', 'github.issues.create', false],
  ['github@work.*', 'github.*', true],
  ['github.*', 'github@work.*', false],
  ['github@sandbox.*', 'github.repos.delete', false],
  ['github.repos.delete', 'github@sandbox.*', false],
  ['github@work.issues.create', 'github@work.*', true],
  ['github@work.issues.create', 'github@home.*', false],
  ['github.issues.get*', 'github.*.get*', true],
  ['github.repos.delete*', '*.delete*', true],
  ['*.delete*', 'github.*', false],
  ['github.*.a*b', 'github.*.a*', true],
  ['github.*.*', 'github.*', true],
  ['github.*', 'github.*.*', false],
])('everything that %s covers is covered by %s: %s', (a, b, expected) => {
  expect(isNarrower(pattern(a), pattern(b))).toBe(expected)
})

const letters = fc.constantFrom('a', 'b')
const part = fc.oneof(
  { weight: 2, arbitrary: fc.constant('*') },
  { weight: 3, arbitrary: fc.string({ unit: letters, minLength: 1, maxLength: 2 }) },
  { weight: 3, arbitrary: fc.string({ unit: fc.constantFrom('a', 'b', '*'), minLength: 1, maxLength: 3 }) },
)
const anyPattern = fc
  .tuple(fc.option(fc.constantFrom('c', 'd'), { freq: 4 }), fc.array(part, { minLength: 2, maxLength: 4 }))
  .map(([connection, [first = 'a', ...rest]]) => {
    const integration = connection === null ? first : `${first.replaceAll('*', 'a')}@${connection}`
    return [integration, ...rest].join('.')
  })
  .map(pattern)

/** Every address of two to four short parts over the letters a, b and one that no pattern names, and some longer ones. */
const universe: Address[] = []
const parts1 = [
  'a',
  'b',
  'z',
  ...['a', 'b', 'z'].flatMap((x) => ['a', 'b', 'z'].map((y) => x + y)),
  'aba',
  'bab',
  'zab',
]
for (const integration of parts1) {
  for (const one of parts1) {
    const names = [one, ...parts1.flatMap((two) => [`${one}.${two}`, `${one}.${two}.a`, `${one}.${two}.zb`])]
    for (const name of names) universe.push({ integration, name }, { integration, connection: 'c', name })
  }
}

test('inclusion agrees with trying every short address', () => {
  const agrees = fc.property(anyPattern, anyPattern, (a, b) => {
    const counterexample = universe.find((use) => matches(a, use) && !matches(b, use))
    // The universe has no connection `d`; otherwise patterns this small show a missing inclusion with a small address.
    return isNarrower(a, b)
      ? counterexample === undefined
      : a.connection === 'd' || (counterexample ?? longer(a, b)) !== undefined
  })
  expect(fc.check(agrees, { numRuns: 300 })).toMatchObject({ counterexample: null })
})

/** An address that `a` covers and `b` does not, made from `a` itself by filling its stars in. */
function longer(a: Pattern, b: Pattern): Address | undefined {
  const fillings = ['', 'z', 'zz', 'a', 'b', 'ab', 'ba', 'zaz', 'zbz']
  const wholes = ['z', 'zz', 'z.z', 'z.z.z', 'a', 'b', 'ab', 'ba', 'a.z', 'b.z', 'z.a', 'z.b']
  let texts = ['']
  for (const [index, piece] of a.parts.entries()) {
    const filled =
      piece === '*'
        ? wholes
        : piece
            .split('*')
            .reduce<string[]>(
              (made, text, at) => (at === 0 ? [text] : made.flatMap((start) => fillings.map((f) => start + f + text))),
              [],
            )
    texts = texts.flatMap((text) => filled.map((f) => (index === 0 ? f : `${text}.${f}`)))
  }
  return texts
    .map((text) => ({ ...address(text), ...(a.connection !== undefined && { connection: a.connection }) }))
    .find((use) => use.name !== '' && matches(a, use) && !matches(b, use))
}

test('inclusion is reflexive and transitive', () => {
  const holds = fc.property(
    anyPattern,
    anyPattern,
    anyPattern,
    (a, b, c) => isNarrower(a, a) && (!isNarrower(a, b) || !isNarrower(b, c) || isNarrower(a, c)),
  )
  expect(fc.check(holds)).toMatchObject({ counterexample: null })
})

test('the quick answer for plain patterns is the answer of a regular expression', () => {
  const same = fc.property(anyPattern, fc.constantFrom(...universe), (a, use) => {
    const source = a.parts.map((p) => (p === '*' ? '[^.]+(?:\\.[^.]+)*' : p.replaceAll('*', '[^.]*'))).join('\\.')
    const isName = new RegExp(`^${source}$`).test(`${use.integration}.${use.name}`)
    return matches(a, use) === (isName && (a.connection === undefined || a.connection === use.connection))
  })
  expect(fc.check(same, { numRuns: 2000 })).toMatchObject({ counterexample: null })
})

test('the hardest patterns that are accepted are still decided', () => {
  const hard = pattern('*.*e*.e*.*e*.*e*')
  expect(isNarrower(hard, pattern('*.*e*.*e*.*e*.*e'))).toBe(false)
  expect(isNarrower(hard, pattern('*.*e*.*e*.*e*.*'))).toBe(true)
})
