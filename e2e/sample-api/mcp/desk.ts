// What the company offers over MCP: a front desk, over the same store and with the same rules as its other APIs.
import { randomUUID } from 'node:crypto'
import {
  acceptedContent,
  inputRequired,
  inputResponse,
  McpServer,
  type CallToolResult,
} from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { Caller } from '../authenticate.ts'
import { operations } from '../operations.ts'
import type { Store } from '../store.ts'
import { TicketPriority, TicketStatus } from '../ticket.ts'
import { matches } from '../tickets.ts'

export interface Desk {
  store: Store
  caller: Caller
  /** Of the company: `http://localhost:8790`. */
  url: string
  contracts: Contracts
}

/** Ids of contracts that wait for a signature, or have one. */
export type Contracts = Map<string, { title: string; isSigned: boolean }>

export const CONTRACT_PATH = '/contracts/'
const HANDBOOK =
  'Tickets that stop a line are urgent. Rooms are booked at the desk, and given back when they are not used.'
const Booking = z.object({
  people: z.int().min(1).max(12).describe('How many of you there are.'),
  when: z.iso.date().describe('The day.'),
  notify: z.boolean().optional().describe('Whether all of you get a mail.'),
  size: z.enum(['small', 'medium', 'large']).optional().describe('Of the table.'),
})

export function createDesk(desk: Desk): McpServer {
  const server = new McpServer(
    { name: 'northwind-desk', title: 'Northwind front desk', version: '1.0.0' },
    {
      instructions: 'The front desk of Northwind Robotics: tickets, rooms and contracts.',
      capabilities: { logging: {} },
    },
  )
  readingTools(server, desk)
  writingTools(server, desk)
  askingTools(server, desk)
  server.registerResource(
    'handbook',
    'northwind://handbook',
    { title: 'Handbook', mimeType: 'text/plain' },
    ({ href }) => ({
      contents: [{ uri: href, mimeType: 'text/plain', text: HANDBOOK }],
    }),
  )
  server.registerPrompt(
    'triage',
    { title: 'Triage a ticket', argsSchema: z.object({ number: z.string().describe('Of the ticket.') }) },
    ({ number }) => ({
      messages: [{ role: 'user', content: { type: 'text', text: `How urgent is ticket ${number}? ${HANDBOOK}` } }],
    }),
  )
  return server
}

function readingTools(server: McpServer, { store, caller }: Desk): void {
  server.registerTool(
    'whoami',
    { title: 'Who is signed in', outputSchema: z.object({ name: z.string() }), annotations: { readOnlyHint: true } },
    () => {
      const person = store.people.get(caller.token?.personId ?? '')
      return structured({ name: person?.name ?? 'Northwind Robotics' })
    },
  )
  server.registerTool(
    'find_tickets',
    {
      title: 'Find tickets',
      description: 'Finds tickets by words of the title or the body. The newest come first.',
      inputSchema: z.object({
        text: z.string().optional().describe('Words that a ticket has.'),
        status: z.array(TicketStatus).optional().describe('Only these states.'),
        limit: z.int().min(1).max(50).default(10),
      }),
      outputSchema: z.object({
        tickets: z.array(
          z.object({ number: z.int(), title: z.string(), status: TicketStatus, priority: TicketPriority }),
        ),
      }),
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    ({ text, status, limit }) => {
      const found = [...store.tickets.values()].filter((ticket) => matches(ticket, { q: text, status }))
      const newest = found.sort((one, other) => other.number - one.number).slice(0, limit)
      return structured({
        tickets: newest.map(({ number, title, status, priority }) => ({ number, title, status, priority })),
      })
    },
  )
  server.registerTool(
    'take_inventory',
    {
      title: 'Take inventory',
      description: 'Counts the parts of three shelves, and says how far it is.',
      annotations: { readOnlyHint: true },
    },
    async ({ mcpReq }) => {
      const { _meta: meta } = mcpReq
      const progressToken = meta?.progressToken
      for (const shelf of [1, 2, 3]) {
        await mcpReq.log('info', `Shelf ${shelf} is counted.`)
        if (progressToken === undefined) continue
        const params = { progressToken, progress: shelf, total: 3, message: `Shelf ${shelf} of 3` }
        await mcpReq.notify({ method: 'notifications/progress', params })
      }
      return said('There are 412 parts on three shelves.')
    },
  )
}

function writingTools(server: McpServer, { store, caller, url }: Desk): void {
  server.registerTool(
    'create_ticket',
    {
      title: 'Create a ticket',
      description: 'Writes a new ticket in the state `open`.',
      inputSchema: z.object({
        title: z.string().min(3).max(200),
        body: z.string().optional(),
        project_id: z.string().describe('As `prj_001`.'),
        reporter_id: z.string().describe('As `per_012`.'),
        priority: TicketPriority.optional(),
      }),
      annotations: { readOnlyHint: false, destructiveHint: false },
    },
    async (fields) => {
      if (!caller.mayWrite) return failed('This key may only read.')
      const operation = operations.find(({ id }) => id === 'tickets/create')
      if (operation === undefined) throw new Error('There is no operation tickets/create')
      const { status, body } = await operation.run({
        params: {},
        headers: { 'content-type': 'application/json' },
        body: Buffer.from(JSON.stringify(fields)),
        store,
        url: new URL(operation.path, url),
        caller,
      })
      const text = JSON.stringify(body && 'json' in body ? body.json : null)
      return status < 400 ? said(text) : failed(text)
    },
  )
}

/** Each asks a person: for the fields of a form, and to open an address. */
function askingTools(server: McpServer, { url, contracts }: Desk): void {
  server.registerTool(
    'book_room',
    {
      title: 'Book a room',
      description: 'Books a meeting room. The desk asks for how many people, and when.',
      inputSchema: z.object({ room: z.string().default('Gripper').describe('Its name.') }),
    },
    ({ room }, { mcpReq: { inputResponses } }) => {
      const asked = inputResponse(inputResponses, 'booking')
      const booking = acceptedContent(inputResponses, 'booking', Booking)
      if (booking) return said(`${room} is booked: ${JSON.stringify(booking)}`)
      if (asked.kind === 'elicit' && asked.action !== 'accept') return said('Nothing was booked.')
      return inputRequired({
        inputRequests: {
          booking: inputRequired.elicit({ message: `Who comes to ${room}, and when?`, requestedSchema: Booking }),
        },
      })
    },
  )
  server.registerTool(
    'sign_contract',
    {
      title: 'Sign a contract',
      description: 'Has a contract signed. A person signs at an address of the company, and nowhere else.',
      inputSchema: z.object({ title: z.string().default('Spare parts') }),
    },
    ({ title }, { mcpReq: { inputResponses, requestState } }) => {
      const asked = inputResponse(inputResponses, 'signature')
      const known = requestState<string>() ?? ''
      if (contracts.get(known)?.isSigned) return said(`“${title}” is signed.`)
      if (asked.kind === 'elicit') return failed(`“${title}” was not signed.`)
      const id = randomUUID()
      contracts.set(id, { title, isSigned: false })
      return inputRequired({
        inputRequests: {
          signature: inputRequired.elicitUrl({ message: `Sign “${title}”.`, url: `${url}${CONTRACT_PATH}${id}` }),
        },
        requestState: id,
      })
    },
  )
}

function said(text: string): CallToolResult {
  return { content: [{ type: 'text', text }] }
}

function failed(text: string): CallToolResult {
  return { ...said(text), isError: true }
}

function structured(content: Record<string, unknown>): CallToolResult {
  return { structuredContent: content, ...said(JSON.stringify(content)) }
}
