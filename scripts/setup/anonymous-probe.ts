// What somebody without a sign-in gets from a deployment, seen from outside. Everything but a clear refusal is open.
import { setTimeout as sleep } from 'node:timers/promises'

/** `pending`: nobody answers yet, as in the first minute of a new address. */
export type Refusal =
  | { kind: 'refused'; by: 'executor' | 'access' }
  | { kind: 'open'; answer: string }
  | { kind: 'pending'; reason: string }

export interface Probe {
  method: 'GET' | 'POST'
  path: string
}

export const PROBES: readonly Probe[] = [
  { method: 'GET', path: '/' },
  { method: 'GET', path: '/api/integrations' },
  { method: 'POST', path: '/api/integrations' },
  { method: 'GET', path: '/mcp' },
  { method: 'POST', path: '/mcp' },
]

const TIMEOUT_MS = 15_000

export async function probe(url: string, { method, path }: Probe): Promise<Refusal> {
  const target = new URL(path, url)
  try {
    const response = await fetch(target, {
      method,
      redirect: 'manual',
      headers: { accept: 'application/json, text/html' },
      ...(method === 'POST' && { body: '{}', headers: { 'content-type': 'application/json' } }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    const text = await response.text()
    return judge(response, text)
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    return { kind: 'pending', reason: cause instanceof Error ? cause.message : String(cause) }
  }
}

/** Executor's own refusals are known by their challenge; those of Access by its login page and its OAuth challenge. */
export function judge(response: Pick<Response, 'status' | 'headers'>, text: string): Refusal {
  const { status, headers } = response
  const location = headers.get('location') ?? ''
  const challenge = headers.get('www-authenticate') ?? ''
  if (status >= 300 && status < 400 && isAccessLogin(location)) return { kind: 'refused', by: 'access' }
  if ((status === 401 || status === 403) && challenge.includes('resource_metadata'))
    return { kind: 'refused', by: 'access' }
  if (status === 401 && challenge.includes('realm="Executor"')) return { kind: 'refused', by: 'executor' }
  // Cloudflare's own pages for an address that has no Worker yet, or one that is just being rolled out.
  const isPlaceholder = status === 404 && /there is nothing here yet|error code: 1042/i.test(text)
  if (isPlaceholder || (status >= 520 && status <= 530)) return { kind: 'pending', reason: `status ${status}` }
  return { kind: 'open', answer: `status ${status}${location && `, location ${location}`}` }
}

function isAccessLogin(location: string): boolean {
  const url = URL.parse(location)
  return url !== null && url.hostname.endsWith('.cloudflareaccess.com') && url.pathname.startsWith('/cdn-cgi/access/')
}

export interface ProbeReport {
  ok: boolean
  /** One for each probe that did not end as hoped. */
  problems: string[]
}

/** Asks until every probe is refused, by `by` where given, or until `waitMs` have passed. */
export async function probeAnonymously(
  url: string,
  { by, waitMs, intervalMs = 2000 }: { by?: 'access'; waitMs: number; intervalMs?: number },
): Promise<ProbeReport> {
  for (const deadline = Date.now() + waitMs; ; await sleep(intervalMs)) {
    const problems: string[] = []
    let isOpen = false
    for (const one of PROBES) {
      const refusal = await probe(url, one)
      if (refusal.kind === 'refused' && (by === undefined || refusal.by === by)) continue
      isOpen ||= refusal.kind === 'open'
      problems.push(`${one.method} ${one.path}: ${describe(refusal)}`)
    }
    if (problems.length === 0) return { ok: true, problems }
    // What is open stays open; only an address or an application that is still spreading is worth waiting for.
    if ((isOpen && by === undefined) || Date.now() + intervalMs > deadline) return { ok: false, problems }
  }
}

function describe(refusal: Refusal): string {
  if (refusal.kind === 'refused') return `refused by ${refusal.by === 'access' ? 'Access' : 'Executor, not by Access'}`
  if (refusal.kind === 'open') return `not refused (${refusal.answer})`
  return `no answer (${refusal.reason})`
}
