// An operation as an HTTP request: GraphQL over HTTP (https://graphql.github.io/graphql-over-http), files by the multipart
// request specification (https://github.com/jaydenseric/graphql-multipart-request-spec), and the hash of an automatic
// persisted query.
import { FileValue } from '../../sandbox/file.ts'
import type { JsonRecord } from '../json-value.ts'
import { multipartBody } from '../openapi/multipart.ts'
import type { Operation } from './operation.ts'

export const ACCEPT = 'application/graphql-response+json, application/json;q=0.9'
/** Servers refuse a longer address. */
const MAX_URL = 8000
export const MAX_FILES = 50
const MAX_DEPTH = 50
/** Without one of these, some servers take a GET or a form for one that a page of somebody else sends (CSRF). */
const PREFLIGHT = { 'apollo-require-preflight': 'true', 'graphql-require-preflight': '1' }

export interface Way {
  method: 'POST' | 'GET'
  /** The query's SHA-256 goes with it (Apollo's automatic persisted queries). */
  isPersisted: boolean
}

/** Null when the operation cannot be sent so: it is too long for a GET, or has files. */
export async function buildRequest(endpoint: string, operation: Operation, way: Way): Promise<Request | null> {
  const { field, query } = operation
  const files: FoundFile[] = []
  const variables = withoutFiles(operation.variables, 'variables', files, 0)
  if (files.length > MAX_FILES) return null
  const extensions = way.isPersisted ? { persistedQuery: { version: 1, sha256Hash: await sha256(query) } } : undefined
  const body = { query, operationName: field, variables, ...(extensions && { extensions }) }
  if (way.method === 'GET') return files.length > 0 ? null : getRequest(endpoint, body)
  if (files.length === 0) {
    return postRequest(endpoint, body)
  }
  // The order counts: what the files are for comes before them.
  const map = Object.fromEntries(files.map(({ path }, index) => [String(index), [path]]))
  const fields = [
    { operations: JSON.stringify(body) },
    { map: JSON.stringify(map) },
    ...files.map(({ file }, index) => ({ [index]: file })),
  ]
  const multipart = multipartBody({ mediaType: 'multipart/form-data' }, fields, undefined)
  if (!multipart.ok) return null
  const headers = { accept: ACCEPT, 'content-type': multipart.contentType, ...PREFLIGHT }
  return new Request(endpoint, { method: 'POST', headers, body: multipart.body })
}

export function postRequest(endpoint: string, body: JsonRecord): Request {
  const headers = { accept: ACCEPT, 'content-type': 'application/json' }
  return new Request(endpoint, { method: 'POST', headers, body: JSON.stringify(body) })
}

/** Null when the address would be too long. */
export function getRequest(endpoint: string, body: JsonRecord): Request | null {
  const url = new URL(endpoint)
  for (const [name, value] of Object.entries(body)) {
    url.searchParams.set(name, typeof value === 'string' ? value : JSON.stringify(value))
  }
  return url.href.length > MAX_URL ? null : new Request(url, { headers: { accept: ACCEPT, ...PREFLIGHT } })
}

interface FoundFile {
  /** `variables.input.picture`, `variables.files.0`. */
  path: string
  file: FileValue
}

export function filesIn(variables: JsonRecord): unknown[] {
  const files: FoundFile[] = []
  withoutFiles(variables, '', files, 0)
  return files
}

/** The value with null in place of each file. */
function withoutFiles(value: unknown, path: string, files: FoundFile[], depth: number): unknown {
  if (value instanceof Uint8Array) return withoutFiles(new FileValue('file', '', value), path, files, depth)
  if (value instanceof FileValue) {
    files.push({ path, file: value })
    return null
  }
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return value
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => withoutFiles(item, `${path}.${index}`, files, depth + 1))
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, withoutFiles(member, `${path}.${key}`, files, depth + 1)]),
  )
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
