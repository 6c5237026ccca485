// How a run that waits for a person is answered. A client that can open links (2026-07-28, URL elicitation) is asked to
// open the approval's, and sends the same request again: that goes on as `resume` does. Everybody else gets the text.
// A client decides nothing either way: `accept` says that the link was opened, and only the console takes an answer.
import {
  type CallToolResult,
  inputRequired,
  type InputRequests,
  type InputRequiredResult,
  inputResponse,
} from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { PendingQuestion, RunOutcome } from '../runs/outcome.ts'
import { renderOutcome } from './content.ts'
import { canOpenLinks, type Exchange } from './exchange.ts'
import { sentenceOf } from './unfinished.ts'

/** Kept by the client while a person is asked. */
const asking = z.object({
  run: z.string(),
  /** Questions whose link was opened: they are waited for, and not asked again. */
  opened: z.array(z.string()),
  /** How often this tool call was answered with a question. */
  rounds: z.number(),
})
type Asking = z.infer<typeof asking>

/** Each may take 25 s, and clients give up after some (10 in the official one), without having seen the run's id. */
const mostRounds = 6
/** Questions of one round; a client asks its user for each. */
const mostAtOnce = 8

/** Of a request that is a retry; undefined for a new one. */
export function askedBefore({ state }: Exchange): Asking | undefined {
  return state === undefined ? undefined : asking.parse(state)
}

/** Whether opening a link was declined: of one of these questions, or of any. */
export function isTurnedDown(exchange: Exchange, ids = Object.keys(exchange.responses ?? {})): boolean {
  return ids.some((id) => ['decline', 'cancel'].includes(actionOf(exchange, id) ?? ''))
}

export async function answerOutcome(
  outcome: RunOutcome,
  exchange: Exchange,
): Promise<CallToolResult | InputRequiredResult> {
  if (outcome.state !== 'waiting' || !canOpenLinks(exchange)) return renderOutcome(outcome)
  const before = askedBefore(exchange)
  const rounds = (before?.rounds ?? 0) + 1
  const ids = outcome.waiting.map(({ id }) => id)
  if (isTurnedDown(exchange, ids) || rounds > mostRounds) return renderOutcome(outcome)

  const opened = ids.filter((id) => before?.opened.includes(id) || actionOf(exchange, id) === 'accept')
  const unopened = outcome.waiting.filter(({ id }) => !opened.includes(id)).slice(0, mostAtOnce)
  const requestState = await exchange.keep({ run: outcome.run, opened, rounds } satisfies Asking)
  // Without questions the client just asks again, and the run is waited for another while.
  return inputRequired(unopened.length === 0 ? { requestState } : { requestState, inputRequests: askAll(unopened) })
}

function actionOf({ responses }: Exchange, id: string): 'accept' | 'decline' | 'cancel' | undefined {
  const response = inputResponse(responses, id)
  return response.kind === 'elicit' ? response.action : undefined
}

function askAll(questions: readonly PendingQuestion[]): InputRequests {
  const asked = questions.map((question) => {
    const message = `${sentenceOf(question)}. Sign in to Executor there to answer.`
    return [question.id, inputRequired.elicitUrl({ message, url: question.link })] as const
  })
  return Object.fromEntries(asked)
}
