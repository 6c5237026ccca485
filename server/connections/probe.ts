// Does a credential work? One harmless GET, and what its answer says.
import type { ConnectionRow } from '../db/connections.ts'
import { isAccessRefusal } from '../net/access-refusal.ts'
import { type Credential, type Outbound, OutboundError } from '../net/outbound.ts'
import { said } from './oauth/said.ts'

/** `status` is null when there was no answer. `message` is the upstream's own, or why there is none. */
export interface ProbeAnswer {
  status: number | null
  message?: string
  /** Whose account answered, of a read that says who is signed in. */
  identity?: string
}

/**
 * Sends one request that changes nothing, through `fetch`, which carries the credential. `null` answers that nothing
 * harmless was found to send. May reject with `OutboundError`.
 */
export type Probe = (fetch: (request: Request) => Promise<Response>) => Promise<ProbeAnswer | null>

/** `identity` only where an answer says whose account it is. */
export type Health = Pick<ConnectionRow, 'health' | 'healthReason'> & { identity?: string }

const TIMEOUT_MS = 15_000
export const ACCESS_REFUSED = 'Cloudflare Access refused the request before the API saw it.'
const MAX_REASON = 300
const MAX_IDENTITY = 120
const HIDDEN = '•••'

/** `secrets` are cut out of what the upstream says, should it repeat them. */
export async function probeHealth(
  outbound: Outbound,
  credential: Credential | null,
  { probe, baseUrl, secrets }: { probe: Probe | undefined; baseUrl: string; secrets: readonly string[] },
): Promise<Health> {
  let isRefusedByAccess = false
  const fetch = async (request: Request) => {
    const response = await outbound.send(request, { ...(credential && { credential }), timeoutMs: TIMEOUT_MS })
    isRefusedByAccess = isAccessRefusal(response)
    return response
  }
  try {
    const answer = (await probe?.(fetch)) ?? null
    const health = answer ? healthOf(answer) : healthOfBase(await getBase(baseUrl, fetch))
    if (isRefusedByAccess) return { health: 'failing', healthReason: ACCESS_REFUSED }
    const identity = credential && health.health === 'ok' ? identityOf(answer, secrets) : ''
    return { ...withoutSecrets(health, secrets), ...(identity !== '' && { identity }) }
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error
    return withoutSecrets({ health: 'failing', healthReason: error.message }, secrets)
  }
}

/** On one line, as a name is; empty where there is none, or where it would show a secret. */
function identityOf(answer: ProbeAnswer | null, secrets: readonly string[]): string {
  const name = said(answer?.identity, secrets)
  return name.includes(HIDDEN) ? '' : name.slice(0, MAX_IDENTITY)
}

const REFUSED = 'The API refused the credential'

function refusedReason(status: number, message: string | undefined): string {
  return `${REFUSED} (${status}).${saysOf(message)}`
}

/** Whether a success disposes of the reason. */
export function saysRefused(reason: string | null): boolean {
  return reason?.startsWith(REFUSED) ?? false
}

/** Of a call that was answered 401 in the end. */
export function healthOfRefusal(message: string, secrets: readonly string[]): Health {
  return withoutSecrets({ health: 'failing', healthReason: refusedReason(401, message) }, secrets)
}

function saysOf(message: string | undefined): string {
  return message === undefined || message === '' ? '' : ` It says: ${message}`
}

function healthOf({ status, message }: ProbeAnswer): Health {
  if (status === null) return { health: 'failing', healthReason: message ?? 'There was no answer.' }
  if (status === 401 || status === 403) return { health: 'failing', healthReason: refusedReason(status, message) }
  if (status < 400) return { health: 'ok', healthReason: null }
  return {
    health: 'untested',
    healthReason: `The test call was answered ${status}, which does not show whether the credential works.${saysOf(message)}`,
  }
}

/** A base address that answers shows that the API is there; only a refusal says something of the credential. */
function healthOfBase(answer: ProbeAnswer): Health {
  const { health, healthReason } = healthOf(answer)
  if (health === 'failing') return { health, healthReason }
  return {
    health: 'untested',
    healthReason: `The API answers (${answer.status}); no harmless call was found to test with.`,
  }
}

async function getBase(url: string, fetch: (request: Request) => Promise<Response>): Promise<ProbeAnswer> {
  const response = await fetch(new Request(url, { headers: { accept: 'application/json, */*' } }))
  const { status } = response
  if (status !== 401 && status !== 403) {
    await response.body?.cancel()
    return { status }
  }
  return { status, message: reasonIn(await response.text()) }
}

/** The upstream's own words: the usual members of an error object, or short plain text. */
function reasonIn(text: string): string {
  try {
    const body: unknown = JSON.parse(text)
    return wordsIn(body) ?? ''
  } catch {
    return text.includes('<') ? '' : text.trim()
  }
}

function wordsIn(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null) return undefined
  const entries = new Map<string, unknown>(Object.entries(value))
  const named = ['message', 'detail', 'error_description', 'error', 'title', 'errors', '0'].map((name) =>
    entries.get(name),
  )
  return named.map(wordsIn).find((words) => words !== undefined && words !== '')
}

function withoutSecrets({ health, healthReason }: Health, secrets: readonly string[]): Health {
  if (healthReason === null) return { health, healthReason }
  let text = healthReason
  for (const secret of secrets) {
    if (secret !== '') text = text.replaceAll(secret, HIDDEN).replaceAll(encodeURIComponent(secret), HIDDEN)
  }
  return { health, healthReason: text.length > MAX_REASON ? `${text.slice(0, MAX_REASON)}…` : text }
}
