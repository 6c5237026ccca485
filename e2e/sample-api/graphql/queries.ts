// The fields of the query type.
import { InvoiceStatus } from '../invoice.ts'
import { matches as invoiceMatches } from '../invoices.ts'
import { Department } from '../people.ts'
import { type Ticket, TicketPriority, TicketStatus } from '../ticket.ts'
import { matches as ticketMatches } from '../tickets.ts'
import { connection, type PageArguments } from './connection.ts'
import { type Context, refusal } from './context.ts'
import { enumValue, storedValue } from './names.ts'
import {
  byId,
  invoiceById,
  invoiceNode,
  nodeById,
  personById,
  personNode,
  projectById,
  projectNode,
  teamById,
  teamNode,
  ticketById,
  ticketNode,
} from './nodes.ts'
import { simulateError, simulateFlaky, simulateSlow } from './simulate.ts'

interface TicketsArguments extends PageArguments {
  status?: string[] | null
  priority?: string | null
  projectId?: string | null
  assigneeId?: string | null
  labels?: string[] | null
  createdAfter?: string | null
  text?: string | null
  orderBy?: { field: string; direction: string } | null
}

function tickets(asked: TicketsArguments, { store }: Context) {
  const query = {
    status: asked.status?.flatMap((status) => storedValue(TicketStatus.options, status) ?? []),
    priority: storedValue(TicketPriority.options, asked.priority),
    project_id: asked.projectId ?? undefined,
    assignee_id: asked.assigneeId ?? undefined,
    labels: asked.labels ?? undefined,
    created_after: asked.createdAfter ?? undefined,
    q: asked.text ?? undefined,
  }
  const found = [...store.tickets.values()].filter((ticket) => ticketMatches(ticket, query))
  const { field, direction } = asked.orderBy ?? { field: 'CREATED_AT', direction: 'DESC' }
  const keyOf = ({ priority, updated_at, created_at }: Ticket) => {
    if (field === 'PRIORITY') return TicketPriority.options.indexOf(priority)
    return field === 'UPDATED_AT' ? updated_at : created_at
  }
  const order = { keyOf, idOf: ({ number }: Ticket) => number, isDescending: direction === 'DESC' }
  return connection(found, asked, order, ticketNode)
}

interface PeopleArguments extends PageArguments {
  department?: string | null
  teamId?: string | null
  isActive?: boolean | null
}

function people(asked: PeopleArguments, { store }: Context) {
  const department = storedValue(Department.options, asked.department)
  const found = [...store.people.values()].filter(
    (person) =>
      (department === undefined || person.department === department) &&
      (!asked.teamId || person.team_id === asked.teamId) &&
      (asked.isActive ?? person.is_active) === person.is_active,
  )
  return connection(found, asked, byId, personNode)
}

function invoices(asked: PageArguments & { status?: string | null; customer?: string | null }, { store }: Context) {
  const query = { status: storedValue(InvoiceStatus.options, asked.status), customer: asked.customer ?? undefined }
  const found = [...store.invoices.values()].filter((invoice) => invoiceMatches(invoice, query))
  return connection(found, asked, { ...byId, isDescending: true }, invoiceNode)
}

function search({ text, first }: { text: string; first?: number | null }, { store }: Context) {
  const words = text.toLowerCase().split(/\s+/)
  const has = (...texts: string[]) => words.every((word) => texts.join(' ').toLowerCase().includes(word))
  const found = [
    ...[...store.people.values()].filter(({ name, title }) => has(name, title)).map(personNode),
    ...[...store.projects.values()].filter(({ name, code }) => has(name, code)).map(projectNode),
    ...[...store.invoices.values()].filter(({ id, customer }) => has(id, customer.name)).map(invoiceNode),
    ...[...store.tickets.values()].filter(({ title, body }) => has(title, body)).map(ticketNode),
  ]
  if ((first ?? 0) < 0) throw refusal('BAD_USER_INPUT', 'first must not be negative.')
  return found.slice(0, first ?? 10)
}

/** Its input is @oneOf: there is one of the two. */
function person({ by }: { by: { id?: string; email?: string } }, { store }: Context) {
  if (by.id !== undefined) return personById(store, by.id)
  return personById(store, [...store.people.values()].find(({ email }) => email === by.email)?.id)
}

function viewer(_: unknown, { store, caller: { placement, mayWrite, token } }: Context) {
  return {
    company: 'Northwind Robotics',
    signedInWith: enumValue(placement ?? ''),
    mayWrite,
    person: personById(store, token?.personId),
    scopes: token?.scopes ?? null,
  }
}

interface ById {
  id: string
}

export const queries = {
  viewer,
  node: ({ id }: ById, { store }: Context) => nodeById(store, id),
  ticket: ({ id }: ById, { store }: Context) => ticketById(store, id),
  tickets,
  person,
  people,
  team: ({ id }: ById, { store }: Context) => teamById(store, id),
  teams: (_: unknown, { store }: Context) => [...store.teams.values()].map(teamNode),
  project: ({ id }: ById, { store }: Context) => projectById(store, id),
  projects: ({ includeArchived }: { includeArchived: boolean }, { store }: Context) =>
    [...store.projects.values()].filter(({ is_archived }) => includeArchived || !is_archived).map(projectNode),
  invoice: ({ id }: ById, { store }: Context) => invoiceById(store, id),
  invoices,
  search,
  simulateError,
  simulateFlaky,
  simulateSlow,
}
