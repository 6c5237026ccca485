import { Link } from 'react-router'
import { Address } from '../../ui/address.tsx'
import { Badge, type Health, HealthBadge } from '../../ui/badge.tsx'
import { ButtonLink } from '../../ui/button.tsx'
import { Empty, Rows, Section } from '../../ui/page.tsx'

interface ListedConnection {
  id: string
  slug: string
  isMine: boolean
  method: string
  health: Health
  isDefault: boolean
}

/** The connections of one integration that the reader may use. */
export function ConnectionList({ slug, connections }: { slug: string; connections: ListedConnection[] }) {
  const add = <ButtonLink to={`/connections/new?integration=${slug}`}>Add a connection</ButtonLink>
  return (
    <Section id="connections" title="Connections" actions={connections.length > 0 ? add : null}>
      {connections.length === 0 ? (
        <Empty title="You have no connection here" action={add}>
          Calls to these tools need one.
        </Empty>
      ) : (
        <Rows>
          {connections.map((connection) => (
            <li key={connection.id} className="flex flex-wrap items-center gap-x-4 gap-y-0.5 px-5 py-2.5">
              <Link to={`/connections/${connection.id}`} className="-my-2 py-2.5 text-sm text-accent hover:underline">
                <Address text={`${slug}@${connection.slug}`} />
              </Link>
              <HealthBadge health={connection.health} />
              {connection.isDefault && <Badge>default</Badge>}
              <span className="text-sm text-muted max-sm:basis-full sm:ml-auto">
                {connection.method} · {connection.isMine ? 'only you' : 'everyone'}
              </span>
            </li>
          ))}
        </Rows>
      )}
    </Section>
  )
}
