// An upstream that answers in every way there is: contents, encodings, refusals, and everything that can be wrong with
// them, each with what the call has to come to. Node and a Worker read broken HTTP differently; `expected` holds for both
// unless `inNode` or `inWorkerd` says otherwise.
import { brokenCases } from './broken-wire.ts'
import { contentCases } from './content.ts'
import { encodingCases } from './encodings.ts'
import { refusalCases } from './refusals.ts'
import { streamCases } from './streams.ts'
import { type Answer, whole } from './wire.ts'

export interface AnswerCase {
  name: string
  answer: Answer
  /** Part of the outcome (outcome.ts). */
  expected: object
  inNode?: object
  inWorkerd?: object
  method?: string
  /** What is asked for. JSON or anything, when it is not said. */
  accept?: string
  timeoutMs?: number
}

export const cases: AnswerCase[] = [...contentCases, ...streamCases, ...encodingCases, ...refusalCases, ...brokenCases]

/** Answers a status of its choice: that which the path names. */
export const anyStatus: Answer = (socket, { path }) => {
  const status = Number(path.slice(1))
  const hasBody = status !== 204 && status !== 205 && status !== 304
  whole(status, { 'content-type': 'application/json' }, hasBody ? '{"a":1}' : '')(socket, { path })
}
