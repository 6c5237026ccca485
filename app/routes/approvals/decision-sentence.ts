import type { ApprovalState, QuestionKind, Remember } from '../../../drizzle/shapes.ts'
import { principalName } from '../principal-name.ts'

export interface DecidedQuestion {
  question: QuestionKind
  state: ApprovalState
  reason: string
  remember: Remember
  decidedBy: string | null
  expiresAt: number
}

/** What became of a question, and through whom. */
export function decisionSentence(asked: DecidedQuestion, now: number): string {
  const { question, state, reason, remember, decidedBy, expiresAt } = asked
  const who = principalName(decidedBy ?? 'executor')
  switch (state) {
    case 'pending':
      return expiresAt <= now ? 'The time to decide is over.' : 'It waits for a person.'
    case 'approved':
      return question === 'outcome'
        ? `${who} said that it did not happen, and had it sent again.`
        : `${who} approved it${REACH[remember]}.`
    case 'answered':
      if (question === 'input') return `${who} answered it.`
      return `${who} said that it happened, and gave the answer to go on with.`
    case 'declined':
      if (question === 'outcome') return `${who} stopped the run.`
      if (question === 'input') return reason === '' ? `${who} declined to answer.` : `${who} dismissed it.`
      return `${who} declined it${reason === '' ? '.' : `: ${reason}`}`
    case 'expired':
      return question === 'input' ? 'Nobody answered in time.' : 'Nobody decided in time.'
    default:
      return 'The run ended before anybody decided.'
  }
}

const REACH: Record<Remember, string> = {
  once: '',
  run: ', and every further call of this tool in the run',
  tool: ', and further calls of this tool',
}
