// The one seam: a protocol that an integration can speak. Protocol code is handed a `fetch` that already carries the
// credential, so it never sees a secret; credential code never sees a protocol.
import type {
  AuthMethod,
  CallNotes,
  Effect,
  IntegrationKind,
  JsonSchema,
  RequestPreview,
  Server,
  ToolErrorShape,
  UpstreamAnswer,
  UpstreamQuestion,
} from '../../drizzle/shapes.ts'
import type { ByteSequence } from './byte-sequence.ts'
import type { JsonRecord } from './json-value.ts'

/** Sends a request through server/net. Rejects with `OutboundError` only. */
export type Fetch = (request: Request) => Promise<Response>

/** One file. Its URL, where it has one, is what its relative references resolve against, and its name to others. */
export interface SourceFile {
  url?: string
  bytes: ByteSequence
}

/** What one integration is made of: its documents (a bundle has several), and the files that they refer to. */
export interface Source {
  documents: SourceFile[]
  /** Every one has a URL. */
  referenced: SourceFile[]
}

/** Where reading goes on after an interruption. The source is the same, byte by byte. */
export interface Position {
  /** Operations that were handed on, tools and skipped ones. */
  done: number
  /** Every shared schema that was handed on. */
  schemas: Iterable<{ name: string; place: string }>
}

/**
 * What an adapter finds, in the order it finds it: one `about` first, then for each operation the schemas that it
 * reached first, what was left out of it, and last the operation itself, as a tool or as skipped.
 */
export type Discovered =
  | {
      type: 'about'
      title: string
      description: string
      version: string
      /** Where the API is, the default first; empty when the document does not say. */
      servers: Server[]
      authMethods: AuthMethod[]
      /** Operations in the source: tools + skipped operations add up to it. */
      operationCount: number
    }
  /** `place` says where it was found; an adapter that goes on from a `Position` needs it back. */
  | { type: 'schema'; name: string; place: string; body: JsonSchema }
  | ({ type: 'tool' } & DiscoveredTool)
  | { type: 'skipped'; place: string; reason: string; isOperation: boolean }

export interface DiscoveredTool {
  /** Stable over revisions: `POST /repos/{owner}/{repo}/issues`. */
  operation: string
  /** Dotted JavaScript identifiers, wished for: the catalog keeps an operation's stored name and resolves collisions. */
  suggestedName: string
  summary: string
  description: string
  effect: Effect
  isDeprecated: boolean
  /** `(input: { owner: string; … }) => Promise<Issue>` */
  signature: string
  inputSchema: JsonSchema
  outputSchema: JsonSchema | null
  /** Where it is called, when that is not the integration's base URL: `https://uploads.example.com`. */
  origin: string | null
  /** Read back by the same adapter's `call`. */
  binding: unknown
  /** Extra words for search: path segments, parameter names with their descriptions, tags. */
  searchPath: string
  searchParameters: string
}

/** The parts of a stored tool that carrying out a call needs. */
export interface CallableTool {
  operation: string
  inputSchema: JsonSchema
  binding: unknown
  baseUrl: string
}

/** `data` is JSON-like, or a `FileValue` (server/sandbox/file.ts) for binary answers. Header names are lower case. */
export type ToolResult = { notes?: CallNotes } & (
  | {
      ok: true
      status: number
      headers: Record<string, string>
      data: unknown
      /** The input that asks for the page after this one; absent when there is none, or it is not known. */
      next?: JsonRecord
      /** What of the data is missing and why, where an answer has both data and errors (GraphQL); JSON-like. */
      errors?: unknown
    }
  | {
      ok: false
      error: ToolErrorShape
      headers?: Record<string, string>
      /** Said in the answer and not by its status (401): nothing was carried out, and all can be sent with a new one. */
      isCredentialRefused?: true
      /** The upstream waits for a person: the same call goes on when it is made again with their answer. */
      question?: UpstreamQuestion
    }
)

/** A question of the upstream's in an earlier attempt at the same call, and what a person said. */
export interface AnsweredQuestion {
  question: UpstreamQuestion
  answer: UpstreamAnswer
}

/** What a call may ask of the rest of Executor. */
export interface CallContext {
  /** Shared schemas of the integration's revision in force, by name; names that it does not have are left out. */
  schemas(names: readonly string[]): Promise<ReadonlyMap<string, JsonSchema>>
  /** Whether the policies block what is no tool of its own: `type.User.email`, behind the integration's slug. */
  isBlocked(name: string): boolean
  /** Lives as long as the isolate, and is the connection's alone: what a session is known by, never an open stream. */
  memory: Map<string, unknown>
  /** The integration is not what its document says any more: the document is asked for again soon. */
  outdated?: () => Promise<void>
  /** Lives as long as one run is driven, which its calls share. Absent where a call is to be sent alone. */
  together?: WeakMap<object, unknown>
  /** In the order in which they were asked. */
  answers?: readonly AnsweredQuestion[]
}

/** `sentWith`: the `fetch` of another call whose request has brought the answer to this one too. */
export type CallResult = ToolResult & { sentWith?: Fetch }

export interface Adapter {
  kind: IntegrationKind
  /**
   * Absolute URLs of files that the source refers to and does not have. The caller fetches what may be fetched, and asks
   * again, since those may refer to others; what stays missing is reported where it is used.
   */
  references?(source: Source): string[]
  /** Throws `DocumentError` (server/integrations/document-error.ts) when the source cannot be read at all. */
  discover(source: Source, fetch: Fetch, from?: Position): AsyncIterable<Discovered>
  /** The request that `call` would send first, without the credential; null when the input cannot become one. */
  preview(tool: CallableTool, input: unknown, context?: CallContext): Promise<RequestPreview | null>
  /** Never throws for anything the upstream or the input can cause. `input` was validated by the caller. */
  call(tool: CallableTool, input: unknown, fetch: Fetch, context?: CallContext): Promise<CallResult>
}
