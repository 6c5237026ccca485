import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findChromium } from './find-chromium.ts'

test('the browser that is named is taken, and a name with nothing behind it is an error', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'executor-browser-'))
  const path = join(folder, 'my-browser')
  expect(() => findChromium({ CHROMIUM_PATH: path })).toThrow(path)
  await writeFile(path, '')
  await chmod(path, 0o755)
  expect(findChromium({ CHROMIUM_PATH: path })).toBe(path)
  await rm(folder, { recursive: true })
})
