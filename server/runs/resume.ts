// The state or the result of a run, for the one who began it: waits for it a while, and lets it go on where nobody does.
import type { ToolErrorShape } from '../../drizzle/shapes.ts'
import type { Principal } from '../access/principal.ts'
import { advanceRun } from './advance.ts'
import { ANSWER_WITHIN_MS, RETIRE_AFTER_MS, type RunDeps, within } from './execute.ts'
import type { RunOutcome } from './outcome.ts'
import { outcomeOf, readOutcome } from './read-outcome.ts'

export type Resumed = { ok: true; outcome: RunOutcome } | { ok: false; error: ToolErrorShape }

/** Looks at the record are spaced out: 14 of them in 25 s. */
const LOOK_AGAIN_MS = [500, 1000, 1500, 2000]

/** Ids are shorter; what is longer is not looked for. */
const longestId = 100

export async function resumeRun(
  deps: RunDeps,
  principal: Pick<Principal, 'id'>,
  runId: string,
  options: { withinMs?: number } = {},
): Promise<Resumed> {
  const until = Date.now() + (options.withinMs ?? ANSWER_WITHIN_MS)
  for (let looks = 0; ; looks++) {
    const read = runId.length > longestId ? undefined : await readOutcome(deps, runId)
    // Another's run looks like one that does not exist.
    if (read === undefined || read.principal !== principal.id) return { ok: false, error: unknownRun(runId) }
    const { outcome } = read
    if (outcome.state !== 'running' && outcome.state !== 'waiting') return { ok: true, outcome }

    const left = until - Date.now()
    if (left <= 0) return { ok: true, outcome }
    if (read.canGoOn) {
      const advanced = advanceRun(deps, runId, { retireAfterMs: RETIRE_AFTER_MS })
      deps.waitUntil(advanced)
      const end = await within(advanced, left)
      if (end !== undefined && end.state !== 'waiting') return { ok: true, outcome: await outcomeOf(deps, runId, end) }
    }
    const pause = LOOK_AGAIN_MS[looks] ?? 2000
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, Math.min(pause, until - Date.now()))))
  }
}

function unknownRun(runId: string): ToolErrorShape {
  return { code: 'unknown_run', message: `There is no run ${JSON.stringify(runId.slice(0, 60))} of yours.` }
}
