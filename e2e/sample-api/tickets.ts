import { z } from 'zod'
import { jsonBody } from './body-format.ts'
import { operation } from './operation.ts'
import { cursorPage, cursorQuery, cursorReply } from './paging.ts'
import { created, invalid, noContent, notFound, ok, problem, type Reply } from './reply.ts'
import type { Store } from './store.ts'
import { Ticket, TicketPriority, ticketParams, TicketStatus } from './ticket.ts'

const TicketPage = cursorPage(Ticket).meta({ id: 'TicketPage' })

const TicketCreate = z
  .strictObject({
    title: z.string().min(3).max(200),
    body: z.string().max(20_000).default('').describe('Markdown.'),
    project_id: z.string(),
    reporter_id: z.string(),
    assignee_id: z.string().nullable().default(null),
    priority: TicketPriority.default('normal'),
    labels: z.array(z.string().min(1).max(30)).max(10).default([]),
    estimate_hours: z.number().min(0).max(1000).nullable().default(null),
    due_on: z.iso.date().nullable().default(null),
  })
  .meta({ id: 'TicketCreate' })

const TicketUpdate = z
  .strictObject({
    title: z.string().min(3).max(200).optional(),
    body: z.string().max(20_000).optional(),
    priority: TicketPriority.optional(),
    estimate_hours: z.number().min(0).max(1000).nullable().optional(),
    due_on: z.iso.date().nullable().optional(),
  })
  .meta({ id: 'TicketUpdate', description: 'Only the given fields change. The state changes through transitions.' })

const SORTS = ['created_at', '-created_at', 'updated_at', '-updated_at', 'priority', '-priority'] as const
const tag = 'Tickets'

const filters = {
  status: z.array(TicketStatus).optional().describe('Only these states; repeat the parameter for several.'),
  priority: TicketPriority.optional().describe('Only this priority.'),
  project_id: z.string().optional().describe('Only this project.'),
  assignee_id: z.string().optional().describe('Only tickets of this person; `none` for unassigned ones.'),
  labels: z.array(z.string()).optional().describe('Only tickets with all of these labels, comma separated.'),
  created_after: z.iso.datetime().optional().describe('Only tickets written after this moment.'),
  q: z.string().optional().describe('Words of the title or the body.'),
}

export function matches(ticket: Ticket, query: z.output<z.ZodObject<typeof filters>>): boolean {
  const assignee = query.assignee_id === 'none' ? null : query.assignee_id
  const words = query.q?.toLowerCase().split(/\s+/) ?? []
  const text = `${ticket.title} ${ticket.body}`.toLowerCase()
  return (
    (query.status === undefined || query.status.includes(ticket.status)) &&
    (query.priority === undefined || ticket.priority === query.priority) &&
    (query.project_id === undefined || ticket.project_id === query.project_id) &&
    (assignee === undefined || ticket.assignee_id === assignee) &&
    (query.labels ?? []).every((label) => ticket.labels.includes(label)) &&
    (query.created_after === undefined || ticket.created_at > query.created_after) &&
    words.every((word) => text.includes(word))
  )
}

function refusedReference(store: Store, fields: z.output<typeof TicketCreate>): Reply | null {
  const project = store.projects.get(fields.project_id)
  if (!project) return invalid('body.project_id', 'names no project')
  if (project.is_archived) return problem(409, `${project.id} is archived and takes no new tickets.`)
  if (!store.people.has(fields.reporter_id)) return invalid('body.reporter_id', 'names no person')
  if (fields.assignee_id && !store.people.has(fields.assignee_id)) return invalid('body.assignee_id', 'names no person')
  return null
}

export const tickets = [
  operation({
    id: 'tickets/list',
    method: 'get',
    path: '/tickets',
    tag,
    summary: 'List tickets',
    description: 'Tickets that match every given filter. Pass `next_cursor` back as `cursor` until it is null.',
    query: {
      ...cursorQuery,
      ...filters,
      sort: z.enum(SORTS).default('-created_at').describe('A minus sign reverses the order.'),
    },
    commaSeparated: ['labels'],
    answers: { 200: { description: 'Some tickets, and where the rest is.', schema: TicketPage } },
    handle: ({ query, store }) => {
      const found = [...store.tickets.values()].filter((ticket) => matches(ticket, query))
      const isDescending = query.sort.startsWith('-')
      const field = query.sort.replace('-', '')
      const keyOf = (ticket: Ticket) => {
        if (field === 'priority') return TicketPriority.options.indexOf(ticket.priority)
        return field === 'updated_at' ? ticket.updated_at : ticket.created_at
      }
      return cursorReply(found, query, { keyOf, idOf: ({ number }) => number, isDescending }, (ticket) => ticket)
    },
  }),
  operation({
    id: 'tickets/create',
    method: 'post',
    path: '/tickets',
    tag,
    summary: 'Create a ticket',
    description: 'Writes a new ticket in the state `open`.',
    body: jsonBody(TicketCreate, {
      title: 'Gripper drops wet boxes',
      body: 'Seen twice on line 4 after cleaning.',
      project_id: 'prj_001',
      reporter_id: 'per_012',
      priority: 'high',
      labels: ['hardware', 'customer'],
    }),
    answers: { 201: { description: 'The new ticket.', schema: Ticket } },
    refusals: [409],
    handle: ({ body, store }) => {
      const refused = refusedReference(store, body)
      if (refused) return refused
      const number = store.nextNumber('tickets')
      const now = store.tick()
      const ticket: Ticket = { number, ...body, status: 'open', created_at: now, updated_at: now }
      store.tickets.set(number, ticket)
      return created(ticket, `/tickets/${number}`)
    },
  }),
  operation({
    id: 'tickets/get',
    method: 'get',
    path: '/tickets/{ticket_number}',
    tag,
    summary: 'Get a ticket',
    description: 'One ticket by number.',
    params: ticketParams,
    answers: { 200: { description: 'The ticket.', schema: Ticket } },
    refusals: [404],
    handle: ({ params, store }) => {
      const ticket = store.tickets.get(params.ticket_number)
      return ticket ? ok(ticket) : notFound('ticket', params.ticket_number)
    },
  }),
  operation({
    id: 'tickets/update',
    method: 'patch',
    path: '/tickets/{ticket_number}',
    tag,
    summary: 'Update a ticket',
    description: 'Changes the given fields. State, assignee and labels have operations of their own.',
    params: ticketParams,
    body: jsonBody(TicketUpdate, { priority: 'urgent', due_on: '2026-10-15' }),
    answers: { 200: { description: 'The ticket as it is now.', schema: Ticket } },
    refusals: [404],
    handle: ({ params, body, store }) => {
      const ticket = store.tickets.get(params.ticket_number)
      if (!ticket) return notFound('ticket', params.ticket_number)
      return ok(Object.assign(ticket, body, { updated_at: store.tick() }))
    },
  }),
  operation({
    id: 'tickets/delete',
    method: 'delete',
    path: '/tickets/{ticket_number}',
    tag,
    summary: 'Delete a ticket',
    description: 'Removes a ticket with its comments and attachments, for good.',
    params: ticketParams,
    answers: { 204: { description: 'The ticket is gone.' } },
    refusals: [404],
    handle: ({ params: { ticket_number }, store }) => {
      if (!store.tickets.delete(ticket_number)) return notFound('ticket', ticket_number)
      for (const [id, comment] of store.comments) {
        if (comment.ticket_number === ticket_number) store.comments.delete(id)
      }
      for (const [id, attachment] of store.attachments) {
        if (attachment.ticket_number === ticket_number) store.attachments.delete(id)
      }
      return noContent()
    },
  }),
]
