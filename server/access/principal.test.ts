import { expect, test } from 'vitest'
import { personClaims, serviceClaims } from '../testing/access.ts'
import { identify } from './principal.ts'

const nobodyNamed = { adminEmails: [], adminGroups: [] }

test('a person is known by the email in lower case', () => {
  const claims = { ...personClaims('Ada@Example.com'), name: 'Ada', groups: ['eng'] }
  expect(identify(claims, nobodyNamed)).toEqual({
    ok: true,
    principal: {
      kind: 'person',
      id: 'person:ada@example.com',
      email: 'ada@example.com',
      subject: 'subject-of-ada@example.com',
      name: 'Ada',
      groups: ['eng'],
      isAdmin: true,
    },
  })
})

test('a service is known by its common name and never an admin', () => {
  expect(identify(serviceClaims(), nobodyNamed)).toEqual({
    ok: true,
    principal: { kind: 'service', id: 'service:robot.access', name: 'robot.access', isAdmin: false },
  })
  const named = { adminEmails: ['robot.access'], adminGroups: ['robots'] }
  expect(identify({ ...serviceClaims(), groups: ['robots'] }, named)).toMatchObject({ principal: { isAdmin: false } })
})

test.each([
  ['neither email nor common name', { sub: 's' }, 'no_identity'],
  ['an empty email', { sub: 's', email: '' }, 'no_identity'],
  ['an email that is no text', { sub: 's', email: ['ada@example.com'] }, 'no_identity'],
  ['both', { sub: 's', email: 'ada@example.com', common_name: 'robot.access' }, 'two_identities'],
  ['an email without a subject', { sub: '', email: 'ada@example.com' }, 'bad_identity'],
  ['an email with a line break', { sub: 's', email: 'ada@example.com\nroot@example.com' }, 'bad_identity'],
  ['an email without an @', { sub: 's', email: 'ada' }, 'bad_identity'],
  ['a common name with a space', { sub: '', common_name: 'robot person:ada@example.com' }, 'bad_identity'],
])('a token with %s is nobody', (_, claims, reason) => {
  expect(identify(claims, nobodyNamed)).toEqual({ ok: false, reason })
})

test.each([
  ['named by email in any case', { adminEmails: ['ADA@example.com'], adminGroups: [] }, {}, true],
  ['not named, with others named', { adminEmails: ['grace@example.com'], adminGroups: [] }, {}, false],
  ['in a named group', { adminEmails: [], adminGroups: ['platform'] }, { groups: ['eng', 'platform'] }, true],
  [
    'in a named group of a custom claim',
    { adminEmails: [], adminGroups: ['platform'] },
    { custom: { groups: ['platform'] } },
    true,
  ],
  [
    'in a named group given as an object',
    { adminEmails: [], adminGroups: ['platform'] },
    { groups: [{ id: '7', name: 'platform' }] },
    true,
  ],
  [
    'in no named group',
    { adminEmails: [], adminGroups: ['platform'] },
    { groups: ['platformers', { x: 1 }, null, 3] },
    false,
  ],
  ['in a group that differs in case', { adminEmails: [], adminGroups: ['platform'] }, { groups: ['Platform'] }, false],
])('a person %s: admin is %s', (_, roles, claims, isAdmin) => {
  expect(identify({ ...personClaims(), ...claims }, roles)).toMatchObject({ principal: { isAdmin } })
})

test('a letter that only lower-cases to another does not make an admin', () => {
  const kelvin = identify(personClaims('\u212Aim@example.com'), { adminEmails: ['kim@example.com'], adminGroups: [] })
  expect(kelvin).toMatchObject({ ok: true, principal: { isAdmin: false } })
})
