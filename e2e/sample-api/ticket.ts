// What a ticket is. Its operations are in tickets.ts, ticket-workflow.ts, comments.ts and attachments.ts.
import { z } from 'zod'

export const TicketStatus = z
  .enum(['open', 'in_progress', 'blocked', 'resolved', 'closed'])
  .meta({ id: 'TicketStatus', description: 'Where a ticket stands.' })
export type TicketStatus = z.infer<typeof TicketStatus>

export const TicketPriority = z.enum(['low', 'normal', 'high', 'urgent']).meta({ id: 'TicketPriority' })

export const Ticket = z
  .object({
    number: z.int().min(1).describe('For example `1042`.'),
    title: z.string(),
    body: z.string().describe('Markdown.'),
    status: TicketStatus,
    priority: TicketPriority,
    project_id: z.string(),
    reporter_id: z.string().describe('The person who wrote it.'),
    assignee_id: z.string().nullable().describe('The person who works on it.'),
    labels: z.array(z.string()),
    estimate_hours: z.number().min(0).nullable(),
    due_on: z.iso.date().nullable(),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .meta({ id: 'Ticket', description: 'Something to be done in a project.' })
export type Ticket = z.infer<typeof Ticket>

export const ticketParams = { ticket_number: z.int().min(1).describe('Number of a ticket, for example `1042`.') }
