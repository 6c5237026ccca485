// Carries out what a form on a question's page asks for.
import { data, redirect } from 'react-router'
import type { AppContext } from '../../../server/context.ts'
import type { QuestionKind } from '../../../drizzle/shapes.ts'
import { readApproval } from '../../../server/db/approvals.ts'
import { formOf } from '../../../server/integrations/mcp/elicitation-form.ts'
import { type Decided, decideApproval } from '../../../server/runs/decide-approval.ts'
import type { FormError } from '../../ui/error-summary.tsx'
import { formText } from '../form.ts'
import { maySee } from '../may-see.ts'
import { principalName } from '../principal-name.ts'
import { fieldName, parseVerdict } from './verdict.ts'

/** A run has few calls in flight at once; a form that names more questions is none of ours. */
const MOST_AT_ONCE = 20

const KEPT_FIELDS = ['remember', 'lasts', 'reason', 'answer']

/** A redirect back to the question, or what the page shows instead. Throws 404 for a question that is nobody's. */
export async function decide(app: AppContext, id: string, form: FormData) {
  const record = await readApproval(app.db, id)
  if (record === undefined || !maySee(app.principal, record.approval)) throw unknownQuestion()
  const { question, asks } = record.approval
  const asked = asks?.mode === 'form' ? formOf(asks.requestedSchema) : null
  const parsed = parseVerdict(form, question, Date.now(), asked?.ok ? asked.fields.length : 0)
  const values = Object.fromEntries(KEPT_FIELDS.map((name) => [name, formText(form, name)]))
  const filled = parsed.ok && parsed.verdict.kind === 'replied' ? parsed.verdict.values : undefined
  const refused = (errors: FormError[], status: number) => data({ errors, values, filled }, { status })
  if (!parsed.ok) return refused(parsed.errors, 422)

  const isForAll = formText(form, 'intent').endsWith('-all')
  const chosen = isForAll ? questionsIn(form, [record.approval, ...record.siblings]) : [id]
  if (chosen.length === 0) return refused([{ message: 'No question was chosen.' }], 422)
  const failures: Extract<Decided, { ok: false }>[] = []
  for (const each of chosen) {
    const decided = await decideApproval(app, each, parsed.verdict)
    if (!decided.ok) failures.push(decided)
  }
  const [first] = failures
  if (first === undefined) return redirect(`/approvals/${id}#main`)
  if (first.reason === 'unknown') throw unknownQuestion()
  if (first.reason === 'bad_answer' && first.errors) {
    const errors = first.errors.map(({ field, message }): FormError => {
      if (field === undefined) return { message }
      const label = asked?.ok ? asked.fields[field]?.label : undefined
      return { field: fieldName(field), message: label === undefined ? message : `${label}: ${message}` }
    })
    return refused(errors, STATUS.bad_answer)
  }
  const field = first.reason === 'bad_answer' && question === 'outcome' ? { field: 'answer' } : {}
  return refused(
    failures.map((failure) => ({ ...field, message: sayWhy(failure, app.principal.id) })),
    STATUS[first.reason],
  )
}

/** Who was faster, when somebody was. */
function sayWhy(failure: Extract<Decided, { ok: false }>, me: string): string {
  if (failure.reason !== 'decided' || failure.by === 'executor') return failure.message
  return failure.by === me
    ? `You have decided already. ${failure.message}`
    : `${principalName(failure.by)} was faster. ${failure.message}`
}

const STATUS = { not_allowed: 403, bad_answer: 422, decided: 409 } as const

export function unknownQuestion() {
  return data('There is no such question.', { status: 404 })
}

/** Of the form, exactly those that it showed: a question that came later is not decided with them. */
function questionsIn(form: FormData, ofRun: readonly { id: string; question: QuestionKind }[]): string[] {
  const chosen = form.getAll('approval').slice(0, MOST_AT_ONCE)
  return ofRun.filter(({ id, question }) => question === 'send' && chosen.includes(id)).map(({ id }) => id)
}
