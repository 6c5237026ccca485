import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type SourceFile, violationsOf } from './import-rule.ts'

const importing = (path: string, specifier: string): SourceFile[] => [
  { path, text: `import { thing } from '${specifier}'\n` },
]

test('every import of the tree goes down, never sideways and never up', () => {
  const paths = globSync(['app/**/*.{ts,tsx}', 'server/**/*.ts', 'drizzle/**/*.ts', 'e2e/**/*.ts', 'scripts/**/*.ts'])
  expect(paths.length).toBeGreaterThan(20)
  const files = paths.map((path) => ({ path: path.replaceAll('\\', '/'), text: readFileSync(path, 'utf8') }))
  expect(violationsOf(files)).toEqual([])
})

test.each([
  ['up', 'server/tools/search.ts', '../runs/execute.ts'],
  ['up to the console', 'server/mcp/execute.ts', '../../app/routes/home.tsx'],
  ['sideways', 'server/connections/seal.ts', '../integrations/adapter.ts'],
  ['sideways on the ground floor', 'server/access/verify.ts', '../net/outbound.ts'],
  ['from the pure sandbox', 'server/sandbox/evaluate.ts', '../../drizzle/shapes.ts'],
  ['from the pure policies, as a type', 'server/policies/decide.ts', '../../drizzle/shapes.ts'],
  ['from a component into the server', 'app/ui/badge.tsx', '../../server/policies/decide.ts'],
  ['from the journeys into the product', 'e2e/admin.spec.ts', '../server/env.ts'],
  ['from the product into its tools', 'server/db/id.ts', '../../scripts/start.ts'],
  ['of test code', 'server/tools/search.ts', '../testing/database.ts'],
  ['of the context by a lower floor', 'server/tools/search.ts', '../context.ts'],
  ['of the door', 'app/root.tsx', '../server/worker.ts'],
])('an import %s is found', (_direction, path, specifier) => {
  expect(violationsOf(importing(path, specifier))).toHaveLength(1)
})

test.each([
  ['down', 'server/tools/search.ts', '../db/tools.ts'],
  ['of its own folder', 'server/tools/search.ts', './catalog.ts'],
  ['of the context by a loader', 'app/routes/home.tsx', '../../server/context.ts'],
  ['of test code by a test', 'server/tools/search.test.ts', '../testing/database.ts'],
  ['of a package', 'server/sandbox/evaluate.ts', 'sucrase'],
])('an import %s is allowed', (_direction, path, specifier) => {
  expect(violationsOf(importing(path, specifier))).toEqual([])
})

test('re-exports and dynamic imports count, comments do not', () => {
  const text = `// import '../runs/a.ts'\n/* from '../runs/b.ts' */\nexport * from '../runs/c.ts'\nconst d = await import('../runs/d.ts')\n`
  expect(violationsOf([{ path: 'server/tools/search.ts', text }])).toHaveLength(2)
})
