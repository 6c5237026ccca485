import type { ReactNode } from 'react'
import { Form, useNavigation } from 'react-router'
import { Button } from '../../ui/button.tsx'
import { errorFor, type FormError } from '../../ui/error-summary.tsx'
import { ChoiceField, SelectField, TextAreaField } from '../../ui/field.tsx'
import { principalName } from '../principal-name.ts'
import type { LoadedApproval } from './load-approval.ts'
import { LASTS, LONGEST_ANSWER, LONGEST_REASON } from './verdict.ts'

interface DecisionFormsProps {
  approval: LoadedApproval['approval']
  errors: FormError[] | undefined
  /** What was sent, when it could not be taken. */
  values: Record<string, string>
}

/** May it be sent? Two forms, so that no key approves what was meant to be declined. */
export function SendForms({ approval, errors, values }: DecisionFormsProps) {
  const { tool, account, principal } = approval
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[3fr_2fr]">
      <Panel>
        <Form method="post" className="group space-y-5">
          <ChoiceField
            name="remember"
            legend="How far an approval reaches"
            defaultValue={values.remember ?? 'once'}
            error={errorFor(errors, 'remember')}
            choices={[
              { value: 'once', label: 'This call only', hint: 'Exactly what is shown above.' },
              {
                value: 'run',
                label: 'This tool in this run',
                hint: `Every call of ${tool} through ${account} that this run makes, whatever its arguments.`,
              },
              {
                value: 'tool',
                label: `This tool for ${principalName(principal)}`,
                hint: `Every call of ${tool} through ${account} in any of their runs, whatever its arguments.`,
              },
            ]}
          />
          <div className="hidden group-has-[[value=tool]:checked]:block">
            <SelectField
              name="lasts"
              label="For how long"
              defaultValue={values.lasts ?? '1d'}
              error={errorFor(errors, 'lasts')}
            >
              {Object.entries(LASTS).map(([value, { label }]) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </SelectField>
          </div>
          <Submit weight="primary" intent="approve">
            Approve
          </Submit>
        </Form>
      </Panel>
      <Panel>
        <Form method="post" className="space-y-5">
          <ReasonField values={values} errors={errors} />
          <Submit weight="danger" intent="decline">
            Decline
          </Submit>
        </Form>
      </Panel>
    </div>
  )
}

export function ReasonField({ values, errors, id }: Pick<DecisionFormsProps, 'values' | 'errors'> & { id?: string }) {
  return (
    <TextAreaField
      name="reason"
      {...(id !== undefined && { id })}
      label="Reason (optional)"
      hint="The agent reads it."
      defaultValue={values.reason}
      error={errorFor(errors, 'reason')}
      maxLength={LONGEST_REASON}
      spellCheck
    />
  )
}

/** It was sent, and nobody knows what came of it. */
export function OutcomeForms({ errors, values }: DecisionFormsProps) {
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[3fr_2fr]">
      <Panel>
        <Form method="post" className="space-y-5">
          <TextAreaField
            name="answer"
            label="It happened: the answer to go on with"
            hint="JSON, as the program would have been given it. Leave it empty for none (null)."
            defaultValue={values.answer}
            error={errorFor(errors, 'answer')}
            maxLength={LONGEST_ANSWER}
            placeholder='{"id": 7}'
            isMono
          />
          <Submit weight="primary" intent="answer">
            It happened: go on with this answer
          </Submit>
        </Form>
      </Panel>
      <div className="space-y-4">
        <Panel>
          <Form method="post" className="space-y-3">
            <p className="text-sm text-muted">
              Exactly the request above is sent. If it did happen after all, it happens twice.
            </p>
            <Submit weight="secondary" intent="resend">
              It did not happen: send it
            </Submit>
          </Form>
        </Panel>
        <Panel>
          <Form method="post" className="space-y-3">
            <p className="text-sm text-muted">The program does not go on, and nothing further is sent.</p>
            <Submit weight="danger" intent="stop">
              Stop the run
            </Submit>
          </Form>
        </Panel>
      </div>
    </div>
  )
}

export function Panel({ children }: { children: ReactNode }) {
  return <div className="rounded-xl border border-line bg-surface p-5">{children}</div>
}

interface SubmitProps {
  weight: 'primary' | 'secondary' | 'danger'
  intent: string
  children: ReactNode
}

/** Once is enough: while a decision is on its way there is none to make. */
export function Submit({ weight, intent, children }: SubmitProps) {
  const isSubmitting = useNavigation().state === 'submitting'
  return (
    <div className="grid sm:flex">
      <Button weight={weight} name="intent" value={intent} disabled={isSubmitting}>
        {children}
      </Button>
    </div>
  )
}
