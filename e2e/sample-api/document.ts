// The OpenAPI 3.1 document, made from the same table that the router uses.
import { STATUS_CODES } from 'node:http'
import type { z } from 'zod'
import { type Scope, SCOPES } from '../sample-oauth/clients.ts'
import { Attachment } from './attachments.ts'
import { scopeFor } from './authenticate.ts'
import { schemaOrReference } from './body-format.ts'
import { componentSchemas, objectSchema } from './json-schema.ts'
import type { AnswerDescription, Operation } from './operation.ts'
import { createSeed } from './seed.ts'

const TAGS = {
  Account: 'The caller, and the company as a whole.',
  People: 'Colleagues, past and present.',
  Teams: 'Groups of people.',
  Projects: 'Pieces of work, with budgets and ends.',
  Tickets: 'Things to be done, and how they move along.',
  Comments: 'What is said about a ticket.',
  Attachments: 'Files on a ticket.',
  Invoices: 'What customers are asked to pay.',
  Simulate: 'Failures of every kind, on demand.',
}

const REFUSALS: Record<number, [name: string, description: string]> = {
  401: ['Unauthenticated', 'The credential is missing or wrong.'],
  403: ['Forbidden', 'The credential may only read.'],
  404: ['NotFound', 'There is no such thing.'],
  409: ['Conflict', 'The request contradicts the state of things; the detail says how.'],
  412: ['PreconditionFailed', 'It changed since the given ETag.'],
  413: ['TooLarge', 'The body is too large.'],
  415: ['UnsupportedMediaType', 'The body has the wrong type.'],
  422: ['Invalid', 'Some parameters or fields are not valid; `errors` names them.'],
  503: ['Unavailable', 'Try again later.'],
}

const description = `The API of a robot maker that does not exist: people, teams, projects, tickets and invoices.

Everything except \`/status\` needs a credential. Lists of people and projects come in numbered pages with a \`Link\`
header, lists of tickets and invoices with a cursor. Refusals are problem documents (RFC 9457) that say what to do.`

/** With an authorization server, its tokens are accepted beside the keys. */
export function buildDocument(operations: readonly Operation[], serverUrl: string, authorizationServer?: string) {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const operation of operations) {
    const item = (paths[operation.path] ??= {})
    item[operation.method] = describe(operation, authorizationServer !== undefined)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Northwind Robotics API',
      version: '2026-10-01',
      summary: 'A sample company to try things out with.',
      description,
    },
    servers: [{ url: serverUrl, description: 'This machine' }],
    security: securityOf('read', authorizationServer !== undefined),
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'The API key as a bearer token.' },
        apiKey: { type: 'apiKey', in: 'query', name: 'api_key', description: 'The API key as a query parameter.' },
        basic: { type: 'http', scheme: 'basic', description: 'User name and password.' },
        ...(authorizationServer !== undefined && { oauth: oauthScheme(authorizationServer) }),
      },
      schemas: withExamples({ ...componentSchemas(), Problem: PROBLEM }),
      responses: Object.fromEntries(
        Object.values(REFUSALS).map(([name, description]) => [name, { description, content: PROBLEM_CONTENT }]),
      ),
    },
  }
}

function securityOf(scope: Scope, hasOauth: boolean) {
  return [{ bearer: [] }, { apiKey: [] }, { basic: [] }, ...(hasOauth ? [{ oauth: [scope] }] : [])]
}

function oauthScheme(server: string) {
  return {
    type: 'oauth2',
    description: 'As a person who works here, or as an app.',
    flows: {
      authorizationCode: {
        authorizationUrl: `${server}/authorization`,
        tokenUrl: `${server}/token`,
        scopes: SCOPES,
      },
      clientCredentials: { tokenUrl: `${server}/token`, scopes: SCOPES },
    },
  }
}

/** Things as the company really has them. */
function withExamples(schemas: Record<string, object>): Record<string, object> {
  const { people, teams, projects, tickets, comments, attachments, invoices } = createSeed()
  const examples = {
    Person: people[6],
    Team: { ...teams[0], member_count: 8 },
    Project: projects[1],
    Ticket: tickets[41],
    Comment: comments[2],
    Attachment: Attachment.parse(attachments[0]),
    Invoice: invoices[11],
  }
  const added = Object.entries(examples).map(([name, example]) => [name, { ...schemas[name], examples: [example] }])
  return { ...schemas, ...Object.fromEntries(added) }
}

function describe(operation: Operation, hasOauth: boolean) {
  const { id, tag, summary, description, body, isDeprecated, isPublic, commaSeparated = [] } = operation
  const scope = scopeFor(operation)
  const parameters = [
    ...parametersIn('path', operation.params),
    ...parametersIn('query', operation.query).map((parameter) =>
      commaSeparated.includes(parameter.name) ? { ...parameter, style: 'form', explode: false } : parameter,
    ),
    ...parametersIn('header', operation.headers),
  ]
  return {
    operationId: id,
    tags: [tag],
    summary,
    description,
    ...(isDeprecated && { deprecated: true }),
    ...(isPublic ? { security: [] } : hasOauth && scope !== 'read' && { security: securityOf(scope, hasOauth) }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        description: body.description,
        required: true,
        content: {
          [body.contentType]: { schema: body.schema, ...(body.example !== undefined && { example: body.example }) },
        },
      },
    }),
    responses: { ...answersOf(operation), ...refusalsOf(operation, parameters.length > 0 || body !== null) },
  }
}

interface Parameter {
  name: string
  in: string
  required?: true
  description?: string
  schema: unknown
}

function parametersIn(place: 'path' | 'query' | 'header', schema: z.ZodObject): Parameter[] {
  const { properties, required } = objectSchema(schema)
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name: place === 'header' ? name.replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase()) : name,
    in: place,
    ...(required.includes(name) && { required: true }),
    ...(typeof description === 'string' && { description }),
    schema: rest,
  }))
}

function answersOf({ answers }: Operation): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(answers).map(([status, answer]) => [status, describeAnswer(Number(status), answer)]),
  )
}

function describeAnswer(status: number, { description, schema, contentType, headers }: AnswerDescription) {
  const content =
    status >= 400
      ? PROBLEM_CONTENT
      : schema || contentType
        ? {
            [contentType ?? 'application/json']: {
              schema: schema ? schemaOrReference(schema) : { type: 'string', format: 'binary' },
            },
          }
        : null
  const described = Object.entries(headers ?? {}).map(([name, header]) => [
    name,
    { description: header.description, schema: schemaOrReference(header.schema) },
  ])
  return {
    description,
    ...(described.length > 0 && { headers: Object.fromEntries(described) }),
    ...(content && { content }),
  }
}

function refusalsOf(
  { method, isPublic, refusals = [], answers }: Operation,
  hasInput: boolean,
): Record<string, unknown> {
  const statuses = new Set<number>(refusals)
  if (!isPublic) statuses.add(401)
  if (method !== 'get') statuses.add(403)
  if (hasInput) statuses.add(422)
  const references = [...statuses]
    .filter((status) => !(status in answers))
    .map((status) => {
      const name = REFUSALS[status]?.[0]
      if (name === undefined) throw new Error(`There is no description of ${status} ${STATUS_CODES[status]}`)
      return [status, { $ref: `#/components/responses/${name}` }]
    })
  return Object.fromEntries(references)
}

const PROBLEM = {
  type: 'object',
  description: 'Why a request was refused (RFC 9457).',
  properties: {
    type: { type: 'string', format: 'uri-reference' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What is wrong, and what to do about it.' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        properties: { field: { type: 'string' }, message: { type: 'string' } },
        required: ['field', 'message'],
      },
    },
  },
  required: ['type', 'title', 'status', 'detail'],
}

const PROBLEM_CONTENT = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }
