// The company on the first morning: always the same people, projects, tickets and invoices.
import { createHash } from 'node:crypto'
import type { Person } from './people.ts'
import {
  CUSTOMERS,
  DEPARTMENTS,
  FIRST_NAMES,
  LAST_NAMES,
  OFFICES,
  PROJECTS,
  REMARKS,
  SYMPTOMS,
  TEAMS,
} from './seed-words.ts'
import { formatId, type Seed, timestamp } from './store.ts'
import { type Ticket, TicketPriority, TicketStatus } from './ticket.ts'
import { type Invoice, totalOf } from './invoice.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const FIRST_MORNING = Date.UTC(2026, 9, 1, 8)

export function createSeed(): Seed {
  const random = mulberry32(20261001)
  const pick = <T>(items: readonly T[]): T => {
    const item = items[Math.floor(random() * items.length)]
    if (item === undefined) throw new Error('nothing to pick from')
    return item
  }
  const people = createPeople(pick, random)
  const working = people.filter(({ is_active }) => is_active)
  const tickets = createTickets(working, pick, random)
  return {
    people,
    teams: TEAMS.map(([name, purpose], index) => ({
      id: formatId('team', index + 1),
      name,
      purpose,
      lead_id: formatId('per', index + 1),
    })),
    projects: PROJECTS.map(([code, name, description, status], index) => ({
      id: formatId('prj', index + 1),
      code,
      name,
      description,
      status,
      lead_id: pick(working).id,
      budget_cents: index % 4 === 3 ? null : 1_000_000 * (1 + Math.floor(random() * 40)),
      starts_on: day(-300 + index * 20),
      ends_on: status === 'planned' || index % 5 === 0 ? null : day(60 + index * 15),
      is_archived: status === 'done' && index % 2 === 1,
      updated_at: timestamp(FIRST_MORNING - index * DAY_MS),
    })),
    tickets,
    comments: tickets
      .flatMap((ticket) => Array.from({ length: Math.floor(random() * 4) }, () => ticket))
      .map((ticket, index) => ({
        id: `com_${index + 1}`,
        ticket_number: ticket.number,
        author_id: pick(working).id,
        body: pick(REMARKS),
        created_at: timestamp(Date.parse(ticket.created_at) + Math.floor(random() * 48) * HOUR_MS),
        edited_at: null,
      })),
    attachments: tickets.filter((_, index) => index % 8 === 0).map(createAttachment),
    invoices: Array.from({ length: 80 }, (_, index) => createInvoice(index, pick, random)),
  }
}

type Pick = <T>(items: readonly T[]) => T
type Random = () => number

function createPeople(pick: Pick, random: Random): Person[] {
  return FIRST_NAMES.map((first, index) => {
    const last = LAST_NAMES[(index * 7) % LAST_NAMES.length] ?? ''
    const teamNumber = 1 + (index % TEAMS.length)
    const [department, title] = DEPARTMENTS[(teamNumber - 1) % DEPARTMENTS.length] ?? DEPARTMENTS[0]
    const isLead = index < TEAMS.length
    const isActive = index % 15 !== 14
    return {
      id: formatId('per', index + 1),
      name: `${first} ${last}`,
      email: `${first}.${last}@northwind-robotics.example`.toLowerCase(),
      title: isLead ? `Head of ${TEAMS[index]?.[0] ?? ''}` : title,
      department,
      team_id: isActive ? formatId('team', teamNumber) : null,
      manager_id: index === 0 ? null : formatId('per', isLead ? 1 : teamNumber),
      location: index % 9 === 8 ? null : pick(OFFICES),
      phone: index % 3 === 2 ? null : `+49 30 5550 ${String(1000 + index)}`,
      is_active: isActive,
      started_on: day(-2400 + index * 37),
      updated_at: timestamp(FIRST_MORNING - Math.floor(random() * 200) * DAY_MS),
    }
  })
}

function createTickets(working: readonly Person[], pick: Pick, random: Random): Ticket[] {
  return Array.from({ length: 200 }, (_, index) => {
    const [title, body, ...labels] = pick(SYMPTOMS)
    const status = pick(TicketStatus.options)
    const createdAt = FIRST_MORNING - (200 - index) * 11 * HOUR_MS
    return {
      number: 1001 + index,
      title,
      body,
      status,
      priority: pick(TicketPriority.options),
      project_id: formatId('prj', 1 + (index % PROJECTS.length)),
      reporter_id: pick(working).id,
      assignee_id: status === 'open' && index % 2 === 0 ? null : pick(working).id,
      labels: index % 6 === 5 ? [] : labels,
      estimate_hours: index % 5 === 4 ? null : 0.5 * (1 + Math.floor(random() * 32)),
      due_on: index % 3 === 0 ? day(Math.floor(random() * 60)) : null,
      created_at: timestamp(createdAt),
      updated_at: timestamp(createdAt + Math.floor(random() * 10) * HOUR_MS),
    }
  })
}

/** The smallest picture there is, for every third attachment. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

function createAttachment({ number, created_at, title }: Ticket, index: number): Seed['attachments'][number] {
  const isPicture = index % 3 === 2
  const log = Array.from({ length: 12 }, (_, line) => `${created_at} robot-${number % 40} line ${line + 1}: ${title}\n`)
  const bytes = isPicture ? new Uint8Array(PIXEL) : new Uint8Array(Buffer.from(log.join('')))
  return {
    id: formatId('att', index + 1),
    ticket_number: number,
    file_name: isPicture ? `camera-${number}.png` : `robot-${number}.log`,
    content_type: isPicture ? 'image/png' : 'text/plain; charset=utf-8',
    size_bytes: bytes.byteLength,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    note: isPicture ? 'Still from the arm camera.' : null,
    created_at,
    bytes,
  }
}

function createInvoice(index: number, pick: Pick, random: Random): Invoice {
  const status = index >= 72 ? 'draft' : pick(['sent', 'paid', 'paid', 'paid', 'void'] as const)
  const createdAt = FIRST_MORNING - (80 - index) * 4 * DAY_MS
  const lines = Array.from({ length: 1 + Math.floor(random() * 4) }, () => ({
    description: pick([
      'Robot arm lease',
      'Gripper maintenance',
      'Integration work',
      'Operator training',
      'Spare parts',
    ]),
    quantity: 1 + Math.floor(random() * 8),
    unit_cents: 5_000 * (1 + Math.floor(random() * 60)),
  }))
  return {
    id: `INV-2026-${String(index + 1).padStart(4, '0')}`,
    status,
    customer: pick(CUSTOMERS),
    project_id: index % 6 === 5 ? null : formatId('prj', 1 + (index % PROJECTS.length)),
    currency: pick(['EUR', 'EUR', 'USD', 'GBP'] as const),
    lines,
    total_cents: totalOf(lines),
    notes: index % 4 === 0 ? 'Thank you for your order.' : null,
    issued_on: status === 'draft' ? null : timestamp(createdAt).slice(0, 10),
    due_on: status === 'draft' ? null : timestamp(createdAt + 30 * DAY_MS).slice(0, 10),
    paid_at: status === 'paid' ? timestamp(createdAt + 12 * DAY_MS) : null,
    created_at: timestamp(createdAt),
  }
}

function day(offset: number): string {
  return timestamp(FIRST_MORNING + offset * DAY_MS).slice(0, 10)
}

/** A small generator with a seed, so that the data never changes. */
function mulberry32(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
