// The ways to connect to Google: one consent for every method of every document, or a key for what is public.
import type { AuthMethod } from '../../../drizzle/shapes.ts'
import { ownList, shorten } from '../json-value.ts'
import type { DiscoveryDocument } from './document.ts'
import type { Method } from './method.ts'

/** Documents name scopes only. */
const GOOGLE = {
  grant: 'authorization_code',
  authorizationUrl: 'https://accounts.google.com/o/oauth2/v2/auth',
  tokenUrl: 'https://oauth2.googleapis.com/token',
} as const
/** Google issues a refresh token for these, and again each time that somebody agrees. */
const REFRESHED = { access_type: 'offline', prompt: 'consent' }
/** They are read with every look at their integration, so that there is not room for any number. */
const MAX_SCOPES = 200
const MAX_SCOPE_LENGTH = 150
const MAX_DESCRIPTION = 100

export function authMethodsOf(
  documents: readonly DiscoveryDocument[],
  methods: readonly Method[],
  report: (place: string, reason: string) => void,
): AuthMethod[] {
  const asked = [...new Set(methods.flatMap(({ value }) => readScopes(value)))]
  const leftOut = asked.length - MAX_SCOPES
  if (leftOut > 0) report('#/auth', `${leftOut} OAuth scopes were left out: there are more of them than are kept.`)
  const scopes = describedScopes(documents, asked.slice(0, MAX_SCOPES))
  const token: AuthMethod = {
    id: 'oauth2',
    label: 'Access token (OAuth 2.0)',
    description: 'A token of a Google account, sent as a bearer token. Its scopes decide which methods it may call.',
    fields: [{ name: 'token', label: 'Token', isSecret: true }],
    placements: [{ in: 'header', name: 'Authorization', template: 'Bearer {token}' }],
    // A document of anybody else must not ask for a token to a Google account.
    ...(documents.every(isGoogles) && {
      oauth: { field: 'token', flows: [{ ...GOOGLE, scopes }], authorizeParameters: REFRESHED },
    }),
  }
  const key: AuthMethod = {
    id: 'apiKey',
    label: 'API key',
    description: "A key of a Google Cloud project: enough for data that is public, and for nobody's own.",
    fields: [{ name: 'token', label: 'API key', isSecret: true }],
    placements: [{ in: 'query', name: 'key', template: '{token}' }],
  }
  return Object.keys(scopes).length > 0 ? [token, key] : [key]
}

function isGoogles({ rootUrl }: DiscoveryDocument): boolean {
  const { protocol, hostname } = new URL(rootUrl)
  return protocol === 'https:' && (hostname === 'googleapis.com' || hostname.endsWith('.googleapis.com'))
}

/** With what the documents say about them. */
function describedScopes(documents: readonly DiscoveryDocument[], asked: string[]): Record<string, string> {
  const about = (scope: string) => documents.map(({ scopes }) => scopes.get(scope)).find(Boolean) ?? ''
  return Object.fromEntries(asked.map((scope) => [scope, shorten(about(scope), MAX_DESCRIPTION)]))
}

/** Any one of them lets a token call the method. */
export function readScopes(method: unknown): string[] {
  // The characters of RFC 6749, section 3.3.
  return ownList(method, 'scopes').filter(
    (scope): scope is string =>
      typeof scope === 'string' && scope.length <= MAX_SCOPE_LENGTH && /^[!#-[\]-~]+$/.test(scope),
  )
}
