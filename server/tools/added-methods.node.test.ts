import { expect, test } from 'vitest'
import { problemOfMethod } from '../connections/method.ts'
import { readAccessMethod, readOAuthMethod, type TypedOAuthMethod, withOfferedGrants } from './added-methods.ts'

function typed(changes: Partial<TypedOAuthMethod> = {}): TypedOAuthMethod {
  return {
    label: 'Sign-in at Acme',
    discovery: 'issuer',
    resourceUrl: '',
    issuer: 'https://login.acme.test/',
    authorizationUrl: '',
    tokenUrl: '',
    deviceAuthorizationUrl: '',
    scopes: 'read  write\nread',
    parameters: 'access_type=offline\r\n prompt = consent=yes ',
    header: '',
    ...changes,
  }
}

function fieldsOf(changes: Partial<TypedOAuthMethod>): string[] {
  const read = readOAuthMethod(typed(changes))
  return read.ok ? [] : read.problems.map(({ field }) => field)
}

test('what was typed becomes a method of one token, which no document has', () => {
  const read = readOAuthMethod(typed(), '~1')
  expect(read).toEqual({
    ok: true,
    method: {
      id: '~1',
      label: 'Sign-in at Acme',
      fields: [{ name: 'token', label: 'Access token', isSecret: true }],
      placements: [{ in: 'header', name: 'Authorization', template: 'Bearer {token}' }],
      oauth: {
        field: 'token',
        // Letter by letter: a server whose issuer has no slash at its end is another one.
        issuer: 'https://login.acme.test/',
        flows: [{ grant: 'authorization_code', scopes: {} }],
        scopes: ['read', 'write'],
        authorizeParameters: { access_type: 'offline', prompt: 'consent=yes' },
      },
      isAdded: true,
    },
  })
  expect(read.ok && problemOfMethod(read.method)).toBeNull()
})

test('endpoints by hand: signing in on another device is offered where there is an endpoint for it', () => {
  const endpoints = {
    discovery: 'endpoints',
    authorizationUrl: 'https://a.test/authorize',
    tokenUrl: 'https://a.test/token',
  }
  const grants = (changes: Partial<TypedOAuthMethod>) => {
    const read = readOAuthMethod(typed({ ...endpoints, ...changes }))
    return read.ok ? read.method.oauth?.flows.map(({ grant, tokenUrl }) => `${grant} ${tokenUrl}`) : read.problems
  }
  expect(grants({})).toEqual(['authorization_code https://a.test/token'])
  expect(grants({ deviceAuthorizationUrl: 'https://a.test/device' })).toEqual([
    'authorization_code https://a.test/token',
    'device_code https://a.test/token',
  ])
})

test('the server’s metadata adds the grants that it offers, and hand-made endpoints keep theirs', () => {
  const server = { issuer: 'https://login.acme.test/', sendsIssuer: false, acceptsMetadataDocument: false }
  const deviceAuthorizationEndpoint = 'https://login.acme.test/device'
  const grants = (changes: Partial<TypedOAuthMethod>, more: object) => {
    const read = readOAuthMethod(typed(changes))
    return read.ok && withOfferedGrants(read.method, { ...server, ...more }).oauth?.flows.map(({ grant }) => grant)
  }
  expect(grants({}, {})).toEqual(['authorization_code'])
  expect(grants({}, { deviceAuthorizationEndpoint, grantTypesSupported: ['client_credentials'] })).toEqual([
    'authorization_code',
    'device_code',
    'client_credentials',
  ])
  const endpoints = { authorizationUrl: 'https://a.test/authorize', tokenUrl: 'https://a.test/token' }
  expect(grants({ discovery: 'endpoints', ...endpoints }, { deviceAuthorizationEndpoint })).toEqual([
    'authorization_code',
  ])
})

test.each<[string, Partial<TypedOAuthMethod>, string[]]>([
  ['no name', { label: ' ' }, ['label']],
  ['no discovery', { discovery: '' }, ['discovery']],
  ['no issuer', { issuer: '' }, ['issuer']],
  ['an issuer without https', { issuer: 'http://login.acme.test' }, ['issuer']],
  ['an issuer with a password', { issuer: 'https://a:b@login.acme.test' }, ['issuer']],
  ['an issuer with a fragment', { issuer: 'https://login.acme.test/#x' }, ['issuer']],
  ['an issuer that is a script', { issuer: 'javascript:alert(1)' }, ['issuer']],
  ['endpoints that are missing', { discovery: 'endpoints' }, ['tokenUrl', 'authorizationUrl']],
  ['scopes in quotes', { scopes: '"read"' }, ['scopes']],
  ['a parameter without a name', { parameters: '=x' }, ['parameters']],
  ['a parameter without a value', { parameters: 'prompt' }, ['parameters']],
  ['another place to return to', { parameters: 'redirect_uri=https://evil.test' }, ['parameters']],
  ['another state', { parameters: 'STATE=1' }, ['parameters']],
  ['no proof of the code', { parameters: 'code_challenge_method=plain' }, ['parameters']],
  ['the Host header', { header: 'Host' }, ['header']],
  ['a header that is two', { header: 'X-A\r\nX-B' }, ['header']],
])('refused at its field: %s', (_, changes, fields) => {
  expect(fieldsOf(changes)).toEqual(fields)
})

test('loopback may do without https, for the local stack', () => {
  expect(fieldsOf({ issuer: 'http://localhost:9000' })).toEqual([])
})

test('a header of another name carries the token alone', () => {
  const read = readOAuthMethod(typed({ header: 'X-Token' }))
  expect(read.ok && read.method.placements).toEqual([{ in: 'header', name: 'X-Token', template: '{token}' }])
})

test('Access for SaaS: the issuer follows from the client ID, the rest from its metadata', () => {
  const at = { teamOrigin: 'https://acme.cloudflareaccess.com', scopesSupported: ['openid', 'offline_access'] }
  const read = readAccessMethod({ clientId: ' 0123abcd4567 ', sentAs: 'access' }, at)
  expect(read).toMatchObject({
    ok: true,
    method: {
      placements: [{ in: 'header', name: 'Cf-Access-Token', template: '{token}' }],
      oauth: { issuer: 'https://acme.cloudflareaccess.com/cdn-cgi/access/sso/oidc/0123abcd4567' },
    },
  })
  const scopes = (given: typeof at) => {
    const made = readAccessMethod({ clientId: '0123abcd4567', sentAs: 'bearer' }, given)
    return made.ok && made.method.oauth?.scopes
  }
  expect(scopes(at)).toEqual(['openid', 'email', 'profile', 'offline_access'])
  expect(scopes({ ...at, scopesSupported: [] })).toEqual(['openid', 'email', 'profile'])
})

test.each(['', 'short', '../../../../authorization', 'a/b/c/d/e/f', '0123abcd4567?x'])(
  'a client ID that would lead elsewhere is refused: %s',
  (clientId) => {
    const read = readAccessMethod({ clientId, sentAs: 'bearer' }, { teamOrigin: 'https://acme.test' })
    expect(read.ok || read.problems.map(({ field }) => field)).toEqual(['clientId'])
  },
)
