import { assert, boolean, dictionary, jsonValue, nat, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { type Application } from './access-application.ts'
import { findUpstream, linkedApplication, lossesOf } from './access-link-plan.ts'

const json = dictionary(string({ minLength: 1, maxLength: 6 }), jsonValue({ maxDepth: 3 }), {
  minKeys: 1,
  maxKeys: 6,
})

test('nothing is a loss where nothing has changed, whatever the API moves and adds', () => {
  assert(
    property(json, (fields) => {
      const before = { ...fields, updated_at: '1', policies: [{ id: 'p', app_count: 1 }] }
      const policies = [{ id: 'new' }, { id: 'p', app_count: 2, updated_at: '3' }]
      expect(lossesOf(before, { ...before, policies, updated_at: '2', brand_new: true })).toEqual([])
    }),
  )
})

test('whatever is lost or otherwise, however deep, is found', () => {
  assert(
    property(json, nat(), boolean(), (fields, seed, isRemoved) => {
      const after = structuredClone(fields)
      const places = [...placesIn(after)]
      const [object, name] = places[seed % places.length] ?? [after, 'x']
      if (isRemoved && !Array.isArray(object)) Reflect.deleteProperty(object, name)
      else Reflect.set(object, name, 'a value that no other has')
      expect(lossesOf({ inside: fields }, { inside: after })).not.toEqual([])
    }),
  )
})

function* placesIn(value: object): Generator<[object, string]> {
  for (const [name, inner] of Object.entries(value)) {
    yield [value, name]
    if (typeof inner === 'object' && inner !== null) yield* placesIn(inner)
  }
}

test.each<[string, object[], string[]]>([
  ['gone', [{ id: 'b', name: 'B', precedence: 2 }], ['the policy "A" is gone']],
  [
    'of another rank',
    [
      { id: 'a', name: 'A', precedence: 3 },
      { id: 'b', name: 'B', precedence: 2 },
    ],
    ['the policy "A".precedence is different'],
  ],
  [
    'in another order',
    [
      { id: 'b', name: 'B', precedence: 2 },
      { id: 'a', name: 'A', precedence: 1 },
    ],
    ['the policies have another order'],
  ],
])('a policy that is %s', (_, policies, losses) => {
  const before = [
    { id: 'a', name: 'A', precedence: 1 },
    { id: 'b', name: 'B', precedence: 2 },
  ]
  expect(lossesOf({ policies: before }, { policies })).toEqual(losses)
})

test('the policy that is added comes last, whatever precedence says', () => {
  const policies = [{ id: 'a', precedence: 9, reusable: true, name: 'A' }, { id: 'b' }]
  expect(linkedApplication({ id: 'x', policies }, { id: 'new' }).policies).toEqual([
    { id: 'a', precedence: 9 },
    { id: 'b' },
    { id: 'new', precedence: 10 },
  ])
  expect(linkedApplication({ id: 'x' }, { id: 'new' })).toEqual({ id: 'x', policies: [{ id: 'new', precedence: 1 }] })
})

const application = (id: string, domain: string, type = 'self_hosted'): Application => ({ id, domain, type, name: id })

test.each([
  ['one', [application('one', 'one.test')]],
  ['https://ONE.test:443/', [application('one', 'one.test')]],
  ['one.test', [application('mark', 'one.test', 'bookmark'), application('one', 'one.test')]],
  ['one.test', [application('wild', '*.test'), application('one', 'one.test')]],
  ['https://one.test/a/b', [application('root', 'one.test'), application('one', 'one.test/a/*')]],
])('%s means one application', (asked, applications) => {
  expect(findUpstream(applications, asked)).toMatchObject({ ok: true, application: { id: 'one' } })
})

test.each(['oneXtest.example', 'deep.one.test', 'https://one.test.evil.example/', 'http://', '', 'a b'])(
  '%j means none',
  (asked) => {
    const applications = [application('one', 'one.test'), application('dots', '*ne.test')]
    expect(findUpstream(applications, asked)).toMatchObject({ ok: false })
  },
)
