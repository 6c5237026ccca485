// What an invoice is. Its operations are in invoices.ts and invoice-workflow.ts.
import { z } from 'zod'

export const InvoiceStatus = z
  .enum(['draft', 'sent', 'paid', 'void'])
  .meta({ id: 'InvoiceStatus', description: 'Only drafts can be changed or deleted.' })

export const Currency = z.enum(['EUR', 'USD', 'GBP']).meta({ id: 'Currency' })

export const InvoiceLine = z
  .object({
    description: z.string().min(1).max(200),
    quantity: z.number().min(0.01).max(10_000),
    unit_cents: z.int().describe('Price of one, in cents. Negative for a discount.'),
  })
  .meta({ id: 'InvoiceLine' })
export type InvoiceLine = z.infer<typeof InvoiceLine>

export const Customer = z
  .object({ name: z.string().min(1), email: z.email(), vat_number: z.string().nullable() })
  .meta({ id: 'Customer' })

export const Invoice = z
  .object({
    id: z.string().describe('For example `INV-2026-0012`.'),
    status: InvoiceStatus,
    customer: Customer,
    project_id: z.string().nullable(),
    currency: Currency,
    lines: z.array(InvoiceLine),
    total_cents: z.int().describe('Sum of all lines.'),
    notes: z.string().nullable(),
    issued_on: z.iso.date().nullable().describe('Null while it is a draft.'),
    due_on: z.iso.date().nullable(),
    paid_at: z.iso.datetime().nullable(),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'Invoice', description: 'What a customer is asked to pay.' })
export type Invoice = z.infer<typeof Invoice>

export const invoiceParams = { invoice_id: z.string().describe('Id of an invoice, for example `INV-2026-0012`.') }

export function totalOf(lines: readonly InvoiceLine[]): number {
  return lines.reduce((sum, { quantity, unit_cents }) => sum + Math.round(quantity * unit_cents), 0)
}
