// The Cloudflare API as the setup commands use it: JSON in, parsed results out. What it refuses becomes a
// CloudflareError that says which of a few kinds it is; whoever catches it knows what the person should do next.
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'

export const CLOUDFLARE_API = 'https://api.cloudflare.com/client/v4'

const TIMEOUT_MS = 30_000
const ATTEMPTS = 3
const LONGEST_WAIT_MS = 10_000
const PAGE_SIZE = 50

/** `unreachable`: no answer, or one that says to come back later. `refused`: the request itself was not accepted. */
export type CloudflareFault = 'unauthenticated' | 'forbidden' | 'not_found' | 'unreachable' | 'refused'

export class CloudflareError extends Error {
  readonly fault: CloudflareFault
  /** Cloudflare's own numbers, for example 10007. */
  readonly codes: readonly number[]
  /** `GET /accounts/…`, without query. */
  readonly request: string

  constructor(fault: CloudflareFault, request: string, message: string, codes: readonly number[] = []) {
    super(`${request}: ${message}`)
    this.name = 'CloudflareError'
    this.fault = fault
    this.request = request
    this.codes = codes
  }
}

export interface CloudflareApi {
  get<T>(path: string, shape: z.ZodType<T>): Promise<T>
  /** Like `get`, and undefined when there is no such thing. */
  find<T>(path: string, shape: z.ZodType<T>): Promise<T | undefined>
  /** Every page of a list. */
  list<T>(path: string, shape: z.ZodType<T>): Promise<T[]>
  /** Never repeated when the answer is lost: whether it took effect is seen by reading again. */
  send<T>(method: 'POST' | 'PUT' | 'PATCH', path: string, body: unknown, shape: z.ZodType<T>): Promise<T>
}

export interface CloudflareApiOptions {
  /** `Authorization`, or the pair of a global API key. */
  headers: Readonly<Record<string, string>>
  baseUrl?: string
  fetch?: typeof fetch
  /** Between attempts; the first one, doubled each time. */
  retryAfterMs?: number
}

const envelope = z.object({
  success: z.boolean().optional(),
  errors: z.array(z.object({ code: z.number(), message: z.string() })).nullish(),
  result: z.unknown(),
  result_info: z.object({ total_pages: z.number().optional(), total_count: z.number().optional() }).nullish(),
})
type Envelope = z.infer<typeof envelope>

export function createCloudflareApi(options: CloudflareApiOptions): CloudflareApi {
  const { headers, baseUrl = CLOUDFLARE_API, fetch: send = fetch, retryAfterMs = 1000 } = options

  async function once(method: string, path: string, body?: unknown): Promise<Envelope> {
    const name = `${method} ${path.split('?')[0]}`
    let response: Response
    let text: string
    try {
      response = await send(baseUrl + path, {
        method,
        headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      text = await response.text()
    } catch (error) {
      throw new CloudflareError('unreachable', name, `no answer (${reasonOf(error)})`)
    }
    const parsed = envelope.safeParse(parseJson(text))
    if (response.ok && parsed.success && parsed.data.success !== false) return parsed.data
    const errors = parsed.data?.errors ?? []
    const codes = errors.map(({ code }) => code)
    const words = errors.map(({ code, message }) => `${message} [${code}]`).join('; ') || `status ${response.status}`
    throw new CloudflareError(faultOf(response.status, codes), name, words, codes)
  }

  /** Reading is repeated while nobody answers properly. */
  async function read(path: string): Promise<Envelope> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await once('GET', path)
      } catch (error) {
        if (!isFault(error, 'unreachable') || attempt === ATTEMPTS) throw error
        await sleep(Math.min(retryAfterMs * 2 ** (attempt - 1), LONGEST_WAIT_MS))
      }
    }
  }

  const api: CloudflareApi = {
    get: async (path, shape) => parseResult(`GET ${path}`, shape, (await read(path)).result),
    async find(path, shape) {
      try {
        return await api.get(path, shape)
      } catch (error) {
        if (isFault(error, 'not_found')) return undefined
        throw error
      }
    },
    async list(path, shape) {
      const found = []
      for (let page = 1; ; page++) {
        const query = `${path.includes('?') ? '&' : '?'}page=${page}&per_page=${PAGE_SIZE}`
        const { result, result_info: info } = await read(path + query)
        const items = parseResult(`GET ${path}`, z.array(shape), result ?? [])
        found.push(...items)
        const isLast =
          info?.total_pages !== undefined
            ? page >= info.total_pages
            : info?.total_count === undefined || found.length >= info.total_count
        if (isLast || items.length === 0) return found
      }
    },
    send: async (method, path, body, shape) =>
      parseResult(`${method} ${path}`, shape, (await once(method, path, body)).result),
  }
  return api
}

export function isFault(error: unknown, ...faults: CloudflareFault[]): error is CloudflareError {
  return error instanceof CloudflareError && faults.includes(error.fault)
}

function parseResult<T>(request: string, shape: z.ZodType<T>, result: unknown): T {
  const parsed = shape.safeParse(result)
  if (parsed.success) return parsed.data
  throw new Error(`${request} answered in a form that is not known here: ${z.prettifyError(parsed.error)}`)
}

/** A token that is malformed, unknown or expired is told apart from one that may not do this. */
function faultOf(status: number, codes: readonly number[]): CloudflareFault {
  const isBadToken = codes.some((code) => [1000, 6003, 6111, 9106, 9107].includes(code))
  if (status === 401 || (isBadToken && status < 500)) return 'unauthenticated'
  if (status === 403) return 'forbidden'
  if (status === 404) return 'not_found'
  if (status === 408 || status === 429 || status >= 500) return 'unreachable'
  return 'refused'
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message
}
