// Clients whose id is the address of their metadata (OAuth Client ID Metadata Document). The library takes https alone,
// and on this machine there is none, so documents on loopback are read here.
import type { AdapterFactory, AdapterPayload } from 'oidc-provider'

const LOOPBACK = /^http:\/\/(?:localhost|127\.0\.0\.1):\d+\/\S+$/
const TIMEOUT_MS = 5_000

async function readDocument(id: string): Promise<AdapterPayload | undefined> {
  try {
    const response = await fetch(id, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) })
    const document: unknown = await response.json()
    if (!response.ok || typeof document !== 'object' || document === null) return undefined
    // Whoever writes the document could otherwise speak for another client.
    return 'client_id' in document && document.client_id === id ? { ...document, client_id: id } : undefined
  } catch {
    return undefined
  }
}

export function withClientDocuments(storage: AdapterFactory): AdapterFactory {
  return (model) => {
    const adapter = storage(model)
    if (model !== 'Client') return adapter
    return { ...adapter, find: (id) => (LOOPBACK.test(id) ? readDocument(id) : adapter.find(id)) }
  }
}
