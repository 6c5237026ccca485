import { data, redirect } from 'react-router'
import { appContext } from '../../../server/context.ts'
import { findPolicy } from '../../../server/db/policies.ts'
import { Address } from '../../ui/address.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import { Page } from '../../ui/page.tsx'
import { refuseMember } from '../admin-only.ts'
import { formText } from '../form.ts'
import type { Route } from './+types/detail'
import { previewPattern } from './preview-pattern.ts'
import { RuleForm } from './rule-form.tsx'
import { removeRule, saveRule } from './save-rule.ts'

export async function loader({ context, request, params }: Route.LoaderArgs) {
  const { db, principal } = context.get(appContext)
  const refusal = refuseMember(principal, 'change policies')
  if (refusal) throw refusal
  const rule = await findPolicy(db, params.id)
  if (!rule) throw data('This rule is gone.', { status: 404 })
  const search = new URL(request.url).searchParams
  const values = {
    pattern: search.get('pattern') ?? rule.pattern,
    action: search.get('action') ?? rule.action,
    note: search.get('note') ?? rule.note,
  }
  const preview = await previewPattern(db, values.pattern)
  return {
    pattern: rule.pattern,
    values,
    preview: preview.ok ? preview : undefined,
    errors: preview.ok ? undefined : [{ field: 'pattern', message: preview.message }],
  }
}

export async function action({ context, request, params }: Route.ActionArgs) {
  const { db, principal } = context.get(appContext)
  const refusal = refuseMember(principal, 'change policies')
  if (refusal) throw refusal
  const form = await request.formData()
  if (formText(form, 'intent') === 'remove') {
    const removed = await removeRule({ db, principal }, params.id)
    if (!removed.ok) return data({ errors: removed.errors, values: undefined }, { status: 422 })
    return redirect('/policies?notice=removed#main')
  }
  const values = { pattern: formText(form, 'pattern'), action: formText(form, 'action'), note: formText(form, 'note') }
  const saved = await saveRule({ db, principal }, values, params.id)
  return saved.ok ? redirect('/policies?notice=changed#main') : data({ errors: saved.errors, values }, { status: 422 })
}

export const meta: Route.MetaFunction = ({ loaderData }) => [{ title: `${loaderData?.pattern ?? 'Rule'} · Executor` }]

export default function Policy({ loaderData, actionData }: Route.ComponentProps) {
  const { pattern, values, preview, errors } = loaderData
  return (
    <Page title={<Address text={pattern} />} parent={{ to: '/policies', label: 'Policies' }}>
      <RuleForm
        key={JSON.stringify(values)}
        values={actionData?.values ?? values}
        errors={actionData?.errors ?? errors}
        preview={preview}
        submit="Save"
      />
      <Confirm label="Remove this rule" confirm="Remove rule" intent="remove">
        Other rules, or the default, decide about the tools that it matches from then on.
      </Confirm>
    </Page>
  )
}
