// The sample company's GraphQL API: GraphQL over HTTP (https://graphql.github.io/graphql-over-http) beside the OpenAPI API,
// over the same store. It says its schema to everybody at one address, and at the other only to who signs in.
import { readFileSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import { buildSchema, type DocumentNode, getOperationAST, parse, type SelectionNode } from 'graphql'
import { createHandler, type Response as HandlerResponse } from 'graphql-http'
import type { Authentication, Caller } from '../authenticate.ts'
import { problem, type Reply } from '../reply.ts'
import type { Store } from '../store.ts'
import { codeOf, type Context } from './context.ts'
import { isMultipart, readMultipart } from './multipart.ts'
import { mutations } from './mutations.ts'
import { queries } from './queries.ts'

export const GRAPHQL_PATH = '/graphql'
/** Says not even its schema without a credential. */
export const PRIVATE_GRAPHQL_PATH = '/graphql-private'
const MAX_TOKENS = 5000

const schema = buildSchema(readFileSync(new URL('./schema.graphql', import.meta.url), 'utf8'))
const NOBODY: Caller = { placement: null, mayWrite: false }

export interface GraphQlCall {
  method: string
  url: URL
  headers: IncomingHttpHeaders
  body: Buffer
  store: Store
  authentication: Authentication
  /** The headers of a refusal. */
  challenge: (error: { error?: string; scope?: string }) => Record<string, string>
}

const handler = createHandler<GraphQlCall, Context, Context>({
  rootValue: { ...queries, ...mutations },
  context: ({ context }) => context,
  parse: (source, options) => parse(source, { ...options, maxTokens: MAX_TOKENS }),
  schema: ({ raw }, { document, operationName }) => refusalOf(raw, document, operationName) ?? schema,
  parseRequestParams: ({ method, raw: { body, headers } }) =>
    method === 'POST' && isMultipart(headers) ? readMultipart(body, headers) : undefined,
})

export async function answerGraphQl(call: GraphQlCall): Promise<Reply> {
  const { method, url, headers, body, store, authentication } = call
  const isClosed = url.pathname === PRIVATE_GRAPHQL_PATH
  if (!authentication.ok && (isClosed || authentication.isInvalid)) return replyOf(unauthenticated(call))
  const caller = authentication.ok ? authentication.caller : NOBODY
  const context: Context = { store, caller, http: { headers: {} } }
  const target = url.pathname + url.search
  const [text, init] = await handler({ method, url: target, headers, body: body.toString(), raw: call, context })
  const status = context.http.status ?? init.status
  return replyOf([text, { ...init, status, headers: { ...init.headers, ...context.http.headers } }])
}

/** Null for what this caller may ask: the schema is for everybody. */
function refusalOf(call: GraphQlCall, document: DocumentNode, name: string | null | undefined): HandlerResponse | null {
  if (asksForSchema(document)) return null
  if (!call.authentication.ok) return unauthenticated(call)
  const { token } = call.authentication.caller
  const isQuery = getOperationAST(document, name)?.operation === 'query'
  if (!isQuery || !token || token.scopes.includes('read')) return null
  const detail = 'The access token is not good for read, which queries need.'
  return refused(call, 403, detail, call.challenge({ error: 'insufficient_scope', scope: 'read' }))
}

function unauthenticated(call: GraphQlCall): HandlerResponse {
  const { authentication, challenge } = call
  if (authentication.ok) throw new Error('The caller is known')
  const error = authentication.isInvalid ? { error: 'invalid_token' } : {}
  return refused(call, 401, authentication.detail, challenge(error))
}

function refused(
  { headers: { accept = '' } }: GraphQlCall,
  status: number,
  message: string,
  headers: Record<string, string>,
): HandlerResponse {
  const type = /application\/graphql-response\+json/i.test(accept) ? 'graphql-response+json' : 'json'
  const body = JSON.stringify({ errors: [{ message, extensions: { code: codeOf(status) } }] })
  const contentType = `application/${type}; charset=utf-8`
  return [body, { status, statusText: '', headers: { ...headers, 'content-type': contentType } }]
}

/** Whether each operation has fields of introspection alone. */
function asksForSchema({ definitions }: DocumentNode): boolean {
  return definitions.every((one) => one.kind !== 'OperationDefinition' || one.selectionSet.selections.every(isOfSchema))
}

function isOfSchema(node: SelectionNode): boolean {
  if (node.kind === 'InlineFragment') return node.selectionSet.selections.every(isOfSchema)
  return node.kind === 'Field' && node.name.value.startsWith('__')
}

function replyOf([text, { status, headers }]: HandlerResponse): Reply {
  if (text === null) return problem(status, 'Send GraphQL over HTTP: POST with JSON, or GET for queries.', { headers })
  const { 'content-type': type = 'application/json', ...others } = headers ?? {}
  return { status, headers: others, body: { bytes: Buffer.from(text), type } }
}
