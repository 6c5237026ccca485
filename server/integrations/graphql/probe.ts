// Whether a URL that somebody pasted is a GraphQL endpoint, or leads to one at a usual place.
import type { Fetch } from '../adapter.ts'
import { isRecord, own, ownList } from '../json-value.ts'
import { readJson } from '../read-json.ts'
import { wantCredential } from './answer.ts'
import { getRequest, postRequest } from './build-request.ts'

const PLACES = ['/graphql', '/api/graphql', '/v1/graphql', '/query']
/** Of an answer, as much as tells what it is. */
const MAX_READ = 200_000
const LOOKS_SO = /\/(graphql|gql|query)\/?$/i

export interface GraphQlEndpoint {
  url: string
  needsCredential: boolean
  /** Whether it says its schema; null while it wants a credential first. */
  introspects: boolean | null
}

/**
 * The first of the given URL and the usual places of its host that is one; null when none is. A refusal alone says that
 * there is something only at the given URL, or where the host does not refuse everything.
 */
export async function probeGraphQl(url: string, fetch: Fetch): Promise<GraphQlEndpoint | null> {
  const probed = await Promise.all(candidatesFor(url).map((candidate) => probe(candidate, fetch)))
  const closed = probed.filter(({ isClosed }) => isClosed).length
  const found = probed.find(
    ({ endpoint, isClosed }, index) => endpoint !== null && (!isClosed || index === 0 || closed === 1),
  )
  return found?.endpoint ?? null
}

function candidatesFor(url: string): string[] {
  if (!URL.canParse(url)) return []
  const given = new URL(url)
  if (!/^https?:$/.test(given.protocol) || given.username || given.password) return []
  given.hash = ''
  return [...new Set([given.href, ...PLACES.map((path) => given.origin + path)])]
}

interface Probed {
  endpoint: GraphQlEndpoint | null
  /** Refused before it was looked at, perhaps by something in front. */
  isClosed: boolean
}

async function probe(url: string, fetch: Fetch): Promise<Probed> {
  try {
    const typename = await ask(url, '{__typename}', fetch)
    const isClosed = typename.isClosed && !typename.isGraphQl
    if (isClosed) {
      const looksSo = LOOKS_SO.test(new URL(url).pathname)
      return { endpoint: looksSo ? { url, needsCredential: true, introspects: null } : null, isClosed }
    }
    if (!typename.isGraphQl) return { endpoint: null, isClosed }
    if (typename.needsCredential) return { endpoint: { url, needsCredential: true, introspects: null }, isClosed }
    const schema = await ask(url, '{__schema{queryType{name}}}', fetch)
    const introspects = isRecord(own(own(schema.body, 'data'), '__schema'))
    const needsCredential = schema.needsCredential
    return { endpoint: { url, needsCredential, introspects: needsCredential ? null : introspects }, isClosed }
  } catch {
    // Not reached, redirected too often, or refused: it is not one that can be called.
    return { endpoint: null, isClosed: false }
  }
}

interface Look {
  isGraphQl: boolean
  isClosed: boolean
  needsCredential: boolean
  body: unknown
}

async function ask(url: string, query: string, fetch: Fetch): Promise<Look> {
  const posted = await fetch(postRequest(url, { query }))
  const look = await lookAt(posted, url)
  const other = posted.status === 405 && !look.isGraphQl && getRequest(url, { query })
  return other ? lookAt(await fetch(other), url) : look
}

async function lookAt(response: Response, url: string): Promise<Look> {
  const { status, headers } = response
  const text = (await response.text()).slice(0, MAX_READ)
  const read = readJson(text)
  const body = read.ok ? read.value : null
  const errors = ownList(body, 'errors')
  const isAnswer = isRecord(own(body, 'data')) && own(own(body, 'data'), '__typename') !== undefined
  const isRefusal = errors.length > 0 && errors.every((error) => typeof own(error, 'message') === 'string')
  const isTyped = /^application\/graphql-response\+json/i.test(headers.get('content-type') ?? '')
  // A schema's answer has no `__typename`; an endpoint that wants to know who asks may not answer as GraphQL does.
  const isSchema = isRecord(own(own(body, 'data'), '__schema'))
  const isClosed = status === 401 || status === 403
  const looksSo = LOOKS_SO.test(new URL(url).pathname)
  const isGraphQl = isAnswer || isSchema || isTyped || (isRefusal && (looksSo || hasShape(errors)))
  const needsCredential = isClosed || wantCredential(errors)
  return { isGraphQl, isClosed, needsCredential, body }
}

/** Members that errors of GraphQL have, and those of other APIs do not. */
function hasShape(errors: readonly unknown[]): boolean {
  return errors.some((error) => {
    const hasPlace = Array.isArray(own(error, 'locations')) || Array.isArray(own(error, 'path'))
    return (
      hasPlace ||
      /graphql|query|operation/i.test(String(own(own(error, 'extensions'), 'code') ?? own(error, 'message')))
    )
  })
}
