// Fetches a metadata document: a JSON object at an https address, small, soon, and at that address itself.
import { type Outbound, OutboundError } from '../../net/outbound.ts'
import { endpointOf } from './endpoint.ts'
import { jsonObjectIn } from './json-object.ts'

/**
 * `absent`: there is none at that address. `unreachable`: nobody knows, and it may be there later. `wrong`: there is one
 * that must not be used.
 */
export type Problem = { ok: false; reason: 'absent' | 'unreachable' | 'wrong'; message: string }

export type Fetched = { ok: true; body: Record<string, unknown>; response: Response } | Problem

const TIMEOUT_MS = 8000
const MAX_BYTES = 256 * 1024

/** Redirects are not followed: the documents are to be where their names say (RFC 8414, section 3; RFC 9728, section 3). */
export async function fetchMetadata(outbound: Outbound, address: string): Promise<Fetched> {
  const url = endpointOf(address)
  if (!url) return problem('wrong', 'An address of metadata is not https.')
  try {
    const request = new Request(url, { headers: { accept: 'application/json' }, redirect: 'manual' })
    const response = await outbound.send(request, { timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES })
    const text = await response.text()
    const { status } = response
    if (status === 408 || status === 425 || status === 429 || status >= 500) {
      return problem('unreachable', `${url.href} answered ${status}.`)
    }
    if (status >= 300 && status < 400) return problem('absent', `${url.href} answered ${status}, with a redirect.`)
    if (status !== 200) return problem('absent', `${url.href} answered ${status}.`)
    const body = jsonObjectIn(text)
    if (body) return { ok: true, body, response }
    const isPage = /^\s*</.test(text)
    return problem('absent', `${url.href} answered with ${isPage ? 'a web page' : 'something else'} instead of JSON.`)
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error
    return problem(error.retryable ? 'unreachable' : 'wrong', `${url.href}: ${error.message}`)
  }
}

export function problem(reason: Problem['reason'], message: string): Problem {
  return { ok: false, reason, message }
}

/** The one that says most: of several places that were tried. */
export function gravest(problems: readonly Problem[]): Problem {
  const found = (['wrong', 'unreachable', 'absent'] as const)
    .map((reason) => problems.find((one) => one.reason === reason))
    .find((one) => one !== undefined)
  return found ?? problem('absent', 'There is nothing to ask.')
}
