import { expect, test } from 'vitest'
import { introductionOf } from './introduction.ts'

const initialize = (clientInfo: unknown, protocolVersion: unknown = '2025-11-25') => ({
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion, capabilities: {}, clientInfo },
})

test('before 2026-07-28 a client says who it is in initialize, alone or in a batch', () => {
  const said = { name: 'codex', version: '1.2.3', protocol: '2025-11-25' }
  const message = initialize({ name: 'codex', version: '1.2.3' })
  expect(introductionOf(message)).toEqual(said)
  expect(introductionOf([{ jsonrpc: '2.0', method: 'notifications/x' }, message])).toEqual(said)
})

test('since 2026-07-28 every request says it, whatever its method', () => {
  const meta = {
    'io.modelcontextprotocol/clientInfo': { name: 'cursor', version: '3' },
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  }
  for (const method of ['server/discover', 'tools/list', 'tools/call']) {
    expect(introductionOf({ jsonrpc: '2.0', id: 1, method, params: { _meta: meta } })).toEqual({
      name: 'cursor',
      version: '3',
      protocol: '2026-07-28',
    })
  }
})

test('a name is one short line of what can be seen', () => {
  const nameOf = (name: unknown) => introductionOf(initialize({ name, version: '1' }))?.name
  expect(nameOf('  a\u0000b\r\nc\u001b[31m ')).toBe('a b c [31m')
  expect(nameOf('evil\u202Etxt.exe\u200B\uFEFF\uE000')).toBe('evil txt.exe')
  expect(nameOf('a\u2028b\u00A0c')).toBe('a b c')
  expect(nameOf('\uD83D x')).toBe('x')
  expect(nameOf('👍'.repeat(1000))).toBe('👍'.repeat(80))
  expect(nameOf('x'.repeat(5_000_000))).toHaveLength(80)
  expect(nameOf('<script>alert(1)</script>')).toBe('<script>alert(1)</script>')
})

test('who does not say a name is nobody', () => {
  for (const name of ['', ' \n\t', '\u202E', 7, null, undefined, { toString: () => 'x' }]) {
    expect(introductionOf(initialize({ name, version: '1' }))).toBeUndefined()
  }
  for (const body of [null, 1, 'initialize', [], [[[]]], {}, { method: 'initialize' }, { params: { _meta: 1 } }]) {
    expect(introductionOf(body)).toBeUndefined()
  }
})

test('version and revision may be missing, and are as short and plain as the name', () => {
  expect(introductionOf(initialize({ name: 'x' }, undefined))).toMatchObject({ version: '', protocol: '2025-11-25' })
  expect(introductionOf(initialize({ name: 'x', version: 'v'.repeat(99) }, { a: 1 }))).toEqual({
    name: 'x',
    version: 'v'.repeat(40),
    protocol: '',
  })
})
