import { Form } from 'react-router'
import { Button, ButtonLink } from '../../ui/button.tsx'
import { errorFor, type FormError } from '../../ui/error-summary.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import { type FilterValues, runsAddress } from './run-filters.ts'

interface FilterFormProps {
  values: FilterValues
  errors: FormError[]
  integrations: { slug: string; title: string }[]
  isAdmin: boolean
}

/** Everything but the state, which has links of its own. */
export function FilterForm({ values, errors, integrations, isAdmin }: FilterFormProps) {
  const { state, ...others } = values
  const set = Object.values(others).filter((value) => value !== '').length
  return (
    // Keyed by the filters, so that links and the browser's way back change what the fields say.
    <details key={JSON.stringify(values)} open={set > 0} className="rounded-xl border border-line bg-surface">
      <summary className="disclosure rounded-xl px-5 text-sm font-medium hover:bg-sunken">
        {set === 0 ? 'Filter' : set === 1 ? 'Filter (1 set)' : `Filter (${set} set)`}
      </summary>
      <search className="block px-5 pt-1 pb-5">
        <Form action="/runs" className="space-y-4">
          {state !== '' && <input type="hidden" name="state" value={state} />}
          <div className="grid items-end gap-4 sm:grid-cols-2 lg:grid-cols-3">
            <SelectField name="integration" label="Integration" defaultValue={values.integration}>
              <option value="">Any</option>
              {integrations.map(({ slug, title }) => (
                <option key={slug} value={slug}>
                  {title}
                </option>
              ))}
              {/* Runs outlive the integrations that they called. */}
              {values.integration !== '' && !integrations.some(({ slug }) => slug === values.integration) && (
                <option value={values.integration}>{values.integration}</option>
              )}
            </SelectField>
            <TextField name="tool" label="Tool" placeholder="github.issues.create" defaultValue={values.tool} isMono />
            {isAdmin && (
              <TextField
                name="principal"
                label="For whom"
                placeholder="Email, or name of a service token"
                defaultValue={values.principal}
                autoCapitalize="none"
              />
            )}
            <TextField
              type="date"
              name="from"
              label="From (UTC)"
              defaultValue={values.from}
              error={errorFor(errors, 'from')}
            />
            <TextField
              type="date"
              name="to"
              label="To, inclusive (UTC)"
              defaultValue={values.to}
              error={errorFor(errors, 'to')}
            />
          </div>
          <div className="flex flex-wrap gap-3">
            <Button weight="primary">Show</Button>
            {set > 0 && (
              <ButtonLink to={runsAddress({ state, integration: '', tool: '', principal: '', from: '', to: '' })}>
                Clear
              </ButtonLink>
            )}
          </div>
        </Form>
      </search>
    </details>
  )
}
