import { Form } from 'react-router'
import { appContext } from '../../../server/context.ts'
import { chainAudit } from '../../../server/db/audit.ts'
import { AUDIT_GROUPS, listAudit, verifyAudit } from '../../../server/db/audit-list.ts'
import { Button, ButtonLink } from '../../ui/button.tsx'
import { Empty, Page, Section } from '../../ui/page.tsx'
import { Pagination } from '../../ui/pagination.tsx'
import { refuseMember } from '../admin-only.ts'
import type { Route } from './+types/list'
import { auditAddress, FILTERS, readAuditSearch } from './audit-search.ts'
import { FilterForm } from './filter-form.tsx'
import { RecordList } from './record-list.tsx'
import { VerificationNotice } from './verification-notice.tsx'
import { readDetails, sentenceOf, timeOf } from './wording.ts'

const PAGE_SIZE = 50

export async function loader({ context, request }: Route.LoaderArgs) {
  const { db, principal } = context.get(appContext)
  const refusal = refuseMember(principal, 'see the audit')
  if (refusal) throw refusal
  const search = new URL(request.url).searchParams
  const { values, filter } = readAuditSearch(search, AUDIT_GROUPS)
  const before = beforeOf(search)
  const found = search.get('verify') === '1' ? await verifyAudit(db) : await chainAudit(db)
  const listed = await listAudit(db, filter, { before, limit: PAGE_SIZE + 1 })
  const records = listed.slice(0, PAGE_SIZE)
  return {
    now: Date.now(),
    values,
    groups: AUDIT_GROUPS,
    verification: found ? { ...found, trimmedTo: found.anchor?.sequence ?? null } : null,
    isFirstPage: before === undefined,
    next: listed.length > PAGE_SIZE ? records.at(-1)?.sequence : undefined,
    records: records.map(({ details, ...record }) => ({
      ...record,
      ...sentenceOf(record),
      time: timeOf(record.at),
      details: readDetails(details),
    })),
  }
}

function beforeOf(search: URLSearchParams): number | undefined {
  const before = Number(search.get('before') ?? '')
  return Number.isSafeInteger(before) && before > 0 ? before : undefined
}

export const meta: Route.MetaFunction = () => [{ title: 'Audit · Executor' }]

export default function Audit({ loaderData }: Route.ComponentProps) {
  const { records, values, groups, verification, next, isFirstPage, now } = loaderData
  const isFiltered = FILTERS.some((name) => values[name] !== '')
  return (
    <Page
      title="Audit"
      lead="Who changed or decided what, newest first. Each record is chained to the one before by a hash, so that none can be changed or removed unnoticed."
      actions={
        <Form method="get">
          {FILTERS.map(
            (name) => values[name] !== '' && <input key={name} type="hidden" name={name} value={values[name]} />,
          )}
          <Button name="verify" value="1">
            Verify the chain
          </Button>
        </Form>
      }
    >
      {verification && <VerificationNotice found={verification} />}
      <FilterForm values={values} groups={groups} />
      <div className="space-y-4">
        {records.length === 0 ? (
          <Empty
            title={isFiltered ? 'No record matches' : isFirstPage ? 'Nothing is recorded yet' : 'No older records'}
            action={(isFiltered || !isFirstPage) && <ButtonLink to="/audit">See all records</ButtonLink>}
          >
            {!isFiltered && isFirstPage && 'A record appears here as soon as somebody changes or decides something.'}
          </Empty>
        ) : (
          <RecordList records={records} now={now} />
        )}
        <Pagination
          next={next === undefined ? undefined : auditAddress('/audit', values, { before: String(next) })}
          first={isFirstPage ? undefined : auditAddress('/audit', values)}
        />
      </div>
      <Section
        title="Export"
        lead={
          isFiltered
            ? 'With the filters above. Only an export of everything can be verified.'
            : 'JSON Lines can be verified outside of Executor, with npm run audit:verify.'
        }
      >
        <div className="flex flex-wrap gap-3">
          <ButtonLink reloadDocument to={auditAddress('/audit/export', values, { format: 'jsonl' })}>
            Export as JSON Lines
          </ButtonLink>
          <ButtonLink reloadDocument to={auditAddress('/audit/export', values, { format: 'csv' })}>
            Export as CSV
          </ButtonLink>
        </div>
      </Section>
    </Page>
  )
}
