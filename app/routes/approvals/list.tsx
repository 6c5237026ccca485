import { Link } from 'react-router'
import { appContext } from '../../../server/context.ts'
import { countPendingApprovals, listDecidedApprovals, listPendingApprovals } from '../../../server/db/approvals.ts'
import { Address } from '../../ui/address.tsx'
import { Badge, EffectBadge } from '../../ui/badge.tsx'
import { ButtonLink } from '../../ui/button.tsx'
import { FilterLinks } from '../../ui/filter-links.tsx'
import { Live } from '../../ui/live.tsx'
import { Empty, Page, Rows } from '../../ui/page.tsx'
import { Pagination } from '../../ui/pagination.tsx'
import { Time } from '../../ui/time.tsx'
import { whose } from '../may-see.ts'
import { principalName } from '../principal-name.ts'
import type { Route } from './+types/list'
import { decisionSentence } from './decision-sentence.ts'

const PAGE_SIZE = 50
const ASK_EVERY_MS = 5000

export async function loader({ context, request }: Route.LoaderArgs) {
  const { db, principal } = context.get(appContext)
  const search = new URL(request.url).searchParams
  const tab = search.get('tab') === 'decided' ? ('decided' as const) : ('waiting' as const)
  const cursor = search.get('cursor') ?? undefined
  const page = { ...whose(principal), limit: PAGE_SIZE + 1 }
  const [found, waiting] = await Promise.all([
    tab === 'waiting'
      ? listPendingApprovals(db, { ...page, after: cursor })
      : listDecidedApprovals(db, { ...page, before: cursor }),
    countPendingApprovals(db, whose(principal)),
  ])
  const approvals = found.slice(0, PAGE_SIZE)
  return {
    isAdmin: principal.isAdmin,
    now: Date.now(),
    tab,
    waiting,
    approvals,
    isFirstPage: cursor === undefined,
    next: found.length > PAGE_SIZE ? approvals.at(-1)?.id : undefined,
  }
}

export const meta: Route.MetaFunction = ({ loaderData }) => [
  { title: loaderData?.waiting ? `(${loaderData.waiting}) Approvals · Executor` : 'Approvals · Executor' },
]

export default function Approvals({ loaderData }: Route.ComponentProps) {
  const { tab, waiting, approvals, now, isAdmin, isFirstPage, next } = loaderData
  const address = (cursor?: string) => {
    const search = new URLSearchParams(tab === 'decided' ? { tab } : {})
    if (cursor !== undefined) search.set('cursor', cursor)
    return search.size > 0 ? `/approvals?${search}` : '/approvals'
  }
  return (
    <Page
      title="Approvals"
      lead={
        isAdmin
          ? 'Calls that are held until a person decides. You decide about every run, those of service tokens included.'
          : 'Calls of your agents that are held until you decide. Admins may decide about them too.'
      }
      actions={<ButtonLink to="/approvals/remembered">Remembered</ButtonLink>}
    >
      <div className="space-y-4">
        {tab === 'waiting' && <Live everyMs={ASK_EVERY_MS} reloads={false} />}
        <FilterLinks
          label="Questions"
          links={[
            { to: '/approvals', label: 'Waiting', count: waiting, isCurrent: tab === 'waiting' },
            { to: '/approvals?tab=decided', label: 'Decided', isCurrent: tab === 'decided' },
          ]}
        />
        {approvals.length === 0 ? (
          tab === 'waiting' ? (
            <Empty title="Nothing waits for you">
              When an agent calls a tool that requires approval, the call is held and appears here. The agent gets a
              link to it.
            </Empty>
          ) : (
            <Empty title="Nothing was decided yet">Decisions stay here, with who made them.</Empty>
          )
        ) : (
          <Rows>
            {approvals.map((approval) => (
              <Row key={approval.id} approval={approval} now={now} />
            ))}
          </Rows>
        )}
        <Pagination next={next === undefined ? undefined : address(next)} first={isFirstPage ? undefined : address()} />
      </div>
    </Page>
  )
}

const TONES = { approved: 'good', answered: 'good', declined: 'bad', expired: 'plain', cancelled: 'plain' } as const

function Row({ approval, now }: { approval: Route.ComponentProps['loaderData']['approvals'][number]; now: number }) {
  const { id, summary, tool, account, effect, question, client, principal, state, createdAt, expiresAt, decidedAt } =
    approval
  return (
    <li className="relative space-y-1.5 px-5 py-4 hover:bg-sunken">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        {/* The whole row leads there. */}
        <Link to={`/approvals/${id}`} className="min-w-0 font-medium wrap-anywhere after:absolute after:inset-0">
          {summary || tool}
        </Link>
        <span className="flex flex-wrap gap-1.5">
          <EffectBadge effect={effect} />
          {state !== 'pending' && <Badge tone={TONES[state]}>{state}</Badge>}
          {state === 'pending' && question === 'outcome' && <Badge tone="warn">outcome unknown</Badge>}
          {question === 'input' && <Badge tone="plain">question</Badge>}
        </span>
      </p>
      <p className="text-sm wrap-anywhere">
        <Address text={tool} /> <span className="text-muted">through</span> <span className="font-mono">{account}</span>
      </p>
      <p className="text-sm text-muted wrap-anywhere">
        {client} for {principalName(principal)} · asked <Time at={createdAt} now={now} />
        {state === 'pending' && (
          <>
            {' · expires '}
            <Time at={expiresAt} now={now} />
          </>
        )}
      </p>
      {state !== 'pending' && (
        <p className="line-clamp-2 text-sm wrap-anywhere">
          {decisionSentence(approval, now)}{' '}
          {decidedAt !== null && (
            <span className="text-muted">
              <Time at={decidedAt} now={now} />
            </span>
          )}
        </p>
      )}
    </li>
  )
}
