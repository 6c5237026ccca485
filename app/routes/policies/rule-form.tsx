import { Form, useLocation, useSearchParams } from 'react-router'
import type { PolicyAction } from '../../../drizzle/shapes.ts'
import { Button } from '../../ui/button.tsx'
import { errorFor, ErrorSummary, type FormError } from '../../ui/error-summary.tsx'
import { ChoiceField, TextField } from '../../ui/field.tsx'
import { TextLink } from '../../ui/text-link.tsx'

export interface RulePreview {
  message: string
  examples: string[]
  count: number
  nearest?: string
}

interface RuleFormProps {
  values: { pattern: string; action: string; note: string }
  errors?: FormError[]
  /** What the pattern matches, when it was asked for. */
  preview?: RulePreview
  submit: string
}

export const ACTION_CHOICES: { value: PolicyAction; label: string; hint: string }[] = [
  { value: 'allow', label: 'Allow', hint: 'Agents use the tool without asking.' },
  { value: 'require_approval', label: 'Require approval', hint: 'A person decides on each call.' },
  { value: 'block', label: 'Block', hint: 'Agents neither see nor use the tool.' },
]

export function RuleForm({ values, errors, preview, submit }: RuleFormProps) {
  // The answer is a page of its own without JavaScript: the fragment brings the form back into view.
  const here = `${useLocation().pathname}#rule`
  return (
    <Form method="post" action={here} id="rule" className="max-w-2xl space-y-5">
      <ErrorSummary errors={errors} />
      <TextField
        name="pattern"
        label="Pattern"
        hint="A tool's address, or several with a star: github.*, github.issues.*, github@work.*, *.delete*"
        defaultValue={values.pattern}
        error={errorFor(errors, 'pattern')}
        required
        isMono
        autoCapitalize="none"
      />
      {preview && <Preview preview={preview} />}
      <ChoiceField
        name="action"
        legend="What happens"
        choices={ACTION_CHOICES}
        defaultValue={values.action}
        error={errorFor(errors, 'action')}
      />
      <TextField
        name="note"
        label="Note"
        hint="Optional: why this rule exists."
        defaultValue={values.note}
        error={errorFor(errors, 'note')}
        maxLength={500}
      />
      <div className="flex flex-wrap gap-3">
        <Button weight="primary" name="intent" value="save">
          {submit}
        </Button>
        <Button formMethod="get" formAction={here}>
          Preview
        </Button>
      </div>
    </Form>
  )
}

function Preview({ preview }: { preview: RulePreview }) {
  const [search] = useSearchParams()
  const withNearest = new URLSearchParams(search)
  if (preview.nearest !== undefined) withNearest.set('pattern', preview.nearest)
  return (
    <output
      className={`block rounded-lg border px-4 py-3 text-sm ${preview.count > 0 ? 'border-accent/40 bg-accent-soft' : 'border-warn/40 bg-warn-soft'}`}
    >
      <p className="font-medium">{preview.message}</p>
      {preview.examples.length > 0 && (
        <ul className="mt-1.5 space-y-0.5 font-mono text-[0.8125rem]">
          {preview.examples.map((address) => (
            <li key={address} className="wrap-anywhere">
              {address}
            </li>
          ))}
          {preview.count > preview.examples.length && <li>… and {preview.count - preview.examples.length} more</li>}
        </ul>
      )}
      {preview.nearest !== undefined && (
        <p className="mt-1.5">
          <TextLink to={`?${withNearest}`} preventScrollReset>
            Use {preview.nearest}
          </TextLink>
        </p>
      )}
    </output>
  )
}
