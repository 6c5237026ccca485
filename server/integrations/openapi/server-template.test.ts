import { expect, test } from 'vitest'
import type { Server } from '../../../drizzle/shapes.ts'
import { expandServer, serverDefault } from './server-template.ts'

const open = (...names: string[]): Server['variables'] =>
  Object.fromEntries(names.map((name) => [name, { default: 'demo' }]))

const tenant: Server = { url: 'https://{tenant}.example.com/v1', variables: open('tenant') }
const prefixed: Server = { url: 'https://api-{region}.example.com:8443', variables: open('region') }
const anyHost: Server = { url: 'https://{host}/api', variables: { host: { default: 'github.example' } } }
const domain: Server = { url: 'https://api.{domain}', variables: { domain: { default: 'example.com' } } }
const port: Server = { url: 'https://example.com:{port}/v1', variables: { port: { default: '8443' } } }
const path: Server = { url: 'https://example.com/{base}/v1', variables: open('base') }
const rooted: Server = { url: 'https://example.com{base}', variables: { base: { default: '/sell/v1' } } }
const scheme: Server = { url: '{protocol}://example.com', variables: { protocol: { default: 'https' } } }
const whole: Server = { url: '{endpoint}/v7', variables: { endpoint: { default: 'https://api.example.com' } } }

const expansionOf = (server: Server, values: Record<string, string> = {}) => {
  const expanded = expandServer(server, values)
  return expanded.ok ? expanded.url : `refused: ${expanded.message}`
}

test.each([
  [tenant, {}, 'https://demo.example.com/v1'],
  [tenant, { tenant: 'acme-2' }, 'https://acme-2.example.com/v1'],
  [tenant, { tenant: ' acme ' }, 'https://acme.example.com/v1'],
  [tenant, { tenant: '' }, 'https://demo.example.com/v1'],
  [tenant, { tenant: 'acme', stale: 'x' }, 'https://acme.example.com/v1'],
  [prefixed, { region: 'eu' }, 'https://api-eu.example.com:8443'],
  [anyHost, { host: 'git.acme.example' }, 'https://git.acme.example/api'],
  [anyHost, { host: '192.0.2.7' }, 'https://192.0.2.7/api'],
  [domain, { domain: 'acme.example' }, 'https://api.acme.example'],
  [port, { port: '443' }, 'https://example.com/v1'],
  [port, { port: '9000' }, 'https://example.com:9000/v1'],
  [path, { base: 'a/b.c_d~e' }, 'https://example.com/a/b.c_d~e/v1'],
  [path, { base: '/a/' }, 'https://example.com/a/v1'],
  [rooted, {}, 'https://example.com/sell/v1'],
  [rooted, { base: '/sell/v2/' }, 'https://example.com/sell/v2'],
  [scheme, { protocol: 'http' }, 'http://example.com'],
  [whole, {}, 'https://api.example.com/v7'],
  [whole, { endpoint: 'https://westus.example.com' }, 'https://westus.example.com/v7'],
  [{ url: 'https://example.com/' }, {}, 'https://example.com'],
  [{ url: 'https://example.com/a/' }, {}, 'https://example.com/a'],
])('%j with %j is %s', (server, values, url) => {
  expect(expansionOf(server, values)).toBe(url)
})

// Everything here would lead somewhere else, or leave the place that the variable has.
const anywhere = [
  'evil.com/',
  'evil.com#',
  'evil.com?',
  'a@evil',
  'user:pw@evil.com',
  'evil.com\\',
  'x#',
  'x?',
  '..',
  '.',
  'a/../b',
  '../b',
  '%2e%2e',
  'a%2fb',
  'a%5cb',
  'evil。com',
  'evil．com',
  'ｅvil',
  'evil.com\u0000',
  'a\tb',
  'a\nb',
  'a b',
  '\u202Ea',
  '{tenant}',
  'https://evil.com',
  '//evil.com',
  'a//b',
  '\ud800',
]
const hosts = ['.', '.evil.com', 'evil..com', 'evil.com.', '-a', 'a-', 'a_b', 'a:1', '[::1]', 'x'.repeat(64), 'a/b']
const attacks: [string, Server, string, string[]][] = [
  ['a label', tenant, 'tenant', [...anywhere, ...hosts, 'evil.com']],
  ['a part of a label', prefixed, 'region', [...anywhere, ...hosts, 'evil.com']],
  ['a host', anyHost, 'host', [...anywhere, ...hosts, '2130706433', '0x7f.1', '127.1', '017700000001']],
  ['a domain', domain, 'domain', [...anywhere, ...hosts]],
  ['a port', port, 'port', [...anywhere, ...hosts, '', '-1', '65536', '99999', '80a', '8 0'].filter(Boolean)],
  ['a path', path, 'base', [...anywhere.filter((value) => value !== 'evil.com/'), '/', '//', 'a;b', 'a:b']],
  [
    'a path behind the host',
    rooted,
    'base',
    [...anywhere, '.evil.com', '@evil.com', ':80', 'evil', '/..', '//evil', '/'],
  ],
  ['a scheme', scheme, 'protocol', [...anywhere, 'javascript', 'ftp', 'file', 'https:', 'HTTPS']],
  [
    'a whole URL',
    whole,
    'endpoint',
    [...anywhere, 'ftp://a', 'javascript:alert(1)', 'https://u@h', 'https://h?q', 'https://h#f', 'https:///h'].filter(
      (value) => value !== 'https://evil.com',
    ),
  ],
]
test.each(
  attacks.flatMap(([what, server, variable, values]) =>
    values.map((value) => ({ what, value, server, variable, shown: JSON.stringify(value) })),
  ),
)('$what is never $shown', ({ server, variable, value }) => {
  const expanded = expandServer(server, { [variable]: value })
  expect(expanded).toMatchObject({ ok: false })
})

test('a value of an enum is the only one, and its default is not exempt', () => {
  const region = { url: 'https://{region}.example.com', variables: { region: { default: 'eu', values: ['eu', 'us'] } } }
  expect(expansionOf(region, { region: 'us' })).toBe('https://us.example.com')
  expect(expandServer(region, { region: 'asia' })).toEqual({
    ok: false,
    message: '"region" must be one of eu, us.',
    variable: 'region',
  })
  const odd = { url: 'https://{region}.example.com', variables: { region: { default: 'x', values: ['eu'] } } }
  expect(serverDefault(odd)).toBeNull()
})

test('a document that names a user, a query, another scheme or an unfinished URL has no server', () => {
  for (const url of [
    'https://user@example.com',
    'https://user:pw@example.com/',
    'https://example.com/?a=1',
    'https://example.com/#a',
    'ftp://example.com',
    'javascript:alert(1)',
    '/relative',
    'https://',
    'https:///x',
    'https://{tenant}.example.com',
    'https://example.com/{',
    'https://exa mple.com',
    'https:\\\\example.com',
  ]) {
    expect(serverDefault({ url })).toBeNull()
  }
  expect(serverDefault({ url: 'https://{a}', variables: { a: { default: 'u@h' } } })).toBeNull()
  expect(serverDefault({ url: 'https://example.com/{a}', variables: { a: { default: '?x' } } })).toBeNull()
  expect(serverDefault({ url: 'https://{__proto__}.a.b', variables: {} })).toBeNull()
})

test('a variable without a value is asked for by its name', () => {
  expect(expandServer({ url: 'https://{tenant}.example.com' }, {})).toEqual({
    ok: false,
    message: '"tenant" needs a value.',
    variable: 'tenant',
  })
  expect(expansionOf({ url: 'https://{tenant}.example.com' }, { tenant: 'acme' })).toBe('https://acme.example.com')
  expect(expandServer({ url: 'https://{constructor}.example.com' }, {})).toMatchObject({ ok: false })
})
