// Whether an address is an endpoint that describes itself, looked at beside whether it leads to a document.
import type { AuthMethod } from '../../../drizzle/shapes.ts'
import { describing, type FoundEndpoint, probeEndpoint } from '../../../server/integrations/endpoints.ts'
import { isDocumentAddress, parseAddress } from '../../../server/tools/address.ts'
import type { FindResult } from '../../../server/tools/find-document.ts'
import { beginFromEndpoint } from '../../../server/tools/imports/begin-endpoint.ts'
import { type EndpointDeps, type EndpointOrigin, probingFetch } from '../../../server/tools/imports/fetch-endpoint.ts'
import type { Begun } from '../../../server/tools/imports/begin.ts'

export type Endpoint = FoundEndpoint & Pick<EndpointOrigin, 'protocol'>

/** Nobody who names a file means an endpoint. */
export async function lookForEndpoint(deps: EndpointDeps, address: string): Promise<Endpoint | null> {
  const url = parseAddress(address)
  if (url === null || isDocumentAddress(url)) return null
  const found = await probeEndpoint(url.href, probingFetch(deps))
  // One that keeps its schema to itself has to be described by a file.
  return found?.describesItself === false ? null : found
}

/** Which of the two an address means: the one that is at the very address, else what there is; null when there is both. */
export function meantBy(address: string, found: FindResult, endpoint: Endpoint | null): 'document' | 'endpoint' | null {
  if (endpoint === null) return 'document'
  if (!found.ok || !found.isSure) return 'endpoint'
  const asked = parseAddress(address)?.href
  if (asked === endpoint.url) return 'endpoint'
  return asked === found.url ? 'document' : null
}

/** `GraphQL endpoint`. */
export function endpointLabel({ protocol }: Endpoint): string {
  return `${describing(protocol)?.name ?? protocol} endpoint`
}

/** What is to be done first: where it is to be named and connected before it can be read. */
export type BegunEndpoint = Begun & { connectFirst?: string }

export async function beginEndpoint(
  deps: EndpointDeps,
  endpoint: Pick<Endpoint, 'protocol' | 'url'> & { method?: AuthMethod },
  asker: { by: string; integrationId?: string },
): Promise<BegunEndpoint> {
  const origin: EndpointOrigin = { kind: 'endpoint', ...endpoint }
  const begun = await beginFromEndpoint(deps, origin, asker)
  if (begun.ok || begun.code !== 'needs_credential') return begun
  if (asker.integrationId !== undefined) {
    return { ...begun, message: `${begun.message} Read it through a connection, on the page of the integration.` }
  }
  const { protocol, url } = endpoint
  const search = new URLSearchParams({ protocol, url })
  return { ...begun, connectFirst: `/integrations/from-endpoint?${search}` }
}
