// The fields of the mutation type. Each runs the operation of the OpenAPI API that does the same.
import { Attachment } from '../attachments.ts'
import { Comment } from '../comments.ts'
import { Ticket } from '../ticket.ts'
import { Invoice } from '../invoice.ts'
import { type Context, type OperationInput, refusal, requireScope, runOperation } from './context.ts'
import { snakeKeys } from './names.ts'
import { attachmentById, commentById, invoiceById, ticketById } from './nodes.ts'
import { type ErrorArguments, simulateError } from './simulate.ts'

interface ById {
  id: string
}

interface TicketFields {
  priority?: string | null
  estimate?: number | null
}

async function ticketPayload(id: string, input: OperationInput, context: Context) {
  const { number } = Ticket.parse(await runOperation(id, input, context))
  return { ticket: ticketById(context.store, String(number)) }
}

/** The fields as the operation wants them. */
function fieldsOf({ priority, estimate, ...fields }: TicketFields): Record<string, unknown> {
  return {
    ...snakeKeys(fields),
    ...(priority && { priority: priority.toLowerCase() }),
    ...(estimate !== undefined && { estimate_hours: estimate }),
  }
}

async function addComment(
  { input }: { input: { ticketId: string; authorId: string; body: string } },
  context: Context,
) {
  const { ticketId, authorId, body } = input
  const params = { ticket_number: ticketId }
  const written = await runOperation('comments/create', { params, json: { author_id: authorId, body } }, context)
  return { comment: commentById(context.store, Comment.parse(written).id) }
}

async function deleteTicket({ id }: ById, context: Context) {
  await runOperation('tickets/delete', { params: { ticket_number: id } }, context)
  return { deletedId: id }
}

async function attachFile(
  { ticketId, file, note }: { ticketId: string; file: unknown; note?: string | null },
  context: Context,
) {
  if (!(file instanceof File)) throw refusal('BAD_USER_INPUT', 'file must be a part of a multipart request.')
  const form = new FormData()
  form.set('file', file)
  if (note) form.set('note', note)
  const written = await runOperation('attachments/create', { params: { ticket_number: ticketId }, form }, context)
  return { attachment: attachmentById(context.store, Attachment.parse(written).id) }
}

async function sendInvoice({ id }: ById, context: Context) {
  const sent = await runOperation('invoices/send', { params: { invoice_id: id } }, context)
  return { invoice: invoiceById(context.store, Invoice.parse(sent).id) }
}

export const mutations = {
  createTicket: ({ input }: { input: TicketFields }, context: Context) =>
    ticketPayload('tickets/create', { json: fieldsOf(input) }, context),
  updateTicket: ({ id, input }: ById & { input: TicketFields }, context: Context) =>
    ticketPayload('tickets/update', { params: { ticket_number: id }, json: fieldsOf(input) }, context),
  moveTicket: ({ id, to, reason }: ById & { to: string; reason?: string | null }, context: Context) => {
    const json = { to: to.toLowerCase(), ...(reason && { reason }) }
    return ticketPayload('tickets/transition', { params: { ticket_number: id }, json }, context)
  },
  addComment,
  deleteTicket,
  attachFile,
  sendInvoice,
  simulateWriteError: (asked: ErrorArguments, context: Context) => {
    requireScope('write', 'simulateWriteError', context.caller)
    return simulateError(asked, context)
  },
}
