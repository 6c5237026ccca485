// Questions to a person: what would be sent, or was sent and never answered, in words and as the exact request.
import type { RequestPreview, UpstreamQuestion } from '../../drizzle/shapes.ts'
import type { Database } from '../db/database.ts'
import { newId } from '../db/id.ts'
import { notificationStatements } from '../db/notifications.ts'
import { type ApprovalRow, isQuestionOpen } from '../db/run-journal.ts'
import type { RunRow } from '../db/runs.ts'
import { readSettings } from '../db/settings.ts'
import type { statement } from '../db/statement.ts'
import { shorten } from '../integrations/json-value.ts'
import { accountOf, fingerprint, type PreparedCall, type Prepared, previewCall } from '../tools/prepare-call.ts'
import type { Asked } from './asked.ts'

export interface Question {
  approval: ApprovalRow
  /** Tell the webhook, in the batch that stores the question. */
  notify: ReturnType<typeof statement>[]
}

export interface QuestionDeps {
  db: Database
  origin: string
}

type AskedRun = Pick<RunRow, 'id' | 'principal' | 'client'>

const DAY_MS = 24 * 60 * 60 * 1000

export function approvalLink(origin: string, id: string): string {
  return `${origin}/approvals/${id}`
}

/** May this be sent? */
export async function askToSend(
  deps: QuestionDeps,
  run: AskedRun,
  asked: Asked,
  call: PreparedCall,
  because: string,
): Promise<Question> {
  const request = (await previewCall(deps, call)) ?? NO_REQUEST
  return question(deps, run, asked, {
    ...(await aboutCall(call, asked, request)),
    question: 'send',
    because,
  })
}

/** It was sent, or was just being sent: what came of it? `prepared` is the same call as it would be sent today. */
export async function askOutcome(
  deps: QuestionDeps,
  run: AskedRun,
  asked: Asked,
  prepared: Prepared,
): Promise<Question> {
  const about = prepared.ok
    ? await aboutCall(prepared.call, asked, (await previewCall(deps, prepared.call)) ?? NO_REQUEST)
    : aboutUnprepared(prepared, asked)
  const because =
    'It was being sent when Executor was interrupted, and its answer was lost. Executor never sends such a call again by itself.'
  return question(deps, run, asked, { ...about, question: 'outcome', because })
}

/** The upstream asks, and has to be answered before it goes on. */
export async function askInput(
  deps: QuestionDeps,
  run: AskedRun,
  asked: Asked,
  call: PreparedCall,
  asks: UpstreamQuestion,
): Promise<Question> {
  const about = await aboutCall(call, asked, (await previewCall(deps, call)) ?? NO_REQUEST)
  const summary = shorten(`${call.integration.slug} asks: ${asks.message}`, LONGEST_SUMMARY)
  const because = 'The server asks this before it goes on with the call. Executor only passes it on.'
  return question(deps, run, asked, { ...about, summary, asks, question: 'input', because })
}

const LONGEST_SUMMARY = 300

type About = Pick<
  ApprovalRow,
  'tool' | 'integrationId' | 'connectionId' | 'account' | 'effect' | 'summary' | 'request' | 'hash'
>

const NO_REQUEST: RequestPreview = { method: '', url: '', headers: [], body: null }

async function aboutCall(call: PreparedCall, asked: Asked, request: RequestPreview): Promise<About> {
  return {
    tool: asked.tool,
    integrationId: call.integration.id,
    connectionId: call.connection?.id ?? null,
    account: accountOf(call),
    effect: call.tool.effect,
    summary: call.tool.summary,
    request,
    hash: await fingerprint(call, asked.arguments),
  }
}

/** The tool or its connection is gone or blocked since; what was sent is in the record of the run. */
function aboutUnprepared({ facts }: Extract<Prepared, { ok: false }>, asked: Asked): About {
  const { tool: address } = asked
  return {
    tool: address,
    integrationId: '',
    connectionId: facts.connectionId ?? null,
    account: asked.address.split('.')[0] ?? '',
    effect: facts.tool?.effect ?? 'write',
    summary: facts.tool?.summary ?? '',
    request: NO_REQUEST,
    hash: asked.hash,
  }
}

async function question(
  { db, origin }: QuestionDeps,
  run: AskedRun,
  { number }: Asked,
  about: About & Pick<ApprovalRow, 'question' | 'because'> & Partial<Pick<ApprovalRow, 'asks'>>,
): Promise<Question> {
  const { approvalDays } = await readSettings(db)
  const now = Date.now()
  const approval: ApprovalRow = {
    asks: null,
    ...about,
    id: newId('apr', now),
    runId: run.id,
    number,
    principal: run.principal,
    client: run.client,
    state: 'pending',
    reason: '',
    answer: null,
    remember: 'once',
    isApplied: false,
    decidedBy: null,
    decidedAt: null,
    expiresAt: now + approvalDays * DAY_MS,
    createdAt: now,
  }
  const { id, tool, account, summary, expiresAt } = approval
  const told = { tool, account, summary, expiresAt, question: approval.question, principal: run.principal }
  const payload = { ...told, approvalId: id, runId: run.id, client: run.client, link: approvalLink(origin, id) }
  return {
    approval,
    notify: notificationStatements(db, { event: 'approval.pending', payload, now }, isQuestionOpen(id)),
  }
}
