import { expect, test } from 'vitest'
import { parseEnv } from './env.ts'

const KEY = 'q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQASNFZ4mrze8='
const good = { ACCESS_TEAM_DOMAIN: 'acme.cloudflareaccess.com', ACCESS_AUD: 'a'.repeat(64), EXECUTOR_SECRET_KEY: KEY }

/** The configuration, or what is missing. */
function parsed(env: object) {
  const result = parseEnv(env)
  return result.ok ? result.config : result.missing
}

test('the smallest configuration is three variables', () => {
  expect(parsed(good)).toEqual({
    teamDomain: new URL('https://acme.cloudflareaccess.com'),
    audiences: ['a'.repeat(64)],
    adminEmails: [],
    adminGroups: [],
    secretKey: KEY,
    allowLocalNetwork: false,
  })
})

test('lists are separated by commas, and emails compared in lower case', () => {
  expect(
    parsed({
      ...good,
      ACCESS_AUD: ' one-tag, another-tag ,',
      ADMIN_EMAILS: 'Ada@Example.com,',
      ADMIN_GROUPS: 'Platform, eng',
    }),
  ).toMatchObject({
    audiences: ['one-tag', 'another-tag'],
    adminEmails: ['ada@example.com'],
    adminGroups: ['Platform', 'eng'],
  })
})

test.each([
  ['https://acme.cloudflareaccess.com', 'https://acme.cloudflareaccess.com'],
  ['https://acme.cloudflareaccess.com/', 'https://acme.cloudflareaccess.com'],
  ['ACME.cloudflareaccess.com', 'https://acme.cloudflareaccess.com'],
  ['http://localhost:8787', 'http://localhost:8787'],
  ['http://127.0.0.1:8787', 'http://127.0.0.1:8787'],
  ['http://[::1]:8787', 'http://[::1]:8787'],
  ['login.acme.com', 'https://login.acme.com'],
])('the team domain %s is %s', (text, origin) => {
  expect(parsed({ ...good, ACCESS_TEAM_DOMAIN: text })).toMatchObject({ teamDomain: new URL(origin) })
})

test.each([
  [undefined, /not set/],
  ['', /not set/],
  ['  ', /not set/],
  ['<team>', /placeholder/],
  ['<team>.cloudflareaccess.com', /placeholder/],
  ['https://<team>.cloudflareaccess.com', /placeholder/],
  ['your-team', /placeholder/],
  ['your-team.cloudflareaccess.com', /placeholder/],
  ['https://your-team-name.cloudflareaccess.com', /placeholder/],
  ['example.cloudflareaccess.com', /placeholder/],
  ['${TEAM}.cloudflareaccess.com', /placeholder/],
  ['acme', /acme\.cloudflareaccess\.com/],
  ['http://acme.cloudflareaccess.com', /https/],
  ['http://localhost.evil.com', /https/],
  ['http://127.0.0.1.evil.com', /https/],
  ['ftp://acme.cloudflareaccess.com', /https/],
  ['https://acme.cloudflareaccess.com/cdn-cgi/access/certs', /without a path/],
  ['https://user:password@acme.cloudflareaccess.com', /without a path/],
  ['not a host', /not a host name/],
])('the team domain %j is refused', (text, message) => {
  expect(parsed({ ...good, ACCESS_TEAM_DOMAIN: text })).toEqual([
    expect.stringMatching(new RegExp(`^ACCESS_TEAM_DOMAIN .*${message.source}`)),
  ])
})

test.each([undefined, '', ' , ', '<aud>', 'your-aud-tag', 'ACCESS_AUD', 'changeme', '0000', `${'a'.repeat(64)},<aud>`])(
  'the audience %j is refused',
  (text) => {
    expect(parsed({ ...good, ACCESS_AUD: text })).toEqual([expect.stringMatching(/^ACCESS_AUD is /)])
  },
)

test.each([
  ['base64url without padding', KEY.replaceAll('+', '-').replaceAll('/', '_').replace('=', '')],
  ['hex', '0123456789abcdeffedcba98765432100f1e2d3c4b5a69788796a5b4c3d2e1f0'],
  ['more than 32 bytes', `${KEY.replace('=', 'A')}abcdefghijkl`],
])('a secret key may be %s', (_, key) => {
  expect(parsed({ ...good, EXECUTOR_SECRET_KEY: key })).toMatchObject({ secretKey: key })
})

test.each([
  undefined,
  '',
  'secret',
  'correct horse battery staple correct horse',
  'a'.repeat(64),
  '0'.repeat(64),
  'aGVsbG8=',
])('the secret key %j is refused, and not repeated', (key) => {
  const missing = parsed({ ...good, EXECUTOR_SECRET_KEY: key })
  expect(missing).toEqual([expect.stringMatching(/^EXECUTOR_SECRET_KEY is not/)])
})

test('a previous key is a key too', () => {
  expect(parsed({ ...good, EXECUTOR_SECRET_KEY_PREVIOUS: KEY })).toMatchObject({ previousSecretKey: KEY })
  expect(parsed({ ...good, EXECUTOR_SECRET_KEY_PREVIOUS: 'old' })).toEqual([expect.stringMatching(/PREVIOUS/)])
})

test.each(['1', 'TRUE', 'yes', 'false', '', true])(
  'ALLOW_LOCAL_NETWORK is off for %j: only the word true opens it',
  (value) => {
    expect(parsed({ ...good, ALLOW_LOCAL_NETWORK: value })).toMatchObject({ allowLocalNetwork: false })
  },
)

test('the word true opens the local network', () => {
  expect(parsed({ ...good, ALLOW_LOCAL_NETWORK: 'true' })).toMatchObject({ allowLocalNetwork: true })
})

test('everything that is missing is said at once', () => {
  expect(parsed({})).toHaveLength(3)
})
