// A run as its page shows it: what is stored, without what is secret, and no more of it at once than a page can bear.
import type { Principal } from '../../../server/access/principal.ts'
import type { Database } from '../../../server/db/database.ts'
import { readRunRecord, type RunRecord } from '../../../server/db/run-record.ts'
import { readSecretSchemas } from '../../../server/db/secret-schemas.ts'
import { isHiddenField, readSettings } from '../../../server/db/settings.ts'
import { type Hiding, redact } from '../../../server/runs/redact.ts'
import { maySee } from '../may-see.ts'
import { readable, type ReadableText } from './readable.ts'
import { readJournal, showCall } from './show-call.ts'
import { layOut } from './timeline.ts'
import { readLongRunValue, readWholeCall } from './whole-values.ts'

/** What of a run is to be shown whole: a value of the run itself, or a call by its number. */
export type Wanted = 'result' | 'emitted' | number | undefined

export function parseWanted(text: string | null): Wanted {
  if (text === 'result' || text === 'emitted') return text
  return /^\d{1,6}$/.test(text ?? '') ? Number(text) : undefined
}

/** Undefined when there is no such run, or it is none of this principal's business. */
export async function loadRun({ db, principal }: { db: Database; principal: Principal }, id: string, wanted: Wanted) {
  const record = await readRunRecord(db, id)
  if (record === undefined || !maySee(principal, record.run)) return undefined
  const { result, emitted, isEmittedLong, ...run } = record.run
  const [settings, secrets, whole] = await Promise.all([
    readSettings(db),
    readSecretSchemas(
      db,
      record.calls.flatMap(({ tool }) => (tool === '' ? [] : [tool])),
    ),
    typeof wanted === 'number' ? readWholeCall(db, id, wanted) : undefined,
  ])
  const hiding: Hiding = { isHiddenField: (name) => isHiddenField(name, settings) }
  const pending = record.approvals.filter(({ state }) => state === 'pending')
  const now = Date.now()
  const timeline = layOut({ startedAt: run.startedAt, endedAt: run.endedAt ?? now }, record.calls, waitsOf(record))
  const value = (part: 'result' | 'emitted', text: string | null, isLong: boolean) =>
    showRunValue(db, { id, part, text, isLong, isWanted: wanted === part, hiding })
  return {
    now,
    run: {
      ...run,
      // What returns nothing is stored as null.
      result: result === 'null' ? null : await value('result', result, run.resultBytes > 0),
      emitted: await value('emitted', emitted, isEmittedLong === 1),
    },
    calls: record.calls.map((call) => ({
      ...showCall(call, whole?.number === call.number ? whole : undefined, hiding, secrets.get(call.tool)),
      afterMs: call.startedAt - run.startedAt,
      bar: timeline.bars.get(call.number) ?? [],
      questions: record.approvals.filter(({ number }) => number === call.number),
    })),
    isShortened: timeline.isShortened,
    pending,
    /** Nothing but time is in its way: it runs, or waits for nobody any more. */
    isGoingOn: run.state === 'running' || (run.state === 'waiting' && pending.length === 0),
  }
}

export type LoadedRun = NonNullable<Awaited<ReturnType<typeof loadRun>>>
export type LoadedCall = LoadedRun['calls'][number]

function waitsOf({ approvals }: RunRecord) {
  return approvals.map(({ number, createdAt, decidedAt, state }) => {
    return { number, from: createdAt, to: state === 'pending' ? null : (decidedAt ?? createdAt) }
  })
}

interface StoredRunValue {
  id: string
  part: 'result' | 'emitted'
  /** JSON text, when it fits the row. */
  text: string | null
  /** Whether there is a value that does not. */
  isLong: boolean
  isWanted: boolean
  hiding: Hiding
}

/** Null when there is no value; without a text when it is too long to be read unasked. */
async function showRunValue(
  db: Database,
  { id, part, text, isLong, isWanted, hiding }: StoredRunValue,
): Promise<ReadableText | { text: null; isWhole: false } | null> {
  if (text === null && !isLong) return null
  const stored = text ?? (isWanted ? await readLongRunValue(db, id, part) : null)
  if (stored === null) return { text: null, isWhole: false }
  return readable(redact(readJournal(stored), hiding), isWanted ? 'all' : 'beginning')
}
