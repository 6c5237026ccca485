// One security scheme as what a person types and where that goes in a request, or why nothing that can be typed would do.
// Both versions' words are read wherever they stand: documents mix them.
import type { AuthField, AuthMethod } from '../../../drizzle/shapes.ts'
import { isCredentialHeader } from '../../net/request-headers.ts'
import { own, ownText, shorten } from '../json-value.ts'
import { type OAuthReading, readOAuth } from './oauth-flows.ts'

/** A way to authenticate that has no id yet. */
export type SignIn = Omit<AuthMethod, 'id'>

export type Scheme = { ok: true; signIn: SignIn } | { ok: false; reason: string }

const MAX_DESCRIPTION = 400
/** field-name of RFC 9110, section 5.1, and cookie-name of RFC 6265. */
const TOKEN = /^[!#$%&'*+.^_`|~\w-]{1,100}$/
// eslint-disable-next-line no-control-regex -- control characters are what is refused
const PARAMETER = /^[^\u0000-\u001f\u007f]{1,200}$/

const SIGNS = 'signs every request anew'
/** Of the IANA registry of HTTP authentication schemes and of what is seen beside it: those that are not one fixed text. */
const COMPUTED: ReadonlyMap<string, string> = new Map([
  ['concealed', SIGNS],
  ['digest', 'answers a challenge of the server with a hash of every request'],
  ['dpop', SIGNS],
  ['gnap', SIGNS],
  ['hawk', SIGNS],
  ['hoba', 'signs a challenge of the server'],
  ['mutual', 'proves a password in an exchange with the server'],
  ['negotiate', 'needs a ticket of a Kerberos domain'],
  ['ntlm', 'answers a challenge of the server on one and the same connection'],
  ['oauth', `is OAuth 1.0, which ${SIGNS}`],
  ['privatetoken', 'answers a challenge of the server with a token that is good for once'],
  ['scram-sha-1', 'proves a password in an exchange with the server'],
  ['scram-sha-256', 'proves a password in an exchange with the server'],
  ['vapid', SIGNS],
])

/** `base` is what relative addresses follow; `report` is told what was left out, by a pointer within the scheme. */
export function readScheme(
  name: string,
  scheme: unknown,
  base: string | undefined,
  report: (part: string, reason: string) => void,
): Scheme {
  const type = ownText(scheme, 'type')
  const isDeprecated = own(scheme, 'deprecated') === true
  const description = shorten(`${isDeprecated ? 'Deprecated. ' : ''}${ownText(scheme, 'description')}`, MAX_DESCRIPTION)
  switch (type.toLowerCase()) {
    case 'basic':
      return use(basicSignIn(description))
    case 'http':
      return httpScheme(ownText(scheme, 'scheme'), description)
    case 'apikey':
      return keyScheme(name, scheme, description)
    case 'oauth2':
      return use(oauthSignIn('OAuth 2.0', description, readOAuth(scheme, base, report)))
    case 'openidconnect':
      return use(oauthSignIn('OpenID Connect', description, readOAuth(scheme, base, report)))
    case 'mutualtls':
      return refuse('Client certificates (mutual TLS) cannot be used: a Worker sends none.')
    default:
      return refuse(type === '' ? 'The scheme has no type.' : `“${shorten(type, 60)}” is no type of security scheme.`)
  }
}

export function tokenSignIn(name: string, description: string): SignIn {
  const token: AuthField = { name: 'token', label: 'Token', isSecret: true }
  return {
    label: `${name} token`,
    ...(description && { description }),
    fields: [token],
    placements: [{ in: 'header', name: 'Authorization', template: `${name} {token}` }],
  }
}

export function basicSignIn(description: string): SignIn {
  // With many an API the user is a key, and there is no password.
  const isKey = /\b(api|access|secret|auth)[ _-]?(keys?|tokens?)\b/i.test(description)
  const password: AuthField = { name: 'password', label: 'Password', isSecret: true, isOptional: true }
  return {
    label: 'User name and password',
    ...(description && { description }),
    fields: [
      { name: 'user', label: isKey ? 'User name or key' : 'User name', isSecret: isKey },
      { ...password, hint: 'Left empty where the user is a key that has no password.' },
    ],
    placements: [{ in: 'basic', userTemplate: '{user}', passwordTemplate: '{password}' }],
  }
}

/** Of a place and a name that `problemOfKey` finds nothing wrong with. */
export function keySignIn(where: 'header' | 'query' | 'cookie', name: string, description: string): SignIn {
  const isWhole = where === 'header' && /^(authorization|cookie)$/i.test(name)
  const field: AuthField = { name: 'token', label: isWhole ? name : 'API key', isSecret: true }
  if (isWhole) {
    const example = name.toLowerCase() === 'cookie' ? 'session=…' : 'Bearer …'
    field.hint = `The whole value of the header, for example “${example}”.`
  }
  return {
    label: `API key (${where} ${name})`,
    ...(description && { description }),
    fields: [field],
    placements: [{ in: where, name, template: '{token}' }],
  }
}

/** Null when a credential can go there, else why it cannot. */
export function problemOfKey(where: string, name: string): string | null {
  if (name === '') return 'The API key has no name.'
  const shown = `“${shorten(name, 60)}”`
  if (where === 'query') return PARAMETER.test(name) ? null : `${shown} is not the name of a parameter.`
  if (where !== 'header' && where !== 'cookie') {
    return `The API key ${shown} goes to “${shorten(where, 30)}”, and there is no such place.`
  }
  if (!TOKEN.test(name)) return `${shown} is not the name of a ${where}.`
  return where === 'header' && !isCredentialHeader(name)
    ? `The header ${name} belongs to the request itself, so a credential cannot set it.`
    : null
}

function httpScheme(name: string, description: string): Scheme {
  const scheme = name.toLowerCase()
  if (scheme === 'bearer') return use(tokenSignIn('Bearer', description))
  if (scheme === 'basic') return use(basicSignIn(description))
  if (scheme === '') return refuse('The scheme does not say which HTTP authentication it is.')
  if (!TOKEN.test(name)) return refuse(`“${shorten(name, 60)}” is not the name of an HTTP authentication.`)
  const computed = COMPUTED.get(scheme) ?? (/aws|hmac|sig(v\d|nature)|sha-?\d/.test(scheme) ? SIGNS : undefined)
  if (computed !== undefined) return refuse(`HTTP authentication “${name}” ${computed}, which Executor does not do.`)
  return use(tokenSignIn(name, description))
}

function keyScheme(schemeName: string, scheme: unknown, description: string): Scheme {
  const where = ownText(scheme, 'in').toLowerCase()
  const name = ownText(scheme, 'name')
  // What has to be computed is called a key too, as there is no other word: Amazon's documents have it in an extension.
  const authorizer = ownText(scheme, 'x-amazon-apigateway-authtype')
  const isAmazons = /^aws/i.test(authorizer)
  if (isAmazons || /hmac|sig(v\d|nature)$/i.test(schemeName) || /signature$/i.test(name)) {
    const what = isAmazons ? `AWS Signature (${shorten(authorizer, 30)})` : `“${shorten(schemeName, 60)}”`
    return refuse(`${what} ${SIGNS}, which Executor does not do.`)
  }
  const problem = problemOfKey(where, name)
  if (problem !== null) return refuse(problem)
  return use(keySignIn(where === 'query' || where === 'cookie' ? where : 'header', name, description))
}

function oauthSignIn(kind: string, description: string, reading: OAuthReading): SignIn {
  const scopes = [...new Set(reading.flows.flatMap((flow) => Object.keys(flow.scopes)))]
  const lead = `The API uses ${kind}. Paste an access token that was issued for you; it is sent as a bearer token. When it expires, another has to be pasted.`
  const hint = scopes.length > 0 ? `Scopes: ${shorten(scopes.join(', '), 200).replace(/,…$/, ' …')}.` : ''
  return {
    ...tokenSignIn('Bearer', [lead, hint, shorten(description, 200)].filter(Boolean).join(' ')),
    label: `Access token (${kind})`,
    oauth: { field: 'token', ...reading },
  }
}

function use(signIn: SignIn): Scheme {
  return { ok: true, signIn }
}

function refuse(reason: string): Scheme {
  return { ok: false, reason }
}
