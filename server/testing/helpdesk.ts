// A small API as its integration is after an admin has set it up: imported from its OpenAPI document, connected with a
// bearer token, answered by a fake upstream at the network's edge. Everything in between is the product's own.
import { env } from 'cloudflare:test'
import type { Principal } from '../access/principal.ts'
import { createConnection } from '../connections/manage.ts'
import { createVault } from '../connections/seal.ts'
import type { ConnectionRow } from '../db/connections.ts'
import { type Database, openDatabase, type RoundTrip } from '../db/database.ts'
import type { IntegrationRow } from '../db/integrations.ts'
import { createOutbound } from '../net/outbound.ts'
import { beginImport } from '../tools/imports/begin.ts'
import { addIntegration } from '../tools/imports/confirm.ts'
import { freshDatabase } from './database.ts'
import { createWorkerEngine } from './worker-engine.ts'

export const SECRET = 'helpdesk-secret-token'
export const UPSTREAM = 'https://helpdesk.example.com'
export const ORIGIN = 'https://executor.example.com'

export const ada: Principal = {
  kind: 'person',
  id: 'person:ada@example.com',
  email: 'ada@example.com',
  subject: 'ada',
  groups: [],
  isAdmin: true,
}
export const bob: Principal = { ...ada, id: 'person:bob@example.com', email: 'bob@example.com', isAdmin: false }
export const robot: Principal = { kind: 'service', id: 'service:robot.access', name: 'robot.access', isAdmin: false }

export interface Helpdesk {
  db: Database
  deps: ReturnType<typeof depsFor>
  integration: IntegrationRow
  /** Requests that reached the upstream, in order. */
  received: { method: string; url: string; headers: Headers; body: string }[]
  /** Round trips to D1 since the last `forget()`. */
  trips: RoundTrip[]
  forget(): void
  /** Adds a connection and forgets what testing it sent. */
  connect(slug: string, by?: Principal, owner?: 'org' | 'me'): Promise<ConnectionRow>
}

type Upstream = (request: Request) => Response | Promise<Response>

export async function openHelpdesk(upstream: Upstream = answerHelpdesk): Promise<Helpdesk> {
  await freshDatabase()
  const trips: RoundTrip[] = []
  const received: Helpdesk['received'] = []
  const db = openDatabase(env.DB, { onQuery: (trip) => trips.push(trip) })
  const deps = depsFor(db, async (request) => {
    const { method, url, headers } = request
    received.push({ method, url, headers, body: await request.clone().text() })
    return upstream(request)
  })
  const forget = () => {
    trips.length = 0
    received.length = 0
  }
  const integration = await importDocument(deps, helpdeskDocument(), 'helpdesk')
  return {
    db,
    deps,
    integration,
    received,
    trips,
    forget,
    async connect(slug, by = ada, owner = 'org') {
      const method = integration.authMethods.find(({ id }) => id !== 'none')
      if (method === undefined) throw new Error('The helpdesk document declares an auth method')
      const values = Object.fromEntries(method.fields.map((field) => [field.name, SECRET]))
      const made = await createConnection({ ...deps, principal: by }, { integration, method, values, owner, slug })
      if (!made.ok) throw new Error(made.message)
      // It was tested when it was saved.
      forget()
      return made.connection
    },
  }
}

function depsFor(db: Database, fetch: (request: Request) => Promise<Response>) {
  return {
    db,
    outbound: createOutbound({
      allowLocalNetwork: false,
      fetch,
      resolver: async () => ({ ok: true, addresses: ['93.184.215.14'] }),
    }),
    assets: { fetch: async () => new Response('') },
    vault: createVault({ key: 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=' }),
    engine: createWorkerEngine(),
    origin: ORIGIN,
    report: (error: unknown): string => {
      throw error
    },
    waitUntil: (work: Promise<unknown>) => void work.catch(() => {}),
  }
}

/** Imports a document as the console does, to its end. */
export async function importDocument(
  deps: Pick<Helpdesk['deps'], 'db' | 'outbound'>,
  document: object,
  slug: string,
): Promise<IntegrationRow> {
  const chunks = [new TextEncoder().encode(JSON.stringify(document))]
  const begun = await beginImport(deps, { origin: { kind: 'paste' }, files: [{ chunks }], by: ada.id })
  if (!begun.ok) throw new Error(begun.message)
  const { importId } = begun
  const added = await addIntegration(deps, { importId, slug, title: slug, baseUrl: UPSTREAM, by: ada.id })
  if (!added.ok) throw new Error(added.message)
  return added.integration
}

/** Answers the operations below; everything else is 404. */
export function answerHelpdesk(request: Request): Response {
  const { pathname, searchParams } = new URL(request.url)
  if (request.headers.get('authorization') !== `Bearer ${SECRET}`) {
    return Response.json({ message: 'Bad credentials' }, { status: 401 })
  }
  if (pathname === '/tickets' && request.method === 'GET') {
    const count = Number(searchParams.get('limit') ?? 2)
    const tickets = Array.from({ length: count }, (_, index) => ({ id: index + 1, title: `Ticket ${index + 1}` }))
    return Response.json(tickets, { headers: { 'x-total': '2', 'set-cookie': 'session=upstream-session' } })
  }
  if (pathname === '/tickets' && request.method === 'POST') return Response.json({ id: 3 }, { status: 201 })
  if (pathname === '/tickets/1/photo') {
    const headers = { 'content-type': 'image/png', 'content-disposition': 'attachment; filename="photo.png"' }
    return new Response(new Uint8Array([137, 80, 78, 71]), { headers })
  }
  return Response.json({ message: 'No such ticket' }, { status: 404 })
}

export function helpdeskDocument(): object {
  const id = { name: 'id', in: 'path', required: true, schema: { type: 'integer' } }
  const ticket = { $ref: '#/components/schemas/Ticket' }
  const json = (schema: object) => ({ 'application/json': { schema } })
  return {
    openapi: '3.1.0',
    info: { title: 'Helpdesk', version: '1' },
    servers: [{ url: UPSTREAM }],
    security: [{ bearer: [] }],
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      schemas: {
        Ticket: { type: 'object', properties: { id: { type: 'integer' }, title: { type: 'string' } } },
        NewTicket: {
          type: 'object',
          properties: { title: { type: 'string' }, priority: { enum: ['low', 'high'] } },
          required: ['title'],
        },
      },
    },
    paths: {
      '/tickets': {
        get: {
          operationId: 'tickets.list',
          summary: 'List tickets',
          parameters: [{ name: 'limit', in: 'query', schema: { type: 'integer', maximum: 100_000 } }],
          responses: { 200: { description: 'ok', content: json({ type: 'array', items: ticket }) } },
        },
        post: {
          operationId: 'tickets.create',
          summary: 'Create a ticket',
          requestBody: { required: true, content: json({ $ref: '#/components/schemas/NewTicket' }) },
          responses: { 201: { description: 'ok', content: json(ticket) } },
        },
      },
      '/tickets/{id}': {
        get: { operationId: 'tickets.get', parameters: [id], responses: { 200: { description: 'ok' } } },
        delete: { operationId: 'tickets.delete', parameters: [id], responses: { 204: { description: 'ok' } } },
      },
      '/tickets/{id}/photo': {
        get: {
          operationId: 'tickets.photo',
          parameters: [id],
          responses: { 200: { description: 'ok', content: { 'image/png': {} } } },
        },
      },
    },
  }
}
