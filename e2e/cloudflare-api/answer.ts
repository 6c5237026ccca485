import type { FakeAccount, Permission } from './fake-account.ts'

export interface ApiRequest {
  method: string
  /** Behind `/client/v4`. */
  path: string
  query: URLSearchParams
  headers: Headers
  bytes: Uint8Array<ArrayBuffer>
  /** The body when it was JSON, else undefined. */
  json: unknown
}

export interface ApiAnswer {
  result: unknown
  status?: number
  info?: Record<string, number>
}

/** What the API refuses, with Cloudflare's own number. */
export class ApiRefusal extends Error {
  readonly status: number
  readonly code: number

  constructor(status: number, code: number, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

export interface Route {
  method: string
  path: RegExp
  /** What the token must be allowed; a list means any of them. */
  permission: Permission | readonly Permission[]
  handle: (account: FakeAccount, request: ApiRequest, parts: string[]) => ApiAnswer | Promise<ApiAnswer>
}

/** A page of a list, as the API cuts it. */
export function paged(items: readonly unknown[], query: URLSearchParams): ApiAnswer {
  const perPage = Number(query.get('per_page') ?? 20)
  const page = Number(query.get('page') ?? 1)
  const result = items.slice((page - 1) * perPage, page * perPage)
  const totals = { total_count: items.length, total_pages: Math.max(1, Math.ceil(items.length / perPage)) }
  return { result, info: { page, per_page: perPage, count: result.length, ...totals } }
}

export function recordOf(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw new ApiRefusal(400, 10001, 'an object was expected')
}

export function textOf(value: unknown, name: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw new ApiRefusal(400, 10001, `${name} is missing`)
}

export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}
