// The parts that two files have in common are found by what they say, not by how a bundler has numbered them.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { shareCore } from './bundle-share.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'executor-share-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

/** Both files import the same from a file beside them, which is named by its content. */
function share(client: string, server: string) {
  const paths = Object.entries({ client, server }).map(([name, code]) => {
    mkdirSync(join(folder, name))
    writeFileSync(join(folder, name, `beside-${name}.mjs`), `export const t = 1\n//# sourceMappingURL=${name}.map`)
    const path = join(folder, name, 'src-a.mjs')
    writeFileSync(path, `import { t as beside } from './beside-${name}.mjs'\nimport { z } from 'zod'\n${code}`)
    return path
  })
  const shared = shareCore(paths[0] ?? '', paths[1] ?? '')
  const [, taken = ''] = /^import \{ (.*?) \} from/.exec(shared.client) ?? []
  return { taken: taken.split(', '), left: linesOf(shared.client).slice(3), server: shared.server }
}

function linesOf(code: string): string[] {
  return code.split('\n').flatMap((line) => line.trim() || [])
}

test('what is declared the same is taken from the server, whatever number its name has', () => {
  const { taken, left, server } = share(
    `function is$2(a) { return a.is /* so */ }
     const seen = new Set([beside, z])
     class Failure extends Error { is = is$2(seen) }
     function own() { return new Failure() }
     export { Failure as a, own as b }`,
    `function other() {}
     function is$1() { return 1 }
     function is$3(a) { return a.is }
     const seen = new Set([beside, z])
     class Failure extends Error { is = is$3(seen) }
     export { Failure as x }`,
  )
  expect(taken).toEqual(['core_is$3 as is$2', 'core_seen as seen', 'core_Failure as Failure'])
  expect(left).toEqual(['function own() { return new Failure() }', 'export { Failure as a, own as b }'])
  expect(server).toMatch(/export \{ is\$3 as core_is\$3, seen as core_seen, Failure as core_Failure \}$/)
})

test('functions that call each other are the same together or not at all', () => {
  const pair = 'function a() { return b() } function b() { return a() + c } '
  expect(share(`${pair} const c = 1`, `${pair} const c = 1`).taken).toHaveLength(3)
  rmSync(folder, { recursive: true })
  mkdirSync(folder)
  expect(() => share(`${pair} const c = 1`, `${pair} const c = 2`)).toThrow('differs')
})

test('of two that can be changed, each stays itself', () => {
  const code = 'let memo$1; let memo; function one() { return memo$1 ??= {} } function two() { return memo ??= {} }'
  expect(share(code, code).taken).toEqual([
    'core_memo$1 as memo$1',
    'core_memo as memo',
    'core_one as one',
    'core_two as two',
  ])
})

test('what only does something is done once, and has to be the same', () => {
  const made = 'const all = new Map();'
  expect(share(`${made} for (const a of [1]) all.set(a)`, `${made} for (const a of [1]) all.set(a)`).left).toEqual([])
  rmSync(folder, { recursive: true })
  mkdirSync(folder)
  expect(() => share(`${made} for (const a of [2]) all.set(a)`, `${made} for (const a of [1]) all.set(a)`)).toThrow(
    'other cores than before',
  )
})
