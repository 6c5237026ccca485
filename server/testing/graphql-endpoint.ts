// A GraphQL endpoint at the network's edge: the reference implementation answers it, and says what it was asked.
import { buildSchema, graphql } from 'graphql'

export const TOKEN = 'graphql-endpoint-token'
export const ENDPOINT = 'https://tracker.example.com/graphql'

export const SDL = `
scalar Upload
interface Actor { login: String! email: String }
type User implements Actor { id: ID! login: String! email: String name: String friends(first: Int, order: Order): IssuePage }
input Order { by: [OrderBy!] }
input OrderBy { path: String }
type Issue { id: ID! title: String! author: User }
type PageInfo { hasNextPage: Boolean! endCursor: String }
type IssuePage { nodes: [Issue!]! pageInfo: PageInfo! }
input NewIssue { title: String!, picture: Upload, more: [Upload] }
type Query {
  viewer: User
  issue(id: ID!): Issue
  issues(first: Int, after: String): IssuePage!
  broken: Issue
}
type Mutation { createIssue(input: NewIssue!): Issue, deleteIssue(id: ID!): Boolean }
`

export interface Endpoint {
  /** The schema that it has now. */
  sdl: string
  /** What it wants before it says anything. */
  token: string | null
  /** What it gives is answered instead. */
  instead?: () => Response | undefined
  answer: (request: Request) => Promise<Response>
  /** Operations that were asked for, introspection aside. */
  asked: { query: string; variables: Record<string, unknown>; authorization: string | null }[]
}

const ada = { id: '1', login: 'ada', email: 'ada@example.com', name: 'Ada' }
const issue = (id: string, title = `Issue ${id}`) => ({ id, title, author: ada })

const root = {
  viewer: () => ada,
  issue: ({ id }: { id: string }) => issue(id),
  issues: ({ first = 2, after }: { first?: number; after?: string }) => {
    const from = Number(after ?? 0)
    const nodes = Array.from({ length: Math.min(first, 5 - from) }, (_, at) => issue(String(from + at + 1)))
    return { nodes, pageInfo: { hasNextPage: from + nodes.length < 5, endCursor: String(from + nodes.length) } }
  },
  broken: () => ({
    ...issue('9'),
    author: () => {
      throw new Error('The author is hidden')
    },
  }),
  createIssue: ({ input }: { input: { title: string } }) => issue('7', input.title),
  deleteIssue: () => true,
}

export function graphQlEndpoint(given: Partial<Pick<Endpoint, 'sdl' | 'token'>> = {}): Endpoint {
  const endpoint: Endpoint = {
    sdl: SDL,
    token: null,
    asked: [],
    ...given,
    async answer(request) {
      const { url, method, headers } = request
      if (url !== ENDPOINT) return new Response('Not here', { status: 404 })
      if (method !== 'POST') return Response.json({ errors: [{ message: 'Send a query' }] }, { status: 400 })
      const authorization = headers.get('authorization')
      if (endpoint.token !== null && authorization !== `Bearer ${endpoint.token}`) {
        return Response.json({ errors: [{ message: 'Sign in first' }] }, { status: 401 })
      }
      const { query, variables = {} } = await readOperation(request)
      if (!/__schema|__typename\s*\}$/.test(query)) {
        endpoint.asked.push({ query, variables, authorization })
        const other = endpoint.instead?.()
        if (other !== undefined) return other
      }
      const schema = buildSchema(endpoint.sdl)
      return Response.json(await graphql({ schema, source: query, rootValue: root, variableValues: variables }))
    },
  }
  return endpoint
}

async function readOperation(request: Request): Promise<{ query: string; variables?: Record<string, unknown> }> {
  if (!request.headers.get('content-type')?.startsWith('multipart/')) return request.json()
  const form = await request.formData()
  const text = form.get('operations')
  const operation = JSON.parse(typeof text === 'string' ? text : '{}')
  return { ...operation, variables: { ...operation.variables, map: form.get('map') } }
}
