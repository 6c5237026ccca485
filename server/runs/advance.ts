// Takes a run up and lets it go on, wherever there is time for it: in the request that began or resumes it, after a
// decision, or by cron.
import { type TakenRun, takeRun } from '../db/run-journal.ts'
import { deliverNotifications } from './deliver-notifications.ts'
import { type DriveDeps, type DriveEnd, Driver } from './drive.ts'
import { LEASE_MS } from './recorder.ts'

export interface AdvanceDeps extends DriveDeps {
  /** Work that goes on after the answer. */
  waitUntil: (work: Promise<unknown>) => void
  /** Writes a surprise to the log, and returns the id under which it is found there. */
  report: (error: unknown) => string
}

/** A message is tried at once a few times; cron has the rest. */
const mostMessages = 10

/** Drives a run until it ends, waits for a person, or has been driven for `retireAfterMs` or a little longer. */
export async function driveFor(
  deps: AdvanceDeps,
  taken: TakenRun,
  retireAfterMs: number,
  opened?: Promise<unknown>,
): Promise<DriveEnd> {
  const driver = new Driver(deps, taken, opened)
  const timer = setTimeout(() => driver.retire(), Math.max(0, retireAfterMs))
  try {
    const end = await driver.drive()
    if (end.state === 'waiting') deps.waitUntil(deliverNotifications(deps, { most: mostMessages }))
    return end
  } catch (error) {
    if (taken.run.epoch === 1) await driver.breakOff()
    throw error
  } finally {
    clearTimeout(timer)
  }
}

/** Undefined when nothing can go on now, or somebody else drives it. */
export async function advanceRun(
  deps: AdvanceDeps,
  id: string,
  { retireAfterMs }: { retireAfterMs: number },
): Promise<DriveEnd | undefined> {
  const startedAt = Date.now()
  let end: DriveEnd | undefined
  for (;;) {
    const now = Date.now()
    const taken = await takeRun(deps.db, id, { now, leaseUntil: now + LEASE_MS })
    if (taken === undefined) return end
    end = await driveFor(deps, taken, startedAt + retireAfterMs - now)
    // Somebody decided while the run was being put aside.
    if (end.state !== 'waiting' || !end.isReady) return end
  }
}
