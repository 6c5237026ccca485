// Why a call does not go through a connection: it is for another way to sign in, or for other hosts.
import type { ToolErrorShape } from '../../drizzle/shapes.ts'
import type { ConnectionRow } from '../db/connections.ts'
import type { ToolRow } from '../db/tools.ts'
import type { Fetch } from '../integrations/adapter.ts'
import { OutboundError } from '../net/outbound.ts'
import {
  type Caller,
  type CatalogIntegration,
  type CatalogSnapshot,
  connectUrlOf,
  usableConnections,
} from './catalog.ts'
import { suitabilityOf } from './suitable-method.ts'

interface Intended {
  integration: CatalogIntegration
  connection: ConnectionRow | null
  tool: Pick<ToolRow, 'name' | 'binding'>
}

/** Null when the operation accepts what the connection signs in with, as far as its document says. */
export function refuseUnsuitable(
  catalog: CatalogSnapshot,
  principal: Caller,
  { integration, connection, tool }: Intended,
  origin: string,
): ToolErrorShape | null {
  if (connection === null) return null
  const { slug, authMethods } = integration
  const suitability = suitabilityOf(tool, authMethods, connection.method)
  if (suitability.isSuitable) return null
  const accepted = suitability.accepted.map(({ label }) => label)
  const others = usableConnections(catalog, principal, integration.id)
    .filter(({ method }) => suitabilityOf(tool, authMethods, method).isSuitable)
    .map((other) => `${slug}@${other.slug}`)
  const link = connectUrlOf(slug, origin)
  const takes = accepted.map((label) => `“${label}”`).join(' or ')
  const way =
    others.length > 0
      ? `Call it through ${others.join(' or ')}, as in tools["${others[0]}"].`
      : `A person can add a connection of that kind here: ${link}`
  const message = `${slug}@${connection.slug} signs in with “${connection.method.label}”, and ${slug}.${tool.name} takes ${takes}. ${way}`
  return { code: 'connection_unsuitable', message, details: { accepted, connections: others, link } }
}

/** A service has no assertion of a person that could be forwarded, and never will in this run. */
export function refuseService(
  principal: Caller,
  { integration: { slug }, connection }: Pick<Intended, 'integration' | 'connection'>,
): ToolErrorShape | null {
  if (connection?.method.forwards === undefined || !principal.id.startsWith('service:')) return null
  const message = `${slug}@${connection.slug} calls as the signed-in person, and a service token is none. An admin can add a connection with an Access service token, or people run this themselves.`
  return { code: 'person_required', message }
}

/** A document that changed hosts, or sends some calls elsewhere, must be confirmed by a person before credentials follow. */
export function refuseUnconfirmed(
  { integration: { slug }, connection }: { integration: CatalogIntegration; connection: ConnectionRow },
  target: string,
  origin: string,
): ToolErrorShape {
  const link = `${origin}/connections/${connection.id}`
  const message = `${slug}@${connection.slug} is for ${connection.origins.join(', ')}, and this call goes to ${target}. A person can confirm that here: ${link}`
  return { code: 'connection_not_confirmed', message, details: { link } }
}

/**
 * Lets requests through that go where a credential may go, and no others: one that went elsewhere would arrive without
 * the credential, and with everything else in it. `strayed` is where the first of the others was going.
 */
export function onlyTo(origins: readonly string[], fetch: Fetch): { fetch: Fetch; strayed: () => string | undefined } {
  let strayed: string | undefined
  return {
    fetch: (request) => {
      const { origin } = new URL(request.url)
      if (origins.includes(origin)) return fetch(request)
      strayed ??= origin
      return Promise.reject(new OutboundError('blocked_address', `${origin} is not confirmed.`))
    },
    strayed: () => strayed,
  }
}
