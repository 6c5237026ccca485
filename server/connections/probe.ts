// Does a credential work? One harmless GET, and what its answer says.
import type { ConnectionRow } from '../db/connections.ts'
import { type Credential, type Outbound, OutboundError } from '../net/outbound.ts'

/** `status` is null when there was no answer. `message` is the upstream's own, or why there is none. */
export interface ProbeAnswer {
  status: number | null
  message?: string
}

/**
 * Sends one request that changes nothing, through `fetch`, which carries the credential. `null` answers that nothing
 * harmless was found to send. May reject with `OutboundError`.
 */
export type Probe = (fetch: (request: Request) => Promise<Response>) => Promise<ProbeAnswer | null>

export type Health = Pick<ConnectionRow, 'health' | 'healthReason'>

const TIMEOUT_MS = 15_000
const MAX_REASON = 300

/** `secrets` are cut out of what the upstream says, should it repeat them. */
export async function probeHealth(
  outbound: Outbound,
  credential: Credential | null,
  { probe, baseUrl, secrets }: { probe: Probe | undefined; baseUrl: string; secrets: readonly string[] },
): Promise<Health> {
  const fetch = (request: Request) =>
    outbound.send(request, { ...(credential && { credential }), timeoutMs: TIMEOUT_MS })
  try {
    const answer = (await probe?.(fetch)) ?? null
    if (answer) return withoutSecrets(healthOf(answer), secrets)
    return withoutSecrets(healthOfBase(await getBase(baseUrl, fetch)), secrets)
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error
    return withoutSecrets({ health: 'failing', healthReason: error.message }, secrets)
  }
}

function healthOf({ status, message }: ProbeAnswer): Health {
  if (status === null) return { health: 'failing', healthReason: message ?? 'There was no answer.' }
  const said = message === undefined || message === '' ? '' : ` It says: ${message}`
  if (status === 401 || status === 403) {
    return { health: 'failing', healthReason: `The API refused the credential (${status}).${said}` }
  }
  if (status < 400) return { health: 'ok', healthReason: null }
  return {
    health: 'untested',
    healthReason: `The test call was answered ${status}, which does not show whether the credential works.${said}`,
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
    if (secret !== '') text = text.replaceAll(secret, '•••').replaceAll(encodeURIComponent(secret), '•••')
  }
  return { health, healthReason: text.length > MAX_REASON ? `${text.slice(0, MAX_REASON)}…` : text }
}
