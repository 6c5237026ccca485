import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { hashSources } from './build.ts'

test('the build is asked for again when a source changes, comes or goes, and not for a test', async () => {
  const root = join(await mkdtemp(join(tmpdir(), 'executor-build-')), '/')
  await mkdir(join(root, 'server'))
  await writeFile(join(root, 'server/worker.ts'), 'one')
  const first = await hashSources(root)
  expect(await hashSources(root)).toBe(first)

  await writeFile(join(root, 'server/worker.test.ts'), 'a test')
  await writeFile(join(root, 'README.md'), 'words')
  expect(await hashSources(root)).toBe(first)

  await writeFile(join(root, 'server/worker.ts'), 'two')
  const changed = await hashSources(root)
  expect(changed).not.toBe(first)

  await writeFile(join(root, 'wrangler.jsonc'), '{}')
  expect(await hashSources(root)).not.toBe(changed)
  await rm(join(root, 'wrangler.jsonc'))
  expect(await hashSources(root)).toBe(changed)
  await rm(root, { recursive: true })
})
