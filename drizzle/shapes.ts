// The shapes of the JSON columns in schema.ts: plain data that several floors of server/ share, and nothing else.

/** What a person is told a tool does to the world. Anything that is not marked as a read is treated as a write. */
export type Effect = 'read' | 'write' | 'destructive'

export type IntegrationKind = 'openapi' | 'google' | 'graphql' | 'mcp'

/** A JSON Schema 2020-12 object (or boolean schema). Shared schemas are referenced as `#/$defs/<name>`. */
export type JsonSchema = boolean | { [keyword: string]: unknown }

/** One value that a person types when connecting, for example a token, or a user name and a password. */
export interface AuthField {
  /** Identifier used in templates, for example `token`. */
  name: string
  label: string
  /** Secret fields are typed into password inputs and never shown again; others (a user name) may be displayed. */
  isSecret: boolean
  /** May be left empty: the password beside a key that is sent as the user, for example. */
  isOptional?: true
  hint?: string
}

/**
 * Where a credential goes in a request. `template` is literal text in which `{field}` stands for a field's value,
 * for example `Bearer {token}`.
 */
export type Placement =
  | { in: 'header'; name: string; template: string }
  | { in: 'query'; name: string; template: string }
  | { in: 'cookie'; name: string; template: string }
  | { in: 'basic'; userTemplate: string; passwordTemplate: string }

/** One way to authenticate to an integration. No fields and no placements: calls are sent without a credential. */
export interface AuthMethod {
  /** Unique within the integration, for example `bearer`, `apiKey`, `none`. */
  id: string
  label: string
  description?: string
  fields: AuthField[]
  placements: Placement[]
  /** Requests are signed with the fields, beside what the placements put in. */
  signing?: Signing
  /** The Access assertion of the person who calls goes out in this header, while a request of theirs lasts. */
  forwards?: { header: 'Cf-Access-Token' }
  /** How the value of one of the fields is issued. It can also be pasted. */
  oauth?: OAuth
  /** An admin's, not the document's: a new revision of the document leaves it as it is. */
  isAdded?: true
}

/** AWS Signature Version 4. Names of the fields that hold what it needs; `sessionToken` may be left empty. */
export interface Signing {
  algorithm: 'aws4-hmac-sha256'
  accessKeyId: string
  secretAccessKey: string
  sessionToken: string
  region: string
  service: string
}

/** What is known about getting an access token. URLs are absolute https, or http of a loopback host. */
export interface OAuth {
  /** Name of the field that holds the token. */
  field: string
  flows: OAuthFlow[]
  /** Protected resource whose own metadata names the authorization server (RFC 9728). */
  resourceUrl?: string
  /** Issuer identifier (RFC 8414, OpenID Connect Discovery). */
  issuer?: string
  /** More parameters of the authorization request, of this integration's: `access_type=offline`. */
  authorizeParameters?: Record<string, string>
  /** That operations ask for and no flow describes. */
  scopes?: string[]
  openIdConnectUrl?: string
  /** Authorization server metadata (RFC 8414). */
  metadataUrl?: string
}

/** `grant` is the `grant_type` of RFC 6749; `device_code` is that of RFC 8628. */
export interface OAuthFlow {
  grant: 'authorization_code' | 'client_credentials' | 'device_code'
  authorizationUrl?: string
  deviceAuthorizationUrl?: string
  tokenUrl?: string
  refreshUrl?: string
  /** Name to description. */
  scopes: Record<string, string>
}

/** `private_key_jwt`: RFC 7523, section 2.2. The others are of RFC 6749, section 2.3.1. */
export type ClientAuthMethod = 'none' | 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt'

/** Where an authorization server answers, of its metadata (RFC 8414) or of a document. */
export interface AuthorizationServer {
  /** Null where a document names endpoints and no issuer. */
  issuer: string | null
  authorizationEndpoint?: string
  tokenEndpoint?: string
  /** Where a document names another one for refresh tokens, at the same origin. */
  refreshEndpoint?: string
  deviceAuthorizationEndpoint?: string
  registrationEndpoint?: string
  revocationEndpoint?: string
  userinfoEndpoint?: string
  jwksUri?: string
  scopesSupported?: string[]
  grantTypesSupported?: string[]
  codeChallengeMethodsSupported?: string[]
  tokenEndpointAuthMethodsSupported?: string[]
  /** Of ID tokens; without it RS256 (OpenID Connect Dynamic Client Registration, section 2). */
  idTokenSigningAlgorithms?: string[]
  /** RFC 9207. */
  sendsIssuer: boolean
  /** Accepts a URL that the client's metadata is at as the client's id. */
  acceptsMetadataDocument: boolean
}

/** How a connection got its access token, and how it gets the next one. Secrets of it are sealed apart. */
export interface OAuthGrant {
  grant: OAuthFlow['grant']
  /** The integration's method that it was obtained by. */
  methodId: string
  /** Row of `oauth_clients`. */
  client: string
  server: AuthorizationServer
  /** RFC 8707. */
  resource?: string
  scopesRequested: string[]
  /** Null where the server did not say: as requested (RFC 6749, section 5.1). */
  scopesGranted: string[] | null
  canRefresh: boolean
  obtainedAt: number
}

/** What a person does on another device (RFC 8628, section 3.2). */
export interface DeviceAuthorization {
  userCode: string
  verificationUri: string
  verificationUriComplete?: string
  intervalSeconds: number
}

/**
 * Where an API is. `url` is absolute http(s) without a trailing slash, and may hold `{variables}`. With the defaults it
 * is plain http(s) without credentials, and so it is with each of the `values`. A variable without `values` may stand in
 * the host, or for the whole URL: what is typed for it chooses where credentials go, so it is checked when it is filled in
 * (server/integrations/openapi/server-template.ts).
 */
export interface Server {
  url: string
  description?: string
  /** What stands for `{name}` in the URL. With `values`, only one of those. */
  variables?: Record<string, { default: string; values?: string[]; description?: string }>
}

/** A part of a document that did not become a tool, and why. `place` is a JSON pointer or `GET /path`. */
export interface Skipped {
  place: string
  reason: string
}

/** What documents say of themselves, shown before anything of them is in force. */
export interface ImportPreview {
  kind: IntegrationKind
  title: string
  description: string
  version: string
  /** Identifier suggested as the integration's slug. */
  suggestedSlug: string
  /** Where the API is, the default first. May be empty. */
  servers: Server[]
  authMethods: AuthMethod[]
  operationCount: number
}

/** A file of an import. `referenced`: another file refers to it. */
export interface DocumentFile {
  role: 'document' | 'referenced'
  url?: string
  bytes: number
  /** Why it could not be fetched; then there are no bytes. */
  error?: string
}

/** What tells whether a document has changed, cheapest first (RFC 9110, section 8.8). */
export interface Validators {
  etag?: string
  lastModified?: string
  /** SHA-256 over all files, in hexadecimal. */
  hash: string
}

/** How a revision differs from the one in force, by names of tools, sorted. Words of documentation are no difference. */
export interface RevisionChanges {
  added: string[]
  changed: string[]
  removed: string[]
  /** Origins that calls have not gone to before. */
  origins: string[]
}

/** Where an imported document came from. */
export type DocumentOrigin =
  /** `method`: how the curl command signs in that it was found by. */
  | { kind: 'url'; url: string; method?: AuthMethod }
  /** Several documents that make one integration. */
  | { kind: 'bundle'; urls: string[] }
  | { kind: 'paste' }
  | { kind: 'upload'; fileName: string }
  /**
   * An endpoint that describes itself: what it said of itself is the document. `connection`: id of the one whose credential
   * it was read with; `method` as above.
   */
  | { kind: 'endpoint'; protocol: EndpointProtocol; url: string; connection?: string; method?: AuthMethod }

export type EndpointProtocol = 'graphql' | 'mcp'

/** A failure as agents and people see it. `code` is stable snake_case; `details` is JSON. */
export interface ToolErrorShape {
  code: string
  message: string
  /** HTTP status of the upstream's answer, when there was one. */
  status?: number
  details?: unknown
  /** True when the same call may succeed later without a change. */
  retryable?: boolean
}

export type PolicyAction = 'allow' | 'require_approval' | 'block'

/** Why a run ended without a result, and where in the agent's own text. */
export interface RunErrorShape extends ToolErrorShape {
  /** 1-based, in the code as it was handed in. */
  line?: number
  column?: number
  /** A few lines of the code with the place marked. */
  frame?: string
}

/** Code as the sandbox runs it, and the way back from a place in it to the place in the code that was handed in. */
export interface StoredProgram {
  script: string
  /** Of the script's source map (ECMA-426). */
  mappings: string
  /** Lines of the code that stand before what the script was made of. */
  linesBefore: number
  /** Characters that were put before its first line. */
  charactersBefore: number
}

/**
 * `waiting` is for a person. `declined` and `expired`: the program ended with that answer of a person, or for want of
 * one. `diverged`: carried out again, it asked for something else than the first time. `lost`: the platform killed it
 * again and again.
 */
export type RunState =
  | 'running'
  | 'waiting'
  | 'succeeded'
  | 'failed'
  | 'declined'
  | 'expired'
  | 'cancelled'
  | 'diverged'
  | 'lost'

export type CallKind = 'tool' | 'search' | 'describe' | 'results' | 'timer'

/**
 * `held` waits for a person before it is sent. `started` was sent, or is just being sent. `unknown` was sent, and nobody
 * was there any more to take its answer. `cancelled` was never sent, as its run ended first.
 */
export type CallState = 'held' | 'started' | 'unknown' | 'succeeded' | 'failed' | 'cancelled'

/** `answered`: a person said that the call happened, and with which answer to go on. */
export type ApprovalState = 'pending' | 'approved' | 'answered' | 'declined' | 'expired' | 'cancelled'

/**
 * What a person is asked about a call. `send`: may it be sent? `outcome`: it was sent, its answer was lost, and only a
 * person can find out what happened. `input`: the upstream asks for something before it goes on.
 */
export type QuestionKind = 'send' | 'outcome' | 'input'

/** What an upstream asks a person for in the middle of a call (MCP, client features: elicitation). */
export type UpstreamQuestion = (
  | { mode: 'form'; message: string; requestedSchema: unknown }
  /** The person is to open it, and to do there what must not pass through a client. Absolute http(s). */
  | { mode: 'url'; message: string; url: string }
) & {
  /** Where the upstream goes on from with the answer (`requestState` of 2026-07-28): its own, and shown to nobody. */
  resume?: { key: string; state: string }
}

/** `content` is of a form that was accepted. */
export interface UpstreamAnswer {
  action: 'accept' | 'decline' | 'cancel'
  content?: Record<string, string | number | boolean | string[]>
}

/** What an upstream said while it carried a call out. Texts are shortened. */
export interface CallNotes {
  /** The latest. */
  progress?: { progress: number; total?: number; message?: string }
  /** The last ones, in order. */
  logs: { level: string; text: string }[]
  /** Lines before those that are kept. */
  left: number
}

/** How far an approval reaches: this call, every call of the tool in this run, or in every run of the principal. */
export type Remember = 'once' | 'run' | 'tool'

/** A request as a person reads it before it is sent, without the credential. */
export interface RequestPreview {
  method: string
  /** Absolute. */
  url: string
  headers: [name: string, value: string][]
  /** Text as it would be sent, null when there is none. Bytes are told of in words. */
  body: string | null
}
