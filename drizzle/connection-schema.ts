// How Executor signs in to integrations: credentials, the apps that it is known by, and sign-ins on their way.
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type {
  AuthMethod,
  AuthorizationServer,
  ClientAuthMethod,
  DeviceAuthorization,
  OAuthFlow,
  OAuthGrant,
} from './shapes.ts'

/** A credential for an integration. `owner` is `org`, or the id of one person (`person:<email>`). */
export const connections = sqliteTable(
  'connections',
  {
    id: text().primaryKey(),
    integrationId: text('integration_id').notNull(),
    /** Identifier used in qualified addresses: `github@work`. */
    slug: text().notNull(),
    owner: text().notNull(),
    method: text({ mode: 'json' }).$type<AuthMethod>().notNull(),
    /** Non-secret field values, shown in the console. */
    values: text({ mode: 'json' }).$type<Record<string, string>>().notNull(),
    /** Secret field values sealed as one JSON object (server/connections/seal.ts); null when the method has none. */
    sealed: text(),
    /** Origins that the credential may be sent to, fixed when the connection is made. */
    origins: text({ mode: 'json' }).$type<string[]>().notNull(),
    isDefault: integer('is_default', { mode: 'boolean' }).notNull().default(false),
    /** Null when the credential was typed. */
    oauth: text({ mode: 'json' }).$type<OAuthGrant>(),
    /** When the access token stops working; null when it does not, or nobody knows. */
    tokenExpiresAt: integer('token_expires_at'),
    /** Greater with every token that was stored: whoever has a smaller one has an old token. */
    tokenVersion: integer('token_version').notNull().default(0),
    /**
     * The lease under which a token is refreshed, by the clock of D1. The epoch is greater with every holder. A time that
     * is over and not null says that its holder went away without a word.
     */
    refreshEpoch: integer('refresh_epoch').notNull().default(0),
    refreshUntil: integer('refresh_until'),
    /** Whose account it is, as the upstream says: a name or an address. */
    identity: text(),
    health: text().$type<'untested' | 'ok' | 'needs_sign_in' | 'failing'>().notNull().default('untested'),
    healthReason: text('health_reason'),
    checkedAt: integer('checked_at'),
    lastUsedAt: integer('last_used_at'),
    createdBy: text('created_by').notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (table) => [uniqueIndex('connections_by_slug').on(table.integrationId, table.slug)],
)

/** Executor as a client of an authorization server: an app of one's own, or one that the server has registered. */
export const oauthClients = sqliteTable(
  'oauth_clients',
  {
    id: text().primaryKey(),
    integrationId: text('integration_id').notNull(),
    /** The issuer, or the token endpoint of a server that has none. */
    server: text().notNull(),
    kind: text().$type<'own' | 'registered' | 'metadata_document'>().notNull(),
    clientId: text('client_id').notNull(),
    authMethod: text('auth_method').$type<ClientAuthMethod>().notNull(),
    /** `secret`, `privateKey` (JWK) and `registrationToken`, whichever there are, sealed as one JSON object. */
    sealed: text(),
    /** Of `private_key_jwt`, to be given to the server. */
    publicKey: text('public_key', { mode: 'json' }).$type<Record<string, unknown>>(),
    redirectUri: text('redirect_uri').notNull(),
    /** Of the secret; null when it stays valid. */
    expiresAt: integer('expires_at'),
    createdBy: text('created_by').notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (table) => [uniqueIndex('oauth_clients_by_server').on(table.integrationId, table.server, table.kind)],
)

/** A sign-in at an authorization server that a person has begun: used once, by that person, within its time. */
export const oauthFlows = sqliteTable(
  'oauth_flows',
  {
    id: text().primaryKey(),
    /** SHA-256 of `state`, in hexadecimal; null for a device's. */
    stateHash: text('state_hash').unique(),
    principal: text().notNull(),
    integrationId: text('integration_id').notNull(),
    /** Set when it renews a connection, null when it makes one. */
    connectionId: text('connection_id'),
    methodId: text('method_id').notNull(),
    grant: text().$type<OAuthFlow['grant']>().notNull(),
    owner: text().notNull(),
    slug: text().notNull(),
    client: text().notNull(),
    server: text({ mode: 'json' }).$type<AuthorizationServer>().notNull(),
    resource: text(),
    scopes: text({ mode: 'json' }).$type<string[]>().notNull(),
    /** `verifier` and `nonce`, or `deviceCode`. */
    sealed: text().notNull(),
    /** Where the person goes. Holds no secret but `state`, which only their browser can use. */
    authorizationUrl: text('authorization_url'),
    device: text({ mode: 'json' }).$type<DeviceAuthorization>(),
    /** When a device's server may be asked next. */
    nextPollAt: integer('next_poll_at'),
    /** `taken`: the callback came, and its code is being exchanged. */
    state: text().$type<'open' | 'taken' | 'done' | 'failed'>().notNull(),
    /** Of `failed`: what the server said, and what to do. */
    problem: text(),
    createdAt: integer('created_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
  },
  (table) => [index('oauth_flows_by_end').on(table.expiresAt)],
)
