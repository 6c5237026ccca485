// What the sandbox's URL, URLSearchParams, TextDecoder, atob and btoa ask of the host's own. No state.

/** `request` is the JSON of `[operation, input]`; the answer is the JSON of `{ value }` or `{ error }`. */
export function compute(request: string): string {
  try {
    const [operation, input]: [string, unknown] = JSON.parse(request)
    return JSON.stringify({ value: carryOut(operation, input) })
  } catch (error) {
    return JSON.stringify({ error: error instanceof Error ? error.message : 'invalid input' })
  }
}

function carryOut(operation: string, input: unknown): unknown {
  if (operation === 'atob') return atob(String(input))
  if (operation === 'btoa') return btoa(String(input))
  if (operation === 'pairs') return [...new URLSearchParams(String(input))]
  if (!Array.isArray(input)) throw new TypeError('invalid input')
  if (operation === 'query')
    return new URLSearchParams(input.map(([name, value]) => [String(name), String(value)])).toString()
  if (operation === 'url') return parseUrl(String(input[0]), input[1] === null ? undefined : String(input[1]))
  if (operation === 'change') return changeUrl(String(input[0]), String(input[1]), String(input[2]))
  throw new TypeError('invalid input')
}

function parseUrl(href: string, base: string | undefined): Record<string, string> {
  if (!URL.canParse(href, base)) throw new TypeError(`Invalid URL: ${href.slice(0, 200)}`)
  return partsOf(new URL(href, base))
}

const CHANGEABLE = [
  'protocol',
  'username',
  'password',
  'host',
  'hostname',
  'port',
  'pathname',
  'search',
  'hash',
] as const

function changeUrl(href: string, name: string, value: string): Record<string, string> {
  if (name === 'href') return parseUrl(value, undefined)
  const url = new URL(href)
  const part = CHANGEABLE.find((changeable) => changeable === name)
  if (part === undefined) throw new TypeError(`A URL's ${name} cannot be changed`)
  url[part] = value
  return partsOf(url)
}

function partsOf(url: URL): Record<string, string> {
  const parts: Record<string, string> = { href: url.href, origin: url.origin }
  for (const name of CHANGEABLE) parts[name] = url[name]
  return parts
}

/** `options` is the JSON of `[label, isFatal]`; the answer is like that of `compute`. */
export function decodeText(bytes: Uint8Array, options: string): string {
  const [label, fatal]: [string, boolean] = JSON.parse(options)
  try {
    return JSON.stringify({ value: new TextDecoder(label, { fatal }).decode(bytes) })
  } catch (error) {
    return JSON.stringify({ error: error instanceof Error ? error.message : 'The bytes cannot be decoded.' })
  }
}
