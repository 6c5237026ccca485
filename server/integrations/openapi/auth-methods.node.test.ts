import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AuthMethod, Placement } from '../../../drizzle/shapes.ts'
import { problemOfMethod } from '../../connections/method.ts'
import { bytesOf } from '../byte-sequence.ts'
import { type AuthReading, readAuth } from './auth-methods.ts'
import type { Dialect } from './dialect.ts'
import { JsonDocument } from './json-document.ts'
import { operationsOf } from './operation.ts'

interface Read extends AuthReading {
  reports: { place: string; reason: string }[]
  /** Ids that an operation accepts, by `GET /a`. */
  acceptedBy: (operation: string) => string[] | undefined
}

const BASE = 'https://api.acme.test/v2'

function read(document: object, dialect: Dialect = '3.1'): Read {
  const index = new JsonDocument(bytesOf([new TextEncoder().encode(JSON.stringify(document))]), 0)
  const reports: Read['reports'] = []
  const locations = [...operationsOf(index, () => {})]
  const places = locations.map(({ place }) => place)
  const auth = readAuth(index, dialect, places, (place, reason) => reports.push({ place, reason }), BASE)
  return {
    ...auth,
    reports,
    acceptedBy(operation) {
      const location = locations.find((one) => one.operation === operation)
      if (!location) throw new Error(`no ${operation}`)
      return auth.accepted(index.get([...location.place, 'security']))
    },
  }
}

/** A document with these schemes that asks for the first of them. */
function withSchemes(schemes: Record<string, unknown>, dialect: Dialect, more: object = {}): object {
  const section = dialect === '2' ? { securityDefinitions: schemes } : { components: { securitySchemes: schemes } }
  const security = Object.keys(schemes).map((name) => ({ [name]: [] }))
  return { info: { title: 'Acme' }, paths: { '/a': { get: {} } }, security, ...section, ...more }
}

const both: Dialect[] = ['3.0', '3.1']
const all: Dialect[] = ['2', ...both]
const bearer: Placement[] = [{ in: 'header', name: 'Authorization', template: 'Bearer {token}' }]
const basic: Placement[] = [{ in: 'basic', userTemplate: '{user}', passwordTemplate: '{password}' }]
const key = (where: 'header' | 'query' | 'cookie', name: string): Placement[] => [
  { in: where, name, template: '{token}' },
]

/** A scheme, the versions that have it, and where what is typed goes. */
const USABLE: [string, Dialect[], object, Placement[]][] = [
  ['a key in a header', all, { type: 'apiKey', in: 'header', name: 'X-Key' }, key('header', 'X-Key')],
  ['a key in the query', all, { type: 'apiKey', in: 'query', name: 'api key' }, key('query', 'api key')],
  ['a key in a cookie', both, { type: 'apiKey', in: 'cookie', name: 'sid' }, key('cookie', 'sid')],
  [
    'a key in the Authorization header',
    all,
    { type: 'apiKey', in: 'header', name: 'Authorization' },
    key('header', 'Authorization'),
  ],
  ['a key in the Cookie header', ['2'], { type: 'apiKey', in: 'header', name: 'Cookie' }, key('header', 'Cookie')],
  ['a key in other case', all, { type: 'ApiKey', in: 'Header', name: 'X-Key' }, key('header', 'X-Key')],
  ['basic', ['2'], { type: 'basic' }, basic],
  ['HTTP basic', both, { type: 'http', scheme: 'Basic' }, basic],
  ['HTTP bearer', both, { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }, bearer],
  ['HTTP bearer in other case', both, { type: 'http', scheme: 'BeArEr' }, bearer],
  [
    'another scheme of one token',
    both,
    { type: 'http', scheme: 'GenieKey' },
    [{ in: 'header', name: 'Authorization', template: 'GenieKey {token}' }],
  ],
  [
    'OpenID Connect',
    both,
    { type: 'openIdConnect', openIdConnectUrl: 'https://id.acme.test/.well-known/openid-configuration' },
    bearer,
  ],
  [
    'OAuth with a code',
    both,
    {
      type: 'oauth2',
      flows: { authorizationCode: { authorizationUrl: 'https://a.test', tokenUrl: 'https://t.test', scopes: {} } },
    },
    bearer,
  ],
  [
    'OAuth with a code in Swagger',
    ['2'],
    { type: 'oauth2', flow: 'accessCode', authorizationUrl: 'https://a.test', tokenUrl: 'https://t.test' },
    bearer,
  ],
  [
    'OAuth whose only flow is implicit',
    both,
    { type: 'oauth2', flows: { implicit: { authorizationUrl: 'https://a.test', scopes: {} } } },
    bearer,
  ],
]

/** A scheme, the versions that have it, and the words of its refusal. */
const REFUSED: [string, Dialect[], object, RegExp][] = [
  ['digest', both, { type: 'http', scheme: 'digest' }, /hash of every request/],
  ['HOBA', both, { type: 'http', scheme: 'HOBA' }, /signs a challenge/],
  ['mutual', both, { type: 'http', scheme: 'Mutual' }, /proves a password/],
  ['negotiate', both, { type: 'http', scheme: 'Negotiate' }, /Kerberos/],
  ['NTLM', both, { type: 'http', scheme: 'NTLM' }, /one and the same connection/],
  ['SCRAM', both, { type: 'http', scheme: 'SCRAM-SHA-256' }, /proves a password/],
  ['OAuth 1.0', both, { type: 'http', scheme: 'OAuth' }, /OAuth 1\.0/],
  ['DPoP', both, { type: 'http', scheme: 'DPoP' }, /signs every request/],
  ['AWS Signature as HTTP authentication', both, { type: 'http', scheme: 'AWS4-HMAC-SHA256' }, /signs every request/],
  [
    'AWS Signature as a key',
    all,
    { type: 'apiKey', in: 'header', name: 'Authorization', 'x-amazon-apigateway-authtype': 'awsSigv4' },
    /AWS Signature/,
  ],
  ['a signature as a key', all, { type: 'apiKey', in: 'header', name: 'X-Signature' }, /signs every request/],
  ['client certificates', ['3.1'], { type: 'mutualTLS' }, /certificates/],
  ['HTTP authentication without a scheme', both, { type: 'http' }, /does not say/],
  [
    'HTTP authentication that is a sentence',
    both,
    { type: 'http', scheme: 'Bearer <token>\r\nX-Admin: 1' },
    /not the name/,
  ],
  ['a type that does not exist', all, { type: 'jwt' }, /no type of security scheme/],
  ['no type', all, {}, /no type/],
  ['not even an object', all, [], /no type/],
  ['a key without a name', all, { type: 'apiKey', in: 'header' }, /no name/],
  ['a key in the body', all, { type: 'apiKey', in: 'body', name: 'k' }, /no such place/],
  ['a key that is the host', all, { type: 'apiKey', in: 'header', name: 'Host' }, /belongs to the request/],
  ['a key that is the length', all, { type: 'apiKey', in: 'header', name: 'content-length' }, /belongs to the request/],
  [
    'a key that overrides the method',
    all,
    { type: 'apiKey', in: 'header', name: 'X-HTTP-Method-Override' },
    /belongs to the request/,
  ],
  [
    'a key that is the media type',
    all,
    { type: 'apiKey', in: 'header', name: 'Content-Type' },
    /belongs to the request/,
  ],
  [
    'a key that is two headers',
    all,
    { type: 'apiKey', in: 'header', name: 'X-Key: a\r\nX-Admin' },
    /not the name of a header/,
  ],
  ['a key that is two cookies', both, { type: 'apiKey', in: 'cookie', name: 'a=b; sid' }, /not the name of a cookie/],
  ['a reference to nothing', all, { $ref: '#/components/securitySchemes/gone' }, /points to nothing/],
  ['a reference to itself', ['3.1'], { $ref: '#/components/securitySchemes/it' }, /back to itself/],
]

function rowsOf<Expected>(table: [string, Dialect[], object, Expected][]) {
  return table.flatMap(([what, dialects, scheme, expected]) =>
    dialects.map((dialect) => ({ what, dialect, scheme, expected })),
  )
}

test.each(rowsOf(USABLE))('$what, $dialect', ({ dialect, scheme, expected }) => {
  const { methods } = read(withSchemes({ it: scheme }, dialect), dialect)
  expect(methods.map(({ id, placements }) => ({ id, placements }))).toEqual([{ id: 'it', placements: expected }])
  expect(methods.map(problemOf)).toEqual([null])
})

test.each(rowsOf(REFUSED))('refused: $what, $dialect', ({ dialect, scheme, expected }) => {
  const { methods, reports } = read(withSchemes({ it: scheme }, dialect), dialect)
  const place = dialect === '2' ? '#/securityDefinitions/it' : '#/components/securitySchemes/it'
  expect(reports.filter((report) => report.place === place).map(({ reason }) => reason)).toEqual([
    expect.stringMatching(expected),
  ])
  // What stands in for it says that it is a guess, and is never nothing at all: the document does ask for something.
  expect(methods.map(({ id, description }) => [id, description])).toEqual([
    ['bearer', 'A guess: none of the ways to sign in that the document describes can be used.'],
    ['none', undefined],
  ])
})

const url = (path: string) => `https://id.acme.test${path}`

test('every flow that a server can use is kept with its addresses and scopes, and the others are said', () => {
  const scopes = { read: 'Read things', write: '' }
  const { methods, reports } = read(
    withSchemes(
      {
        login: {
          type: 'oauth2',
          oauth2MetadataUrl: url('/.well-known/oauth-authorization-server'),
          flows: {
            authorizationCode: {
              authorizationUrl: url('/authorize'),
              tokenUrl: url('/token'),
              refreshUrl: url('/refresh'),
              scopes,
            },
            clientCredentials: { tokenUrl: url('/token'), scopes: { admin: 'All' } },
            deviceAuthorization: { deviceAuthorizationUrl: url('/device'), tokenUrl: url('/token'), scopes: {} },
            implicit: { authorizationUrl: url('/authorize'), scopes },
            password: { tokenUrl: url('/token'), scopes },
            carrierPigeon: {},
            'x-own': {},
          },
        },
      },
      '3.1',
    ),
  )
  expect(methods[0]?.oauth).toEqual({
    field: 'token',
    metadataUrl: url('/.well-known/oauth-authorization-server'),
    flows: [
      {
        grant: 'authorization_code',
        authorizationUrl: url('/authorize'),
        tokenUrl: url('/token'),
        refreshUrl: url('/refresh'),
        scopes,
      },
      { grant: 'client_credentials', tokenUrl: url('/token'), scopes: { admin: 'All' } },
      { grant: 'device_code', deviceAuthorizationUrl: url('/device'), tokenUrl: url('/token'), scopes: {} },
    ],
  })
  expect(methods[0]?.description).toContain('Scopes: read, write, admin.')
  expect(reports.map(({ place }) => place)).toEqual(
    ['implicit', 'password', 'carrierPigeon'].map((flow) => `#/components/securitySchemes/login/flows/${flow}`),
  )
})

test.each([
  ['accessCode', { grant: 'authorization_code', authorizationUrl: url('/a'), tokenUrl: url('/t'), scopes: { x: 'X' } }],
  [
    'application',
    { grant: 'client_credentials', authorizationUrl: url('/a'), tokenUrl: url('/t'), scopes: { x: 'X' } },
  ],
])('the flow %s of Swagger 2 is kept', (flow, expected) => {
  const scheme = {
    type: 'oauth2',
    flow,
    authorizationUrl: url('/a'),
    tokenUrl: url('/t'),
    scopes: { x: 'X', 'x-note': 1 },
  }
  const { methods, reports } = read(withSchemes({ login: scheme }, '2'), '2')
  expect(methods[0]?.oauth?.flows).toEqual([expected])
  expect(reports).toEqual([])
})

test('OpenID Connect keeps its address and the scopes that operations ask for', () => {
  const document = withSchemes(
    { login: { type: 'openIdConnect', openIdConnectUrl: '/.well-known/openid-configuration' } },
    '3.1',
    {
      security: [{ login: ['read'] }],
      paths: { '/a': { get: { security: [{ login: ['read', 'write', 'not a scope'] }] } } },
    },
  )
  expect(read(document).methods[0]?.oauth).toEqual({
    field: 'token',
    flows: [],
    scopes: ['read', 'write'],
    // Relative addresses follow the API's, not the document's.
    openIdConnectUrl: 'https://api.acme.test/.well-known/openid-configuration',
  })
})

test.each([
  ['javascript:alert(1)', /not https/],
  ['data:text/html,x', /not https/],
  ['http://id.acme.test/token', /not https/],
  ['http://127.0.0.1.nip.io/token', /not https/],
  ['file:///etc/passwd', /not https/],
  ['https://acme.test:secret@evil.test/token', /user name or a password/],
  ['https://{tenant}.acme.test/token', /variable/],
  ['https://', /not an absolute URL/],
  [`https://id.acme.test/${'x'.repeat(600)}`, /500 characters/],
])('the address %s of a token is left out, and said', (tokenUrl, reason) => {
  const { methods, reports } = read(
    withSchemes({ login: { type: 'oauth2', flows: { clientCredentials: { tokenUrl, scopes: {} } } } }, '3.1'),
  )
  expect(methods[0]?.oauth?.flows).toEqual([])
  expect(JSON.stringify(methods)).not.toContain('secret')
  const flow = '#/components/securitySchemes/login/flows/clientCredentials'
  expect(reports).toEqual([
    { place: `${flow}/tokenUrl`, reason: expect.stringMatching(reason) },
    { place: flow, reason: 'The flow was left out: it has no usable tokenUrl.' },
  ])
})

test('a loopback token server may be http', () => {
  for (const tokenUrl of ['http://localhost:9000/token', 'http://127.0.0.1/token', 'http://[::1]:8080/token']) {
    const { methods } = read(
      withSchemes({ login: { type: 'oauth2', flows: { clientCredentials: { tokenUrl, scopes: {} } } } }, '3.1'),
    )
    expect(methods[0]?.oauth?.flows).toMatchObject([{ tokenUrl }])
  }
})

test('a thousand scopes stay small: descriptions go first, and what is left out is said', () => {
  const scopes = (count: number, text: string) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`https://www.acme.test/auth/scope.${at}`, text]))
  const flow = (count: number, text: string) => ({ tokenUrl: url('/t'), scopes: scopes(count, text) })
  const some = read(
    withSchemes({ login: { type: 'oauth2', flows: { clientCredentials: flow(600, 'é'.repeat(150)) } } }, '3.1'),
  )
  const kept = some.methods[0]?.oauth?.flows[0]?.scopes ?? {}
  expect(Object.keys(kept)).toHaveLength(600)
  expect(Object.values(kept)[0]).toBe('é'.repeat(150))
  expect(Object.values(kept).at(-1)).toBe('')
  expect(some.reports).toEqual([])
  const many = read(withSchemes({ login: { type: 'oauth2', flows: { clientCredentials: flow(5000, 'x') } } }, '3.1'))
  const left = Object.keys(many.methods[0]?.oauth?.flows[0]?.scopes ?? {}).length
  expect(left).toBeGreaterThan(1000)
  expect(many.reports).toEqual([
    { place: '#/components/securitySchemes', reason: expect.stringContaining(`${5000 - left} OAuth scopes`) },
  ])
  for (const { methods } of [some, many]) {
    expect(new TextEncoder().encode(JSON.stringify(methods)).length).toBeLessThanOrEqual(60_000)
  }
})

const KEYS = {
  bearer: { type: 'http', scheme: 'bearer' },
  id: { type: 'apiKey', in: 'header', name: 'X-Id' },
  secret: { type: 'apiKey', in: 'query', name: 'secret' },
  login: { type: 'http', scheme: 'basic' },
  digest: { type: 'http', scheme: 'digest' },
}

test('alternatives are methods, what is asked for together is one, and no credential comes last', () => {
  const { methods, reports } = read(
    withSchemes(KEYS, '3.1', { security: [{}, { bearer: [] }, { secret: [], id: [] }, { login: [] }, { digest: [] }] }),
  )
  expect(methods.map(({ id, fields }) => [id, ...fields.map(({ name }) => name)])).toEqual([
    ['bearer', 'token'],
    ['id_secret', 'id_token', 'secret_token'],
    ['login', 'user', 'password'],
    ['none'],
  ])
  expect(methods[1]).toMatchObject({
    label: 'API key (header X-Id) + API key (query secret)',
    placements: [
      { in: 'header', name: 'X-Id', template: '{id_token}' },
      { in: 'query', name: 'secret', template: '{secret_token}' },
    ],
  })
  expect(reports.map(({ place }) => place)).toEqual(['#/components/securitySchemes/digest'])
})

test('two schemes of one token, as Google’s documents have it, are one field with both flows', () => {
  const flow = { authorizationUrl: url('/a'), tokenUrl: url('/t'), scopes: { drive: 'Drive' } }
  const { methods } = read(
    withSchemes(
      {
        Oauth2: { type: 'oauth2', flows: { clientCredentials: { tokenUrl: url('/t'), scopes: {} } } },
        Oauth2c: { type: 'oauth2', flows: { authorizationCode: flow } },
      },
      '3.1',
      { security: [{ Oauth2: ['drive'], Oauth2c: ['drive'] }] },
    ),
  )
  expect(methods).toHaveLength(1)
  expect(methods[0]).toMatchObject({ fields: [{ name: 'token' }], placements: bearer })
  expect(methods[0]?.oauth?.flows.map(({ grant }) => grant)).toEqual(['client_credentials', 'authorization_code'])
})

test('what cannot be sent together is not offered, and said where it is asked for', () => {
  const { methods, reports } = read(
    withSchemes(KEYS, '3.1', {
      security: [{ bearer: [], login: [] }, { id: [], digest: [] }, { nobody: [] }, { id: [] }],
    }),
  )
  expect(methods.map(({ id }) => id)).toEqual(['id'])
  expect(reports).toEqual([
    { place: '#/components/securitySchemes/digest', reason: expect.stringContaining('hash') },
    {
      place: '#/security',
      reason: '“bearer” and “login” both fill the header authorization, which holds one of them.',
    },
    { place: '#/security', reason: '“digest” is needed too, and cannot be used.' },
    { place: '#/security', reason: 'There is no security scheme “nobody”.' },
    { place: '#/components/securitySchemes/secret', reason: 'No operation asks for it, so it is not offered.' },
  ])
})

test('schemes that nothing asks for are offered all the same', () => {
  const { methods, acceptedBy } = read(withSchemes(KEYS, '3.1', { security: undefined }))
  expect(methods.map(({ id }) => id)).toEqual(['none', 'bearer', 'id', 'secret', 'login'])
  expect(acceptedBy('GET /a')).toBeUndefined()
})

test('an operation accepts its own alternatives, else the document’s', () => {
  const operation = (security: unknown) => ({ get: { security } })
  const { acceptedBy } = read(
    withSchemes(KEYS, '3.1', {
      security: [{ bearer: [] }],
      paths: {
        '/shared': { get: {} },
        '/own': operation([{ login: [] }, { secret: [], id: [] }]),
        '/none': operation([]),
        '/empty': operation([{}]),
        '/optional': operation([{}, { login: [] }]),
        '/all': operation([{ bearer: [] }, { login: [] }, { id: [], secret: [] }]),
        '/refused': operation([{ digest: [] }]),
        '/half': operation([{ digest: [] }, { login: [] }]),
        '/odd': operation('bearer'),
        '/odder': operation(7),
        '/object': operation({ login: [] }),
      },
    }),
  )
  expect(acceptedBy('GET /shared')).toEqual(['bearer'])
  expect(acceptedBy('GET /own')).toEqual(['login', 'id_secret'])
  expect(acceptedBy('GET /none')).toEqual([])
  expect(acceptedBy('GET /empty')).toEqual([])
  // With a credential or without: a connection's is sent.
  expect(acceptedBy('GET /optional')).toBeUndefined()
  expect(acceptedBy('GET /all')).toBeUndefined()
  // Nothing that Executor can do is asked for, so nothing is known better.
  expect(acceptedBy('GET /refused')).toBeUndefined()
  expect(acceptedBy('GET /half')).toEqual(['login'])
  expect(acceptedBy('GET /odd')).toEqual(['bearer'])
  expect(acceptedBy('GET /odder')).toEqual(['bearer'])
  expect(acceptedBy('GET /object')).toEqual(['login'])
})

test('where nothing is said and operations differ, nothing is known of the silent ones', () => {
  const { acceptedBy, methods } = read(
    withSchemes(KEYS, '3.1', {
      security: undefined,
      paths: {
        '/silent': { get: {} },
        '/said': { get: { security: [{ login: [] }] } },
        '/key': { get: { security: [{ id: [] }] } },
      },
    }),
  )
  expect(methods.map(({ id }) => id)).toEqual(['login', 'id', 'none'])
  expect(acceptedBy('GET /silent')).toBeUndefined()
  expect(acceptedBy('GET /said')).toEqual(['login'])
})

test('a requirement of OpenAPI 3.2 may name its scheme by reference', () => {
  const { methods, reports } = read(
    withSchemes({ unused: { $ref: '#/x' } }, '3.1', {
      x: KEYS.bearer,
      security: [{ '#/x': [] }],
    }),
  )
  expect(methods.map(({ id, placements }) => [id, placements])).toEqual([['x', bearer]])
  expect(reports.map(({ place }) => place)).toEqual(['#/components/securitySchemes/unused'])
})

test.each([
  ['securityDefinitions in OpenAPI 3', '3.1', { securityDefinitions: { it: KEYS.id } }],
  ['components.securitySchemes in Swagger 2', '2', { components: { securitySchemes: { it: KEYS.id } } }],
  ['securitySchemes at the root', '3.0', { securitySchemes: { it: KEYS.id } }],
  ['components.securityDefinitions', '3.0', { components: { securityDefinitions: { it: KEYS.id } } }],
] satisfies [string, Dialect, object][])('schemes are found at an odd place: %s', (_, dialect, section) => {
  const { methods } = read({ paths: { '/a': { get: {} } }, security: [{ it: [] }], ...section }, dialect)
  expect(methods.map(({ id }) => id)).toEqual(['it'])
})

test('a user name that is a key is not shown, and its password may be empty', () => {
  const scheme = { type: 'http', scheme: 'basic', description: 'Authorization: Basic <api_key>' }
  const [method] = read(withSchemes({ it: scheme }, '3.1')).methods
  expect(method?.fields).toMatchObject([
    { name: 'user', isSecret: true },
    { name: 'password', isSecret: true, isOptional: true },
  ])
})

const parameter = (where: string, name: string, more: object = {}) => ({
  in: where,
  name,
  schema: { type: 'string' },
  ...more,
})

/** A document without schemes, whose operations have these parameters. */
function bare(parameters: object[], description = ''): object {
  const others = { '/b': { get: { parameters } }, '/c': { parameters, get: {} } }
  return { info: { title: 'Acme', description }, paths: { '/a': { get: { parameters } }, ...others } }
}

test.each<[string, object, Placement[][], RegExp]>([
  ['nothing', bare([]), [[], bearer], /A guess: .* most APIs take a bearer token/],
  [
    'a header',
    bare([parameter('header', 'X-Api-Key')]),
    [key('header', 'X-Api-Key'), []],
    /A guess: .* all of its operations have the header X-Api-Key/,
  ],
  ['a query parameter', bare([parameter('query', 'api_key')]), [key('query', 'api_key'), []], /A guess/],
  [
    'a key that says what it is',
    bare([parameter('query', 'key', { description: 'Your API key' })]),
    [key('query', 'key'), []],
    /A guess/,
  ],
  [
    'a key of an entry',
    bare([parameter('query', 'key', { description: 'Key of the entry' })]),
    [[], bearer],
    /most APIs/,
  ],
  [
    'tokens of other kinds',
    bare(['page_token', 'Idempotency-Key', 'X-CSRF-Token', 'sort_key'].map((name) => parameter('header', name))),
    [[], bearer],
    /most APIs/,
  ],
  [
    'a header that no credential may set',
    bare([parameter('header', 'Proxy-Authorization')]),
    [[], bearer],
    /most APIs/,
  ],
  ['Authorization', bare([parameter('header', 'Authorization')]), [key('header', 'Authorization'), []], /A guess/],
  [
    'either of two',
    bare([parameter('header', 'X-Api-Key'), parameter('query', 'access_token')]),
    [key('header', 'X-Api-Key'), key('query', 'access_token'), []],
    /A guess/,
  ],
  [
    'two that are required',
    bare([parameter('header', 'App-Key', { required: true }), parameter('header', 'App-Secret', { required: true })]),
    [
      [...key('header', 'App-Key'), ...key('header', 'App-Secret')].map((one, at) => ({
        ...one,
        template: at === 0 ? '{App_Key_token}' : '{App_Secret_token}',
      })),
      [],
    ],
    /A guess: .* the header App-Key and the header App-Secret/,
  ],
  [
    'an example in words',
    bare([], 'Send `Authorization: Bearer <token>` with it.'),
    [bearer, []],
    /A guess: .* reads like this/,
  ],
  [
    'a scheme in words',
    bare([], 'curl -H "Authorization: Token abc"'),
    [[{ in: 'header', name: 'Authorization', template: 'Token {token}' }], []],
    /A guess/,
  ],
  [
    'a header in words',
    bare([], 'Put your key into the X-Acme-Api-Key header.'),
    [key('header', 'X-Acme-Api-Key'), []],
    /A guess/,
  ],
  [
    'a quoted header in words',
    bare([], 'Requests need the "Acme-Key" header.'),
    [key('header', 'Acme-Key'), []],
    /A guess/,
  ],
  ['an address in words', bare([], 'GET /things?api_key=abc'), [key('query', 'api_key'), []], /A guess/],
  ['basic in words', bare([], 'We use HTTP Basic Auth.'), [basic, []], /A guess/],
])('a document without schemes that has %s', (_, document, expected, description) => {
  const { methods, reports, acceptedBy } = read(document)
  expect(methods.map(({ placements }) => placements)).toEqual(expected)
  const guessed = methods.filter(({ placements }) => placements.length > 0)
  expect(guessed.map((method) => [method.description, problemOf(method)])).toEqual(
    guessed.map(() => [expect.stringMatching(description), null]),
  )
  expect(reports).toEqual([])
  expect(acceptedBy('GET /a')).toBeUndefined()
})

test('a credential that few operations have is theirs', () => {
  const paths = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`/p${at}`, { get: {} }]))
  const own = { '/own': { get: { parameters: [parameter('header', 'X-Api-Key')] } } }
  expect(read({ paths: { ...paths, ...own } }).methods.map(({ id }) => id)).toEqual(['none', 'bearer'])
})

test('what a credential fills in is asked of nobody, also where only parameters tell of it', () => {
  const required = parameter('header', 'token', { required: true, description: 'Authentication token' })
  const { credentialParameters, reports } = read({
    ...withSchemes(KEYS, '3.1'),
    ...bare([required, parameter('query', 'oauth_token'), parameter('query', 'q')]),
  })
  expect([...credentialParameters].sort()).toEqual(
    ['header authorization', 'header token', 'header x-id', 'query oauth_token', 'query secret'].sort(),
  )
  expect(reports.filter(({ place }) => place === '#/paths').map(({ reason }) => reason)).toEqual([
    expect.stringContaining('the header token'),
  ])
})

test('a document with 100,000 schemes, or an operation that asks for all of them, is bounded', () => {
  const schemes = Object.fromEntries(
    Array.from({ length: 100_000 }, (_, at) => [`s${at}`, { type: 'apiKey', in: 'header', name: `X-${at}` }]),
  )
  const everything = Object.fromEntries(Object.keys(schemes).map((name) => [name, []]))
  const { methods, reports } = read(withSchemes(schemes, '3.1', { security: [everything, { s1: [] }, { s99999: [] }] }))
  expect(methods.map(({ id }) => id)).toEqual(['s1'])
  expect(reports.map(({ reason }) => reason)).toEqual(
    expect.arrayContaining([
      '99900 more security schemes were not read.',
      'More than 8 security schemes are not used together.',
      'There is no security scheme “s99999”.',
    ]),
  )
})

const names = fc.oneof(
  fc.constantFrom('a', 'b', 'a b', 'a-b', 'none', '__proto__', 'constructor', 'toString', '', '~custom', '1', 'é'),
  fc.string({ maxLength: 12 }),
)
const anything = fc.oneof(fc.constant(undefined), fc.string(), fc.integer(), fc.jsonValue({ maxDepth: 2 }))
const scheme = fc.oneof(
  fc.constantFrom(...[...USABLE, ...REFUSED].map(([, , one]) => one)),
  fc.record(
    {
      type: fc.oneof(fc.constantFrom('apiKey', 'http', 'oauth2', 'basic', 'openIdConnect', 'mutualTLS'), anything),
      in: fc.oneof(fc.constantFrom('header', 'query', 'cookie'), anything),
      name: fc.oneof(fc.constantFrom('X-Key', 'Authorization', 'Host', 'k'), anything),
      scheme: fc.oneof(fc.constantFrom('bearer', 'basic', 'digest'), anything),
      description: anything,
      flows: fc.oneof(
        fc.dictionary(
          fc.constantFrom('authorizationCode', 'clientCredentials', 'implicit', 'deviceAuthorization', '__proto__'),
          fc.record({
            tokenUrl: fc.oneof(fc.webUrl(), anything),
            authorizationUrl: fc.oneof(fc.webUrl(), anything),
            scopes: fc.oneof(fc.dictionary(names, anything), fc.array(anything), anything),
          }),
        ),
        anything,
      ),
    },
    { requiredKeys: [] },
  ),
)
const section = fc.array(fc.tuple(names, fc.oneof(scheme, anything)), { minLength: 1, maxLength: 6 })

test('whatever a security section says: ids are unique, every placement is valid, and every scheme left out is said', () => {
  fc.assert(
    fc.property(
      section.chain((entries) => {
        const known = fc.constantFrom(...entries.map(([name]) => name))
        const alternative = fc.oneof(
          fc
            .array(fc.oneof({ weight: 8, arbitrary: known }, names), { maxLength: 3 })
            .map((asked) => Object.fromEntries(asked.map((name) => [name, ['x']]))),
          anything,
        )
        const security = fc.oneof(fc.array(alternative, { maxLength: 4 }), anything)
        return fc.tuple(
          fc.constant(entries),
          security,
          fc.array(security, { maxLength: 4 }),
          fc.constantFrom<Dialect>('2', '3.0', '3.1'),
        )
      }),
      ([entries, shared, own, dialect]) => {
        const schemes = Object.fromEntries(entries)
        const paths = Object.fromEntries(own.map((security, at) => [`/${at}`, { get: { security } }]))
        const document = withSchemes(schemes, dialect, { security: shared, paths })
        const { methods, reports, accepted } = read(document, dialect)
        const ids = methods.map(({ id }) => id)
        expect(ids.length).toBeGreaterThan(0)
        expect(ids.length).toBeLessThanOrEqual(13)
        expect(new Set(ids).size).toBe(ids.length)
        expect(methods.map(problemsOf)).toEqual(methods.map(() => []))
        const acceptedIds = [shared, ...own].flatMap((security) => accepted(security) ?? [])
        expect(acceptedIds.filter((id) => !ids.includes(id))).toEqual([])
        const said = reports.map(({ place }) => place)
        const start = dialect === '2' ? '#/securityDefinitions/' : '#/components/securitySchemes/'
        const unsaid = Object.keys(schemes).filter((name) => {
          const pointer = `${start}${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
          const [alone] = read(withSchemes({ [name]: schemes[name] }, dialect), dialect).methods
          const isUsable = !alone?.description?.startsWith('A guess')
          const isOffered = isUsable && alone?.placements.every((one) => methods.some((method) => fills(method, one)))
          return !isOffered && !said.some((place) => place === pointer || (isUsable && place.endsWith('/security')))
        })
        expect(unsaid).toEqual([])
      },
    ),
    { numRuns: 600 },
  )
})

/** Swagger 2 has no other word for a cookie than the header of that name, which an admin has no need to describe. */
function problemOf(method: AuthMethod): string | null {
  const placements = method.placements.map((one) =>
    one.in === 'header' && one.name.toLowerCase() === 'cookie' ? { ...one, name: 'X-Cookie' } : one,
  )
  return problemOfMethod({ ...method, placements })
}

/** What is wrong with a method that may be offered; nothing when it is right. */
function problemsOf(method: AuthMethod): unknown[] {
  const { id, fields, placements, oauth } = method
  if (fields.length === 0) return placements.length === 0 ? [] : [placements]
  const flows = oauth?.flows ?? []
  const addresses = flows.flatMap((flow) => [flow.tokenUrl, flow.authorizationUrl, flow.refreshUrl])
  return [
    problemOf(method),
    /^[A-Za-z]\w*$/.test(id) ? null : id,
    oauth === undefined || fields.some(({ name }) => name === oauth.field) ? null : oauth.field,
    ...addresses.filter((address) => address !== undefined && new URL(address).protocol !== 'https:'),
  ].filter((problem) => problem !== null)
}

function fills({ placements }: AuthMethod, wanted: Placement): boolean {
  return placements.some((one) =>
    one.in === 'basic' || wanted.in === 'basic'
      ? one.in === wanted.in
      : one.in === wanted.in && one.name === wanted.name,
  )
}
