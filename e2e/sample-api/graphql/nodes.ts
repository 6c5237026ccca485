// What is in the store, as the types of the schema: fields, and functions for what leads to something else.
import type { Seed, Store } from '../store.ts'
import type { Ticket } from '../ticket.ts'
import { type Context, refusal } from './context.ts'
import { connection, type PageArguments } from './connection.ts'
import { camelKeys, enumValue } from './names.ts'

type Node = Record<string, unknown>

/** The planning system, which only some of the answers come from, does not know every ticket. */
const UNPLANNED = 7

export function ticketNode(ticket: Ticket): Node {
  const { number, project_id, reporter_id, assignee_id } = ticket
  return {
    ...camelKeys(ticket),
    __typename: 'Ticket',
    id: String(number),
    status: enumValue(ticket.status),
    priority: enumValue(ticket.priority),
    estimate: () => {
      if (number % UNPLANNED !== 0) return ticket.estimate_hours
      throw refusal('PLANNING_UNAVAILABLE', `The planning system does not know ticket ${number}.`)
    },
    project: (_: unknown, { store }: Context) => projectById(store, project_id),
    reporter: (_: unknown, { store }: Context) => personById(store, reporter_id),
    assignee: (_: unknown, { store }: Context) => personById(store, assignee_id),
    comments: (page: PageArguments, { store }: Context) => {
      const found = [...store.comments.values()].filter(({ ticket_number }) => ticket_number === number)
      const order = { keyOf: oldestFirst, idOf: oldestFirst, isDescending: false }
      return connection(found, page, order, commentNode)
    },
    attachments: (_: unknown, { store }: Context) =>
      [...store.attachments.values()].filter(({ ticket_number }) => ticket_number === number).map(attachmentNode),
  }
}

/** Ids of comments count up: `com_31`. */
function oldestFirst({ id }: { id: string }): number {
  return Number(id.split('_')[1])
}

export function commentNode(comment: Seed['comments'][number]): Node {
  return {
    ...camelKeys(comment),
    __typename: 'Comment',
    author: (_: unknown, { store }: Context) => personById(store, comment.author_id),
    ticket: (_: unknown, { store }: Context) => ticketById(store, String(comment.ticket_number)),
  }
}

export function attachmentNode(attachment: Seed['attachments'][number]): Node {
  return { ...camelKeys(attachment), __typename: 'Attachment' }
}

export function personNode(person: Seed['people'][number]): Node {
  return {
    ...camelKeys(person),
    __typename: 'Person',
    department: enumValue(person.department),
    team: (_: unknown, { store }: Context) => teamById(store, person.team_id),
    manager: (_: unknown, { store }: Context) => personById(store, person.manager_id),
    reports: (_: unknown, { store }: Context) =>
      [...store.people.values()].filter(({ manager_id }) => manager_id === person.id).map(personNode),
  }
}

export function teamNode(team: Seed['teams'][number]): Node {
  const membersOf = (store: Store) => [...store.people.values()].filter(({ team_id }) => team_id === team.id)
  return {
    ...camelKeys(team),
    __typename: 'Team',
    lead: (_: unknown, { store }: Context) => personById(store, team.lead_id),
    memberCount: (_: unknown, { store }: Context) => membersOf(store).length,
    members: (page: PageArguments, { store }: Context) => connection(membersOf(store), page, byId, personNode),
  }
}

export function projectNode(project: Seed['projects'][number]): Node {
  return {
    ...camelKeys(project),
    __typename: 'Project',
    status: enumValue(project.status),
    lead: (_: unknown, { store }: Context) => personById(store, project.lead_id),
    tickets: (page: PageArguments, { store }: Context) => {
      const found = [...store.tickets.values()].filter(({ project_id }) => project_id === project.id)
      const numberOf = ({ number }: Ticket) => number
      return connection(found, page, { keyOf: numberOf, idOf: numberOf, isDescending: true }, ticketNode)
    },
  }
}

export function invoiceNode(invoice: Seed['invoices'][number]): Node {
  return {
    ...camelKeys(invoice),
    __typename: 'Invoice',
    status: enumValue(invoice.status),
    customer: camelKeys(invoice.customer),
    amount: (_: unknown, { caller: { token, mayWrite } }: Context) => {
      if (token ? token.scopes.includes('invoices.write') : mayWrite) return invoice.total_cents
      throw refusal('FORBIDDEN', 'Amounts are for those who write invoices: this credential has not invoices.write.')
    },
    project: (_: unknown, { store }: Context) => projectById(store, invoice.project_id),
  }
}

export const byId = { keyOf: idOf, idOf, isDescending: false }

function idOf({ id }: { id: string }): string {
  return id
}

type Id = string | null | undefined

function present<T>(found: T | undefined, node: (found: T) => Node): Node | null {
  return found === undefined ? null : node(found)
}

export const ticketById = ({ tickets }: Store, id: Id) => present(tickets.get(Number(id)), ticketNode)
export const commentById = ({ comments }: Store, id: Id) => present(comments.get(id ?? ''), commentNode)
export const attachmentById = ({ attachments }: Store, id: Id) => present(attachments.get(id ?? ''), attachmentNode)
export const personById = ({ people }: Store, id: Id) => present(people.get(id ?? ''), personNode)
export const teamById = ({ teams }: Store, id: Id) => present(teams.get(id ?? ''), teamNode)
export const projectById = ({ projects }: Store, id: Id) => present(projects.get(id ?? ''), projectNode)
export const invoiceById = ({ invoices }: Store, id: Id) => present(invoices.get(id ?? ''), invoiceNode)

/** Whatever has this id: no two kinds share one. */
export function nodeById(store: Store, id: string): Node | null {
  const kinds = [ticketById, commentById, attachmentById, personById, teamById, projectById, invoiceById]
  return kinds.map((find) => find(store, id)).find((found) => found !== null) ?? null
}
