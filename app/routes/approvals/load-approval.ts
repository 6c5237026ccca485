// A question to a person as its page shows it. While it waits everything is shown as it would be sent: whoever decides has
// to see it. Once it is decided it is a record like a run's, without secrets.
import type { RequestPreview, UpstreamQuestion } from '../../../drizzle/shapes.ts'
import type { Principal } from '../../../server/access/principal.ts'
import { type ApprovalRecord, readApproval } from '../../../server/db/approvals.ts'
import type { Database } from '../../../server/db/database.ts'
import { readSecretSchemas } from '../../../server/db/secret-schemas.ts'
import { isHiddenField, readSettings } from '../../../server/db/settings.ts'
import { formOf } from '../../../server/integrations/mcp/elicitation-form.ts'
import { mayDecide } from '../../../server/runs/may-decide.ts'
import { hiddenTexts, hideTexts } from '../../../server/runs/hide-texts.ts'
import { own } from '../../../server/integrations/json-value.ts'
import { type Hiding, redact } from '../../../server/runs/redact.ts'
import { maySee } from '../may-see.ts'
import { readable } from '../runs/readable.ts'
import { readJournal } from '../runs/show-call.ts'
import { readCallArguments } from '../runs/whole-values.ts'
import { prettyBody } from './pretty-body.ts'

/** Undefined when there is no such question, or it is none of this principal's business. */
export async function loadApproval({ db, principal }: { db: Database; principal: Principal }, id: string) {
  const record = await readApproval(db, id)
  if (record === undefined || !maySee(principal, record.approval)) return undefined
  const { approval, run, calls, siblings } = record
  const [settings, secrets, argumentsText] = await Promise.all([
    readSettings(db),
    readSecretSchemas(db, [approval.tool]),
    argumentsOf(db, record),
  ])
  const byName = { isHiddenField: (name: string) => isHiddenField(name, settings) }
  const given = argumentsText === null ? undefined : readJournal(argumentsText)
  const schemas = secrets.get(approval.tool)
  const redacted = redact(given, { ...byName, schema: schemas?.input ?? true, definitions: schemas?.definitions ?? {} })
  const isPending = approval.state === 'pending'
  const hidden = isPending ? [] : hiddenTexts(given, redacted)
  const { hash: _hash, answer, isApplied, request, asks, ...asked } = approval
  return {
    now: Date.now(),
    approval: { ...asked, hasSecrets: hidden.length > 0 },
    asks: asks && shownQuestion(asks),
    request: shownRequest(request, (text) => hideTexts(text, hidden)),
    // Nothing is hidden from whoever decides, except that a file is its name, type and size.
    arguments:
      given === undefined
        ? null
        : readable(isPending ? redact(given, { isHiddenField: () => false }) : redacted, 'all').text,
    answer: answer === null ? null : shownAnswer(readJournal(answer), approval.question === 'input', byName),
    run: run && {
      ...run,
      error: run.error?.message ?? null,
      result: run.result === null ? null : readable(redact(readJournal(run.result), byName)).text,
      /** It was decided, and the run has not taken it up yet. */
      isGoingOn: run.state === 'running' || (run.state === 'waiting' && !isPending && !isApplied),
    },
    calls: calls.map(({ arguments: _arguments, ...call }) => call),
    siblings: siblings.map(({ request: theirs, ...sibling }) => ({ ...sibling, request: shownRequest(theirs) })),
    canDecide: mayDecide(principal, approval),
  }
}

export type LoadedApproval = NonNullable<Awaited<ReturnType<typeof loadApproval>>>

async function argumentsOf(db: Database, { approval, calls }: ApprovalRecord): Promise<string | null> {
  const text = calls.find(({ number }) => number === approval.number)?.arguments
  if (text === undefined) return null
  return text === '' ? readCallArguments(db, approval.runId, approval.number) : text
}

/** What was filled in, of an answer to the upstream's question; null when that was nothing. */
function shownAnswer(answer: unknown, isReply: boolean, hiding: Hiding): string | null {
  const given = isReply ? own(answer, 'content') : answer
  return given === undefined ? null : readable(redact(given, hiding)).text
}

/** The host as it is written in DNS, so that one letter does not look like another. */
function shownQuestion(asks: UpstreamQuestion) {
  const { mode, message } = asks
  if (mode === 'url') {
    const { href, host } = new URL(asks.url)
    return { mode, message, url: href, host }
  }
  const form = formOf(asks.requestedSchema)
  return { mode, message, fields: form.ok ? form.fields : [] }
}

export interface ShownRequest {
  method: string
  url: string
  headers: [name: string, value: string][]
  body: string | null
}

/** Null when it is not known what the request would be. */
function shownRequest(request: RequestPreview, hide = (text: string) => text): ShownRequest | null {
  if (request.method === '') return null
  return {
    method: request.method,
    url: hide(request.url),
    headers: request.headers.map(([name, value]) => [name, hide(value)]),
    body: request.body === null ? null : prettyBody(hide(request.body)),
  }
}
