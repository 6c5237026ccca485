import { expect, test } from 'vitest'
import { isAccessLogin, isAccessRefusal } from './access-refusal.ts'
import { type Credential, createOutbound } from './outbound.ts'

const API = 'https://wiki.example.com'
const LOGIN = 'https://acme.cloudflareaccess.com/cdn-cgi/access/login/wiki.example.com?kid=abc&redirect_url=%2Fa'

function network(answer: (request: Request) => Response) {
  const sent: string[] = []
  const resolver = async () => ({ ok: true as const, addresses: ['93.184.215.14'] })
  const fetch = async (request: Request) => {
    sent.push(request.url)
    return answer(request)
  }
  return { sent, outbound: createOutbound({ allowLocalNetwork: false, fetch, resolver }) }
}

test.each([
  [LOGIN, true],
  ['/cdn-cgi/access/login', true],
  ['/cdn-cgi/access/login?redirect_url=%2F', true],
  ['//other.example/cdn-cgi/access/login/x', true],
  ['/cdn-cgi/access/logins', false],
  ['/docs?next=/cdn-cgi/access/login', false],
  ['/a/cdn-cgi/access/login', false],
  ['https://acme.cloudflareaccess.com/', false],
  ['https://[', false],
])('%s leads to the login of Access: %s', (location, isLogin) => {
  expect(isAccessLogin(location, new URL(`${API}/a`))).toBe(isLogin)
})

test.each<[string, string | undefined, string]>([
  [
    'as Access writes it',
    `Cloudflare-Access resource_metadata="${API}/.well-known/cloudflare-access-protected-resource/"`,
    'resource_metadata',
  ],
  ['without a challenge', undefined, 'Cloudflare-Access'],
  ['with a challenge of something else', 'Basic realm="x"', 'Cloudflare-Access'],
])('the login page is never asked for: a redirect to it is a refusal, %s', async (_, challenge, kept) => {
  const headers = { location: LOGIN, ...(challenge !== undefined && { 'www-authenticate': challenge }) }
  const { sent, outbound } = network(() => new Response('<html>', { status: 302, headers }))
  const credential: Credential = { origins: [API], apply: ({ headers: own }) => own.set('cf-access-token', 's3cret') }
  const response = await outbound.send(new Request(`${API}/a`, { method: 'POST', body: '{}' }), { credential })
  expect(response.status).toBe(401)
  expect(isAccessRefusal(response)).toBe(true)
  expect(response.headers.get('www-authenticate')).toContain(kept)
  expect(response.url).toBe(`${API}/a`)
  expect(await response.text()).toBe('Cloudflare Access asks for a login.')
  expect(sent).toEqual([`${API}/a`])
})

test.each<[number, Record<string, string>, boolean]>([
  [401, { 'www-authenticate': 'Cloudflare-Access' }, true],
  [
    401,
    {
      'www-authenticate': `Bearer realm="OAuth", resource_metadata="${API}/.well-known/cloudflare-access-protected-resource"`,
    },
    true,
  ],
  [403, { 'cf-access-aud': 'abc' }, true],
  [403, { 'cf-access-domain': 'wiki.example.com' }, true],
  [401, { 'www-authenticate': 'Bearer realm="api"' }, false],
  [401, { 'www-authenticate': `Bearer resource_metadata="${API}/.well-known/oauth-protected-resource"` }, false],
  [403, {}, false],
  [200, { 'cf-access-aud': 'abc' }, false],
  [404, { 'www-authenticate': 'Cloudflare-Access' }, false],
])('%i with %o is of Access: %s', async (status, headers, isOfAccess) => {
  const { outbound } = network(() => new Response('x', { status, headers }))
  expect(isAccessRefusal(await outbound.send(new Request(API)))).toBe(isOfAccess)
})

test('what Access tells an application of a person is shown to nobody', async () => {
  const headers = { 'cf-access-jwt-assertion': 'eyJ', 'cf-access-token': 'eyJ', 'cf-access-aud': 'abc' }
  const { outbound } = network(() => new Response('x', { headers }))
  expect(Object.fromEntries((await outbound.send(new Request(API))).headers)).toEqual({
    'cf-access-aud': 'abc',
    'content-type': 'text/plain;charset=UTF-8',
  })
})
