// Whether Access stands before an address. What is forwarded is a token that its bearer can act with as the person, in
// Executor too: Access takes it off at an application that it protects, and anything else would be handed it.
import { isAccessRefusal } from '../net/access-refusal.ts'
import { type Outbound, OutboundError } from '../net/outbound.ts'

const TIMEOUT_MS = 10_000

/** Null when all of them are protected; else why nothing may be forwarded there. One request each, with no credential. */
export async function problemOfForwarding(outbound: Outbound, urls: readonly string[]): Promise<string | null> {
  const problems = await Promise.all(urls.map((url) => problemOf(outbound, url)))
  return problems.find((problem) => problem !== null) ?? null
}

async function problemOf(outbound: Outbound, url: string): Promise<string | null> {
  const { host } = new URL(url)
  try {
    const response = await outbound.send(new Request(url), { timeoutMs: TIMEOUT_MS })
    await response.body?.cancel()
    if (isAccessRefusal(response)) return null
    return `${host} answers (${response.status}) without Cloudflare Access in front of it. People’s own tokens are only sent to applications that Access protects.`
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error
    return `Whether Cloudflare Access protects ${host} cannot be seen: ${error.message}`
  }
}
