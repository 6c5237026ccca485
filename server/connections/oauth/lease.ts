// One refresh of a token at a time, over all isolates. Whoever takes the lease asks the authorization server; the others
// wait, and read what it stored. `refreshUntil` of the row, by the clock of D1, says how it stands:
//
//   null           nobody refreshes
//   in the future  whoever has `refreshEpoch` does
//   0              its holder gave up: the server may have answered, and the answer did not arrive
//   in the past    its holder went away without a word: the same, and nobody was told
//
// In the last two the stored refresh token may be spent. One successor tries it nevertheless, as there is no other: a
// lenient server answers again, one that takes the second use for theft has ended the grant, and says so.
import type { ConnectionRow } from '../../db/connections.ts'
import { ANSWER_LOST, seeLease, type SeenLease, takeLease } from '../../db/refresh-lease.ts'
import { ASK_FOR_MS, type RenewDeps, renewTokens, saysNotRenewed } from './renew-tokens.ts'

export type Refreshed =
  /** The row with another token than the one that was known. */
  | { ok: true; connection: ConnectionRow }
  /** `unavailable`: not now; the tokens are as they were. `retryable`: it may work in a while without a person. */
  | { ok: false; reason: 'needs_sign_in' | 'unavailable'; message: string; retryable: boolean }

export interface RefreshDeps extends RenewDeps {
  /** Keeps work going when the request that began it is gone. */
  waitUntil?: (work: Promise<unknown>) => void
}

/** Nobody begins who has less: an exchange that is cut short may lose a token. */
const HOLD_MS = ASK_FOR_MS + 2000
const FIRST_POLL_MS = 150
const LONGEST_POLL_MS = 1000

export type Step =
  /** There is another token. */
  | 'use'
  | 'take'
  | 'wait'
  /** The server has ended the grant. */
  | 'ended'
  /** Whoever was waited for has ended without a token: asking again at once would be the same. */
  | 'given_up'

/** `waitedFor` is the epoch that the caller has seen at work. */
export function nextStep({ connection, isHeld }: SeenLease, knownVersion: number, waitedFor: number | undefined): Step {
  if (connection.tokenVersion !== knownVersion || connection.oauth === null) return 'use'
  if (isHeld) return 'wait'
  if (connection.health === 'needs_sign_in') return 'ended'
  const hasEnded = (connection.refreshUntil ?? ANSWER_LOST) === ANSWER_LOST
  return hasEnded && waitedFor === connection.refreshEpoch ? 'given_up' : 'take'
}

/** Gets another token than `known` has. `until`, by `deps.now`: when the caller has to have an answer. */
export async function refreshTokens(deps: RefreshDeps, known: ConnectionRow, until: number): Promise<Refreshed> {
  const { db, now = Date.now, sleep = pause, random = Math.random } = deps
  let row = known
  let step: Step = 'take'
  let waitedFor: number | undefined
  let problem: string | undefined
  for (let polls = 0; ;) {
    if (step === 'take') {
      if (until - now() < HOLD_MS) return unavailable('There is no time left to renew its token.')
      const taken = await takeLease(db, row)
      if (taken) {
        const renewal = renewTokens(deps, taken, { wasInterrupted: row.refreshUntil !== null })
        deps.waitUntil?.(renewal.catch(() => {}))
        const renewed = await renewal
        if (renewed.ok) return renewed
        problem = renewed.problem
        waitedFor = taken.refreshEpoch
      }
    }
    const seen = await seeLease(db, known.id)
    if (!seen) return unavailable('It was removed.')
    row = seen.connection
    step = nextStep(seen, known.tokenVersion, waitedFor)
    if (step === 'use') return { ok: true, connection: row }
    if (step === 'ended') {
      return { ok: false, reason: 'needs_sign_in', message: row.healthReason ?? '', retryable: false }
    }
    if (step === 'given_up') return problem === undefined ? storedProblem(row) : unavailable(problem)
    if (step === 'take') continue
    waitedFor = row.refreshEpoch
    const waitMs = pollMs(polls++, random())
    if (now() + waitMs > until) return unavailable('Its token is being renewed, and that takes long.')
    await sleep(waitMs)
  }
}

/** Longer each time, and never in step with others: each look is a statement. `random` is from 0 to 1. */
function pollMs(polls: number, random: number): number {
  return Math.min(LONGEST_POLL_MS, FIRST_POLL_MS * 1.4 ** polls) * (0.75 + random / 2)
}

function storedProblem({ health, healthReason }: ConnectionRow): Refreshed {
  return health === 'failing' && saysNotRenewed(healthReason)
    ? { ok: false, reason: 'unavailable', message: healthReason ?? '', retryable: false }
    : unavailable('Its authorization server has just failed to issue a new token.')
}

function unavailable(message: string): Refreshed {
  return { ok: false, reason: 'unavailable', message, retryable: true }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
