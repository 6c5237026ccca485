import { z } from 'zod'
import { operation } from './operation.ts'
import { ok } from './reply.ts'

const WhoAmI = z
  .object({
    company: z.string(),
    signed_in_with: z.enum(['bearer', 'query', 'basic', 'oauth']).describe('How the credential was sent.'),
    may_write: z.boolean(),
    email: z.email().optional().describe('Of the person that an access token was issued to.'),
    name: z.string().optional(),
    client_id: z.string().optional().describe('The client that an access token was issued to.'),
    scopes: z.array(z.string()).optional().describe('What an access token is good for.'),
  })
  .meta({ id: 'WhoAmI' })

const Status = z
  .object({ status: z.enum(['ok']), people: z.int(), projects: z.int(), tickets: z.int(), invoices: z.int() })
  .meta({ id: 'Status' })

const Event = z
  .object({ at: z.iso.datetime(), kind: z.enum(['ticket', 'comment', 'invoice']), id: z.string(), text: z.string() })
  .meta({ id: 'Event' })

const tag = 'Account'

export const account = [
  operation({
    id: 'account/whoami',
    method: 'get',
    path: '/me',
    tag,
    summary: 'Show who is calling',
    description: 'Which credential the request carried and what it may do. Good for testing a connection.',
    answers: { 200: { description: 'The caller.', schema: WhoAmI } },
    handle: ({ caller: { placement, mayWrite, token }, store }) => {
      const person = store.people.get(token?.personId ?? '')
      return ok({
        company: 'Northwind Robotics',
        signed_in_with: placement,
        may_write: mayWrite,
        ...(person && { email: person.email, name: person.name }),
        ...(token && { client_id: token.clientId, scopes: token.scopes }),
      })
    },
  }),
  operation({
    id: 'account/status',
    method: 'get',
    path: '/status',
    tag,
    summary: 'Show that the API is up',
    description: 'How much there is. Needs no credential.',
    isPublic: true,
    answers: { 200: { description: 'The API is up.', schema: Status } },
    handle: ({ store }) =>
      ok({
        status: 'ok',
        people: store.people.size,
        projects: store.projects.size,
        tickets: store.tickets.size,
        invoices: store.invoices.size,
      }),
  }),
  operation({
    id: 'account/list-events',
    method: 'get',
    path: '/events',
    tag,
    summary: 'Read the newest events',
    description: 'What happened last, newest first, one JSON object on each line.',
    query: { limit: z.int().min(1).max(500).default(50).describe('At most this many events.') },
    answers: { 200: { description: 'The events as NDJSON.', contentType: 'application/x-ndjson', schema: Event } },
    handle: ({ query, store }) => {
      const events = [
        ...[...store.tickets.values()].map(({ created_at, number, title }) => ({
          at: created_at,
          kind: 'ticket',
          id: String(number),
          text: title,
        })),
        ...[...store.comments.values()].map(({ created_at, id, body }) => ({
          at: created_at,
          kind: 'comment',
          id,
          text: body,
        })),
        ...[...store.invoices.values()].map(({ created_at, id, customer }) => ({
          at: created_at,
          kind: 'invoice',
          id,
          text: customer.name,
        })),
      ]
      events.sort((a, b) => (a.at > b.at ? -1 : 1))
      const lines = events.slice(0, query.limit).map((event) => `${JSON.stringify(event)}\n`)
      return { status: 200, body: { bytes: Buffer.from(lines.join('')), type: 'application/x-ndjson' } }
    },
  }),
]
