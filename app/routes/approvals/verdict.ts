// What a person decided, from the form they sent.
import type { QuestionKind } from '../../../drizzle/shapes.ts'
import type { Verdict } from '../../../server/runs/decide-approval.ts'
import type { FormError } from '../../ui/error-summary.tsx'
import { formText } from '../form.ts'

const HOUR_MS = 60 * 60 * 1000

/** How long an approval may hold for further calls of a tool; null is until it is revoked. */
export const LASTS = {
  '1h': { label: '1 hour', ms: HOUR_MS },
  '1d': { label: '1 day', ms: 24 * HOUR_MS },
  '7d': { label: '7 days', ms: 7 * 24 * HOUR_MS },
  '30d': { label: '30 days', ms: 30 * 24 * HOUR_MS },
  revoked: { label: 'Until it is revoked', ms: null },
} as const

export const LONGEST_REASON = 1000
export const LONGEST_ANSWER = 64 * 1024

export type ParsedVerdict = { ok: true; verdict: Verdict } | { ok: false; errors: FormError[] }

/** Name of a field of the upstream's form, by its place. What it is called there is no name of ours. */
export const fieldName = (place: number) => `field.${place}`

const REPLIES: Partial<Record<string, 'accept' | 'decline' | 'cancel'>> = {
  reply: 'accept',
  refuse: 'decline',
  dismiss: 'cancel',
}

/** `fieldCount`: of the form that the upstream asks for. */
export function parseVerdict(form: FormData, question: QuestionKind, now: number, fieldCount = 0): ParsedVerdict {
  if (question === 'input') return reply(form, fieldCount)
  switch (formText(form, 'intent')) {
    case 'approve':
    case 'approve-all':
      // What was sent before is sent again only by the button that says so.
      return question === 'send' ? approval(form, now) : unknown()
    case 'decline':
    case 'decline-all':
      return question === 'send' ? decline(form) : unknown()
    case 'answer':
      return question === 'outcome' ? answer(form) : unknown()
    case 'resend':
      return question === 'outcome'
        ? { ok: true, verdict: { kind: 'approved', remember: 'once', expiresAt: null } }
        : unknown()
    case 'stop':
      return question === 'outcome' ? { ok: true, verdict: { kind: 'stopped' } } : unknown()
    default:
      return unknown()
  }
}

function approval(form: FormData, now: number): ParsedVerdict {
  const remember = formText(form, 'remember') || 'once'
  if (remember === 'once' || remember === 'run') {
    return { ok: true, verdict: { kind: 'approved', remember, expiresAt: null } }
  }
  if (remember !== 'tool') return failed('remember', 'Say how far it reaches.')
  const lasts = formText(form, 'lasts')
  if (!isLasting(lasts)) return failed('lasts', 'Say for how long.')
  const { ms } = LASTS[lasts]
  return { ok: true, verdict: { kind: 'approved', remember, expiresAt: ms === null ? null : now + ms } }
}

function isLasting(text: string): text is keyof typeof LASTS {
  return Object.hasOwn(LASTS, text)
}

function decline(form: FormData): ParsedVerdict {
  const reason = formText(form, 'reason')
  if (reason.length > LONGEST_REASON) {
    return failed('reason', `A reason has at most ${LONGEST_REASON.toLocaleString('en')} characters.`)
  }
  return { ok: true, verdict: { kind: 'declined', reason } }
}

function answer(form: FormData): ParsedVerdict {
  const text = formText(form, 'answer') || 'null'
  if (text.length > LONGEST_ANSWER) {
    return failed('answer', `An answer has at most ${LONGEST_ANSWER.toLocaleString('en')} characters.`)
  }
  try {
    JSON.parse(text)
  } catch (error) {
    const problem = error instanceof Error ? ` ${error.message}.` : ''
    return failed('answer', `This is not JSON.${problem} A text needs quotation marks around it.`)
  }
  return { ok: true, verdict: { kind: 'answered', answer: text } }
}

function reply(form: FormData, fieldCount: number): ParsedVerdict {
  const intent = formText(form, 'intent')
  const action = Object.hasOwn(REPLIES, intent) ? REPLIES[intent] : undefined
  const names = Array.from({ length: fieldCount }, (_, place) => fieldName(place))
  const sent = [...form].filter(([name]) => name.startsWith('field.'))
  const isOurs = sent.every(([name, value]) => names.includes(name) && typeof value === 'string')
  if (action === undefined || !isOurs) return unknown()
  return { ok: true, verdict: { kind: 'replied', action, values: names.map((name) => form.getAll(name).map(String)) } }
}

function failed(field: string, message: string): ParsedVerdict {
  return { ok: false, errors: [{ field, message }] }
}

function unknown(): ParsedVerdict {
  return { ok: false, errors: [{ message: 'That is no answer to this question.' }] }
}
