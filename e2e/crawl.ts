// Opens every address of the console that its pages lead to, as HTML and as the data that the browser asks for.
import { signInCookie } from './console.ts'
import type { Identity } from './local-access/identities.ts'

export interface Visited {
  address: string
  status: number
  body: string
}

interface CrawlOptions {
  /** Opened first, whatever leads there. */
  from: readonly string[]
  /** Of pages that differ in nothing but what they are about. */
  mostOfAKind?: number
}

/** `kinds`: `/runs/:`, with how many were opened. */
export async function crawl(
  origin: string,
  identity: Identity,
  { from, mostOfAKind = 12 }: CrawlOptions,
  visit: (page: Visited) => void,
): Promise<Map<string, number>> {
  const cookie = await signInCookie(origin, identity)
  const kinds = new Map<string, number>()
  const open = async (address: string, accept: string): Promise<Visited> => {
    const response = await fetch(new URL(address, origin), { headers: { cookie, accept } })
    return { address, status: response.status, body: await response.text() }
  }
  const seen = new Set(from)
  const wanted = [...seen]
  for (let address = wanted.shift(); address !== undefined; address = wanted.shift()) {
    const kind = kindOf(address)
    const count = kinds.get(kind) ?? 0
    if (count >= mostOfAKind && !from.includes(address)) continue
    kinds.set(kind, count + 1)
    const page = await open(address, 'text/html')
    visit(page)
    visit(await open(dataAddress(address), '*/*'))
    for (const [, link = ''] of page.body.matchAll(/\bhref="(\/(?!\/|cdn-cgi|assets)[^"#]*)/g)) {
      const next = link.replaceAll('&amp;', '&')
      if (!seen.has(next)) wanted.push(next)
      seen.add(next)
    }
  }
  return kinds
}

/** Where React Router asks for what a page is made of. */
function dataAddress(address: string): string {
  const [path = '', query] = address.split('?')
  return `${path === '/' ? '/_root' : path}.data${query === undefined ? '' : `?${query}`}`
}

function kindOf(address: string): string {
  const url = new URL(address, 'http://localhost')
  const path = url.pathname.replace(
    /^\/([a-z]+)\/(?!new$|export$|remembered$|notifications$|encryption$|last-seen$).+/,
    '/$1/:',
  )
  return `${path} ${[...new Set(url.searchParams.keys())].sort().join(' ')}`.trim()
}
