// Who gave an answer, and what it means for somebody without a credential: Access, Executor's own door, or neither.
import type { Answer, Exchange } from './exchange.ts'

export type Verdict =
  /** Access leads to its login page, which says whose team it is and which application (`audience`) it stands for. */
  | { by: 'access'; how: 'login'; team: string; audience: string | undefined }
  /** Access answers a program: 401 and where to begin with OAuth. */
  | { by: 'access'; how: 'challenge'; resourceMetadata: string }
  /** The request reached the Worker without Access, and its own door held. */
  | { by: 'executor'; how: 'refusal' }
  | { by: 'executor'; how: 'not_configured'; missing: string[] }
  | { by: 'access' | 'unknown'; how: 'refusal' }
  /** Nobody asked who this is. */
  | { by: 'unknown'; how: 'let_in' }
  | { by: 'unknown'; how: 'redirect'; location: string }
  | { by: 'unknown'; how: 'failed' }
  | { by: 'nobody'; how: 'unreachable'; failure: string }

export function verdictOn(exchange: Exchange): Verdict {
  if ('failure' in exchange) return { by: 'nobody', how: 'unreachable', failure: exchange.failure }
  const { answer, url } = exchange
  const location = answer.headers.location
  if (answer.status >= 300 && answer.status < 400 && location !== undefined && !isExecutors(answer)) {
    return verdictOnRedirect(location, url)
  }
  if (answer.status >= 500) return { by: 'unknown', how: 'failed' }
  if (answer.status < 400) return { by: 'unknown', how: 'let_in' }
  if (isExecutors(answer)) {
    if (answer.status !== 401) return { by: 'unknown', how: 'let_in' }
    const missing = missingSettings(answer)
    return missing ? { by: 'executor', how: 'not_configured', missing } : { by: 'executor', how: 'refusal' }
  }
  const resourceMetadata = parameterOf(answer.headers['www-authenticate'], 'resource_metadata')
  if (answer.status === 401 && resourceMetadata !== undefined) {
    return { by: 'access', how: 'challenge', resourceMetadata }
  }
  return { by: [401, 403].includes(answer.status) ? 'access' : 'unknown', how: 'refusal' }
}

function verdictOnRedirect(location: string, from: string): Verdict {
  const url = URL.canParse(location, from) ? new URL(location, from) : undefined
  if (!url) return { by: 'unknown', how: 'redirect', location }
  if (!url.hostname.endsWith('.cloudflareaccess.com') && !url.pathname.startsWith('/cdn-cgi/access/login')) {
    return { by: 'unknown', how: 'redirect', location: url.href }
  }
  return { by: 'access', how: 'login', team: url.origin, audience: url.searchParams.get('kid') ?? undefined }
}

/** Every answer of the Worker carries its policy; the 401 of its door names it too. */
function isExecutors({ headers }: Answer): boolean {
  if (/realm="Executor"/.test(headers['www-authenticate'] ?? '')) return true
  return trustedTeam({ headers }) !== undefined
}

/** Whose sign-in the Worker trusts: its forms may be sent there, so its Content-Security-Policy says so. */
export function trustedTeam({ headers }: Pick<Answer, 'headers'>): string | undefined {
  return /script-src 'self' 'nonce-.*form-action 'self' (https?:\/\/[^\s;]+)/.exec(
    headers['content-security-policy'] ?? '',
  )?.[1]
}

function missingSettings({ body }: Answer): string[] | undefined {
  const problem = parseJson(body)
  if (problem?.code === 'not_configured') return Array.isArray(problem.errors) ? problem.errors.map(String) : []
  // The page says the same for people; the API's answer has the list.
  return body.includes('<h1>Executor is not set up yet</h1>') ? [] : undefined
}

/** Of a challenge: `Bearer resource_metadata="…"`. */
function parameterOf(challenge: string | undefined, name: string): string | undefined {
  const match = new RegExp(`\\b${name}=(?:"([^"]*)"|([^\\s,]+))`, 'i').exec(challenge ?? '')
  return match?.[1] ?? match?.[2]
}

/** A JSON object, or undefined. */
export function parseJson(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}
