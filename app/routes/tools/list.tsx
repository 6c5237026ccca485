import { Form, Link } from 'react-router'
import { appContext } from '../../../server/context.ts'
import { listIntegrations } from '../../../server/db/integrations.ts'
import { searchTools } from '../../../server/tools/search.ts'
import { Address } from '../../ui/address.tsx'
import { Badge, EffectBadge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Empty, Page, Rows } from '../../ui/page.tsx'
import { Pagination } from '../../ui/pagination.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import type { Route } from './+types/list'

const PAGE_SIZE = 20

export async function loader({ context, request }: Route.LoaderArgs) {
  const { db, origin, principal } = context.get(appContext)
  const search = new URL(request.url).searchParams
  const query = search.get('query')?.trim() ?? ''
  const integration = search.get('integration') ?? ''
  const cursor = search.get('cursor') ?? undefined
  const isAsked = query !== '' || integration !== ''
  const [integrations, found] = await Promise.all([
    listIntegrations(db),
    isAsked
      ? searchTools(
          { db, origin },
          { principal, query, integration: integration || undefined, limit: PAGE_SIZE, cursor },
        )
      : undefined,
  ])
  return {
    query,
    integration,
    isFirstPage: cursor === undefined,
    integrations: integrations.map(({ slug, title, toolCount }) => ({ slug, title, toolCount })),
    hits: found?.hits,
    problem: found?.error?.message,
    next: found?.next,
  }
}

export const meta: Route.MetaFunction = ({ loaderData }) => [
  { title: loaderData?.query ? `${loaderData.query} · Tools · Executor` : 'Tools · Executor' },
]

export default function Tools({ loaderData }: Route.ComponentProps) {
  const { query, integration, integrations, hits, problem, next, isFirstPage } = loaderData
  const at = (cursor?: string) => {
    const search = new URLSearchParams()
    if (query) search.set('query', query)
    if (integration) search.set('integration', integration)
    if (cursor) search.set('cursor', cursor)
    return `/tools?${search}`
  }
  return (
    <Page title="Tools" lead="Search the catalog the way an agent does: same words, same order, same policies.">
      <search>
        <Form className="grid items-end gap-4 sm:grid-cols-[1fr_14rem_auto]">
          <TextField key={query} type="search" name="query" label="What should the tool do?" defaultValue={query} />
          <SelectField key={integration} name="integration" label="Integration" defaultValue={integration}>
            <option value="">All</option>
            {integrations.map(({ slug, title }) => (
              <option key={slug} value={slug}>
                {title}
              </option>
            ))}
          </SelectField>
          <Button weight="primary">Search</Button>
        </Form>
      </search>
      {problem !== undefined && <Notice tone="warning">{problem}</Notice>}
      {hits === undefined ? (
        <Catalog integrations={integrations} />
      ) : (
        <div className="space-y-4">
          <Hits hits={hits} query={query} />
          <Pagination next={next === undefined ? undefined : at(next)} first={isFirstPage ? undefined : at()} />
        </div>
      )}
    </Page>
  )
}

function Catalog({ integrations }: { integrations: Route.ComponentProps['loaderData']['integrations'] }) {
  if (integrations.length === 0) {
    return (
      <Empty title="The catalog is empty">
        Tools come with integrations. <TextLink to="/integrations">See the integrations</TextLink>
      </Empty>
    )
  }
  return (
    <Rows>
      {integrations.map(({ slug, title, toolCount }) => (
        <li key={slug} className="flex flex-wrap items-center justify-between gap-x-6 px-5 py-1.5">
          <Link to={`/tools?integration=${slug}`} className="flex min-h-11 items-center font-medium hover:underline">
            {title}
          </Link>
          <span className="text-sm text-muted">
            {toolCount.toLocaleString('en')} {toolCount === 1 ? 'tool' : 'tools'}
          </span>
        </li>
      ))}
    </Rows>
  )
}

function Hits({ hits, query }: { hits: NonNullable<Route.ComponentProps['loaderData']['hits']>; query: string }) {
  if (hits.length === 0) {
    return (
      <Empty title={query ? `Nothing matches “${query}”` : 'There are no tools here'}>
        Try other words for the same thing. Blocked tools do not appear here, as they do not appear to agents.
      </Empty>
    )
  }
  return (
    <ol className="divide-y divide-line rounded-xl border border-line bg-surface">
      {hits.map((hit) => (
        <li key={hit.address} className="space-y-1 px-5 py-3">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <Link to={`/tools/${hit.address}`} className="-my-2 py-2.5 text-sm font-medium text-accent hover:underline">
              <Address text={hit.address} />
            </Link>
            <span className="flex flex-wrap gap-1.5 sm:ml-auto">
              <EffectBadge effect={hit.effect} />
              {hit.needsApproval && <Badge tone="warn">needs approval</Badge>}
              {hit.needsConnection && <Badge tone="bad">needs a connection</Badge>}
            </span>
          </div>
          <p className="text-[0.9375rem] wrap-anywhere">{hit.summary}</p>
          <p className="line-clamp-2 font-mono text-xs text-muted wrap-anywhere">{hit.signature}</p>
        </li>
      ))}
    </ol>
  )
}
