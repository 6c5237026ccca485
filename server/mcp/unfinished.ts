// What an agent reads of a run that has not ended: what it waits for, and how to come back for the rest.
import type { PendingQuestion, RunOutcome } from '../runs/outcome.ts'
import { listCallsSoFar } from './call-list.ts'

type Unfinished = Extract<RunOutcome, { state: 'waiting' | 'running' }>

/** Questions that are told of one by one; the console has them all. */
const mostShown = 20

export function describeUnfinished(outcome: Unfinished): string {
  const again = `resume({ run: "${outcome.run}" })`
  const soFar = listCallsSoFar(outcome.calls)
  if (outcome.state === 'running') {
    return [`The run is still going on. Call ${again} for its result.`, ...soFar].join('\n')
  }
  const { waiting } = outcome
  const left = waiting.length - mostShown
  const [links, answer] = waiting.length === 1 ? ['this link', 'the answer'] : ['these links', 'an answer']
  return [
    `The run waits for a person. Give the user ${links}, then call ${again}: it waits up to 25 s for ${answer}.`,
    'Only a person can answer, signed in to the console. The run keeps its place: do not run the code again.',
    ...waiting.slice(0, mostShown).map(describeQuestion),
    ...(left > 0 ? [`- and ${left} more, shown once some of these are answered`] : []),
    ...soFar,
  ].join('\n')
}

/** What a person is asked, in one sentence without a link. */
export function sentenceOf({ question, tool, account, summary }: PendingQuestion): string {
  if (question === 'input') return `${tool} through ${account} needs an answer from the user (${summary})`
  return question === 'send'
    ? `${tool} through ${account} needs approval`
    : `${tool} through ${account} was sent and its answer was lost; a person has to say whether it happened`
}

function describeQuestion(pending: PendingQuestion): string {
  const expires = new Date(pending.expiresAt).toISOString().slice(0, 16).replace('T', ' ')
  return `- ${sentenceOf(pending)}: ${pending.link} (expires ${expires} UTC)`
}
