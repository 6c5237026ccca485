// Agents whose calls are held, and what the sample company says reached it.
import { type ConnectedAgent, connectAgent } from './agent.ts'
import type { Identity } from './local-access/identities.ts'
import { oauthToken } from './oauth-token.ts'
import type { LedgerEntry } from './sample-api/ledger.ts'
import { stackOrigins } from './stack-origins.ts'

/** An agent of this person, signed in through Managed OAuth. */
export async function connectAgentOf(origin: string, identity: Identity): Promise<ConnectedAgent> {
  return connectAgent(origin, { authorization: `Bearer ${await oauthToken(origin, identity)}` })
}

/** Code that writes a ticket with this title and returns its title. */
export function createTicket(title: string): string {
  const fields = { title, body: 'Seen twice on line 4.', project_id: 'prj_001', reporter_id: 'per_012' }
  return `(await tools.northwind.tickets.create(${JSON.stringify(fields)})).title`
}

export interface Held {
  run: string
  /** Addresses of the questions, without the origin. */
  questions: string[]
  text: string
}

/** Runs code of which at least one call is held. */
export async function executeHeld(agent: ConnectedAgent, code: string): Promise<Held> {
  const { run, text } = await agent.execute(code)
  const questions = [...new Set(Array.from(text.matchAll(/\/approvals\/apr_\w+/g), ([address]) => address))]
  if (run === '' || questions.length === 0) throw new Error(`Nothing was held: ${text}`)
  return { run, questions, text }
}

/** How often the company was asked to write a ticket with this title. */
export async function countTickets(baseURL: string | undefined, title: string): Promise<number> {
  const answer = await fetch(`${stackOrigins(baseURL).sample}/_ledger`)
  const ledger: LedgerEntry[] = await answer.json()
  const isMeant = ({ method, path, body }: LedgerEntry) =>
    method === 'POST' && path === '/tickets' && (body?.text ?? '').includes(JSON.stringify(title))
  return ledger.filter(isMeant).length
}
