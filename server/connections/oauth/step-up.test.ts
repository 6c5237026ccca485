import { expect, test } from 'vitest'
import { bearerParameter, challengesIn } from './challenge.ts'
import { insufficientScopes, stepUpLink } from './step-up.ts'

const asked = (header: string, status = 403) => insufficientScopes(status, new Headers({ 'www-authenticate': header }))

test.each<[string, string, string[]]>([
  ['in quotes', 'Bearer error="insufficient_scope", scope="repo user:email"', ['repo', 'user:email']],
  ['without quotes', 'Bearer error=insufficient_scope, scope=repo', ['repo']],
  ['behind another challenge', 'Basic realm="a, b=\\"c\\"", Bearer scope="x", error="insufficient_scope"', ['x']],
  ['before another challenge', 'Bearer error="insufficient_scope", scope="x", DPoP algs="ES256"', ['x']],
  ['in any case', 'BEARER ERROR="insufficient_scope", SCOPE="x"', ['x']],
  ['twice in the list', 'Bearer error="insufficient_scope", scope="x  x y"', ['x', 'y']],
  ['without scopes', 'Bearer error="insufficient_scope"', []],
  ['of another error', 'Bearer error="invalid_token", scope="x"', []],
  ['of another scheme', 'DPoP error="insufficient_scope", scope="x"', []],
  ['with what is no scope', 'Bearer error="insufficient_scope", scope="ok b\\"ad\\\\"', ['ok']],
  ['that is never closed', 'Bearer error="insufficient_scope", scope="x', []],
  ['of nonsense', ',,,==="', []],
])('a step-up is read %s', (_what, header, scopes) => {
  expect(asked(header)).toEqual(scopes)
})

test('only refusals ask for more', () => {
  const header = 'Bearer error="insufficient_scope", scope="x"'
  expect([200, 400, 401, 403, 500].filter((status) => asked(header, status).length > 0)).toEqual([401, 403])
})

test('the first of a parameter counts, and its escapes are taken back', () => {
  const header = 'Bearer realm="a \\"quoted\\" one", realm="two", resource_metadata="https://api.example.com/m"'
  expect(bearerParameter(header, 'realm')).toBe('a "quoted" one')
  expect(bearerParameter(header, 'resource_metadata')).toBe('https://api.example.com/m')
})

test('a token68 is no parameter of the challenge before', () => {
  const challenges = challengesIn('Negotiate YWJjZA==, Bearer realm="x"')
  expect(challenges.at(-1)).toEqual({ scheme: 'bearer', parameters: new Map([['realm', 'x']]) })
})

test('a header that is made to take long does not', () => {
  const started = performance.now()
  for (const header of [
    'a="'.repeat(50_000),
    'a='.repeat(50_000),
    '\\"'.repeat(50_000),
    `Bearer a="${'\\'.repeat(50_000)}`,
  ]) {
    challengesIn(header)
  }
  expect(performance.now() - started).toBeLessThan(1000)
})

test('the link leads to the connection, with the scopes in it', () => {
  expect(stepUpLink('https://executor.example.com', 'con_1', ['repo', 'a&b'])).toBe(
    'https://executor.example.com/connections/con_1?scope=repo+a%26b',
  )
})
