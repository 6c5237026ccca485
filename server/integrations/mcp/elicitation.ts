// What a server asks a person for in the middle of a call (MCP, client features: elicitation). Nobody is there to answer
// while a call lasts: the call ends, a person is asked, and the call is sent again with what was answered so far.
import { ProtocolError, type ElicitRequestParams, type ElicitResult } from '@modelcontextprotocol/client'
import type { ToolErrorShape, UpstreamQuestion } from '../../../drizzle/shapes.ts'
import type { AnsweredQuestion, ToolResult } from '../adapter.ts'
import { isRecord, own, ownEntries, ownList, ownText, type JsonRecord } from '../json-value.ts'
import { formOf, plainText } from './elicitation-form.ts'

export type Question = UpstreamQuestion

/**
 * Answers for the person; null when nobody has answered yet. Then the server is told that the question was dismissed, or,
 * in the era of 2026-07-28, simply not called again.
 */
export type Ask = (question: Question) => Promise<ElicitResult | null>

export const askNobody: Ask = () => Promise.resolve(null)

const MAX_MESSAGE = 2000
const MAX_URL = 4000
const MAX_SCHEMA = 64 * 1024
const MAX_STATE = 32 * 1024
/** Of one call. A server that asks for ever is not answered for ever. */
const MOST_QUESTIONS = 10
const URL_ELICITATION = -32_042

/** Each answer is given once: a server that asks the same again wants another one. */
export function answersFrom(answers: readonly AnsweredQuestion[] = []): Ask {
  const left = [...answers]
  return (question) => {
    const at = left.findIndex((given) => isSame(given.question, question))
    const [found] = at < 0 ? [] : left.splice(at, 1)
    return Promise.resolve(found ? { ...found.answer } : null)
  }
}

/** An answer belongs to what the person read. Of URLs, which may be new each time, that is who asks and where to go. */
function isSame(a: Question, b: Question): boolean {
  if (a.mode !== b.mode || a.message !== b.message) return false
  if (a.mode === 'url' && b.mode === 'url') return originOf(a.url) === originOf(b.url)
  return JSON.stringify(own(a, 'requestedSchema')) === JSON.stringify(own(b, 'requestedSchema'))
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : url
}

/**
 * How a server of 2026-07-28 goes on from the question that `result` asks, once it is answered. Without a state it is asked
 * from the beginning, and so it is where it asks several things at once.
 */
export function resumptionOf(result: unknown): Question['resume'] {
  const [first, ...others] = ownEntries(result, 'inputRequests')
  const state = own(result, 'requestState')
  if (first === undefined || others.length > 0 || typeof state !== 'string' || state.length > MAX_STATE)
    return undefined
  return { key: first[0], state }
}

/** Parameters that go on from the last question that was answered; null where the call begins at its beginning. */
export function retryWith(answers: readonly AnsweredQuestion[] = []): JsonRecord | null {
  const last = answers.at(-1)
  const resume = last?.question.resume
  if (!last || !resume) return null
  return { inputResponses: { [resume.key]: last.answer }, requestState: resume.state }
}

export function questionOf(params: ElicitRequestParams): Question {
  const message = plainText(params.message, MAX_MESSAGE)
  if (params.mode === 'url') return { mode: 'url', message, url: params.url }
  return { mode: 'form', message, requestedSchema: params.requestedSchema }
}

/**
 * Of the error -32042, which refuses a call until its URLs were visited: the next one to open. Nothing is asked after a
 * person has turned one down.
 */
export function urlQuestion(error: unknown, answers: readonly AnsweredQuestion[] = []): Question | null {
  if (!(error instanceof ProtocolError) || error.code !== URL_ELICITATION) return null
  const asked = ownList(error.data, 'elicitations').flatMap((each): Question[] => {
    const url = ownText(each, 'url')
    const message = plainText(ownText(each, 'message'), MAX_MESSAGE)
    return isRecord(each) && url ? [{ mode: 'url', message, url }] : []
  })
  const isAnswered = (question: Question, wasAccepted: boolean) =>
    answers.some((given) => isSame(given.question, question) && (given.answer.action === 'accept') === wasAccepted)
  if (asked.some((question) => isAnswered(question, false))) return null
  return asked.find((question) => !isAnswered(question, true)) ?? asked[0] ?? null
}

/** The end of a call in which nobody has answered: `question` is set where a person can. */
export function unanswered(question: Question, answers: readonly AnsweredQuestion[] = []): ToolResult {
  const problem = problemOf(question)
  if (problem) return { ok: false, error: { code: 'unsupported_request', message: problem } }
  const { resume: _, ...asked } = question
  const error = inputRequired(asked)
  if (answers.length < MOST_QUESTIONS) return { ok: false, error, question }
  const message = `The server asks again and again, and was answered ${answers.length} times: ${question.message}`
  return { ok: false, error: { ...error, message } }
}

/** Why it cannot be put to a person; empty when it can. */
function problemOf(question: Question): string {
  if (question.mode === 'form') {
    if (JSON.stringify(question.requestedSchema).length > MAX_SCHEMA)
      return 'The server asks for a form that is too large.'
    const form = formOf(question.requestedSchema)
    return form.ok ? '' : `The server asks a person for what a form cannot take. ${form.reason}`
  }
  const url = URL.canParse(question.url) ? new URL(question.url) : null
  const isFine = url && ['https:', 'http:'].includes(url.protocol) && !url.username && !url.password
  return isFine && url.href.length <= MAX_URL
    ? ''
    : 'The server asks a person to open what is no plain address of the web.'
}

function inputRequired(question: Question): ToolErrorShape {
  const what = question.mode === 'url' ? 'wants a person to open a URL first' : 'wants more from a person first'
  return {
    code: 'input_required',
    message: `The server ${what}: ${question.message}`,
    details: question,
  }
}
