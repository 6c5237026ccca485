import { expect, test } from 'vitest'
import { installReason, nodeComplaint } from './bootstrap.mjs'
import { parsePorts } from './ports.ts'

const wanted = {
  packages: {
    '': { version: '0.1.0' },
    'node_modules/jose': { version: '6.2.17' },
    'node_modules/other-platform': { version: '1.0.0', optional: true },
    'node_modules/maybe': { version: '1.0.0', devOptional: true },
  },
}
const installed = { packages: { 'node_modules/jose': { version: '6.2.17' } } }

test('nothing is installed again when what is there is what the lockfile says', () => {
  expect(installReason({ wanted, installed, hasNode: true })).toBeUndefined()
})

test('packages for other platforms may be absent, but not in another version', () => {
  const withOptional = { packages: { ...installed.packages, 'node_modules/other-platform': { version: '0.9.0' } } }
  expect(installReason({ wanted, installed: withOptional, hasNode: true })).toContain('package-lock.json')
})

test('an absent folder, a changed, added or removed package, or a missing Node leads to an install', () => {
  expect(installReason({ wanted, installed: undefined, hasNode: true })).toContain('not there')
  const changed = { packages: { 'node_modules/jose': { version: '6.2.16' } } }
  expect(installReason({ wanted, installed: changed, hasNode: true })).toContain('package-lock.json')
  expect(installReason({ wanted, installed: { packages: {} }, hasNode: true })).toContain('package-lock.json')
  const more = { packages: { ...installed.packages, 'node_modules/gone': { version: '1.0.0' } } }
  expect(installReason({ wanted, installed: more, hasNode: true })).toContain('package-lock.json')
  expect(installReason({ wanted, installed, hasNode: false })).toContain('Node')
})

test('an old Node gets one friendly sentence', () => {
  expect(nodeComplaint('18.20.4')).toContain('needs Node 20 or newer, and this is Node 18.20.4')
  expect(nodeComplaint('20.0.0')).toBeUndefined()
  expect(nodeComplaint('22.23.2')).toBeUndefined()
  expect(nodeComplaint('9.11.2')).toContain('Node 20')
})

test('PORT moves every part', () => {
  expect(parsePorts(undefined)).toMatchObject({
    ok: true,
    ports: { access: 8787, worker: 8788, oauth: 8789, sample: 8790 },
  })
  expect(parsePorts('')).toMatchObject({ ok: true, ports: { access: 8787 } })
  expect(parsePorts('9000')).toMatchObject({
    ok: true,
    ports: { access: 9000, worker: 9001, sample: 9003, people: 9004 },
  })
  expect(parsePorts('65529')).toMatchObject({ ok: true, ports: { accessControl: 65_535 } })
})

test.each(['0', '-1', '65533', '70000', '80a', '8787.5', '0x10', ' 80'])(
  'PORT=%s is refused with a sentence',
  (text) => {
    const parsed = parsePorts(text)
    expect(parsed.ok).toBe(false)
    expect(parsed).toHaveProperty('message', expect.stringContaining(`"${text}"`))
  },
)
