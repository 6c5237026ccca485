import { Link } from 'react-router'
import { appContext } from '../../../server/context.ts'
import { listIntegrations } from '../../../server/db/integrations.ts'
import { listRuns, MOST_COUNTED } from '../../../server/db/run-list.ts'
import { FilterLinks } from '../../ui/filter-links.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Empty, Page, Rows } from '../../ui/page.tsx'
import { Pagination } from '../../ui/pagination.tsx'
import { Time } from '../../ui/time.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import { whose } from '../may-see.ts'
import { principalName } from '../principal-name.ts'
import type { Route } from './+types/list'
import { FilterForm } from './filter-form.tsx'
import { filterValues, parseCursor, parseFilters, runsAddress } from './run-filters.ts'
import { duration, RUN_STATES, RunStateBadge } from './run-state.tsx'

const PAGE_SIZE = 50

export async function loader({ context, request }: Route.LoaderArgs) {
  const { db, principal } = context.get(appContext)
  const search = new URL(request.url).searchParams
  const values = filterValues(search)
  const before = parseCursor(search.get('before'))
  const { filter, errors } = parseFilters(values)
  const [found, integrations] = await Promise.all([
    listRuns(db, { ...filter, ...whose(principal), before, limit: PAGE_SIZE + 1 }),
    listIntegrations(db),
  ])
  const runs = found.runs.slice(0, PAGE_SIZE)
  return {
    isAdmin: principal.isAdmin,
    now: Date.now(),
    values,
    errors,
    integrations: integrations.map(({ slug, title }) => ({ slug, title })),
    isFirstPage: before === undefined,
    next: found.runs.length > PAGE_SIZE ? runs.at(-1) : undefined,
    count: found.count > MOST_COUNTED ? null : found.count,
    runs: runs.map((run) => ({ ...run, error: run.error?.message })),
    isDeleted: search.get('notice') === 'deleted',
  }
}

export const meta: Route.MetaFunction = () => [{ title: 'Runs · Executor' }]

export default function Runs({ loaderData }: Route.ComponentProps) {
  const { runs, values, errors, next, isFirstPage, isAdmin, integrations, count, isDeleted } = loaderData
  const hasFilters = Object.values(values).some((value) => value !== '')
  return (
    <Page
      title="Runs"
      lead={isAdmin ? 'What agents ran, newest first.' : 'What your agents ran, newest first. Admins see everyone’s.'}
    >
      {isDeleted && <Notice>The run is gone, with everything that was kept of it.</Notice>}
      <div className="space-y-4">
        <FilterLinks
          label="State"
          links={['', ...RUN_STATES].map((state) => ({
            to: runsAddress(values, { state }),
            label: state === '' ? 'All' : state,
            isCurrent: state === values.state,
          }))}
        />
        <FilterForm values={values} errors={errors} integrations={integrations} isAdmin={isAdmin} />
        {runs.length === 0 ? (
          <Empty title={hasFilters ? 'No run is like that' : 'Nothing has run yet'}>
            {hasFilters ? (
              <TextLink to="/runs">See all runs</TextLink>
            ) : (
              <>
                A run appears here as soon as an agent executes code.{' '}
                <TextLink to="/connect">Connect an agent</TextLink>
              </>
            )}
          </Empty>
        ) : (
          <>
            <p className="text-sm text-muted">{countOf(count)}</p>
            <RunRows {...loaderData} />
          </>
        )}
        <Pagination
          next={next === undefined ? undefined : runsAddress(values, {}, next)}
          first={isFirstPage ? undefined : runsAddress(values)}
        />
      </div>
    </Page>
  )
}

/** Null is more than are counted. */
function countOf(count: number | null): string {
  if (count === null) return 'More than 1,000 runs'
  return count === 1 ? '1 run' : `${count.toLocaleString('en')} runs`
}

function RunRows({ runs, now, isAdmin, values }: Route.ComponentProps['loaderData']) {
  return (
    <Rows>
      {runs.map((run) => (
        <li key={run.id} className="px-5 py-3">
          <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
            <Link
              to={`/runs/${run.id}`}
              className="-my-2 py-2.5 font-mono text-sm text-accent wrap-anywhere hover:underline"
            >
              {run.id}
            </Link>
            <RunStateBadge state={run.state} />
            <span className="text-sm text-muted sm:ml-auto">
              <Time at={run.startedAt} now={now} />
              {run.endedAt !== null && ` · ${duration(run.endedAt - run.startedAt)}`}
            </span>
          </div>
          <p className="text-sm text-muted wrap-anywhere">
            {run.client}
            {isAdmin && (
              <>
                {' for '}
                {values.principal === '' ? (
                  <Link
                    to={runsAddress(values, { principal: run.principal })}
                    className="underline decoration-line underline-offset-4 hover:text-ink"
                  >
                    {principalName(run.principal)}
                  </Link>
                ) : (
                  principalName(run.principal)
                )}
              </>
            )}
          </p>
          {run.error && <p className="line-clamp-2 text-sm text-danger wrap-anywhere">{run.error}</p>}
        </li>
      ))}
    </Rows>
  )
}
