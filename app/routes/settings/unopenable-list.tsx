import { Link } from 'react-router'
import { Address } from '../../ui/address.tsx'
import { Rows, Section } from '../../ui/page.tsx'

interface Unopenable {
  table: string
  row: string
  /** Whose it is; null for the organisation's. */
  owner: string | null
  reason: 'malformed' | 'unknown_key' | 'damaged'
  integration: string | null
  connection: string | null
}

const REASONS: Record<Unopenable['reason'], string> = {
  unknown_key: 'Sealed with another key.',
  damaged: 'Changed, cut off, or moved here from another row.',
  malformed: 'What is stored is not a sealed secret.',
}

export function UnopenableList({ unopenable, most }: { unopenable: Unopenable[]; most: number }) {
  const isOtherKey = unopenable.some(({ reason }) => reason === 'unknown_key')
  return (
    <Section
      title="Secrets that do not open"
      lead={
        isOtherKey
          ? 'Give the key that sealed them to the Worker as EXECUTOR_SECRET_KEY_PREVIOUS, and they open again. If it is lost, enter the secrets anew:'
          : 'Nothing opens these again. Enter the secrets anew:'
      }
    >
      <Rows>
        {unopenable.map((one) => (
          <li key={`${one.table} ${one.row}`} className="px-5 py-3">
            <Named {...one} />
            <p className="text-sm text-muted">
              {REASONS[one.reason]}
              {one.owner !== null && ` It is ${one.owner}’s own.`}
            </p>
          </li>
        ))}
      </Rows>
      {unopenable.length === most && <p className="text-sm text-muted">These are the first {most}.</p>}
    </Section>
  )
}

function Named({ table, row, integration, connection }: Unopenable) {
  const [to, label] =
    table === 'connections'
      ? [`/connections/${row}`, <Address key="address" text={`${integration ?? '?'}@${connection ?? row}`} />]
      : table === 'oauth_clients'
        ? [`/integrations/${integration ?? ''}`, `The app that ${integration ?? 'an integration'} signs in with`]
        : ['/settings/notifications', 'The webhook’s address and signing secret']
  return (
    <Link to={to} className="-my-3 inline-block py-3 text-accent hover:underline">
      {label}
    </Link>
  )
}
