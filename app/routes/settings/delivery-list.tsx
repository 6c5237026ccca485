import { Link } from 'react-router'
import { Address } from '../../ui/address.tsx'
import { Badge, type Tone } from '../../ui/badge.tsx'
import { Empty, Rows, Section } from '../../ui/page.tsx'
import { Time } from '../../ui/time.tsx'
import type { Delivery } from './delivery.ts'

/** The last ones, newest first. */
export function Deliveries({ deliveries, now }: { deliveries: Delivery[]; now: number }) {
  return (
    <Section title="Last messages">
      {deliveries.length === 0 ? (
        <Empty title="Nothing was sent yet">
          The next call that waits for a person is the first message. A test shows whether it would arrive.
        </Empty>
      ) : (
        <Rows>
          {deliveries.map((delivery) => (
            <Row key={delivery.id} delivery={delivery} now={now} />
          ))}
        </Rows>
      )}
    </Section>
  )
}

function Row({ delivery, now }: { delivery: Delivery; now: number }) {
  const { title, subject, to, attempts, createdAt, nextAt, problem } = delivery
  return (
    <li className="flex items-start justify-between gap-4 px-5 py-3">
      <div className="min-w-0 flex-1 space-y-0.5">
        <p className="text-[0.9375rem]">
          {to === null ? (
            title
          ) : (
            <Link to={to} className="-my-3 inline-block py-3 text-accent hover:underline">
              {title}
            </Link>
          )}
          {subject !== '' && (
            <span className="block text-sm text-muted sm:ml-2 sm:inline">
              <Address text={subject} />
            </span>
          )}
        </p>
        <p className="text-sm text-muted">
          <Time at={createdAt} now={now} />
          {attempts > 0 && ` · ${attempts === 1 ? '1 attempt' : `${attempts} attempts`}`}
          {nextAt !== null && attempts > 0 && (
            <>
              {' '}
              · next <Time at={Math.max(nextAt, now)} now={now} />
            </>
          )}
        </p>
        {problem !== null && <p className="text-sm wrap-anywhere">{problem}</p>}
      </div>
      <StateBadge {...delivery} />
    </li>
  )
}

function StateBadge({ state, problem }: Pick<Delivery, 'state' | 'problem'>) {
  const [tone, label]: [Tone, string] =
    state === 'delivered'
      ? ['good', 'delivered']
      : state === 'failed'
        ? ['bad', 'not delivered']
        : problem === null
          ? ['plain', 'on its way']
          : ['warn', 'tried again']
  return <Badge tone={tone}>{label}</Badge>
}
