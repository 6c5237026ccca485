// What moves a ticket along: its state, who works on it, how it is labelled.
import { z } from 'zod'
import { jsonBody } from './body-format.ts'
import { operation } from './operation.ts'
import { invalid, notFound, ok, problem } from './reply.ts'
import { Ticket, ticketParams, TicketStatus } from './ticket.ts'

const NEXT: Record<TicketStatus, readonly TicketStatus[]> = {
  open: ['in_progress', 'blocked', 'closed'],
  in_progress: ['open', 'blocked', 'resolved'],
  blocked: ['open', 'in_progress', 'closed'],
  resolved: ['closed', 'open'],
  closed: ['open'],
}

const TicketTransition = z
  .strictObject({
    to: TicketStatus,
    reason: z.string().max(500).optional().describe('Added to the ticket as a comment.'),
  })
  .meta({ id: 'TicketTransition' })

const tag = 'Tickets'
const answers = { 200: { description: 'The ticket as it is now.', schema: Ticket } }

export const ticketWorkflow = [
  operation({
    id: 'tickets/transition',
    method: 'post',
    path: '/tickets/{ticket_number}/transitions',
    tag,
    summary: "Change a ticket's state",
    description:
      'Moves a ticket to another state, when the workflow allows it: an open ticket cannot be resolved before it was in progress.',
    params: ticketParams,
    body: jsonBody(TicketTransition, { to: 'in_progress', reason: 'Picking this up today.' }),
    answers,
    refusals: [404, 409],
    handle: ({ params, body, store }) => {
      const ticket = store.tickets.get(params.ticket_number)
      if (!ticket) return notFound('ticket', params.ticket_number)
      const allowed = NEXT[ticket.status]
      if (!allowed.includes(body.to)) {
        return problem(409, `A ticket that is ${ticket.status} can become ${allowed.join(' or ')}, not ${body.to}.`)
      }
      const now = store.tick()
      if (body.reason) {
        const id = `com_${store.nextNumber('comments')}`
        const author_id = ticket.assignee_id ?? ticket.reporter_id
        store.comments.set(id, {
          id,
          ticket_number: ticket.number,
          author_id,
          body: body.reason,
          created_at: now,
          edited_at: null,
        })
      }
      return ok(Object.assign(ticket, { status: body.to, updated_at: now }))
    },
  }),
  operation({
    id: 'tickets/assign',
    method: 'put',
    path: '/tickets/{ticket_number}/assignee',
    tag,
    summary: 'Assign a ticket',
    description: 'Gives a ticket to a person who still works here.',
    params: ticketParams,
    body: jsonBody(z.strictObject({ person_id: z.string() }).meta({ id: 'TicketAssignment' }), {
      person_id: 'per_007',
    }),
    answers,
    refusals: [404, 409],
    handle: ({ params, body, store }) => {
      const ticket = store.tickets.get(params.ticket_number)
      if (!ticket) return notFound('ticket', params.ticket_number)
      const person = store.people.get(body.person_id)
      if (!person) return invalid('body.person_id', 'names no person')
      if (!person.is_active) return problem(409, `${person.name} has left the company.`)
      return ok(Object.assign(ticket, { assignee_id: person.id, updated_at: store.tick() }))
    },
  }),
  operation({
    id: 'tickets/unassign',
    method: 'delete',
    path: '/tickets/{ticket_number}/assignee',
    tag,
    summary: 'Unassign a ticket',
    description: 'Leaves a ticket without anybody working on it.',
    params: ticketParams,
    answers,
    refusals: [404],
    handle: ({ params, store }) => {
      const ticket = store.tickets.get(params.ticket_number)
      if (!ticket) return notFound('ticket', params.ticket_number)
      return ok(Object.assign(ticket, { assignee_id: null, updated_at: store.tick() }))
    },
  }),
  operation({
    id: 'tickets/set-labels',
    method: 'put',
    path: '/tickets/{ticket_number}/labels',
    tag,
    summary: 'Set the labels of a ticket',
    description: 'Replaces all labels; an empty list removes them.',
    params: ticketParams,
    body: jsonBody(z.array(z.string().min(1).max(30)).max(10), ['hardware', 'regression']),
    answers,
    refusals: [404],
    handle: ({ params, body, store }) => {
      const ticket = store.tickets.get(params.ticket_number)
      if (!ticket) return notFound('ticket', params.ticket_number)
      return ok(Object.assign(ticket, { labels: [...new Set(body)], updated_at: store.tick() }))
    },
  }),
]
