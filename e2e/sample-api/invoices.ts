import { z } from 'zod'
import { jsonBody } from './body-format.ts'
import { Currency, Customer, Invoice, InvoiceLine, invoiceParams, InvoiceStatus, totalOf } from './invoice.ts'
import { operation } from './operation.ts'
import { cursorPage, cursorQuery, cursorReply } from './paging.ts'
import { created, file, invalid, noContent, notFound, ok, problem } from './reply.ts'

const InvoicePage = cursorPage(Invoice).meta({ id: 'InvoicePage' })

const InvoiceCreate = z
  .strictObject({
    customer: Customer,
    project_id: z.string().nullable().default(null),
    currency: Currency.default('EUR'),
    lines: z.array(InvoiceLine).min(1).max(50),
    notes: z.string().max(1000).nullable().default(null),
    due_on: z.iso.date().nullable().default(null),
  })
  .meta({ id: 'InvoiceCreate' })

const InvoiceUpdate = z
  .strictObject({
    customer: Customer.optional(),
    lines: z.array(InvoiceLine).min(1).max(50).optional(),
    notes: z.string().max(1000).nullable().optional(),
    due_on: z.iso.date().nullable().optional(),
  })
  .meta({ id: 'InvoiceUpdate', description: 'Only the given fields change; `lines` are replaced as a whole.' })

const filters = {
  status: InvoiceStatus.optional().describe('Only this state.'),
  project_id: z.string().optional().describe('Only this project.'),
  customer: z.string().optional().describe("Part of the customer's name."),
  min_total_cents: z.int().optional().describe('Only invoices of at least this sum.'),
}
type Filters = z.output<z.ZodObject<typeof filters>>
const tag = 'Invoices'

export function matches(invoice: Invoice, { status, project_id, customer, min_total_cents }: Filters): boolean {
  return (
    (status === undefined || invoice.status === status) &&
    (project_id === undefined || invoice.project_id === project_id) &&
    (customer === undefined || invoice.customer.name.toLowerCase().includes(customer.toLowerCase())) &&
    (min_total_cents === undefined || invoice.total_cents >= min_total_cents)
  )
}

export const invoices = [
  operation({
    id: 'invoices/list',
    method: 'get',
    path: '/invoices',
    tag,
    summary: 'List invoices',
    description: 'Invoices that match every given filter. Pass `next_cursor` back as `cursor` until it is null.',
    query: {
      ...cursorQuery,
      ...filters,
      sort: z.enum(['created_at', '-created_at', 'total_cents', '-total_cents']).default('-created_at'),
    },
    answers: { 200: { description: 'Some invoices, and where the rest is.', schema: InvoicePage } },
    handle: ({ query, store }) => {
      const found = [...store.invoices.values()].filter((invoice) => matches(invoice, query))
      const keyOf = (invoice: Invoice) =>
        query.sort.endsWith('total_cents') ? invoice.total_cents : invoice.created_at
      const order = { keyOf, idOf: ({ id }: Invoice) => id, isDescending: query.sort.startsWith('-') }
      return cursorReply(found, query, order, (invoice) => invoice)
    },
  }),
  operation({
    id: 'invoices/create',
    method: 'post',
    path: '/invoices',
    tag,
    summary: 'Draft an invoice',
    description: 'Creates a draft. Nothing is sent to the customer yet.',
    body: jsonBody(InvoiceCreate, {
      customer: { name: 'Polar Logistics', email: 'accounts@polar-logistics.example', vat_number: null },
      lines: [{ description: 'Gripper maintenance', quantity: 2, unit_cents: 45_000 }],
    }),
    answers: { 201: { description: 'The new draft.', schema: Invoice } },
    handle: ({ body, store }) => {
      if (body.project_id && !store.projects.has(body.project_id)) return invalid('body.project_id', 'names no project')
      const id = `INV-2026-${String(store.nextNumber('invoices')).padStart(4, '0')}`
      const invoice: Invoice = {
        id,
        status: 'draft',
        ...body,
        total_cents: totalOf(body.lines),
        issued_on: null,
        paid_at: null,
        created_at: store.tick(),
      }
      store.invoices.set(id, invoice)
      return created(invoice, `/invoices/${id}`)
    },
  }),
  operation({
    id: 'invoices/export',
    method: 'get',
    path: '/invoices/export',
    tag,
    summary: 'Export invoices as CSV',
    description: 'All invoices that match the filters as one CSV file.',
    query: filters,
    answers: { 200: { description: 'The table.', contentType: 'text/csv', schema: z.string() } },
    handle: ({ query, store }) => {
      const found = [...store.invoices.values()].filter((invoice) => matches(invoice, query))
      const rows = found.map(({ id, status, customer, currency, total_cents, issued_on }) =>
        [id, status, `"${customer.name.replaceAll('"', '""')}"`, currency, total_cents, issued_on ?? ''].join(','),
      )
      const text = ['id,status,customer,currency,total_cents,issued_on', ...rows, ''].join('\r\n')
      return file(Buffer.from(text), 'text/csv; charset=utf-8', 'invoices.csv')
    },
  }),
  operation({
    id: 'invoices/get',
    method: 'get',
    path: '/invoices/{invoice_id}',
    tag,
    summary: 'Get an invoice',
    description: 'One invoice by id.',
    params: invoiceParams,
    answers: { 200: { description: 'The invoice.', schema: Invoice } },
    refusals: [404],
    handle: ({ params, store }) => {
      const invoice = store.invoices.get(params.invoice_id)
      return invoice ? ok(invoice) : notFound('invoice', params.invoice_id)
    },
  }),
  operation({
    id: 'invoices/update',
    method: 'patch',
    path: '/invoices/{invoice_id}',
    tag,
    summary: 'Update a draft',
    description: 'Changes the given fields of a draft. Sent invoices are final.',
    params: invoiceParams,
    body: jsonBody(InvoiceUpdate, { notes: 'Thank you for your order.' }),
    answers: { 200: { description: 'The draft as it is now.', schema: Invoice } },
    refusals: [404, 409],
    handle: ({ params, body, store }) => {
      const invoice = store.invoices.get(params.invoice_id)
      if (!invoice) return notFound('invoice', params.invoice_id)
      if (invoice.status !== 'draft') return problem(409, `${invoice.id} is ${invoice.status}; only drafts can change.`)
      Object.assign(invoice, body)
      return ok(Object.assign(invoice, { total_cents: totalOf(invoice.lines) }))
    },
  }),
  operation({
    id: 'invoices/delete',
    method: 'delete',
    path: '/invoices/{invoice_id}',
    tag,
    summary: 'Delete a draft',
    description: 'Removes a draft. A sent invoice can only be voided.',
    params: invoiceParams,
    answers: { 204: { description: 'The draft is gone.' } },
    refusals: [404, 409],
    handle: ({ params, store }) => {
      const invoice = store.invoices.get(params.invoice_id)
      if (!invoice) return notFound('invoice', params.invoice_id)
      if (invoice.status !== 'draft') return problem(409, `${invoice.id} is ${invoice.status}; void it instead.`)
      store.invoices.delete(invoice.id)
      return noContent()
    },
  }),
]
