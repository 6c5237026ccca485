// Where the document of an API usually lies, when nothing says so. Pure.

/** RFC 9727, then what frameworks and people call it, most common first. */
const PLACES = [
  '/.well-known/api-catalog',
  '/openapi.json',
  '/swagger.json',
  '/openapi.yaml',
  '/v3/api-docs',
  '/api/openapi.json',
  '/swagger/v1/swagger.json',
  '/api-docs',
  '/docs/openapi.json',
  '/openapi/v1.json',
  '/api/v1/openapi.json',
  '/api/swagger.json',
  '/v2/api-docs',
  '/api-json',
  '/api/schema/',
]
/** Of the host that was given, and of those beside it: `api.example.com` seldom has the document elsewhere. */
const PLACES_BESIDE = ['/openapi.json', '/.well-known/api-catalog', '/swagger.json', '/openapi.yaml', '/v3/api-docs']

/** The raw file behind a page of a code host; null for any other address. */
export function rawFile(url: URL): URL | null {
  const { hostname, pathname, origin } = url
  const raw =
    hostname === 'github.com'
      ? pathname.replace(/^\/([^/]+\/[^/]+)\/(?:blob|raw)\//, 'https://raw.githubusercontent.com/$1/')
      : hostname === 'bitbucket.org'
        ? pathname.replace(/^(\/[^/]+\/[^/]+)\/src\//, `${origin}$1/raw/`)
        : pathname.replace(/\/-\/blob\//, '/-/raw/').replace(/^(?=.*\/-\/raw\/)/, origin)
  return raw === pathname ? null : URL.parse(raw)
}

/** The document that the address of an API viewer names: `https://editor.swagger.io/?url=https://…` */
export function namedInQuery(url: URL): URL | null {
  const named = url.searchParams.get('url') ?? url.searchParams.get('spec') ?? url.searchParams.get('specUrl')
  const target = named === null || named === '' ? null : URL.parse(named, url)
  return target !== null && /^https?:$/.test(target.protocol) ? target : null
}

/** Guesses, the likeliest first, and the host beside it whose start page may link to the document. */
export function usualPlaces(url: URL): { guesses: string[]; pages: string[] } {
  const google = googlePlaces(url)
  if (google.length > 0) return { guesses: google, pages: [] }
  const at = (origin: string, places: readonly string[]) => places.map((place) => origin + place)
  const folder = folderOf(url)
  const own = at(url.origin, PLACES)
  const under = folder === '' ? [] : at(url.origin + folder, ['/openapi.json', '/swagger.json', '/openapi.yaml'])
  const domain = bareDomain(url)
  if (domain === null) return { guesses: [...own.slice(0, 1), ...under, ...own.slice(1)], pages: [] }
  const beside = at(`${url.protocol}//api.${domain}`, PLACES_BESIDE)
  return { guesses: zip(beside, own), pages: [`${url.protocol}//docs.${domain}/`] }
}

/** `/api/v2` of `/api/v2/customers/7`: as far as the version, or else the first part; empty at the root. */
function folderOf({ pathname }: URL): string {
  const version = /^((?:\/[^/]{1,60}){0,3}?\/v\d{1,8}(?:\.\d{1,3})?)(?:\/|$)/i.exec(pathname)?.[1]
  return version ?? /^\/[^/.]{1,60}(?=\/|$)/.exec(pathname)?.[0] ?? ''
}

/** Somebody who gives only a domain may mean any of its hosts. */
function bareDomain({ hostname, pathname, search, port }: URL): string | null {
  const labels = hostname.replace(/^www\./, '').split('.')
  const most = labels.length === 3 && /^(com?|org|net|gov|edu|ac)$/.test(labels[1] ?? '') ? 3 : 2
  const isBare = pathname === '/' && search === '' && port === '' && labels.length === most
  return isBare && /[a-z]$/i.test(hostname) && labels[1] !== 'localhost' ? labels.join('.') : null
}

/** Google's APIs are described by Discovery documents: at the API's own host, or in the directory for the older ones. */
function googlePlaces({ hostname, pathname }: URL): string[] {
  if (!hostname.endsWith('.googleapis.com')) return []
  const [, name = '', version = ''] = /^\/([a-z\d]{1,60})\/(v\d\w{0,20})(?:\/|$)/.exec(pathname) ?? []
  const own = version === '' ? (/^\/(v\d\w{0,20})(?:\/|$)/.exec(pathname)?.[1] ?? '') : version
  const directory = name === '' ? [] : [`https://www.googleapis.com/discovery/v1/apis/${name}/${version}/rest`]
  if (hostname === 'www.googleapis.com') return directory
  return [`https://${hostname}/$discovery/rest${own === '' ? '' : `?version=${own}`}`, ...directory]
}

function zip(first: readonly string[], second: readonly string[]): string[] {
  return second.flatMap((value, index) => [value, first[index] ?? []].flat())
}
