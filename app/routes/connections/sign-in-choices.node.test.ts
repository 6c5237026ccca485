import { expect, test } from 'vitest'
import type { AuthMethod, OAuth } from '../../../drizzle/shapes.ts'
import { connectOffer } from './connect-methods.ts'
import { findSignIn, signInChoices } from './sign-in-choices.ts'

const TOKEN = { name: 'token', label: 'Token', isSecret: true }
const CODE = {
  grant: 'authorization_code',
  authorizationUrl: 'https://login.acme.test/authorize',
  tokenUrl: 'https://login.acme.test/token',
  scopes: {},
} as const
const MACHINE = { grant: 'client_credentials', tokenUrl: 'https://login.acme.test/token', scopes: {} } as const
const DEVICE = { ...MACHINE, grant: 'device_code', deviceAuthorizationUrl: 'https://login.acme.test/device' } as const

function method(id: string, oauth?: Omit<OAuth, 'field'>, more: Partial<AuthMethod> = {}): AuthMethod {
  return {
    id,
    label: id,
    fields: [TOKEN],
    placements: [{ in: 'header', name: 'Authorization', template: 'Bearer {token}' }],
    ...(oauth && { oauth: { field: 'token', ...oauth } }),
    ...more,
  }
}

const labels = (methods: AuthMethod[], isAdmin = true) =>
  signInChoices(methods, 'Acme', isAdmin).map(({ label }) => label)

test('every grant is a choice, signing in with this browser first, and an application only for admins', () => {
  const login = method('login', { flows: [MACHINE, DEVICE, CODE] })
  expect(labels([method('key'), login])).toEqual([
    'Sign in with Acme',
    'Sign in with Acme on another device',
    'As an application',
  ])
  expect(labels([login], false)).toEqual(['Sign in with Acme', 'Sign in with Acme on another device'])
})

test('two ways are told apart by their names', () => {
  const ways = [method('one', { flows: [CODE] }), method('two', { flows: [], issuer: 'https://two.test' })]
  expect(labels(ways)).toEqual(['Sign in with Acme (one)', 'Sign in with Acme (two)'])
})

test('the hint says where people are taken, where that is known', () => {
  const hints = (oauth: Omit<OAuth, 'field'>) =>
    signInChoices([method('a', oauth)], 'Acme', false).map(({ hint }) => hint)
  expect(hints({ flows: [CODE] })).toEqual(['You are taken to login.acme.test and come back connected.'])
  expect(hints({ flows: [], resourceUrl: 'https://api.acme.test' })).toEqual([
    'You are taken to its sign-in page and come back connected.',
  ])
})

test.each<[string, AuthMethod]>([
  ['nothing says where tokens are issued', method('a', { flows: [], scopes: ['read'] })],
  [
    'more has to be typed beside the token',
    method('a', { flows: [CODE] }, { fields: [TOKEN, { ...TOKEN, name: 'key' }] }),
  ],
  ['it has nothing to do with OAuth', method('a')],
])('no sign-in is offered where %s', (_, one) => {
  expect(labels([one])).toEqual([])
})

test('what may be left empty does not have to be typed', () => {
  const fields = [TOKEN, { ...TOKEN, name: 'key', isOptional: true as const }]
  expect(labels([method('a', { flows: [CODE] }, { fields })])).toEqual(['Sign in with Acme'])
})

test('a value is found again only as it was offered', () => {
  const methods = [method('a.b', { flows: [CODE] }), method('b', { flows: [DEVICE] })]
  for (const { value, grant, method: id } of signInChoices(methods, 'Acme', true)) {
    expect(findSignIn(methods, value)).toMatchObject({ grant, method: { id } })
  }
  for (const value of ['', 'a.b', '~sign-in.', '~sign-in.authorization_code.b', '~sign-in.client_credentials.a.b']) {
    expect(findSignIn(methods, value)).toBeUndefined()
  }
})

test('the form begins with a sign-in, or else with what asks for something; members are offered nothing besides', () => {
  const key = method('key')
  const none: AuthMethod = { id: 'none', label: 'None', fields: [], placements: [] }
  const begins = (authMethods: AuthMethod[], isAdmin = true) =>
    connectOffer({ authMethods, title: 'Acme' }, isAdmin).method
  expect(begins([key, method('login', { flows: [CODE] })])).toBe('~sign-in.authorization_code.login')
  expect(begins([none, key])).toBe('key')
  expect(begins([none])).toBe('none')
  // As an application is nothing to begin with.
  expect(begins([key, method('app', { flows: [MACHINE] })])).toBe('key')
  expect(connectOffer({ authMethods: [key], title: 'Acme' }, false).others).toEqual([])
  expect(connectOffer({ authMethods: [key], title: 'Acme' }, true).others.length).toBeGreaterThan(0)
})
