// Web addresses as people write them: with or without a scheme. Pure; whether one may be reached, server/net decides.

/** Hosts of one's own machine or network seldom speak TLS. */
const LOCAL = /^(localhost|[\w.-]+\.localhost|127\.|10\.|192\.168\.|\[)/i

/** The http(s) URL that a text is, without its fragment; null when it is none. */
export function parseAddress(text: string): URL | null {
  const written = text.trim()
  if (/\s/.test(written)) return null
  const isWhole = /^https?:\/\//i.test(written)
  if (!isWhole && !isHost(/^[^/?#]*/.exec(written)?.[0] ?? '')) return null
  const url = URL.parse(isWhole ? written : `${LOCAL.test(written) ? 'http' : 'https'}://${written}`)
  if (url === null) return null
  url.hash = ''
  return url
}

/** Without a scheme, only what can be nothing else: no user name, and a dot, brackets or `localhost`. */
function isHost(authority: string): boolean {
  return (
    /^(\[[\da-f:.]+\]|localhost|[^\s@:[\]\\]+\.[^\s@:[\]\\.]{1,63}\.?)(:\d{1,5})?$/i.test(authority) &&
    !isFileName(authority)
  )
}

/** `openapi.json` looks like a host, and no host ends like that. */
export function isFileName(text: string): boolean {
  return /^[^/?#:]+\.(json|ya?ml|graphqls?|gql|txt|zip|gz|html?)$/i.test(text)
}

/** Whether an address ends like a file that describes an API, or is where frameworks serve one. */
export function isDocumentAddress({ pathname }: URL): boolean {
  return (
    /\.(json|ya?ml|graphqls?|gql)(\.gz)?$/i.test(pathname) ||
    /\/(api-docs|openapi|swagger|\$discovery\/rest|discovery\/v1\/apis\/[^/]+\/[^/]+\/rest)\/?$|-(json|yaml)$/i.test(
      pathname,
    )
  )
}

/** `https://host/path` for a sentence: no query, which may hold a secret. */
export function shownAddress(url: string | URL): string {
  const { origin, pathname } = new URL(url)
  return pathname === '/' ? origin : origin + pathname
}
