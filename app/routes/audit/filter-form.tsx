import { Form } from 'react-router'
import { Button, ButtonLink } from '../../ui/button.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import type { AuditSearch } from './audit-search.ts'
import { groupLabel } from './wording.ts'

export function FilterForm({ values, groups }: { values: AuditSearch; groups: readonly string[] }) {
  const set = Object.values(values).filter((value) => value !== '').length
  return (
    // Keyed by the filters, so that links and the browser's way back change what the fields say.
    <details key={JSON.stringify(values)} open={set > 0} className="rounded-xl border border-line bg-surface">
      <summary className="disclosure rounded-xl px-5 text-sm font-medium hover:bg-sunken">
        {set === 0 ? 'Filter' : `Filter (${set} set)`}
      </summary>
      <search className="block px-5 pt-1 pb-5">
        <Form action="/audit" className="space-y-4">
          <div className="grid items-end gap-4 sm:grid-cols-2 lg:grid-cols-3">
            <SelectField name="group" label="What" defaultValue={values.group}>
              <option value="">Everything</option>
              {groups.map((group) => (
                <option key={group} value={group}>
                  {groupLabel(group)}
                </option>
              ))}
            </SelectField>
            <TextField
              name="actor"
              label="By whom"
              placeholder="Email, or name of a service token"
              defaultValue={values.actor}
              autoCapitalize="none"
            />
            <TextField
              name="subject"
              label="Subject contains"
              placeholder="github.issues"
              defaultValue={values.subject}
              autoCapitalize="none"
              isMono
            />
            <TextField type="date" name="from" label="From (UTC)" defaultValue={values.from} />
            <TextField type="date" name="to" label="To, inclusive (UTC)" defaultValue={values.to} />
          </div>
          <div className="flex flex-wrap gap-3">
            <Button weight="primary">Show</Button>
            {set > 0 && <ButtonLink to="/audit">Clear</ButtonLink>}
          </div>
        </Form>
      </search>
    </details>
  )
}
