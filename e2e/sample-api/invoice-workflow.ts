// What becomes of an invoice: sent, paid, void, and printed.
import { z } from 'zod'
import { jsonBody } from './body-format.ts'
import { Invoice, invoiceParams } from './invoice.ts'
import { operation } from './operation.ts'
import { file, invalid, notFound, ok, problem } from './reply.ts'

const Payment = z
  .strictObject({
    amount_cents: z.int().min(1).describe('Must be the total.'),
    method: z.enum(['bank_transfer', 'card', 'cash']),
    reference: z.string().max(100).optional(),
  })
  .meta({ id: 'Payment' })

const tag = 'Invoices'
const DAY_MS = 86_400_000

export const invoiceWorkflow = [
  operation({
    id: 'invoices/send',
    method: 'post',
    path: '/invoices/{invoice_id}/send',
    tag,
    summary: 'Send an invoice',
    description: 'Sends a draft to the customer. It cannot be changed afterwards.',
    params: invoiceParams,
    answers: { 200: { description: 'The sent invoice.', schema: Invoice } },
    refusals: [404, 409],
    handle: ({ params, store }) => {
      const invoice = store.invoices.get(params.invoice_id)
      if (!invoice) return notFound('invoice', params.invoice_id)
      if (invoice.status !== 'draft') return problem(409, `${invoice.id} is already ${invoice.status}.`)
      const issued_on = store.tick().slice(0, 10)
      const due_on = invoice.due_on ?? new Date(Date.parse(issued_on) + 30 * DAY_MS).toISOString().slice(0, 10)
      return ok(Object.assign(invoice, { status: 'sent', issued_on, due_on }))
    },
  }),
  operation({
    id: 'invoices/pay',
    method: 'post',
    path: '/invoices/{invoice_id}/payments',
    tag,
    summary: 'Record a payment',
    description: 'Marks a sent invoice as paid. With an `Idempotency-Key`, repeating the request pays only once.',
    params: invoiceParams,
    headers: { 'idempotency-key': z.string().max(100).optional().describe('Any text that is new for every payment.') },
    body: jsonBody(Payment, { amount_cents: 90_000, method: 'bank_transfer' }),
    answers: { 200: { description: 'The paid invoice.', schema: Invoice } },
    refusals: [404, 409],
    handle: ({ params, headers, body, store }) => {
      const invoice = store.invoices.get(params.invoice_id)
      if (!invoice) return notFound('invoice', params.invoice_id)
      const key = headers['idempotency-key']
      const earlier = key === undefined ? undefined : store.payments.get(key)
      if (earlier) return earlier.id === invoice.id ? ok(earlier) : problem(409, `${key} was used for ${earlier.id}.`)
      if (invoice.status !== 'sent')
        return problem(409, `${invoice.id} is ${invoice.status}; only a sent invoice can be paid.`)
      if (body.amount_cents !== invoice.total_cents)
        return invalid('body.amount_cents', `must be ${invoice.total_cents}`)
      Object.assign(invoice, { status: 'paid', paid_at: store.tick() })
      if (key !== undefined) store.payments.set(key, structuredClone(invoice))
      return ok(invoice)
    },
  }),
  operation({
    id: 'invoices/void',
    method: 'post',
    path: '/invoices/{invoice_id}/void',
    tag,
    summary: 'Void an invoice',
    description: 'Cancels a sent invoice. This cannot be undone.',
    params: invoiceParams,
    answers: { 200: { description: 'The void invoice.', schema: Invoice } },
    refusals: [404, 409],
    handle: ({ params, store }) => {
      const invoice = store.invoices.get(params.invoice_id)
      if (!invoice) return notFound('invoice', params.invoice_id)
      if (invoice.status !== 'sent')
        return problem(409, `${invoice.id} is ${invoice.status}; only a sent invoice can be voided.`)
      return ok(Object.assign(invoice, { status: 'void' }))
    },
  }),
  operation({
    id: 'invoices/download-pdf',
    method: 'get',
    path: '/invoices/{invoice_id}/pdf',
    tag,
    summary: 'Download an invoice as PDF',
    description: 'One page for the customer.',
    params: invoiceParams,
    answers: { 200: { description: 'The document.', contentType: 'application/pdf' } },
    refusals: [404],
    handle: ({ params, store }) => {
      const invoice = store.invoices.get(params.invoice_id)
      if (!invoice) return notFound('invoice', params.invoice_id)
      return file(pdf(linesOf(invoice)), 'application/pdf', `${invoice.id}.pdf`)
    },
  }),
]

function linesOf({ id, customer, lines, total_cents, currency, due_on }: Invoice): string[] {
  const amount = (cents: number) => `${(cents / 100).toFixed(2)} ${currency}`
  const items = lines.map(
    ({ quantity, description, unit_cents }) => `${quantity} x ${description}, ${amount(unit_cents)}`,
  )
  return [`Invoice ${id}`, customer.name, ...items, `Total ${amount(total_cents)}`, `Due ${due_on ?? 'on receipt'}`]
}

/** The smallest PDF that shows lines of text. */
function pdf(lines: readonly string[]): Buffer {
  const escaped = lines.map((line) => `(${line.replace(/[()\\]/g, '\\$&')}) Tj T*`)
  const content = `BT /F1 12 Tf 16 TL 60 780 Td ${escaped.join(' ')} ET`
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 4 0 R >> >> /Contents 5 0 R >>',
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    `<< /Length ${Buffer.byteLength(content, 'latin1')} >>\nstream\n${content}\nendstream`,
  ]
  let text = '%PDF-1.4\n'
  const offsets = objects.map((object, index) => {
    const offset = Buffer.byteLength(text, 'latin1')
    text += `${index + 1} 0 obj\n${object}\nendobj\n`
    return `${String(offset).padStart(10, '0')} 00000 n \n`
  })
  const size = objects.length + 1
  const table = `xref\n0 ${size}\n0000000000 65535 f \n${offsets.join('')}`
  const trailer = `trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${Buffer.byteLength(text, 'latin1')}\n%%EOF\n`
  return Buffer.from(text + table + trailer, 'latin1')
}
