import { Form } from 'react-router'
import { Button } from '../../ui/button.tsx'
import { errorFor, ErrorSummary, type FormError } from '../../ui/error-summary.tsx'
import { TextAreaField, TextField } from '../../ui/field.tsx'
import { Section } from '../../ui/page.tsx'
import type { SettingsValues } from './read-settings-form.ts'

type DayField = 'runDays' | 'auditDays' | 'approvalDays'

interface SettingsFormProps {
  values: SettingsValues
  errors?: FormError[]
  bounds: Record<DayField, { least: number; most: number }>
}

const DAYS: { name: DayField; label: string; hint: string }[] = [
  {
    name: 'runDays',
    label: 'Runs, in days',
    hint: 'A run is deleted with its code, calls and results this long after it ended. Runs that wait are kept.',
  },
  {
    name: 'auditDays',
    label: 'Audit, in days',
    hint: 'Older records are deleted. What is left can still be verified.',
  },
]

export function SettingsForm({ values, errors, bounds }: SettingsFormProps) {
  const days = ({ name, label, hint }: (typeof DAYS)[number]) => (
    <div key={name} className="max-w-md">
      <TextField
        type="number"
        inputMode="numeric"
        name={name}
        label={label}
        hint={hint}
        min={bounds[name].least}
        max={bounds[name].most}
        defaultValue={values[name]}
        error={errorFor(errors, name)}
        required
      />
    </div>
  )
  return (
    <Form method="post" action="#settings" id="settings" className="max-w-2xl space-y-10">
      <ErrorSummary errors={errors} title="The settings were not saved" />
      <Section title="What is kept" lead="Deletion is for good, and happens by itself within a day.">
        {DAYS.map(days)}
      </Section>
      <Section title="Approvals">
        {days({
          name: 'approvalDays',
          label: 'Time to decide, in days',
          hint: 'A call that nobody has decided on by then is not sent. It holds for calls that wait from now on.',
        })}
      </Section>
      <Section title="Hidden values">
        <TextAreaField
          name="hiddenFields"
          label="Fields whose values runs do not show"
          hint="One name per line. Case, - and _ make no difference: api_key is also apiKey."
          rows={12}
          defaultValue={values.hiddenFields}
          error={errorFor(errors, 'hiddenFields')}
          isMono
          autoCapitalize="none"
        />
      </Section>
      <Button weight="primary">Save</Button>
    </Form>
  )
}
