// The door of the Worker. Every request comes through here: judged by the guard, answered by `render` only when it is
// let in, and never without the security headers. The reason of a refusal goes to the log; the answer has its id.
import { DrizzleQueryError } from 'drizzle-orm'
import { type Answer, respond } from './answer.ts'
import { clientMetadata } from './client-metadata.ts'
import { admit, type Guard, publicPathOf, type Surface, surfaceOf } from './guard.ts'
import { newNonce, securityHeaders, withHeaders } from './headers.ts'
import type { Principal } from './principal.ts'

export type DoorSettings =
  | (Guard & { ok: true; /** Of the team's Access. */ loginOrigin: string })
  /** Without its settings the door refuses everything and says what to set. */
  | { ok: false; missing: readonly string[] }

/** One line of the log. Holds no token, no cookie, no query, and nothing that was to be stored. */
export interface LogEntry {
  event: 'refused' | 'failed'
  id: string
  method: string
  path: string
  reason: string
  stack?: string
}

export interface Admitted {
  principal: Principal
  /** The verified token of the request. Never logged, stored or shown. */
  assertion: string
  /** Under which the log has what is reported of this request, and which the answer shows. */
  id: string
  /** For the inline scripts and styles of this answer. */
  nonce: string
  /** Writes a surprise to the log, and returns the id under which it is found there and which the answer shows. */
  report: (error: unknown) => string
}

export type Door = (request: Request, render: (admitted: Admitted) => Promise<Response>) => Promise<Response>

export function createDoor(settings: DoorSettings, log: (entry: LogEntry) => void): Door {
  return async (request, render) => {
    const { pathname, search } = new URL(request.url)
    // A link to `//host` would leave for another one.
    const href = `${pathname.replace(/^\/+/, '/')}${search}`
    const visit = { id: crypto.randomUUID(), nonce: newNonce(), surface: surfaceOf(pathname), path: pathname, href }
    const note = (event: LogEntry['event'], error: unknown) =>
      log({ event, id: visit.id, method: request.method, path: pathname, ...wordsOf(error) })

    const response = await answer(request, settings, visit, note, render)
    await readUnread(request)
    const loginOrigin = settings.ok ? { loginOrigin: settings.loginOrigin } : {}
    return withHeaders(response, securityHeaders({ nonce: visit.nonce, ...loginOrigin }))
  }
}

/** What a refused request may still send. */
const UNREAD_MOST_BYTES = 1024 * 1024

/**
 * Reads a body that nobody has read, up to a limit, and forgets it. An answer over an unread body closes the connection,
 * and a proxy in front may lose the next request that it had already put on it.
 */
async function readUnread({ body, bodyUsed }: Request): Promise<void> {
  if (body === null || bodyUsed || body.locked) return
  const reader = body.getReader()
  try {
    for (let read = 0; read < UNREAD_MOST_BYTES;) {
      const { done, value } = await reader.read()
      if (done) return
      read += value.byteLength
    }
    await reader.cancel()
  } catch {
    // Whoever sent it is gone, and the answer says all there is to say.
  }
}

interface Visit {
  id: string
  nonce: string
  surface: Surface
  path: string
  /** The way back to where the request wanted to go. */
  href: string
}

async function answer(
  request: Request,
  settings: DoorSettings,
  visit: Visit,
  note: (event: LogEntry['event'], error: unknown) => void,
  render: Parameters<Door>[1],
): Promise<Response> {
  if (!settings.ok) {
    note('refused', `not configured: ${settings.missing.join(' ')}`)
    return respond({ ...NOT_CONFIGURED, items: settings.missing, id: visit.id }, { ...visit, headers: CHALLENGE })
  }
  const publicPath = publicPathOf(request)
  if (publicPath !== null) return answerPublicly(request, publicPath)

  const report = (error: unknown) => {
    note('failed', error)
    return visit.id
  }
  try {
    const admission = await admit(request, settings)
    if (!admission.ok) {
      note('refused', `${admission.code}: ${admission.reason}`)
      const headers = admission.status === 401 ? challengeFor(request) : {}
      return respond({ ...refusalOf(admission.code, visit), id: visit.id }, { ...visit, headers })
    }
    const { principal, assertion } = admission
    const response = await render({ principal, assertion, id: visit.id, nonce: visit.nonce, report })
    if (!isBareFailure(response, visit)) return response
    await response.body?.cancel()
  } catch (error) {
    report(error)
  }
  return respond({ ...FAILED, id: visit.id }, visit)
}

function answerPublicly({ url, method }: Request, path: NonNullable<ReturnType<typeof publicPathOf>>): Response {
  if (path === '/healthz') return new Response(method === 'HEAD' ? null : 'ok\n')
  const body = method === 'HEAD' ? null : JSON.stringify(clientMetadata(new URL(url).origin))
  return new Response(body, { headers: { 'content-type': 'application/json', 'cache-control': 'public, max-age=300' } })
}

/**
 * The router's own words for a surprise that it has reported already: they show no id, so the door's answer replaces
 * them. Data requests keep theirs, which only the console's script can read.
 */
function isBareFailure(response: Response, { path }: Visit): boolean {
  const type = response.headers.get('content-type') ?? 'text/plain'
  return response.status === 500 && /^text\/(html|plain)/.test(type) && !path.endsWith('.data')
}

type Words = Omit<Answer, 'id'>

const CHALLENGE = { 'www-authenticate': 'Bearer realm="Executor"' }

function challengeFor(request: Request): Record<string, string> {
  if (!request.headers.has('cf-access-jwt-assertion')) return CHALLENGE
  return { 'www-authenticate': `${CHALLENGE['www-authenticate']}, error="invalid_token"` }
}

const NOT_CONFIGURED: Words = {
  status: 401,
  code: 'not_configured',
  title: 'Executor is not set up yet',
  paragraphs: ['Nobody is let in until Executor knows whose sign-in to trust. Set these variables of the Worker:'],
  next: [
    'Where it was deployed from, `npm run access:setup` sets what belongs to Access, and `npx wrangler secret put EXECUTOR_SECRET_KEY` sets the key.',
    'By hand: Cloudflare shows the team domain and the AUD tag under Zero Trust, in the settings and in your Access application.',
  ],
}

const FAILED: Words = {
  status: 500,
  code: 'internal_error',
  title: 'Something went wrong',
  paragraphs: ['This is a fault of Executor, not of what you did. Whoever runs it finds the cause in the log.'],
}

function refusalOf(code: 'unauthenticated' | 'cross_site' | 'browser_required', { surface, href }: Visit): Words {
  if (code === 'cross_site') {
    const paragraphs = ['The request came from another website, so nothing was changed.']
    return { status: 403, code, title: 'Refused', paragraphs }
  }
  if (code === 'browser_required') {
    const paragraphs = ['Only a signed-in person can change this, in the console itself. Nothing was changed.']
    return {
      status: 403,
      code,
      title: 'Open this in a browser',
      paragraphs,
      link: { href, text: 'Open this page' },
    }
  }
  const title = 'Sign in through Cloudflare Access'
  if (surface !== 'page') {
    const paragraphs = [
      'This request carries no valid Cloudflare Access token.',
      'Sign in through Access, or send the headers CF-Access-Client-Id and CF-Access-Client-Secret of a service token.',
    ]
    return { status: 401, code, title, paragraphs }
  }
  const paragraphs = [
    'Cloudflare Access stands in front of Executor and signs everyone in. This request reached Executor without a valid sign-in from it.',
    'Try again to sign in. If you come back here, the address you opened is probably not covered by your team’s Access application for Executor, or that application is not the one Executor was set up for.',
  ]
  return { status: 401, code, title, paragraphs, link: { href, text: 'Try again' } }
}

const MOST_REASON = 4_000
const MOST_CAUSES = 5

/** An error with what caused it. The frames alone of its stack: the stack's first lines are the message again. */
export function wordsOf(error: unknown): { reason: string; stack?: string } {
  const said: string[] = []
  for (let cause = error; cause !== undefined && said.length < MOST_CAUSES;) {
    said.push(messageOf(cause))
    cause = cause instanceof Error ? cause.cause : undefined
  }
  const reason = said.join(' < ').slice(0, MOST_REASON)
  const frames = error instanceof Error ? error.stack?.match(/^\s+at .+$/gm)?.join('\n') : undefined
  return { reason, ...(frames !== undefined && { stack: frames.slice(0, MOST_REASON) }) }
}

/** Drizzle's message of a failed statement quotes every value of it: code, results, what somebody typed. */
function messageOf(error: unknown): string {
  if (error instanceof DrizzleQueryError) return `Failed query: ${error.query.slice(0, 300)}`
  return error instanceof Error ? error.message : String(error)
}
