// What a run's state means, and what it did and did not do, in words.
import type { CallKind, CallState, Effect, QuestionKind, RunState } from '../../../drizzle/shapes.ts'

const STATES: Record<RunState, string> = {
  running: 'The program is running. It goes on whether or not anybody looks.',
  waiting: 'The program waits for a person. It goes on by itself once they have decided.',
  succeeded: 'The program ran to its end.',
  failed: 'The program ended with an error.',
  declined: 'A person declined a call, and the program ended with that.',
  expired: 'Nobody decided about a call in time, and the program ended with that.',
  cancelled: 'A person cancelled the run before the program had ended.',
  diverged:
    'Carried out again, the program asked for something else than the first time. It was ended before anything else was sent.',
  lost: 'The run was interrupted again and again without getting any further, and was given up.',
}

export function sentenceOf(state: RunState): string {
  return STATES[state]
}

export interface DoneCall {
  kind: CallKind
  address: string
  /** Null when it is not known which tool was meant. */
  effect: Effect | null
  state: CallState
  /** That people were asked about it. */
  questions?: readonly { question: QuestionKind }[]
}

/** A sentence for each kind of outcome that there is, the most important first. Nothing when no tool was called. */
export function whatWasDone(calls: readonly DoneCall[]): string[] {
  const toolCalls = calls.filter(({ kind }) => kind === 'tool')
  const names = (states: readonly CallState[], isMeant: (call: DoneCall) => boolean = () => true) =>
    namesOf(toolCalls.filter((call) => states.includes(call.state) && isMeant(call)))
  const isWrite = ({ effect }: DoneCall) => effect !== 'read'
  const reads = toolCalls.filter((call) => call.state === 'succeeded' && !isWrite(call)).length
  return [
    sentence('Carried out: ', names(['succeeded'], isWrite)),
    reads === 0 ? '' : reads === 1 ? 'Carried out: 1 read.' : `Carried out: ${reads} reads.`,
    sentence('On its way: ', names(['started'])),
    sentence('Sent, and nobody knows whether it was carried out: ', names(['unknown'])),
    sentence('Failed: ', names(['failed'])),
    sentence('Sent, and waiting for an answer to the server: ', names(['held'], isAsking)),
    sentence(
      'Not sent so far: ',
      names(['held'], (call) => !isAsking(call)),
    ),
    sentence('Sent, and never answered: ', names(['cancelled'], isAsking)),
    sentence(
      'Not sent: ',
      names(['cancelled'], (call) => !isAsking(call)),
    ),
  ].filter((text) => text !== '')
}

/** The server has heard of it, and asked something before it went on. */
function isAsking({ questions = [] }: DoneCall): boolean {
  return questions.at(-1)?.question === 'input'
}

function sentence(begin: string, names: string): string {
  return names === '' ? '' : `${begin}${names}.`
}

const MOST_NAMES = 5

/** `github.issues.create (3 times), github.labels.add` */
function namesOf(calls: readonly DoneCall[]): string {
  const counts = new Map<string, number>()
  for (const { address } of calls) counts.set(address, (counts.get(address) ?? 0) + 1)
  const names = [...counts].map(([address, count]) => (count === 1 ? address : `${address} (${count} times)`))
  const left = names.length - MOST_NAMES
  return [...names.slice(0, MOST_NAMES), ...(left > 0 ? [`${left} other tools`] : [])].join(', ')
}
