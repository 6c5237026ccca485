import type { ServerContext } from '@modelcontextprotocol/server'

/** Where the protocol puts what belongs to it and not to the method. */
const META = '_meta'
const EVERY_MS = 5000

/** Does the work, and tells a client that asked for progress every few seconds that it still goes on. */
export async function keepInformed<T>(
  { mcpReq }: ServerContext,
  work: () => Promise<T>,
  everyMs = EVERY_MS,
): Promise<T> {
  const progressToken = mcpReq[META]?.progressToken
  if (progressToken === undefined) return work()
  let seconds = 0
  const tell = () => {
    seconds += everyMs / 1000
    const params = { progressToken, progress: seconds, message: `Still going on after ${seconds} s` }
    // A client that has left is not told.
    mcpReq.notify({ method: 'notifications/progress', params }).catch(() => {})
  }
  const timer = setInterval(tell, everyMs)
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}
