// One entry of the API's table: the document and the router are both made from it, so they cannot disagree.
import type { IncomingHttpHeaders } from 'node:http'
import { z } from 'zod'
import type { Caller } from './authenticate.ts'
import type { BodyFormat } from './body-format.ts'
import { objectSchema, valuesFor } from './json-schema.ts'
import { type FieldError, problem, type Reply } from './reply.ts'
import type { Store } from './store.ts'

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

export interface AnswerDescription {
  description: string
  schema?: z.ZodType
  /** `application/json` when there is a schema. */
  contentType?: string
  headers?: Record<string, { description: string; schema: z.ZodType }>
}

interface Described {
  /** `tickets/create`, as GitHub names its operations. */
  id: string
  method: Method
  path: string
  tag: string
  summary: string
  description: string
  isDeprecated?: boolean
  /** Needs no credential. */
  isPublic?: boolean
  answers: Record<number, AnswerDescription>
  /** Refusals of its own; 401, 403 and 422 are added where they apply. */
  refusals?: readonly (404 | 409 | 412 | 413 | 415 | 503)[]
  /** Array parameters of the query that are written `a,b` rather than repeated. */
  commaSeparated?: readonly string[]
}

interface Definition<P extends z.ZodRawShape, Q extends z.ZodRawShape, H extends z.ZodRawShape, B> extends Described {
  params?: P
  query?: Q
  /** By lower-case name. */
  headers?: H
  body?: BodyFormat<B>
  handle: (call: {
    params: z.output<z.ZodObject<P>>
    query: z.output<z.ZodObject<Q>>
    headers: z.output<z.ZodObject<H>>
    body: B
    store: Store
    url: URL
    caller: Caller
  }) => Reply | Promise<Reply>
}

export interface IncomingCall {
  params: Record<string, string>
  headers: IncomingHttpHeaders
  body: Buffer
  store: Store
  url: URL
  caller: Caller
}

export interface Operation extends Described {
  params: z.ZodObject
  query: z.ZodObject
  headers: z.ZodObject
  body: BodyFormat<unknown> | null
  /** Validates, then handles. */
  run: (call: IncomingCall) => Promise<Reply>
}

type NoShape = Record<string, never>

export function operation<
  P extends z.ZodRawShape = NoShape,
  Q extends z.ZodRawShape = NoShape,
  H extends z.ZodRawShape = NoShape,
  B = null,
>(definition: Definition<P, Q, H, B>): Operation
export function operation(definition: Definition<z.ZodRawShape, z.ZodRawShape, z.ZodRawShape, unknown>): Operation {
  const params = z.strictObject(definition.params ?? {})
  const query = z.strictObject(definition.query ?? {})
  const headers = z.object(definition.headers ?? {})
  const body = definition.body ?? null

  return {
    ...definition,
    params,
    query,
    headers,
    body,
    async run({ params: pathValues, headers: headerValues, body: bytes, store, url, caller }) {
      const comma = definition.commaSeparated ?? []
      const asked = {
        path: params.safeParse(valuesFor(objectSchema(params), new URLSearchParams(pathValues))),
        query: query.safeParse(valuesFor(objectSchema(query), withoutKey(url.searchParams), comma)),
        header: headers.safeParse(headerValues),
      }
      const errors = Object.entries(asked).flatMap(([place, { error }]) => fieldErrors(place, error))
      const content = body
        ? await body.read(bytes, headerValues['content-type'] ?? '')
        : { ok: true as const, value: null }
      if (!content.ok && 'reply' in content) return content.reply
      if (!content.ok) errors.push(...fieldErrors('body', content.error))
      if (errors.length > 0 || !asked.path.success || !asked.query.success || !asked.header.success || !content.ok) {
        const detail = errors.map(({ field, message }) => `${field} ${message}.`).join(' ')
        return problem(422, detail, { errors })
      }
      return definition.handle({
        params: asked.path.data,
        query: asked.query.data,
        headers: asked.header.data,
        body: content.value,
        store,
        url,
        caller,
      })
    },
  }
}

function withoutKey(query: URLSearchParams): URLSearchParams {
  const rest = new URLSearchParams(query)
  rest.delete('api_key')
  return rest
}

function fieldErrors(place: string, error: z.ZodError | undefined): FieldError[] {
  return (error?.issues ?? []).flatMap((issue) => {
    const field = [place, ...issue.path].join('.')
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ field: `${field}.${key}`, message: 'is not a known field' }))
    }
    if (issue.message.endsWith('received undefined')) return [{ field, message: 'is required' }]
    return [{ field, message: `is not valid: ${issue.message.replace(/^Invalid (?:input|option): /, '')}` }]
  })
}
