// One time limit and one abort for a whole exchange: redirects, headers and the body to its last byte.
import { OutboundError } from './outbound-error.ts'

export interface Deadline {
  /** Aborts with an `OutboundError` as its reason. */
  signal: AbortSignal
  /** The same result, or the deadline's error as soon as it strikes, whether or not `work` listens to the signal. */
  race<T>(work: Promise<T>): Promise<T>
  /** To be called once the exchange is over. */
  end(): void
}

export function startDeadline(timeoutMs: number, caller: AbortSignal): Deadline {
  const controller = new AbortController()
  const { signal } = controller
  const struck = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  struck.catch(() => {}) // nobody may be waiting
  const onAbort = () => controller.abort(new OutboundError('aborted', 'The request was cancelled.'))
  const timer = setTimeout(() => {
    const seconds = timeoutMs < 1000 ? timeoutMs / 1000 : Math.ceil(timeoutMs / 1000)
    controller.abort(new OutboundError('timeout', `There was no complete answer within ${seconds} s.`))
  }, timeoutMs)
  if (timeoutMs <= 0) controller.abort(new OutboundError('timeout', 'There was no time left for the request.'))
  else if (caller.aborted) onAbort()
  else caller.addEventListener('abort', onAbort, { once: true })

  return {
    signal,
    race: (work) => Promise.race([work, struck]),
    end: () => {
      clearTimeout(timer)
      caller.removeEventListener('abort', onAbort)
    },
  }
}
