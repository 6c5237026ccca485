import { Link } from 'react-router'
import { appContext } from '../../../server/context.ts'
import { listRuns } from '../../../server/db/runs.ts'
import { FilterLinks } from '../../ui/filter-links.tsx'
import { Empty, Page, Rows } from '../../ui/page.tsx'
import { Pagination } from '../../ui/pagination.tsx'
import { Time } from '../../ui/time.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import type { Route } from './+types/list'
import { duration, isRunState, RUN_STATES, RunStateBadge } from './run-state.tsx'

const PAGE_SIZE = 50

export async function loader({ context, request }: Route.LoaderArgs) {
  const { db, principal } = context.get(appContext)
  const search = new URL(request.url).searchParams
  const asked = search.get('state')
  const state = isRunState(asked) ? asked : undefined
  const before = search.get('before') ?? undefined
  const found = await listRuns(db, {
    principal: principal.isAdmin ? undefined : principal.id,
    state,
    before,
    limit: PAGE_SIZE + 1,
  })
  const runs = found.slice(0, PAGE_SIZE)
  return {
    isAdmin: principal.isAdmin,
    now: Date.now(),
    state,
    isFirstPage: before === undefined,
    next: found.length > PAGE_SIZE ? runs.at(-1)?.id : undefined,
    runs: runs.map((run) => ({ ...run, error: run.error?.message })),
  }
}

export const meta: Route.MetaFunction = () => [{ title: 'Runs · Executor' }]

/** The list's address with these parameters; those without a value are left out. */
function address(parameters: Record<string, string | undefined>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) search.set(name, value)
  return search.size > 0 ? `/runs?${search}` : '/runs'
}

export default function Runs({ loaderData }: Route.ComponentProps) {
  const { runs, state, next, isFirstPage, isAdmin, now } = loaderData
  return (
    <Page
      title="Runs"
      lead={isAdmin ? 'What agents ran, newest first.' : 'What your agents ran, newest first. Admins see everyone’s.'}
    >
      <div className="space-y-4">
        <FilterLinks
          label="State"
          links={[undefined, ...RUN_STATES].map((each) => ({
            to: address({ state: each }),
            label: each ?? 'All',
            isCurrent: each === state,
          }))}
        />
        {runs.length === 0 ? (
          <Empty title={state ? `No run is ${state}` : 'Nothing has run yet'}>
            {state ? (
              <TextLink to="/runs">See all runs</TextLink>
            ) : (
              <>
                A run appears here as soon as an agent executes code.{' '}
                <TextLink to="/connect">Connect an agent</TextLink>
              </>
            )}
          </Empty>
        ) : (
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
                  {isAdmin && ` for ${run.principal}`}
                </p>
                {run.error && <p className="line-clamp-2 text-sm text-danger wrap-anywhere">{run.error}</p>}
              </li>
            ))}
          </Rows>
        )}
        <Pagination
          next={next === undefined ? undefined : address({ state, before: next })}
          first={isFirstPage ? undefined : address({ state })}
        />
      </div>
    </Page>
  )
}
