// Which IP addresses belong to the public internet. Pure: text in, a refusal out.

/** Special-purpose IPv4 ranges (IANA registry, RFC 6890), and public addresses that answer only inside a cloud. */
const IPV4_RANGES: readonly (readonly [cidr: string, what: string])[] = [
  ['0.0.0.0/8', 'an unspecified address'],
  ['10.0.0.0/8', 'a private address'],
  ['100.64.0.0/10', 'a shared (CGNAT) address'],
  ['127.0.0.0/8', 'a loopback address'],
  ['168.63.129.16/32', 'a cloud metadata address'],
  ['169.254.0.0/16', 'a link-local (cloud metadata) address'],
  ['172.16.0.0/12', 'a private address'],
  ['192.0.0.0/24', 'an address reserved for protocols'],
  ['192.0.2.0/24', 'a documentation address'],
  ['192.88.99.0/24', 'a 6to4 relay address'],
  ['192.168.0.0/16', 'a private address'],
  ['198.18.0.0/15', 'a benchmarking address'],
  ['198.51.100.0/24', 'a documentation address'],
  ['203.0.113.0/24', 'a documentation address'],
  ['224.0.0.0/4', 'a multicast address'],
  ['255.255.255.255/32', 'a broadcast address'],
  ['240.0.0.0/4', 'a reserved address'],
]

/** The first match names the range; whatever lies outside 2000::/3, the only global unicast space, is refused anyway. */
const IPV6_RANGES: readonly (readonly [cidr: string, what: string])[] = [
  ['::/128', 'an unspecified address'],
  ['::1/128', 'a loopback address'],
  ['::ffff:0:0/96', 'an IPv4-mapped address'],
  ['::/96', 'an IPv4-compatible address'],
  ['64:ff9b::/96', 'a NAT64 address'],
  ['64:ff9b:1::/48', 'a local NAT64 address'],
  ['100::/64', 'a discard-only address'],
  ['fc00::/7', 'a private (unique local) address'],
  ['fe80::/10', 'a link-local address'],
  ['fec0::/10', 'a private (site-local) address'],
  ['ff00::/8', 'a multicast address'],
  ['2001::/32', 'a Teredo address'],
  ['2001::/23', 'an address reserved for protocols'],
  ['2001:db8::/32', 'a documentation address'],
  ['2002::/16', 'a 6to4 address'],
  ['3fff::/20', 'a documentation address'],
]

interface Range {
  prefix: Uint8Array
  bits: number
  what: string
}

const V4 = compile(IPV4_RANGES)
const V6 = compile(IPV6_RANGES)
const GLOBAL_UNICAST: Range = { prefix: Uint8Array.of(0x20), bits: 3, what: '' }

/** What kind of non-public address this is ("a private address"), or null for a public one. Never null for bad text. */
export function refusalOfAddress(address: string): string | null {
  const bytes = parseAddress(address)
  if (bytes === null) return 'not an IP address'
  const refused = (bytes.length === 4 ? V4 : V6).find((range) => contains(range, bytes))
  if (refused) return refused.what
  return bytes.length === 16 && !contains(GLOBAL_UNICAST, bytes) ? 'a reserved address' : null
}

/** `127.0.0.0/8` and `::1`, in no other spelling. */
export function isLoopbackAddress(address: string): boolean {
  return refusalOfAddress(address) === 'a loopback address'
}

/** 4 or 16 bytes, or null. IPv4 must be four plain decimal numbers, as the URL parser and DNS answers write it. */
export function parseAddress(text: string): Uint8Array | null {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text)
}

function parseIpv4(text: string): Uint8Array | null {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return null
  return Uint8Array.from(parts, Number)
}

/** The URL parser validates IPv6 and rewrites it to groups of hex digits with one `::`, whatever way it was spelled. */
function parseIpv6(text: string): Uint8Array | null {
  const host = URL.parse(`http://[${text}]/`)?.hostname
  if (!host?.startsWith('[')) return null
  const [left = '', right] = host.slice(1, -1).split('::')
  const head = left === '' ? [] : left.split(':')
  const tail = right === undefined || right === '' ? [] : right.split(':')
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0')
  const groups = [...head, ...zeros, ...tail].map((group) => Number.parseInt(group, 16))
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]))
}

function compile(ranges: readonly (readonly [string, string])[]): Range[] {
  return ranges.map(([cidr, what]) => {
    const [address = '', bits] = cidr.split('/')
    const prefix = parseAddress(address)
    if (prefix === null) throw new Error(`${cidr} is not a CIDR range`)
    return { prefix, bits: Number(bits), what }
  })
}

function contains({ prefix, bits }: Range, address: Uint8Array): boolean {
  for (let index = 0, left = bits; left > 0; index++, left -= 8) {
    const mask = left >= 8 ? 0xff : (0xff << (8 - left)) & 0xff
    if (((prefix[index] ?? 0) & mask) !== ((address[index] ?? 0) & mask)) return false
  }
  return true
}
