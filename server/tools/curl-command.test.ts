import { expect, test } from 'vitest'
import { problemOfMethod } from '../connections/method.ts'
import { readCurlCommand } from './curl-command.ts'

function read(text: string) {
  const command = readCurlCommand(text)
  if (!command?.ok) throw new Error(command === null ? 'no command' : command.message)
  const problem = command.method === null ? null : problemOfMethod(command.method)
  if (problem !== null) throw new Error(problem)
  return command
}

const bearer = { in: 'header', name: 'Authorization', template: 'Bearer {token}' }

test.each([
  [
    'POSIX',
    `curl -X POST https://api.example.com/v1/charges \\\n  -H 'Authorization: Bearer s3cret' \\\n  -d '{"a":1}'`,
  ],
  [
    'POSIX with spaces after the backslash',
    `curl https://api.example.com/v1/charges \\ \n -H "Authorization: Bearer s3cret"`,
  ],
  [
    'backslashes that were lost',
    `curl https://api.example.com/v1/charges\n  -H "Authorization: Bearer s3cret"\n  -d a=b`,
  ],
  ['Windows line ends', `curl https://api.example.com/v1/charges \\\r\n  -H "Authorization: Bearer s3cret"\r\n`],
  [
    'ANSI quotes',
    `curl $'https://api.example.com/v1/charges' -H $'Authorization: Bearer s3cret\\u0021' --data-raw $'it\\'s'`,
  ],
  ['cmd.exe', `curl "https://api.example.com/v1/charges" ^\n  -H "Authorization: Bearer s3cret" ^\n  --data "x"`],
  [
    'Chrome for cmd.exe',
    `curl ^"https://api.example.com/v1/charges^" ^\n  -H ^"authorization: Bearer s3cret^" ^\n --data-raw ^"^{^\\^"a^\\^":1^}^"`,
  ],
  ['PowerShell', 'curl.exe "https://api.example.com/v1/charges" `\n  -H "Authorization: Bearer s3cret" `\n  -d x'],
  [
    '--url and --header',
    `curl --request GET --url https://api.example.com/v1/charges --header 'Authorization: Bearer s3cret'`,
  ],
  [
    'options before',
    `curl -sSL -m 30 -o out.json --request-target /x -A "agent/1.0" -HAuthorization:\\ Bearer\\ s3cret https://api.example.com/v1/charges`,
  ],
  ['no scheme', `curl api.example.com/v1/charges -H 'Authorization: Bearer s3cret'`],
  ['oauth2-bearer', `curl --oauth2-bearer s3cret https://api.example.com/v1/charges`],
  ['a variable', `curl https://api.example.com/v1/charges -H "Authorization: Bearer $TOKEN" | jq -H s3cret .`],
])('a command is read as its shell would: %s', (_, text) => {
  const { url, method, message } = read(text)
  expect(url).toMatch(/^https:\/\/api\.example\.com\/v1\/charges$/)
  expect(method?.placements).toMatchObject([{ ...bearer, name: expect.stringMatching(/^authorization$/i) }])
  expect(message).toBe(
    `A curl command for https://api.example.com/v1/charges. It signs in with header ${method?.label.slice(7)}; the value is dropped.`,
  )
  expect(JSON.stringify([url, method, message])).not.toContain('s3cret')
})

test.each([
  [`-H 'X-Api-Key: s3cret'`, [{ in: 'header', name: 'X-Api-Key', template: '{token}' }]],
  [`-H 'PRIVATE-TOKEN: s3cret'`, [{ in: 'header', name: 'PRIVATE-TOKEN', template: '{token}' }]],
  [`-H 'Authorization: s3cret-without-scheme'`, [{ in: 'header', name: 'Authorization', template: '{token}' }]],
  [
    `-H 'Authorization: Klaviyo-API-Key s3cret'`,
    [{ in: 'header', name: 'Authorization', template: 'Klaviyo-API-Key {token}' }],
  ],
  [
    `-H 'Authorization: Token token=s3cret'`,
    [{ in: 'header', name: 'Authorization', template: 'Token token={token}' }],
  ],
  [`-H 'Authorization: Bot s3cret'`, [{ in: 'header', name: 'Authorization', template: 'Bot {token}' }]],
  [`-H 'Authorization: secretpart otherpart'`, [{ in: 'header', name: 'Authorization', template: '{token}' }]],
  [`-H 'Authorization: Basic czNjcmV0'`, [{ in: 'basic', userTemplate: '{user}', passwordTemplate: '{password}' }]],
  [`-u ada:s3cret`, [{ in: 'basic', userTemplate: '{user}', passwordTemplate: '{password}' }]],
  [`-uada:s3cret`, [{ in: 'basic', userTemplate: '{user}', passwordTemplate: '{password}' }]],
  [`--user sk_s3cret:`, [{ in: 'basic', userTemplate: '{token}', passwordTemplate: '' }]],
  [`-b 'session=s3cret'`, [{ in: 'cookie', name: 'session', template: '{token}' }]],
  [`-H 'Cookie: theme=dark; sid=s3cret; lang=en'`, [{ in: 'cookie', name: 'sid', template: '{token}' }]],
  [`-G -d api_key=s3cret -d limit=3`, [{ in: 'query', name: 'api_key', template: '{token}' }]],
  [`--url-query access_token=s3cret`, [{ in: 'query', name: 'access_token', template: '{token}' }]],
])('where a credential goes is kept, and what it is, is not: %s', (options, placements) => {
  const command = read(`curl https://api.example.com/v1 ${options}`)
  expect(command.method?.placements).toEqual(placements)
  expect(JSON.stringify(command)).not.toMatch(/s3cret|czNjcmV0|secretpart|otherpart|ada|dark/)
})

test('several credentials are one way to connect, with a field for each', () => {
  const { method } = read(`curl https://api.example.com/v1 -H 'DD-API-KEY: a1' -H 'DD-APPLICATION-KEY: b2' -u 'c3:'`)
  expect(method).toEqual({
    id: 'curl',
    label: 'header DD-API-KEY + header DD-APPLICATION-KEY + a key as the user name',
    fields: [
      { name: 'dd_api_key_1', label: 'header DD-API-KEY', isSecret: true },
      { name: 'dd_application_key_2', label: 'header DD-APPLICATION-KEY', isSecret: true },
      { name: 'key_3', label: 'Key (sent as the user name)', isSecret: true },
    ],
    placements: [
      { in: 'header', name: 'DD-API-KEY', template: '{dd_api_key_1}' },
      { in: 'header', name: 'DD-APPLICATION-KEY', template: '{dd_application_key_2}' },
      { in: 'basic', userTemplate: '{key_3}', passwordTemplate: '' },
    ],
  })
})

test('headers that are no credential are none', () => {
  const { method, message } = read(
    `curl https://api.example.com/v1 -H 'Accept: a/b' -H 'Idempotency-Key: k' -H 'X-CSRF-Token: t' -H '@headers.txt' -H 'sk_live_s3cret' -b cookies.txt -d password=x`,
  )
  expect(method).toBeNull()
  expect(message).toBe('A curl command for https://api.example.com/v1. It shows no credential that can be used.')
})

test('a computed credential is not mistaken for a password', () => {
  expect(read('curl --digest -u ada:s3cret https://api.example.com/v1').method).toBeNull()
  expect(read('curl --aws-sigv4 aws:amz:us-east-1:s3 -u key:s3cret https://api.example.com/v1').method).toBeNull()
})

test.each([
  ['https://ada:s3cret@api.example.com/v1', 'https://api.example.com/v1'],
  ['"https://api.example.com/v1/search?q=x&api_key=s3cret"', 'https://api.example.com/v1/search'],
  ['https://api.example.com/bot123456:s3cret/getMe', 'https://api.example.com/'],
  [
    'https://hooks.example.com/services/T0AAA/B0BBB/s3cretS3CRETs3cretS3CR',
    'https://hooks.example.com/services/T0AAA/B0BBB',
  ],
  ['https://api.example.com/v1/customers/cus_s3cret9s6XKzkNRiz8i3/cards', 'https://api.example.com/v1/customers'],
  ['"https://api.example.com/openapi.json?version=2&token=s3cret"', 'https://api.example.com/openapi.json?version=2'],
  [
    '"https://gmail.googleapis.com/\\$discovery/rest?version=v1"',
    'https://gmail.googleapis.com/$discovery/rest?version=v1',
  ],
])('of the address only what says where the API is remains: %s', (given, url) => {
  const command = read(`curl ${given}`)
  expect(command.url).toBe(url)
  expect(JSON.stringify(command)).not.toContain('s3cret')
})

test('only the first command counts', () => {
  expect(read('curl https://one.example.com; curl https://two.example.com').url).toBe('https://one.example.com/')
  expect(read('curl https://one.example.com\ncurl https://two.example.com -u a:b')).toMatchObject({
    url: 'https://one.example.com/',
    method: null,
  })
  expect(read('curl https://one.example.com -: https://two.example.com -u a:b').method).toBeNull()
  expect(read('curl https://one.example.com/a?x=1&y=2 -u a:b').method).not.toBeNull()
})

test('a text without a command is none', () => {
  for (const text of ['curl', 'curly braces', 'a curl of hair', 'https://curl.se/docs']) {
    expect(readCurlCommand(text)).toBeNull()
  }
})

test.each([
  'curl --silent -H "Authorization: Bearer s3cret"',
  'curl https://$HOST/v1 -u s3cret:',
  'curl https://<your-domain>.example.com/ -u s3cret:',
  'curl "https://{domain}/v1"',
  'curl file:///etc/passwd',
  'curl javascript:alert(1)',
])('a command without a readable address says so, and no more: %s', (text) => {
  const command = readCurlCommand(text)
  expect(command?.ok).toBe(false)
  expect(command?.message).toMatch(/names no web address|placeholder/)
  expect(command?.message).not.toContain('s3cret')
})

test('hostile quoting ends somewhere, and never in a secret', () => {
  const secret = 's3cretS3cretS3cret'
  for (const text of [
    `curl 'https://api.example.com/v1' -H 'Authorization: Bearer ${secret}`,
    `curl "https://api.example.com/v1" -H "Authorization: Bearer ${secret}\\"`,
    `curl https://api.example.com/v1 -H 'X-Key: '"'"'${secret}'"'"''`,
    `curl https://api.example.com/v1 -H "X-Key: \${K:-'${secret}'}"`,
    `curl https://api.example.com/v1 -H "X-Key: $(cat ${secret})" -u \`cat ${secret}\``,
    `curl https://api.example.com/v1 -u $'\\x73:${secret}\\`,
    `curl https://api.example.com/v1 -H "${secret}: X-Key"`,
    `curl https://api.example.com/v1 -b "=${secret}" -b "; ;=;${secret}"`,
    `curl https://api.example.com/v1 -H`,
    `curl https://api.example.com/v1 --header '' -u '' -b '' ''`,
    `curl https://api.example.com/v1 -H 'X-Key\n: ${secret}'`,
    `curl https://api.example.com/v1 -H '__proto__: ${secret}' -H 'constructor-key: ${secret}'`,
  ]) {
    const command = read(text)
    expect(command.url).toBe('https://api.example.com/v1')
    expect(JSON.stringify(command)).not.toContain(secret)
  }
})
