// The company's state: maps in memory, filled from the seed, and a clock that moves one minute with every change, so
// that the same requests always give the same answers.
import type { Attachment } from './attachments.ts'
import type { Comment } from './comments.ts'
import type { Invoice } from './invoice.ts'
import type { Person } from './people.ts'
import type { Project } from './projects.ts'
import type { Team } from './teams.ts'
import type { Ticket } from './ticket.ts'

export interface Seed {
  people: Person[]
  /** Who is in a team stands with the person. */
  teams: Omit<Team, 'member_count'>[]
  projects: Project[]
  tickets: Ticket[]
  comments: Comment[]
  attachments: (Attachment & { bytes: Uint8Array })[]
  invoices: Invoice[]
}

export interface Store {
  people: Map<string, Seed['people'][number]>
  teams: Map<string, Seed['teams'][number]>
  projects: Map<string, Seed['projects'][number]>
  tickets: Map<number, Seed['tickets'][number]>
  comments: Map<string, Seed['comments'][number]>
  attachments: Map<string, Seed['attachments'][number]>
  invoices: Map<string, Seed['invoices'][number]>
  /** Answers of payments by their Idempotency-Key. */
  payments: Map<string, Invoice>
  /** Failures that `simulate/flaky` has given so far, by key. */
  failures: Map<string, number>
  /** The time of a change, RFC 3339. */
  tick: () => string
  /** The next free number of a kind, above every one ever used. */
  nextNumber: (kind: keyof Seed) => number
}

const CLOCK_START = Date.UTC(2026, 9, 1, 8)
const FIRST_TICKET = 1001

/** Takes the seed over: what changes, changes in it. */
export function createStore(seed: Seed): Store {
  const { people, teams, projects, tickets, comments, attachments, invoices } = seed
  const numbers: Record<keyof Seed, number> = {
    people: people.length,
    teams: teams.length,
    projects: projects.length,
    tickets: FIRST_TICKET - 1 + tickets.length,
    comments: comments.length,
    attachments: attachments.length,
    invoices: invoices.length,
  }
  let clock = CLOCK_START
  return {
    people: byId(people),
    teams: byId(teams),
    projects: byId(projects),
    tickets: new Map(tickets.map((ticket) => [ticket.number, ticket])),
    comments: byId(comments),
    attachments: byId(attachments),
    invoices: byId(invoices),
    payments: new Map(),
    failures: new Map(),
    tick: () => timestamp((clock += 60_000)),
    nextNumber: (kind) => ++numbers[kind],
  }
}

export function timestamp(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('.000Z', 'Z')
}

/** `per_007` */
export function formatId(prefix: string, number: number): string {
  return `${prefix}_${String(number).padStart(3, '0')}`
}

function byId<T extends { id: string }>(items: T[]): Map<string, T> {
  return new Map(items.map((item) => [item.id, item]))
}
