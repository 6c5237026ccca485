import { expect, test } from 'vitest'
import { isLoopbackAddress, parseAddress, refusalOfAddress } from './address.ts'

test.each([
  '1.1.1.1',
  '8.8.8.8',
  '172.15.255.255',
  '172.32.0.1',
  '100.63.255.255',
  '100.128.0.1',
  '192.0.1.1',
  '223.255.255.254',
])('%s is a public address', (address) => expect(refusalOfAddress(address)).toBeNull())

test.each(['2606:4700:4700::1111', '2001:4860:4860::8888', '2a00:1450:4001:81b::200e', '2001:200::1'])(
  '%s is a public address',
  (address) => expect(refusalOfAddress(address)).toBeNull(),
)

test.each([
  ['0.0.0.0', 'an unspecified address'],
  ['0.1.2.3', 'an unspecified address'],
  ['10.0.0.0', 'a private address'],
  ['10.255.255.255', 'a private address'],
  ['100.64.0.1', 'a shared (CGNAT) address'],
  ['100.100.100.200', 'a shared (CGNAT) address'],
  ['100.127.255.255', 'a shared (CGNAT) address'],
  ['127.0.0.1', 'a loopback address'],
  ['127.255.255.254', 'a loopback address'],
  ['168.63.129.16', 'a cloud metadata address'],
  ['169.254.169.254', 'a link-local (cloud metadata) address'],
  ['172.16.0.1', 'a private address'],
  ['172.31.255.255', 'a private address'],
  ['192.0.0.192', 'an address reserved for protocols'],
  ['192.0.2.1', 'a documentation address'],
  ['192.88.99.1', 'a 6to4 relay address'],
  ['192.168.1.1', 'a private address'],
  ['198.18.0.1', 'a benchmarking address'],
  ['198.19.255.255', 'a benchmarking address'],
  ['198.51.100.7', 'a documentation address'],
  ['203.0.113.9', 'a documentation address'],
  ['224.0.0.1', 'a multicast address'],
  ['239.255.255.250', 'a multicast address'],
  ['240.0.0.1', 'a reserved address'],
  ['255.255.255.255', 'a broadcast address'],
])('%s is %s', (address, what) => expect(refusalOfAddress(address)).toBe(what))

test.each([
  ['::', 'an unspecified address'],
  ['::1', 'a loopback address'],
  ['0:0:0:0:0:0:0:1', 'a loopback address'],
  ['::ffff:127.0.0.1', 'an IPv4-mapped address'],
  ['::ffff:7f00:1', 'an IPv4-mapped address'],
  ['::ffff:8.8.8.8', 'an IPv4-mapped address'],
  ['::7f00:1', 'an IPv4-compatible address'],
  ['::ffff:0:127.0.0.1', 'a reserved address'],
  ['64:ff9b::7f00:1', 'a NAT64 address'],
  ['64:ff9b::10.0.0.1', 'a NAT64 address'],
  ['64:ff9b:1::1', 'a local NAT64 address'],
  ['100::1', 'a discard-only address'],
  ['fc00::1', 'a private (unique local) address'],
  ['fd00:ec2::254', 'a private (unique local) address'],
  ['fe80::1', 'a link-local address'],
  ['febf::1', 'a link-local address'],
  ['fec0::1', 'a private (site-local) address'],
  ['ff02::1', 'a multicast address'],
  ['2001::1', 'a Teredo address'],
  ['2001:0:4136:e378:8000:63bf:3fff:fdd2', 'a Teredo address'],
  ['2001:2::1', 'an address reserved for protocols'],
  ['2001:db8::1', 'a documentation address'],
  ['2002:7f00:1::', 'a 6to4 address'],
  ['3fff::1', 'a documentation address'],
  ['4000::1', 'a reserved address'],
  ['5f00::1', 'a reserved address'],
])('%s is %s', (address, what) => expect(refusalOfAddress(address)).toBe(what))

test.each([
  '',
  '1',
  '1.2.3',
  '1.2.3.4.5',
  '256.1.1.1',
  '01.2.3.4',
  '0x7f.0.0.1',
  '1.2.3.4 ',
  'example.com',
  ':::',
  'fe80::1%eth0',
  '1::2::3',
  '12345::',
])('text that is no address is refused, not passed: %j', (text) => {
  expect(parseAddress(text)).toBeNull()
  expect(refusalOfAddress(text)).toBe('not an IP address')
})

test('loopback is 127.0.0.0/8 and ::1, and no other spelling of them', () => {
  expect(['127.0.0.1', '127.8.9.10', '::1'].map(isLoopbackAddress)).toEqual([true, true, true])
  expect(['0.0.0.0', '::ffff:127.0.0.1', '64:ff9b::7f00:1', '10.0.0.1'].map(isLoopbackAddress)).toEqual([
    false,
    false,
    false,
    false,
  ])
})
