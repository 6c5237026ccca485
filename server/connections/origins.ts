// Where a credential may go: the origins that its integration had when the connection was made, and those that somebody
// has confirmed since. A document that begins to send calls elsewhere does not take credentials along.
import type { ConnectionRow } from '../db/connections.ts'
import type { IntegrationRow } from '../db/integrations.ts'
import { sendsNothing } from './method.ts'

type Located = Pick<IntegrationRow, 'baseUrl' | 'origins'>
type Pinned = Pick<ConnectionRow, 'method' | 'origins'>

/** Every origin that calls of an integration go to, the base URL's first. */
export function originsOf({ baseUrl, origins }: Located): string[] {
  return [...new Set([new URL(baseUrl).origin, ...origins])]
}

/** Those of them that a connection's credential does not go to. */
export function unconfirmedOrigins(integration: Located, { method, origins }: Pinned): string[] {
  return sendsNothing(method) ? [] : originsOf(integration).filter((origin) => !origins.includes(origin))
}

/**
 * Where the credential goes once somebody has confirmed `confirmed`: to nothing that the integration does not have, and
 * no longer to what it has left.
 */
export function confirmedOrigins(integration: Located, { origins }: Pinned, confirmed: readonly string[]): string[] {
  return originsOf(integration).filter((origin) => origins.includes(origin) || confirmed.includes(origin))
}
