// Asks an endpoint for its schema. Servers refuse fields of introspection that came after them, so that what is asked for
// gets less, until one answers.
import type { Fetch } from '../adapter.ts'
import { isRecord, own, ownList } from '../json-value.ts'
import { outboundFailure } from '../openapi/upstream-error.ts'
import { messagesOf, readAnswer, wantCredential } from './answer.ts'
import { postRequest } from './build-request.ts'

/** What came into introspection last: the drafts after October 2021, October 2021, and what every server has. */
const LEVELS = [
  { inputs: '(includeDeprecated: true)', oneOf: 'isOneOf', specifiedBy: 'specifiedByURL', description: 'description' },
  { inputs: '', oneOf: '', specifiedBy: 'specifiedByURL', description: 'description' },
  { inputs: '', oneOf: '', specifiedBy: '', description: '' },
]
/** Lists and non-null types around a name. */
const WRAPPINGS = 9

/** The requests to try, in this order, that ask the endpoint at `url` for all of its schema. */
export function introspectionRequests(url: string): Request[] {
  return LEVELS.map((level) =>
    postRequest(url, { query: introspectionQuery(level), operationName: 'IntrospectionQuery' }),
  )
}

export type Introspection =
  /** The document: what the endpoint answered, byte by byte. */
  | { ok: true; bytes: Uint8Array }
  /** `refused`: it does not say its schema, or not like this. */
  | { ok: false; code: 'needs_credential' | 'refused' | 'not_graphql' | 'unreachable'; message: string }

/** What an answer is; its bytes are kept as they came. */
export async function readIntrospection(response: Response): Promise<Introspection> {
  const bytes = new Uint8Array(await response.arrayBuffer())
  // Larger than a value may be, the answer is not read as one: what it is shows in its beginning.
  const head = new TextDecoder().decode(bytes.subarray(0, 4096))
  if (response.ok && /^\uFEFF?\s*\{\s*("extensions"\s*:.*?)?"data"\s*:\s*\{\s*"__schema"\s*:\s*\{/s.test(head)) {
    return { ok: true, bytes }
  }
  const { status } = response
  const answer = await readAnswer(new Response(bytes, { status, headers: response.headers }), response.url)
  if (answer.is === 'failure') {
    const code = status === 401 || status === 403 ? 'needs_credential' : 'not_graphql'
    return { ok: false, code, message: answer.error.message }
  }
  if (isRecord(own(answer.data, '__schema')) && ownList(own(answer.data, '__schema'), 'types').length > 0) {
    return { ok: true, bytes }
  }
  const needsCredential = status === 401 || wantCredential(answer.errors)
  const said = messagesOf(answer.errors) || 'it answered without a schema.'
  return { ok: false, code: needsCredential ? 'needs_credential' : 'refused', message: said }
}

/** Asks until one way is taken. `url` is the endpoint; `fetch` carries the credential, where one is needed. */
export async function introspect(url: string, fetch: Fetch): Promise<Introspection> {
  let last: Introspection = { ok: false, code: 'refused', message: 'It was not asked.' }
  for (const request of introspectionRequests(url)) {
    try {
      last = await readIntrospection(await fetch(request))
    } catch (error) {
      return { ok: false, code: 'unreachable', message: outboundFailure(error).message }
    }
    // Only the refusal of a query may come from what the query asks for.
    if (last.ok || last.code !== 'refused') return last
  }
  return last
}

type Level = (typeof LEVELS)[number]

function introspectionQuery({ inputs, oneOf, specifiedBy, description }: Level): string {
  const isNew = inputs !== ''
  const value = `name description type { ...T } defaultValue ${isNew ? 'isDeprecated deprecationReason' : ''}`
  let type = 'kind name'
  for (let depth = 0; depth < WRAPPINGS; depth++) type = `kind name ofType { ${type} }`
  return `query IntrospectionQuery {
  __schema {
    ${description}
    queryType { name } mutationType { name } subscriptionType { name }
    types {
      kind name description ${specifiedBy} ${oneOf}
      fields(includeDeprecated: true) {
        name description args${inputs} { ${value} } type { ...T } isDeprecated deprecationReason
      }
      inputFields${inputs} { ${value} }
      interfaces { name }
      enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
      possibleTypes { name }
    }
  }
}
fragment T on __Type { ${type} }`.replaceAll(/[ ]*\n\s*/g, '\n')
}
