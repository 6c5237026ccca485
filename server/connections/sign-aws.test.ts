import { expect, test } from 'vitest'
import type { CredentialTarget } from '../net/outbound.ts'
import { authorizationOf, type AwsKey, type Signable, signAws } from './sign-aws.ts'

// The test suite that AWS publishes for Signature Version 4 (aws-sig-v4-test-suite): its key, its date, its signatures.
const KEY: AwsKey = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: '',
  region: 'us-east-1',
  service: 'service',
}
const DATE = '20150830T123600Z'
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
/** SHA-256 of `Param1=value1`. */
const FORM = '9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e'
const ALPHABET = '-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const TOKEN =
  'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=='

type Vector = Partial<Omit<Signable, 'headers'>> & { headers?: [string, string][]; signature: string }

const vanilla = '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'
const post = '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'

const VECTORS: Record<string, Vector> = {
  'get-vanilla': { signature: vanilla },
  'get-vanilla-query': { signature: vanilla },
  'get-vanilla-empty-query-key': {
    query: [['Param1', 'value1']],
    signature: 'a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb',
  },
  'get-vanilla-query-order-key-case': {
    query: [
      ['Param2', 'value2'],
      ['Param1', 'value1'],
    ],
    signature: 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  },
  'get-vanilla-query-order-value': {
    query: [
      ['Param1', 'value2'],
      ['Param1', 'value1'],
    ],
    signature: '5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694',
  },
  'get-vanilla-query-unreserved': {
    query: [[ALPHABET, ALPHABET]],
    signature: '9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197',
  },
  'get-vanilla-utf8-query': {
    query: [['ሴ', 'bar']],
    signature: '2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04',
  },
  'get-unreserved': {
    path: `/${ALPHABET}`,
    signature: '07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f',
  },
  'get-utf8': { path: '/ሴ', signature: '8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85' },
  'get-space': {
    path: '/example space/',
    signature: '652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741',
  },
  'get-header-key-duplicate': {
    headers: [['my-header1', 'value2,value2,value1']],
    signature: 'c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea',
  },
  'get-header-value-multiline': {
    headers: [['my-header1', 'value1,value2,value3']],
    signature: 'ba17b383a53190154eb5fa66a1b836cc297cc0a3d70a5d00705980573d8ff790',
  },
  'get-header-value-order': {
    headers: [['my-header1', 'value4,value1,value3,value2']],
    signature: '08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01',
  },
  'get-header-value-trim': {
    headers: [
      ['my-header1', ' value1'],
      ['my-header2', ' "a   b   c"'],
    ],
    signature: 'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
  },
  'post-header-key-case': { method: 'POST', signature: post },
  'post-header-key-sort': {
    method: 'POST',
    headers: [['my-header1', 'value1']],
    signature: 'c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c',
  },
  'post-header-value-case': {
    method: 'POST',
    headers: [['my-header1', 'VALUE1']],
    signature: 'cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d',
  },
  'post-sts-header-after': { method: 'POST', signature: post },
  'post-sts-header-before': {
    method: 'POST',
    headers: [['x-amz-security-token', TOKEN]],
    signature: '85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead',
  },
  'post-vanilla': { method: 'POST', signature: post },
  'post-vanilla-empty-query-value': {
    method: 'POST',
    query: [['Param1', 'value1']],
    signature: '28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11',
  },
  'post-vanilla-query': {
    method: 'POST',
    query: [['Param1', 'value1']],
    signature: '28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11',
  },
  'post-vanilla-query-nonunreserved': {
    method: 'POST',
    query: [
      ['@#$%^', ''],
      ['+', '/,?><`";:\\|][{}'],
    ],
    signature: '66c82657c86e26fb25238d0e69f011edc4c6df5ae71119d7cb98ed9b87393c1e',
  },
  'post-vanilla-query-space': {
    method: 'POST',
    query: [['p', '']],
    signature: 'e71688addb58a26418614085fb730ba3faa623b461c17f48f2fbdb9361b94a9b',
  },
  'post-x-www-form-urlencoded': {
    method: 'POST',
    headers: [['content-type', 'application/x-www-form-urlencoded']],
    payloadHash: FORM,
    signature: 'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  },
  'post-x-www-form-urlencoded-parameters': {
    method: 'POST',
    headers: [['content-type', 'application/x-www-form-urlencoded; charset=utf8']],
    payloadHash: FORM,
    signature: '1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe',
  },
}

test.each(Object.entries(VECTORS))('%s', async (_, { headers = [], signature, ...rest }) => {
  const given: [string, string][] = [['host', 'example.amazonaws.com'], ['x-amz-date', DATE], ...headers]
  const request: Signable = { method: 'GET', path: '/', query: [], payloadHash: EMPTY, ...rest, headers: given }
  const names = given.map(([name]) => name).toSorted()
  expect(await authorizationOf(request, KEY, DATE)).toBe(
    `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${names.join(';')}, Signature=${signature}`,
  )
})

interface Given {
  key?: Partial<AwsKey>
  method?: string
  headers?: Record<string, string>
  body?: string
  now?: number
}

async function signed(
  address: string,
  { key, method = 'GET', headers, body, now = Date.parse('2015-08-30T12:36:00Z') }: Given,
) {
  const target: CredentialTarget = {
    url: new URL(address),
    method,
    headers: new Headers(headers),
    body: body === undefined ? null : new TextEncoder().encode(body),
  }
  await signAws(target, { ...KEY, ...key }, now)
  const authorization = target.headers.get('authorization') ?? ''
  return {
    url: target.url.href,
    headers: target.headers,
    authorization,
    signature: authorization.split('Signature=')[1],
  }
}

/** What the signature is when exactly this is signed, beside the headers that every request has. */
async function signatureOf({
  key,
  headers = [],
  payloadHash = EMPTY,
  ...rest
}: Omit<Vector, 'signature'> & { key?: Partial<AwsKey> }) {
  const own: [string, string][] = [
    ['host', 'example.amazonaws.com'],
    ['x-amz-content-sha256', payloadHash],
    ['x-amz-date', DATE],
  ]
  const request = { method: 'GET', path: '/', query: [], payloadHash, ...rest, headers: [...own, ...headers] }
  return (await authorizationOf(request, { ...KEY, ...key }, DATE)).split('Signature=')[1]
}

const HOST = 'https://example.amazonaws.com'

test.each([
  // get-relative, get-relative-relative, get-slash, get-slash-dot-slash, get-slash-pointless-dot and get-slashes of the suite
  ['/example/..', '/'],
  ['/example1/example2/../..', '/'],
  ['//', '/'],
  ['/./', '/'],
  ['/./example', '/example'],
  ['//example//', '/example/'],
  ['', '/'],
  ['/a%20b/%E1%88%B4', '/a%20b/%E1%88%B4'],
  ['/a%2Fb', '/a%2Fb'],
  ["/f(1)'!*", "/f(1)'!*"],
])('the path %s is signed as %s, encoded once more', async (path, canonical) => {
  const { signature, url } = await signed(`${HOST}${path}`, {})
  expect(signature).toBe(await signatureOf({ path: canonical }))
  expect(url).toBe(new URL(`${HOST}${path}`).href)
})

test.each<[string, [string, string][], string]>([
  [
    '?b=2&a=1',
    [
      ['a', '1'],
      ['b', '2'],
    ],
    '?b=2&a=1',
  ],
  [
    '?a=2&a=1&a=1',
    [
      ['a', '1'],
      ['a', '1'],
      ['a', '2'],
    ],
    '?a=2&a=1&a=1',
  ],
  ['?acl', [['acl', '']], '?acl'],
  ['?acl=', [['acl', '']], '?acl='],
  ['?q=a+b%20c', [['q', 'a b c']], '?q=a%20b%20c'],
  ['?q=1%2B1', [['q', '1+1']], '?q=1%2B1'],
  [
    '?a=b=c&&x',
    [
      ['a', 'b=c'],
      ['x', ''],
    ],
    '?a=b%3Dc&x',
  ],
  ["?f=(1)'!*:/@", [['f', "(1)'!*:/@"]], '?f=%281%29%27%21%2A%3A%2F%40'],
  ['?bad=%zz%', [['bad', '%zz%']], '?bad=%25zz%25'],
])('the query %s is signed by what it means, and sent so', async (search, query, sent) => {
  const { signature, url } = await signed(`${HOST}/${search}`, {})
  expect(signature).toBe(await signatureOf({ query }))
  expect(url).toBe(`${HOST}/${sent}`)
})

test('a body is covered by its hash, and what does not change on the way is signed with it', async () => {
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    accept: '*/*',
    'user-agent': 'x',
    'x-amz-target': 'A.B',
  }
  const request = await signed(`${HOST}/`, { method: 'POST', headers, body: 'Param1=value1' })
  expect(request.headers.get('x-amz-content-sha256')).toBe(FORM)
  expect(request.authorization).toContain(
    'SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-target,',
  )
  const other = await signed(`${HOST}/`, { method: 'POST', headers, body: 'Param1=value2' })
  expect(other.signature).not.toBe(request.signature)
})

test('what a caller has set in place of the signature does not stay', async () => {
  const forged = {
    authorization: 'AWS4-HMAC-SHA256 forged',
    'x-amz-date': '20990101T000000Z',
    'x-amz-security-token': 'forged',
    'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
  }
  const [plain, overwritten] = [await signed(`${HOST}/`, {}), await signed(`${HOST}/`, { headers: forged })]
  expect(Object.fromEntries(overwritten.headers)).toEqual(Object.fromEntries(plain.headers))
  const session = await signed(`${HOST}/`, { headers: forged, key: { sessionToken: TOKEN } })
  expect(session.headers.get('x-amz-security-token')).toBe(TOKEN)
  expect(session.signature).toBe(await signatureOf({ headers: [['x-amz-security-token', TOKEN]] }))
})

// The examples of "Signature Calculations for the Authorization Header" in the guide of Amazon S3.
const S3 = {
  key: {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    service: 's3',
  },
  now: Date.parse('2013-05-24T00:00:00Z'),
}
const BUCKET = 'https://examplebucket.s3.amazonaws.com'

test.each([
  ['?lifecycle', 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
  ['?prefix=J&max-keys=2', '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
])('S3: GET /%s', async (search, signature) => {
  expect((await signed(`${BUCKET}/${search}`, S3)).signature).toBe(signature)
})

test('S3: GET /test.txt and PUT /test$file.text with more headers signed', async () => {
  const key = { ...KEY, ...S3.key }
  const host: [string, string] = ['host', 'examplebucket.s3.amazonaws.com']
  const date: [string, string] = ['x-amz-date', '20130524T000000Z']
  const get: Signable = {
    method: 'GET',
    path: '/test.txt',
    query: [],
    headers: [host, ['range', 'bytes=0-9'], ['x-amz-content-sha256', EMPTY], date],
    payloadHash: EMPTY,
  }
  expect(await authorizationOf(get, key, date[1])).toContain(
    'Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  )
  const payloadHash = '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072'
  const put: Signable = {
    method: 'PUT',
    path: '/test$file.text',
    query: [],
    headers: [
      host,
      ['date', 'Fri, 24 May 2013 00:00:00 GMT'],
      ['x-amz-content-sha256', payloadHash],
      ['x-amz-storage-class', 'REDUCED_REDUNDANCY'],
      date,
    ],
    payloadHash,
  }
  expect(await authorizationOf(put, key, date[1])).toContain(
    'Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  )
})

test.each([
  ['/a b/c+d%2B.txt', '/a b/c+d+.txt', '/a%20b/c%2Bd%2B.txt'],
  ['//photos//1.jpg', '//photos//1.jpg', '//photos//1.jpg'],
  ['/x/..%2F..%2Fsecret', '/x/../../secret', '/x/..%2F..%2Fsecret'],
  ['/100%', '/100%', '/100%25'],
])('S3 takes the path %s as its key, encoded once', async (path, key, sent) => {
  const request = await signed(`${HOST}${path}`, { key: { service: 's3' } })
  expect(request.signature).toBe(await signatureOf({ path: key, key: { service: 's3' } }))
  expect(request.url).toBe(`${HOST}${sent}`)
})
