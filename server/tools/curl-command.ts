// What a curl command tells about an API: where it is, and where its credential goes. The values of credentials are
// dropped while it is read: nothing that is returned holds one, and neither does any message.
import type { AuthField, AuthMethod, Placement } from '../../drizzle/shapes.ts'
import { isDocumentAddress, parseAddress, shownAddress } from './address.ts'
import { wordsOf } from './curl-words.ts'

export type CurlCommand =
  | {
      ok: true
      /** Without user name, credentials, and what belongs to the one call: ids in the path, and the query. */
      url: string
      /** How the command signs in; null when it does not, or when it computes an answer (digest, signatures). */
      method: AuthMethod | null
      message: string
    }
  | { ok: false; message: string }

/** Where a credential goes. `template` is written with `{token}`. */
type Part = { in: 'header' | 'query' | 'cookie'; name: string; template: string } | { in: 'basic'; isKey: boolean }

/** Where a command begins: at a line's start, after a prompt, assignments, `sudo`, or a path. */
const START =
  /^[ \t$>%#]{0,4}(?:\w{1,64}=\S{0,500}[ \t]+|sudo[ \t]+|time[ \t]+){0,8}(?:[\w.:\\/-]{0,200}[\\/])?curl(?:\.exe)?(?=\s)/im
const MOST_PARTS = 4

/** Null when there is no curl command in the text. */
export function readCurlCommand(text: string): CurlCommand | null {
  const start = START.exec(text)
  if (start === null) return null
  const { addresses, parts, queries, isComputed } = readOptions(wordsOf(text.slice(start.index + start[0].length)))
  const given = addresses.find((address) => /^https?:\/\//i.test(address)) ?? addresses.find(parseAddress)
  if (given === undefined) return { ok: false, message: 'The curl command names no web address. Paste all of it.' }
  const url = parseAddress(given)
  if (url === null || /[${}<>]/.test(url.hostname)) {
    const message = 'The host in the curl command is a placeholder or cannot be read. Put in the real one.'
    return { ok: false, message }
  }
  if (url.username !== '' || url.password !== '') parts.push({ in: 'basic', isKey: url.password === '' })
  parts.push(...[url.search.slice(1), ...queries].flatMap(partsOfQuery))
  const method = isComputed ? null : methodOf(parts)
  const address = withoutCall(url)
  const credential =
    method === null
      ? 'It shows no credential that can be used.'
      : `It signs in with ${method.label}; the value is dropped.`
  return { ok: true, url: address, method, message: `A curl command for ${shownAddress(address)}. ${credential}` }
}

/** Short options that take a value, and what those do that are read here. */
const SHORT_WITH_VALUE = new Set('AbcCdDeEFHKmoPQrtTuUwxXyYz')
const MEANING: Record<string, string> = { H: 'header', u: 'user', b: 'cookie', d: 'data', G: 'get', ':': 'next' }
const LONG_WITH_VALUE = new Set(
  'abstract-unix-socket aws-sigv4 cacert capath cert cert-type ciphers config connect-timeout connect-to continue-at cookie cookie-jar crlfile data data-ascii data-binary data-raw data-urlencode dns-servers doh-url dump-header engine expect100-timeout form form-string header interface json keepalive-time key key-type limit-rate local-port max-filesize max-redirs max-time netrc-file noproxy oauth2-bearer output output-dir pass pinnedpubkey preproxy proto proto-default proxy proxy-header proxy-user proxy1.0 range rate referer request request-target resolve retry retry-delay retry-max-time socks4 socks4a socks5 socks5-hostname speed-limit speed-time stderr time-cond tls-max trace trace-ascii unix-socket upload-file url url-query user user-agent variable write-out'.split(
    ' ',
  ),
)
const COMPUTED = new Set(['digest', 'ntlm', 'negotiate', 'aws-sigv4'])

/** Options with their values, in order; a word that is none is an address. */
function* optionsOf(words: readonly string[]): Generator<[name: string, value: string]> {
  let rest = words.values()
  const next = () => rest.next().value ?? ''
  for (const word of rest) {
    if (word.startsWith('--')) {
      const name = word.slice(2)
      yield [name, LONG_WITH_VALUE.has(name) ? next() : '']
    } else if (word.startsWith('-') && word.length > 1) {
      for (let at = 1; at < word.length; at++) {
        const letter = word.charAt(at)
        const takes = SHORT_WITH_VALUE.has(letter)
        yield [MEANING[letter] ?? letter, takes ? word.slice(at + 1) || next() : '']
        if (takes) break
      }
    } else yield ['url', word]
  }
}

function readOptions(words: readonly string[]) {
  const addresses: string[] = []
  const parts: Part[] = []
  const queries: string[] = []
  const bodies: string[] = []
  let isComputed = false
  let isGet = false
  for (const [name, value] of optionsOf(words)) {
    // Another command, or another request of the same one.
    if (name === 'next' || (name === 'url' && /^curl(\.exe)?$/i.test(value))) break
    if (name === 'url') addresses.push(value)
    else if (name === 'header') parts.push(...partsOfHeader(value))
    else if (name === 'user') parts.push({ in: 'basic', isKey: value.endsWith(':') })
    else if (name === 'cookie') parts.push(...partsOfCookies(value))
    else if (name === 'oauth2-bearer') parts.push({ in: 'header', name: 'Authorization', template: 'Bearer {token}' })
    else if (name === 'url-query') queries.push(value)
    else if (name === 'data' || name === 'data-urlencode') bodies.push(value)
    else if (name === 'get') isGet = true
    isComputed ||= COMPUTED.has(name)
  }
  return { addresses, parts, queries: isGet ? [...queries, ...bodies] : queries, isComputed }
}

const CREDENTIAL =
  /(?:^|[-_.])(?:\w{0,20}auth(?:orization)?|\w{0,20}key|\w{0,20}token|\w{0,20}secret|app-?id|pat|pass(?:word|wd)?|pwd|credentials?|signature|sig|session(?:-?id)?|sid|jwt|client-?id)(?:$|[-_.])/i
const NO_CREDENTIAL = /idempot|page|next|continu|sync|cursor|csrf|xsrf|sort|cache|websocket|partition|public/i
const NAME = /^[\w!#$%&'*+.^`|~-]{1,100}$/

function isCredential(name: string): boolean {
  const spaced = name.replaceAll(/([a-z])([A-Z])/g, '$1-$2')
  return NAME.test(name) && CREDENTIAL.test(spaced) && !NO_CREDENTIAL.test(name)
}

function partsOfHeader(line: string): Part[] {
  const colon = line.indexOf(':')
  const name = line.slice(0, Math.max(colon, 0)).trim()
  const value = line.slice(colon + 1).trim()
  if (/^cookie$/i.test(name)) return partsOfCookies(value)
  if (!isCredential(name)) return []
  if (/^basic\s/i.test(value)) return [{ in: 'basic', isKey: false }]
  // Only a word that is one: what stands first could be the beginning of the secret.
  const scheme = /^(?:(?:[A-Z]{1,20}-){0,3}[A-Z]{0,12}(?:auth|bearer|key|token)|bot|client-id|ssws)(?=\s)/i.exec(
    value,
  )?.[0]
  const isNamed = /^token\s+token=/i.test(value)
  return [{ in: 'header', name, template: scheme ? `${scheme} ${isNamed ? 'token=' : ''}{token}` : '{token}' }]
}

/** A browser's command repeats all of its cookies: of several, only those count that sound like a credential. */
function partsOfCookies(text: string): Part[] {
  const names = text.split(';').flatMap((pair) => (pair.includes('=') ? [pair.slice(0, pair.indexOf('=')).trim()] : []))
  const chosen = names.filter((name) => NAME.test(name) && (names.length === 1 || isCredential(name)))
  return chosen.map((name) => ({ in: 'cookie', name, template: '{token}' }))
}

function partsOfQuery(query: string): Part[] {
  const names = [...new URLSearchParams(query).keys()].filter(isCredential)
  return names.map((name) => ({ in: 'query', name, template: '{token}' }))
}

function methodOf(found: readonly Part[]): AuthMethod | null {
  const distinct = new Map(
    found.map((part) => [part.in === 'basic' ? '' : `${part.in} ${part.name.toLowerCase()}`, part]),
  )
  const parts = [...distinct.values()].slice(0, MOST_PARTS)
  if (parts.length === 0) return null
  const fields: AuthField[] = []
  const placements: Placement[] = []
  const labels: string[] = []
  for (const part of parts) {
    const field = parts.length === 1 ? 'token' : fieldName(part, fields.length)
    if (part.in === 'basic') {
      const isKey = part.isKey
      if (isKey) fields.push({ name: field, label: 'Key (sent as the user name)', isSecret: true })
      else {
        fields.push({ name: 'user', label: 'User name', isSecret: false })
        fields.push({ name: 'password', label: 'Password', isSecret: true })
      }
      placements.push(
        isKey
          ? { in: 'basic', userTemplate: `{${field}}`, passwordTemplate: '' }
          : { in: 'basic', userTemplate: '{user}', passwordTemplate: '{password}' },
      )
      labels.push(isKey ? 'a key as the user name' : 'user name and password')
    } else {
      const label = `${part.in} ${part.name}`
      fields.push({ name: field, label: parts.length === 1 ? 'Token' : label, isSecret: true })
      placements.push({ ...part, template: part.template.replace('{token}', `{${field}}`) })
      labels.push(label)
    }
  }
  return { id: 'curl', label: labels.join(' + '), fields, placements }
}

function fieldName(part: Part, index: number): string {
  const name =
    part.in === 'basic'
      ? 'key'
      : part.name
          .toLowerCase()
          .replaceAll(/[^a-z\d]+/g, '_')
          .slice(0, 40)
  return `${/^[a-z]/.test(name) ? '' : 'field'}${name}_${index + 1}`
}

/** Where the API is, without what belongs to one call. A document's own address keeps its path, and what is no credential. */
function withoutCall(url: URL): string {
  const kept = new URL(url.origin)
  if (isDocumentAddress(url)) {
    kept.pathname = url.pathname
    for (const [name, value] of url.searchParams) if (!isCredential(name)) kept.searchParams.append(name, value)
    return kept.href
  }
  const segments = url.pathname.split('/')
  const end = segments.findIndex(isOpaque)
  kept.pathname = segments.slice(0, end < 0 ? undefined : end).join('/')
  return kept.href
}

/** An id or a secret, as some APIs have it in the path: `/bot123:AbC/getMe`, `/services/T0/B0/xyz`. */
function isOpaque(segment: string): boolean {
  return (
    /:|%3a/i.test(segment) ||
    /^(?=.{0,200}\d)(?=.{0,200}[a-z])[\w-]{16,}$/i.test(segment) ||
    /^[a-z\d]{20,}$/i.test(segment)
  )
}
