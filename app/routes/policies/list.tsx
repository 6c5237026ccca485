import { data, Link, redirect } from 'react-router'
import { appContext } from '../../../server/context.ts'
import { listPolicies } from '../../../server/db/policies.ts'
import { Address } from '../../ui/address.tsx'
import { DecisionBadge } from '../../ui/badge.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Empty, Page, Section } from '../../ui/page.tsx'
import { refuseMember } from '../admin-only.ts'
import { formText } from '../form.ts'
import type { Route } from './+types/list'
import { previewPattern } from './preview-pattern.ts'
import { RuleForm } from './rule-form.tsx'
import { saveRule } from './save-rule.ts'

export async function loader({ context, request }: Route.LoaderArgs) {
  const { db, principal } = context.get(appContext)
  const search = new URL(request.url).searchParams
  const pattern = search.get('pattern')
  const [rules, preview] = await Promise.all([
    listPolicies(db),
    // It names connections, other people's too.
    pattern && principal.isAdmin ? previewPattern(db, pattern) : undefined,
  ])
  return {
    isAdmin: principal.isAdmin,
    rules: rules.map(({ id, pattern, action, note }) => ({ id, pattern, action, note })),
    values: {
      pattern: pattern ?? '',
      action: search.get('action') ?? 'require_approval',
      note: search.get('note') ?? '',
    },
    preview: preview?.ok ? preview : undefined,
    errors: preview?.ok === false ? [{ field: 'pattern', message: preview.message }] : undefined,
    notice: search.get('notice'),
  }
}

export async function action({ context, request }: Route.ActionArgs) {
  const { db, principal } = context.get(appContext)
  const refusal = refuseMember(principal, 'change policies')
  if (refusal) throw refusal
  const form = await request.formData()
  const values = { pattern: formText(form, 'pattern'), action: formText(form, 'action'), note: formText(form, 'note') }
  const saved = await saveRule({ db, principal }, values)
  return saved.ok ? redirect('/policies?notice=added#main') : data({ errors: saved.errors, values }, { status: 422 })
}

export const meta: Route.MetaFunction = () => [{ title: 'Policies · Executor' }]

const NOTICES: Record<string, string> = {
  added: 'The rule is in force.',
  changed: 'The change is in force.',
  removed: 'The rule is gone.',
}

export default function Policies({ loaderData, actionData }: Route.ComponentProps) {
  const { rules, isAdmin, preview, notice } = loaderData
  return (
    <Page
      title="Policies"
      lead="A rule says what happens to the tools that its pattern matches: allow, require approval, or block. It holds for every agent and every way in."
    >
      {notice && Object.hasOwn(NOTICES, notice) && <Notice>{NOTICES[notice]}</Notice>}
      <Section
        title="Rules"
        lead="A narrower pattern overrides a broader one. Where neither is narrower, the stricter rule wins. Without a rule the default holds: reads are allowed, everything else requires approval. Blocked tools do not appear to agents."
      >
        {rules.length === 0 ? (
          <Empty title="There are no rules">
            The default decides about every tool. {isAdmin && 'Add a rule below to change that.'}
          </Empty>
        ) : (
          <RuleTable rules={rules} isAdmin={isAdmin} />
        )}
      </Section>
      {isAdmin && (
        <Section title="Add a rule">
          <RuleForm
            key={JSON.stringify(loaderData.values)}
            values={actionData?.values ?? loaderData.values}
            errors={actionData?.errors ?? loaderData.errors}
            preview={preview}
            submit="Add rule"
          />
        </Section>
      )}
    </Page>
  )
}

type Rules = Route.ComponentProps['loaderData']['rules']

function RuleTable({ rules, isAdmin }: { rules: Rules; isAdmin: boolean }) {
  return (
    <div className="overflow-hidden rounded-xl border border-line bg-surface">
      <table className="w-full text-left">
        <thead className="border-b border-line text-sm text-muted">
          <tr>
            <th scope="col" className="px-5 py-2.5 font-normal sm:w-[45%]">
              Pattern
            </th>
            <th scope="col" className="w-33 px-5 py-2.5 font-normal max-sm:pl-0 sm:w-44">
              What happens
            </th>
            <th scope="col" className="hidden px-5 py-2.5 font-normal sm:table-cell">
              Note
            </th>
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {rules.map((rule) => (
            <tr key={rule.id}>
              <td className="px-5 py-1 text-sm">
                {isAdmin ? (
                  <Link
                    to={`/policies/${rule.id}`}
                    className="flex min-h-11 items-center py-2 text-accent hover:underline"
                  >
                    <Address text={rule.pattern} />
                  </Link>
                ) : (
                  <span className="flex min-h-11 items-center py-2">
                    <Address text={rule.pattern} />
                  </span>
                )}
                {rule.note && <p className="-mt-1.5 pb-2.5 text-muted wrap-anywhere sm:hidden">{rule.note}</p>}
              </td>
              <td className="px-5 py-1 max-sm:pt-3.5 max-sm:pl-0 max-sm:align-top">
                <DecisionBadge action={rule.action} />
              </td>
              <td className="hidden px-5 py-1 text-sm text-muted wrap-anywhere sm:table-cell">{rule.note}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
