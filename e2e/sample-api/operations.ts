// Everything that the sample company's API can do.
import { account } from './account.ts'
import { attachments } from './attachments.ts'
import { comments } from './comments.ts'
import { invoiceWorkflow } from './invoice-workflow.ts'
import { invoices } from './invoices.ts'
import type { Operation } from './operation.ts'
import { people } from './people.ts'
import { projects } from './projects.ts'
import { simulate } from './simulate.ts'
import { teams } from './teams.ts'
import { ticketWorkflow } from './ticket-workflow.ts'
import { tickets } from './tickets.ts'

export const operations: readonly Operation[] = [
  ...account,
  ...people,
  ...teams,
  ...projects,
  ...tickets,
  ...ticketWorkflow,
  ...comments,
  ...attachments,
  ...invoices,
  ...invoiceWorkflow,
  ...simulate,
]
