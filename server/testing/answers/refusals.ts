// Refusals in the words of real APIs, and what becomes of them.
import { failed, matching, ok, text, without } from './expected.ts'
import type { AnswerCase } from './table.ts'
import { type HeaderList, pieces, head, whole } from './wire.ts'

/** A refusal, and its part of the error. Bodies that are no text are JSON. */
function refused(status: number, body: unknown, error: object, headers: HeaderList = {}): AnswerCase {
  const written = typeof body === 'string' ? body : JSON.stringify(body)
  const type = typeof body === 'string' ? 'text/plain' : 'application/json'
  return {
    name: `${status} ${JSON.stringify(headers)} ${written.slice(0, 100)}`,
    answer: whole(status, { 'content-type': type, ...headers }, written),
    expected: { ok: false, error: { status, ...error } },
  }
}

const says = (message: string) => ({ message })

const messages: AnswerCase[] = [
  refused(401, { message: 'Bad credentials' }, { code: 'unauthorized', message: 'Bad credentials', retryable: false }),
  refused(403, { error: { message: 'No' } }, { code: 'forbidden', message: 'No', retryable: false }),
  refused(404, { title: 'Gone', detail: 'No such person' }, { code: 'not_found', message: 'Gone: No such person' }),
  refused(409, { errors: ['a', 'b'] }, { code: 'conflict', message: 'a; b' }),
  refused(
    422,
    { message: 'Invalid', errors: [{ field: 'title', message: 'is missing' }] },
    { code: 'validation_failed', message: 'Invalid: title: is missing' },
  ),
  refused(
    422,
    { message: 'Validation Failed', errors: [{ resource: 'Gist', field: 'files', code: 'missing_field' }] },
    says('Validation Failed: files: missing_field'),
  ),
  // FastAPI, JSON:API, problem details with parameters, ASP.NET, Django REST, Jira, Shopify, GraphQL, Dropbox, Okta.
  refused(422, { detail: [{ loc: ['body', 'title'], msg: 'field required' }] }, says('body.title: field required')),
  refused(
    422,
    { errors: [{ source: { pointer: '/data/name' }, title: 'Invalid', detail: 'is too short' }] },
    says('/data/name: Invalid: is too short'),
  ),
  refused(
    400,
    { title: 'Bad', 'invalid-params': [{ name: 'age', reason: 'must be positive' }] },
    says('age: must be positive'),
  ),
  refused(400, { title: 'Errors occurred.', errors: { Name: ['is required'] } }, says('Name: is required')),
  refused(400, { title: ['This field is required.'] }, says('title: This field is required.')),
  refused(400, { errorMessages: ['No such issue'], errors: {} }, says('No such issue')),
  refused(400, { errors: 'Not an id' }, says('Not an id')),
  refused(400, { errors: [{ message: 'Cannot query' }], data: null }, says('Cannot query')),
  refused(409, { error_summary: 'path/not_found/..' }, says('path/not_found/..')),
  refused(403, { errorCode: 'E1', errorSummary: 'Denied' }, says('Denied')),
  refused(400, { error: 'invalid_grant', error_description: 'It expired' }, says('It expired')),
  refused(400, { error: 'invalid_grant' }, says('invalid_grant')),
  refused(400, { error: { code: 'no_text' } }, says('no_text')),
  refused(400, [{ message: 'One', errorCode: 'X' }], says('One')),
  refused(400, { __proto__: null, constructor: 1, toString: 2 }, says('The upstream answered with status 400.')),
  refused(418, 'short and stout', { code: 'upstream_error', message: 'short and stout', retryable: false }),
  refused(500, '', { message: 'The upstream answered with status 500.', details: without('body') }),
  refused(502, '<html><head><title>Bad &amp; gone</title></head>', says('Bad & gone'), { 'content-type': 'text/html' }),
  refused(503, '<!DOCTYPE html><h1>Back soon</h1>', says('Back soon')),
  refused(502, `<html>${'<title'.repeat(300_000)}`, says('The upstream answered with status 502.')),
  refused(
    500,
    '<soap:Envelope><soap:Body><soap:Fault><faultcode>x</faultcode><faultstring>No stock</faultstring></soap:Fault>',
    says('No stock'),
    { 'content-type': 'text/xml' },
  ),
  refused(
    403,
    '<?xml version="1.0"?>\n<Error>\n  <Code>AccessDenied</Code><Message>Denied</Message></Error>',
    says('Denied'),
  ),
  refused(400, { message: 'x'.repeat(5000) }, { message: text(/^x{499}…$/) }),
  refused(
    400,
    { message: 'y', pad: 'x'.repeat(50_000) },
    { details: { body: text(/^\{"message":"y","pad":"x{15978}…$/) } },
  ),
  refused(
    400,
    `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
    { code: 'bad_request', details: without('body') },
    { 'content-type': 'application/json' },
  ),
  refused(401, '', says('The token expired'), {
    'www-authenticate': 'Bearer error="invalid_token", error_description="The token expired"',
  }),
  refused(400, '{"a":', { code: 'bad_request', message: '{"a":' }, { 'content-type': 'application/json' }),
]

const LIMITED = { code: 'rate_limited', retryable: true }

const limits: AnswerCase[] = [
  refused(
    429,
    { message: 'Wait' },
    { ...LIMITED, details: { body: { message: 'Wait' }, retryAfterSeconds: 7 } },
    { 'retry-after': 7 },
  ),
  refused(429, {}, { ...LIMITED, details: without('retryAfterSeconds') }),
  refused(
    503,
    {},
    { code: 'upstream_error', retryable: true, details: { retryAfterSeconds: 30 } },
    {
      date: 'Wed, 21 Oct 2026 07:28:00 GMT',
      'retry-after': 'Wed, 21 Oct 2026 07:28:30 GMT',
    },
  ),
  refused(429, {}, { ...LIMITED, details: without('retryAfterSeconds') }, { 'retry-after': 'soon' }),
  refused(429, {}, { ...LIMITED, details: without('retryAfterSeconds') }, { 'retry-after': '-5' }),
  refused(429, {}, { ...LIMITED, details: { retryAfterSeconds: 12 } }, { 'x-ratelimit-reset-after': '11.2' }),
  refused(403, { message: 'No' }, LIMITED, { 'x-ratelimit-remaining': 0 }),
  refused(403, { message: 'You have exceeded a secondary rate limit.' }, LIMITED),
  refused(403, { message: 'No' }, { ...LIMITED, details: { retryAfterSeconds: 60 } }, { 'retry-after': 60 }),
  refused(403, { error: { errors: [{ reason: 'userRateLimitExceeded' }], message: 'Slow' } }, LIMITED),
  refused(403, { error: { errors: [{ reason: 'quotaExceeded' }], message: 'Spent' } }, LIMITED),
  refused(403, { error: { errors: [{ reason: 'storageQuotaExceeded' }], message: 'Full' } }, { code: 'forbidden' }),
  refused(403, { error: { errors: [{ reason: 'insufficientPermissions' }], message: 'No' } }, { code: 'forbidden' }),
  refused(403, [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'Spent' }], LIMITED),
  refused(400, { __type: 'com.amazonaws#ThrottlingException', message: 'Rate exceeded' }, LIMITED),
  refused(400, { errors: [{ message: 'Slow', extensions: { code: 'RATELIMITED' } }] }, LIMITED),
  refused(400, { message: 'the code "rate_limited" is reserved' }, { code: 'bad_request', retryable: false }),
  refused(401, { message: 'No' }, { code: 'unauthorized', retryable: false }, { 'retry-after': 1 }),
  {
    name: '200 with ok: false is an answer',
    answer: whole(200, { 'content-type': 'application/json' }, '{"ok":false,"error":"ratelimited"}'),
    expected: ok({ ok: false, error: 'ratelimited' }),
  },
]

const SECRET_HEADERS: HeaderList = {
  'set-cookie': 'sid=s3cret',
  'set-cookie2': 'sid=s3cret',
  authorization: 'Bearer s3cret',
  'proxy-authorization': 'Basic s3cret',
  'x-auth-token': 's3cret',
  'x-subject-token': 's3cret',
  'access-token': 's3cret',
  'x-csrf-token': 's3cret',
  'x-amz-security-token': 's3cret',
  'x-api-key': 's3cret',
  'x-session-id': 's3cret',
  'cf-access-jwt-assertion': 's3cret',
}
const TELLING_HEADERS: HeaderList = {
  'x-request-id': '1',
  'x-next-page-token': '2',
  'www-authenticate': 'Basic',
  'x-ratelimit-remaining': '3',
  link: '</a>; rel=next',
}

function tells(part: 'headers' | 'error'): object {
  const value = matching((value) => {
    const written = JSON.stringify(value)
    return !written.includes('s3cret') && Object.keys(TELLING_HEADERS).every((name) => written.includes(`"${name}"`))
  }, 'headers without secrets')
  return part === 'headers' ? { headers: value } : { error: value, headers: value }
}

const headers: AnswerCase[] = [
  {
    name: 'headers of an answer',
    answer: whole(200, { ...SECRET_HEADERS, ...TELLING_HEADERS }, '{}'),
    expected: { ok: true, ...tells('headers') },
  },
  {
    name: 'headers of a refusal',
    answer: whole(403, { ...SECRET_HEADERS, ...TELLING_HEADERS }, '{}'),
    expected: { ok: false, ...tells('error') },
  },
  {
    name: 'headers of a refusal that every answer has',
    answer: whole(404, { server: 'x', date: 'y', 'content-security-policy': 'z', 'x-a': 'b' }, ''),
    expected: failed('not_found', {
      details: matching((value) => JSON.stringify(value) === '{"headers":{"x-a":"b"}}', 'only the others'),
    }),
  },
]

const redirects: AnswerCase[] = [
  ...[301, 302, 303, 307, 308].map((status) => ({
    name: `${status} to nowhere`,
    answer: whole(status, {}),
    expected: failed('unexpected_redirect', {
      status,
      message: `The upstream redirected (${status}) without saying where.`,
      retryable: false,
    }),
  })),
  {
    name: '300',
    answer: whole(300, { location: '/b' }, 'either'),
    expected: failed('unexpected_redirect', says('either')),
  },
  { name: 'a redirect to itself', answer: whole(302, { location: '/a' }), expected: failed('too_many_redirects') },
  ...['http://10.0.0.1/', 'http://169.254.169.254/latest/meta-data/', '//[::ffff:10.0.0.1]/'].map((location) => ({
    name: `a redirect to ${location}`,
    answer: whole(302, { location }),
    expected: failed('blocked_address', { retryable: false }),
  })),
  {
    name: 'a redirect to a script',
    answer: whole(302, { location: 'javascript:alert(1)' }),
    expected: failed('invalid_url'),
  },
  {
    name: 'a redirect with a body without end',
    answer: pieces(head(302, { location: 'http://10.0.0.1/', 'content-length': 1e9 }), 'x'.repeat(1000)),
    expected: failed('blocked_address'),
  },
]

export const refusalCases: AnswerCase[] = [...messages, ...limits, ...headers, ...redirects]
