// What a handler answers with, before anything is written to a socket.
import type { ServerResponse } from 'node:http'

export interface Reply {
  status: number
  headers?: Record<string, string>
  body?:
    | { json: unknown; type?: string }
    | { bytes: Uint8Array; type: string }
    | { write: (to: ServerResponse) => void }
}

export interface FieldError {
  /** Where: `body.title`, `query.page`, `path.person_id`. */
  field: string
  message: string
}

const TITLES: Record<number, string> = {
  400: 'Bad request',
  401: 'Authentication required',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  412: 'Precondition failed',
  413: 'Body too large',
  415: 'Unsupported media type',
  422: 'Validation failed',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Temporarily unavailable',
}

export function ok(json: unknown, headers: Record<string, string> = {}): Reply {
  return { status: 200, headers, body: { json } }
}

export function created(json: unknown, location: string): Reply {
  return { status: 201, headers: { location }, body: { json } }
}

export function noContent(): Reply {
  return { status: 204 }
}

export function file(bytes: Uint8Array, type: string, name: string): Reply {
  const disposition = `attachment; filename*=UTF-8''${encodeURIComponent(name)}`
  return { status: 200, headers: { 'content-disposition': disposition }, body: { bytes, type } }
}

/** An RFC 9457 problem: `detail` says what to do about it. */
export function problem(
  status: number,
  detail: string,
  { errors, headers = {} }: { errors?: FieldError[]; headers?: Record<string, string> } = {},
): Reply {
  const title = TITLES[status] ?? `HTTP ${status}`
  const json = { type: 'about:blank', title, status, detail, ...(errors && { errors }) }
  return { status, headers, body: { json, type: 'application/problem+json' } }
}

export function notFound(what: string, id: string | number): Reply {
  return problem(404, `There is no ${what} ${id}.`)
}

/** A value of the right shape that makes no sense here, for example the id of a person who does not exist. */
export function invalid(field: string, message: string): Reply {
  return problem(422, `${field} ${message}.`, { errors: [{ field, message }] })
}
