// What a request brings to the resolvers, and how an operation of the OpenAPI API is run for them: both APIs have the same
// rules, whichever a ticket is written through.
import { GraphQLError } from 'graphql'
import { z } from 'zod'
import { type Caller, scopeFor } from '../authenticate.ts'
import { operations } from '../operations.ts'
import type { Reply } from '../reply.ts'
import type { Store } from '../store.ts'

export type Context = {
  store: Store
  caller: Caller
  /** What the answer has beside its body; 200 without more unless a resolver says so. */
  http: { status?: number; headers: Record<string, string> }
}

const CODES: Record<number, string> = {
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  413: 'BAD_USER_INPUT',
  422: 'BAD_USER_INPUT',
  429: 'RATE_LIMITED',
  503: 'SERVICE_UNAVAILABLE',
}
const Problem = z.object({ detail: z.string(), errors: z.array(z.unknown()).optional() })

export function codeOf(status: number): string {
  return CODES[status] ?? (status < 500 ? 'BAD_REQUEST' : 'INTERNAL_SERVER_ERROR')
}

export interface OperationInput {
  params?: Record<string, string>
  json?: unknown
  form?: FormData
}

/** The JSON that the operation answers with; null for none. Its refusal becomes an error. */
export async function runOperation(id: string, input: OperationInput, { store, caller }: Context): Promise<unknown> {
  const operation = operations.find((one) => one.id === id)
  if (operation === undefined) throw new Error(`There is no operation ${id}`)
  requireScope(scopeFor(operation), id, caller)
  if (!caller.mayWrite) throw refusal('FORBIDDEN', `This key may only read, and ${id} changes something.`)
  const url = new URL(operation.path, 'http://localhost')
  const sent = new Response(input.form ?? (input.json === undefined ? null : JSON.stringify(input.json)))
  const body = Buffer.from(await sent.arrayBuffer())
  const type = input.form ? sent.headers.get('content-type') : 'application/json'
  const headers = { 'content-type': type ?? '' }
  return answerOf(await operation.run({ params: input.params ?? {}, headers, body, store, url, caller }))
}

function answerOf({ status, body }: Reply): unknown {
  const json = body && 'json' in body ? body.json : null
  if (status < 400) return json
  const { detail, errors } = Problem.parse(json)
  throw refusal(codeOf(status), detail, errors && { errors })
}

export function requireScope(scope: string, what: string, { token }: Caller): void {
  if (!token || token.scopes.includes(scope)) return
  throw refusal('INSUFFICIENT_SCOPE', `The access token is not good for ${scope}, which ${what} needs.`, { scope })
}

export function refusal(code: string, message: string, more: Record<string, unknown> = {}): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...more } })
}
