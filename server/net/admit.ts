// May a request go to this URL? Asked for the first URL and again for every redirect.
import { isLoopbackAddress, parseAddress, refusalOfAddress } from './address.ts'
import { OutboundError } from './outbound-error.ts'
import type { Resolve } from './resolve.ts'

export interface AdmitOptions {
  /** Opens loopback, and nothing else; names are then not looked up. Local stack only. */
  allowLocalNetwork: boolean
  resolve: Resolve
  signal: AbortSignal
}

/** Names that are only ever answered inside a network or a cloud; matched with everything below them. */
const LOCAL_NAMES = [
  'corp',
  'home',
  'home.arpa',
  'internal',
  'intranet',
  'lan',
  'local',
  'localdomain',
  'metadata.goog',
  'onion',
  'private',
  'svc',
]

/** Parses text to an http(s) URL without user name, password and fragment. Throws `OutboundError`. */
export function parseTarget(text: string, base?: URL): URL {
  const url = URL.parse(text, base)
  if (url === null) throw new OutboundError('invalid_url', 'The address is not a valid URL.')
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new OutboundError('invalid_url', `Only http and https URLs can be reached, not ${url.protocol}`)
  }
  if (url.username !== '' || url.password !== '') {
    throw new OutboundError('invalid_url', 'A URL must not carry a user name or password; use a connection instead.')
  }
  url.hash = ''
  return url
}

/** Resolves when the host may be reached, and throws `OutboundError` when not. */
export async function admit(url: URL, { allowLocalNetwork, resolve, signal }: AdmitOptions): Promise<void> {
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.+$/, '')
  if (host === '') throw new OutboundError('invalid_url', 'The URL names no host.')

  if (parseAddress(host)) {
    const refusal = refusalOfAddress(host)
    if (refusal !== null && !(allowLocalNetwork && isLoopbackAddress(host))) throw blocked(`${host} is ${refusal}`)
    return
  }
  if (host === 'localhost' || host.endsWith('.localhost')) {
    if (!allowLocalNetwork) throw blocked(`${host} is this machine`)
    return
  }
  if (!host.includes('.') || LOCAL_NAMES.some((name) => host === name || host.endsWith(`.${name}`))) {
    throw blocked(`${host} is a name on a local network`)
  }
  if (allowLocalNetwork) return

  const resolution = await resolve(host, signal)
  if (!resolution.ok) throw new OutboundError(resolution.reason, resolution.message)
  for (const address of resolution.addresses) {
    const refusal = refusalOfAddress(address)
    if (refusal !== null) throw blocked(`${host} resolves to ${address}, ${refusal}`)
  }
}

function blocked(because: string): OutboundError {
  return new OutboundError('blocked_address', `${because}. Executor reaches public addresses only.`)
}
