// The one seam: a protocol that an integration can speak. Protocol code is handed a `fetch` that already carries the
// credential, so it never sees a secret; credential code never sees a protocol.
import type {
  AuthMethod,
  Effect,
  IntegrationKind,
  JsonSchema,
  RequestPreview,
  ToolErrorShape,
} from '../../drizzle/shapes.ts'

/** Sends a request through server/net. Rejects with `OutboundError` only. */
export type Fetch = (request: Request) => Promise<Response>

/** A document to read: its bytes in order, and the URL it came from (relative references resolve against it). */
export interface Source {
  document: Uint8Array[]
  url?: string
}

/** What an adapter finds, in the order it finds it: one `about` first. */
export type Discovered =
  | {
      type: 'about'
      title: string
      description: string
      version: string
      /** Absolute server URLs, the default first; empty when the document names none. */
      servers: string[]
      authMethods: AuthMethod[]
      /** Operations in the document: tools + skipped operations add up to it. */
      operationCount: number
    }
  | { type: 'schema'; name: string; body: JsonSchema }
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
  schemaNames: string[]
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
export type ToolResult =
  | { ok: true; status: number; headers: Record<string, string>; data: unknown }
  | { ok: false; error: ToolErrorShape; headers?: Record<string, string> }

export interface Adapter {
  kind: IntegrationKind
  /** Throws `DocumentError` (server/integrations/document-error.ts) when the document cannot be read at all. */
  discover(source: Source, fetch: Fetch): AsyncIterable<Discovered>
  /** The request that `call` would send first, without the credential; null when the input cannot become one. */
  preview(tool: CallableTool, input: unknown): Promise<RequestPreview | null>
  /** Never throws for anything the upstream or the input can cause. `input` was validated by the caller. */
  call(tool: CallableTool, input: unknown, fetch: Fetch): Promise<ToolResult>
}
