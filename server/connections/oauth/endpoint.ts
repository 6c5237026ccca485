// Addresses that an authorization server names: https, or http of this machine where the network of it may be reached.
import { isLoopbackAddress } from '../../net/address.ts'

const MAX_URL = 2000

/** Null for what nothing may be sent to, and nobody be led to (RFC 6749, sections 3.1 and 3.2; RFC 9700, section 2.6). */
export function endpointOf(text: unknown): URL | null {
  if (typeof text !== 'string' || text.length > MAX_URL) return null
  const url = URL.parse(text)
  if (url === null || url.hash !== '' || url.username !== '' || url.password !== '') return null
  return url.protocol === 'https:' || isLoopbackHttp(url) ? url : null
}

export function isLoopbackHttp({ protocol, hostname }: URL): boolean {
  if (protocol !== 'http:') return false
  const host = hostname.replaceAll(/[[\]]/g, '')
  return host === 'localhost' || host.endsWith('.localhost') || isLoopbackAddress(host)
}
