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
}

/** A part of a document that did not become a tool, and why. `place` is a JSON pointer or `GET /path`. */
export interface Skipped {
  place: string
  reason: string
}

/** What a document would become, shown before anything is imported. */
export interface ImportPreview {
  kind: IntegrationKind
  title: string
  description: string
  version: string
  /** Identifier suggested as the integration's slug. */
  suggestedSlug: string
  /** Servers that the document names; the first is the default base URL. May be empty. */
  servers: string[]
  authMethods: AuthMethod[]
  operationCount: number
  effects: Record<Effect, number>
  /** First segments of the tool names with how many tools each holds, largest first. */
  groups: { name: string; count: number }[]
  /** At most 200 entries; `skippedCount` counts all. */
  skipped: Skipped[]
  skippedCount: number
  documentBytes: number
}

/** Where an imported document came from. */
export type DocumentOrigin = { kind: 'url'; url: string } | { kind: 'paste' } | { kind: 'upload'; fileName: string }

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
