import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'vite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { serverOnlyFolder, serverOnlyGuard } from './server-only-guard.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'executor-guard-'))
  for (const folder of ['app', 'server', 'drizzle']) mkdirSync(join(root, folder))
  writeFileSync(join(root, 'server/vault.ts'), `export const secret = 'sealed'\n`)
  writeFileSync(join(root, 'drizzle/shapes.ts'), `export type Shape = 'round'\nexport const shape = 'round'\n`)
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

/** Bundles `code` as the browser's entry and returns the error's text, or undefined when the build passed. */
async function buildForBrowser(code: string): Promise<string | undefined> {
  writeFileSync(join(root, 'app/entry.ts'), code)
  const lib = { entry: join(root, 'app/entry.ts'), formats: ['es' as const], fileName: 'entry' }
  try {
    await build({ root, configFile: false, logLevel: 'silent', plugins: [serverOnlyGuard()], build: { lib } })
    return undefined
  } catch (error) {
    return String(error)
  }
}

test('a build whose browser code reaches server/ fails and names both files', async () => {
  const failure = await buildForBrowser(`import { secret } from '../server/vault.ts'\nconsole.log(secret)\n`)
  expect(failure).toContain('server/vault.ts is server code')
  expect(failure).toContain('app/entry.ts')
})

test('a build whose browser code reaches drizzle/ lazily fails too', async () => {
  expect(await buildForBrowser(`console.log(await import('../drizzle/shapes.ts'))\n`)).toContain('drizzle/shapes.ts')
})

test('a build that takes only types from the server passes', async () => {
  const code = `import type { Shape } from '../drizzle/shapes.ts'\nexport const shape: Shape = 'round'\n`
  expect(await buildForBrowser(code)).toBeUndefined()
})

test('only the two folders at the root count', () => {
  expect(serverOnlyFolder('/site', '/site/server/db/tools.ts')).toBe('server')
  expect(serverOnlyFolder('/site', '/site/app/ui/badge.tsx')).toBeUndefined()
  expect(serverOnlyFolder('/site', '/site/node_modules/server/index.js')).toBeUndefined()
})
