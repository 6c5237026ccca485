import { expect, test } from 'vitest'
import type { AuthMethod, Placement } from '../../drizzle/shapes.ts'
import { credentialFor, placeOf } from './attach.ts'
import { createVault } from './seal.ts'

const vault = createVault({ key: '0123456789abcdeffedcba98765432100f1e2d3c4b5a69788796a5b4c3d2e1f0' })

/** A stored connection with one secret field `secret` and one plain field `user`. */
async function stored(placements: Placement[], secret: string, user = 'ada') {
  const method: AuthMethod = {
    id: 'test',
    label: 'Test',
    fields: [
      { name: 'user', label: 'User', isSecret: false },
      { name: 'secret', label: 'Secret', isSecret: true },
    ],
    placements,
  }
  const place = { id: 'con_1', owner: 'org' }
  const sealed = await vault.seal({ secret }, placeOf(place))
  return { ...place, method, values: { user }, sealed, origins: ['https://api.example.com'] }
}

/** What a request looks like with the credential attached. */
async function attached(placements: Placement[], secret: string, url = 'https://api.example.com/v1', headers = {}) {
  const result = await credentialFor(await stored(placements, secret), vault)
  if (!result.ok || !result.credential) throw new Error('expected a credential')
  const target = { url: new URL(url), headers: new Headers(headers), method: 'GET', body: null }
  await result.credential.apply(target)
  return { url: target.url.href, headers: Object.fromEntries(target.headers) }
}

test('a header takes the place of one that the request brought', async () => {
  const placements: Placement[] = [{ in: 'header', name: 'Authorization', template: 'Bearer {secret}' }]
  expect(await attached(placements, 's3cret', undefined, { authorization: 'Bearer forged' })).toMatchObject({
    headers: { authorization: 'Bearer s3cret' },
  })
})

test('a parameter is added to the query, which else stays as it is written', async () => {
  const placements: Placement[] = [{ in: 'query', name: 'api key', template: '{secret}' }]
  const { url } = await attached(
    placements,
    'a&b=c d',
    'https://api.example.com/v1?q=a%20b+c&x[]=1&api%20key=forged&api+key=too',
  )
  expect(url).toBe('https://api.example.com/v1?q=a%20b+c&x[]=1&api%20key=a%26b%3Dc%20d')
})

test('a cookie joins those of the request and replaces its own', async () => {
  const placements: Placement[] = [{ in: 'cookie', name: 'session', template: '{secret}' }]
  expect((await attached(placements, 's3cret', undefined, { cookie: 'lang=de; session=forged' })).headers.cookie).toBe(
    'lang=de; session=s3cret',
  )
})

test('basic credentials are UTF-8', async () => {
  const placements: Placement[] = [{ in: 'basic', userTemplate: '{user}', passwordTemplate: '{secret}' }]
  const { headers } = await attached(placements, 'pässwörd:€')
  const bytes = Uint8Array.from(atob((headers.authorization ?? '').slice('Basic '.length)), (char) =>
    char.charCodeAt(0),
  )
  expect(new TextDecoder().decode(bytes)).toBe('ada:pässwörd:€')
})

test('several fields go to several places', async () => {
  const placements: Placement[] = [
    { in: 'header', name: 'X-User', template: '{user}' },
    { in: 'header', name: 'X-Key', template: 'v={secret};u={user}' },
    { in: 'query', name: 'key', template: '{secret}' },
  ]
  expect(await attached(placements, 's3')).toEqual({
    url: 'https://api.example.com/v1?key=s3',
    headers: { 'x-user': 'ada', 'x-key': 'v=s3;u=ada' },
  })
})

test('what looks like a field inside a value is not one', async () => {
  expect((await attached([{ in: 'header', name: 'X-Key', template: '{secret}' }], '{user}$&')).headers['x-key']).toBe(
    '{user}$&',
  )
})

test('the credential is for the pinned origins only', async () => {
  const result = await credentialFor(await stored([{ in: 'header', name: 'X-Key', template: '{secret}' }], 's3'), vault)
  expect(result).toMatchObject({ ok: true, credential: { origins: ['https://api.example.com'] } })
})

test.each<[string, Placement, string]>([
  ['a line break in a header', { in: 'header', name: 'X-Key', template: '{secret}' }, 's3cret\r\nX-Admin: true'],
  ['a NUL in a header', { in: 'header', name: 'X-Key', template: '{secret}' }, 's3cret\u0000'],
  ['letters that no header can carry', { in: 'header', name: 'X-Key', template: '{secret}' }, 's3cret€'],
  ['a second cookie in a cookie', { in: 'cookie', name: 'session', template: '{secret}' }, 's3cret; admin=1'],
  ['a colon in a basic user', { in: 'basic', userTemplate: '{secret}', passwordTemplate: '{user}' }, 's3cret:x'],
  ['a field that has no value', { in: 'header', name: 'X-Key', template: '{secret}{other}' }, 's3cret'],
])('%s is refused, without repeating it', async (_, placement, secret) => {
  const result = await credentialFor(await stored([placement], secret), vault)
  expect(result).toMatchObject({ ok: false, reason: 'incomplete' })
  expect(JSON.stringify(result)).not.toContain('s3cret')
})

test('a connection whose secret was moved from another row, or given to another owner, does not open', async () => {
  const connection = await stored([{ in: 'header', name: 'X-Key', template: '{secret}' }], 's3')
  expect(await credentialFor({ ...connection, id: 'con_2' }, vault)).toMatchObject({ ok: false, reason: 'sealed' })
  expect(await credentialFor({ ...connection, owner: 'person:eve@example.com' }, vault)).toMatchObject({
    ok: false,
    reason: 'sealed',
  })
})

test('a connection without a credential sends none', async () => {
  const none = { id: 'none', label: 'None', fields: [], placements: [] }
  const connection = { id: 'con_1', owner: 'org', method: none, values: {}, sealed: null, origins: [] }
  expect(await credentialFor(connection, vault)).toEqual({ ok: true, credential: null })
})
