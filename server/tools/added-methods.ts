// Ways to sign in that an admin adds to an integration, made of what was typed. Pure: the database is asked by
// integration-methods.ts. Every part that is wrong is said at its own field.
import type { AuthMethod, AuthorizationServer, OAuth, OAuthFlow, Placement } from '../../drizzle/shapes.ts'
import { ACCESS_TOKEN_HEADER } from '../connections/built-in-methods.ts'
import { problemOfPlacement } from '../connections/method.ts'
import { forbiddenParameter } from '../connections/oauth/authorization-request.ts'
import { isLoopbackHttp } from '../connections/oauth/endpoint.ts'
import { scopesIn } from '../connections/oauth/scopes.ts'

/** Where the authorization server is known from. */
export type Discovery = 'resource' | 'issuer' | 'endpoints'

/** As it was typed; what the chosen discovery does not need is not read. */
export interface TypedOAuthMethod {
  label: string
  discovery: string
  resourceUrl: string
  issuer: string
  authorizationUrl: string
  tokenUrl: string
  /** May be empty. */
  deviceAuthorizationUrl: string
  /** Between blanks. */
  scopes: string
  /** `name=value`, one a line. */
  parameters: string
  /** Of the header that the token goes out in; `Authorization` has `Bearer ` before it. */
  header: string
}

export interface TypedAccessMethod {
  clientId: string
  /** `bearer` or `access`. */
  sentAs: string
}

export interface MethodProblem {
  /** Of the typed fields. */
  field: string
  message: string
}

export type ReadMethod = { ok: true; method: AuthMethod } | { ok: false; problems: MethodProblem[] }

const MAX_LABEL = 100
const MAX_URL = 500
const MAX_SCOPES = 100
const MAX_PARAMETERS = 10
const MAX_PARAMETER = 500
const TOKEN_FIELD = { name: 'token', label: 'Access token', isSecret: true } as const

/** An id that no document's method has: those begin with a letter, a digit or `_`. */
export function addedId(): string {
  return `~${crypto.randomUUID().slice(0, 8)}`
}

export function readOAuthMethod(typed: TypedOAuthMethod, id: string = addedId()): ReadMethod {
  const problems: MethodProblem[] = []
  const label = typed.label.trim()
  if (label === '' || label.length > MAX_LABEL) {
    problems.push({ field: 'label', message: `Give it a name of at most ${MAX_LABEL} characters.` })
  }
  const found = readDiscovery(typed, problems)
  const words = typed.scopes.split(/\s+/).filter((word) => word !== '')
  const scopes = [...new Set(scopesIn(typed.scopes))]
  const odd = words.find((word) => !scopes.includes(word))
  if (odd !== undefined || scopes.length > MAX_SCOPES) {
    const message =
      odd === undefined
        ? `At most ${MAX_SCOPES} scopes can be asked for.`
        : 'Write the scopes with blanks between them.'
    problems.push({ field: 'scopes', message })
  }
  const parameters = readParameters(typed.parameters)
  if (typeof parameters === 'string') problems.push({ field: 'parameters', message: parameters })
  const placement = placementIn(typed.header.trim() || 'Authorization')
  const placementProblem = problemOfPlacement(placement)
  if (placementProblem !== null) problems.push({ field: 'header', message: placementProblem })
  if (problems.length > 0 || typeof parameters === 'string') return { ok: false, problems }
  const hasParameters = Object.keys(parameters).length > 0
  const oauth: OAuth = {
    field: TOKEN_FIELD.name,
    ...found,
    ...(scopes.length > 0 && { scopes }),
    ...(hasParameters && { authorizeParameters: parameters }),
  }
  return { ok: true, method: { id, label, fields: [TOKEN_FIELD], placements: [placement], oauth, isAdded: true } }
}

/**
 * The team's Access for SaaS application as the server that people sign in at: one connection for each of them.
 * `teamOrigin` is the team domain's. `scopesSupported` is what its metadata says, when it says so.
 */
export function readAccessMethod(
  typed: TypedAccessMethod,
  { teamOrigin, scopesSupported = [] }: { teamOrigin: string; scopesSupported?: readonly string[] },
  id: string = addedId(),
): ReadMethod {
  const problems: MethodProblem[] = []
  const clientId = typed.clientId.trim()
  if (!/^[\w-]{8,200}$/.test(clientId)) {
    problems.push({ field: 'clientId', message: 'Copy the client ID of the SaaS application: letters and digits.' })
  }
  if (typed.sentAs !== 'bearer' && typed.sentAs !== 'access') {
    problems.push({ field: 'sentAs', message: 'Choose how the token is sent.' })
  }
  if (problems.length > 0) return { ok: false, problems }
  const scopes = [
    'openid',
    'email',
    'profile',
    ...(scopesSupported.includes('offline_access') ? ['offline_access'] : []),
  ]
  const oauth: OAuth = {
    field: TOKEN_FIELD.name,
    flows: [{ grant: 'authorization_code', scopes: {} }],
    issuer: accessIssuer(teamOrigin, clientId),
    scopes,
  }
  return {
    ok: true,
    method: {
      id,
      label: 'Access, as the person who signed in once',
      description: 'Through Access for SaaS: each person connects once, and runs go on without them.',
      fields: [TOKEN_FIELD],
      placements: [placementIn(typed.sentAs === 'bearer' ? 'Authorization' : ACCESS_TOKEN_HEADER)],
      oauth,
      isAdded: true,
    },
  }
}

/** With the grants that the server's own metadata offers beside signing in with a browser. */
export function withOfferedGrants(method: AuthMethod, server: AuthorizationServer): AuthMethod {
  const { oauth } = method
  if (oauth === undefined || oauth.flows.some(({ tokenUrl }) => tokenUrl !== undefined)) return method
  const grants: OAuthFlow['grant'][] = ['authorization_code']
  if (server.deviceAuthorizationEndpoint !== undefined) grants.push('device_code')
  if (server.grantTypesSupported?.includes('client_credentials')) grants.push('client_credentials')
  return { ...method, oauth: { ...oauth, flows: grants.map((grant) => ({ grant, scopes: {} })) } }
}

/** Of an OIDC application of Access for SaaS. */
export function accessIssuer(teamOrigin: string, clientId: string): string {
  return `${teamOrigin}/cdn-cgi/access/sso/oidc/${clientId}`
}

type Found = Pick<OAuth, 'resourceUrl' | 'issuer' | 'flows'>

function readDiscovery(typed: TypedOAuthMethod, problems: MethodProblem[]): Found {
  const url = (field: 'resourceUrl' | 'issuer' | 'authorizationUrl' | 'tokenUrl' | 'deviceAuthorizationUrl') => {
    const read = readEndpoint(typed[field])
    if (!read.ok) problems.push({ field, message: read.message })
    return read.ok ? read.url : ''
  }
  const browser: OAuthFlow = { grant: 'authorization_code', scopes: {} }
  switch (typed.discovery) {
    case 'resource':
      return { resourceUrl: url('resourceUrl'), flows: [browser] }
    case 'issuer':
      return { issuer: url('issuer'), flows: [browser] }
    case 'endpoints': {
      const tokenUrl = url('tokenUrl')
      const device = typed.deviceAuthorizationUrl.trim() === '' ? null : url('deviceAuthorizationUrl')
      const flows: OAuthFlow[] = [{ ...browser, authorizationUrl: url('authorizationUrl'), tokenUrl }]
      if (device !== null) flows.push({ grant: 'device_code', deviceAuthorizationUrl: device, tokenUrl, scopes: {} })
      return { flows }
    }
    default:
      problems.push({ field: 'discovery', message: 'Choose how the server is found.' })
      return { flows: [] }
  }
}

function readEndpoint(text: string): { ok: true; url: string } | { ok: false; message: string } {
  const typed = text.trim()
  const url = URL.parse(typed)
  if (url === null || typed.length > MAX_URL) return { ok: false, message: 'Give the whole address, with https://' }
  if (url.protocol !== 'https:' && !isLoopbackHttp(url)) {
    return { ok: false, message: 'The address has to be https: tokens and secrets go there.' }
  }
  if (url.username !== '' || url.password !== '' || url.hash !== '') {
    return { ok: false, message: 'Leave out user name, password and everything from # on.' }
  }
  // As it was typed: an issuer is compared letter by letter (RFC 8414, section 3.3).
  return { ok: true, url: typed }
}

/** The parameters, or what is wrong with them. */
function readParameters(text: string): Record<string, string> | string {
  const lines = text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]))
  if (lines.length > MAX_PARAMETERS) return `At most ${MAX_PARAMETERS} parameters can be added.`
  const pairs = lines.map((line) => {
    const at = line.indexOf('=')
    return { name: line.slice(0, Math.max(at, 0)).trim(), value: line.slice(at + 1).trim() }
  })
  const odd = pairs.find(({ name, value }) => !/^[\w.-]{1,100}$/.test(name) || value.length > MAX_PARAMETER)
  if (odd) return 'Write one parameter a line: access_type=offline'
  const parameters = Object.fromEntries(pairs.map(({ name, value }) => [name, value]))
  // Another value of those would undo what protects the sign-in.
  const own = forbiddenParameter(parameters)
  return own === undefined ? parameters : `Executor sets ${own} itself.`
}

function placementIn(header: string): Placement {
  const isBearer = header.toLowerCase() === 'authorization'
  return { in: 'header', name: header, template: isBearer ? `Bearer {${TOKEN_FIELD.name}}` : `{${TOKEN_FIELD.name}}` }
}
