// What the parts of the local Access know: the team, which all applications share, and the application asked for.
import type { Identity, ServiceToken } from './identities.ts'
import type { ManagedOauth } from './managed-oauth.ts'
import type { SaasOidc } from './saas-oidc.ts'
import type { SigningKeys } from './signing-keys.ts'

/** What an administrator of Access decides about an application, and can get wrong. */
export interface ApplicationSettings {
  audience: string
  /** Off: programs are led to the login page like everybody, and there is no discovery. */
  managedOauth: boolean
  /** What the application covers; other paths of the hostname reach the Worker without Access. */
  paths: readonly string[]
  /** Whole paths that a second application lets everybody pass to, without an assertion. */
  publicPaths: readonly string[]
  /** The policy's decision: `bypass` lets everybody pass, without an assertion. */
  policy: 'allow' | 'bypass'
  /** `app_uid` of every `linked_app_token` rule: tokens of these applications are let in as their person. */
  linkedApps: readonly string[]
}

export interface Team {
  /** The issuer of every assertion: the origin of the first application stands for the team domain. */
  origin: string
  identities: readonly Identity[]
  serviceTokens: readonly ServiceToken[]
  sessionSeconds: number
  keys: SigningKeys
  /** The person that a token was issued to for an application of the team, by the application's `app_uid`. */
  personOf: ReadonlyMap<string, (token: LinkedToken) => Promise<Identity | undefined>>
}

/** A token that a request brought for a `linked_app_token` rule. */
export interface LinkedToken {
  value: string
  from: 'cf-access-token' | 'authorization'
}

export interface Site {
  team: Team
  /** What the login page calls it. */
  name: string
  origin: string
  upstream: URL
  settings: ApplicationSettings
  /** Null where the application has no Managed OAuth to switch on. */
  oauth: ManagedOauth | null
  /** Only on the team domain. */
  saas: SaasOidc | null
}
