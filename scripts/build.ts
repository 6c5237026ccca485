// Builds the Worker when its sources differ from those of the build that is there.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { glob, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runTool } from './process-group.ts'

const SOURCES = [
  '{app,server,drizzle,public}/**/*',
  // Vite's own plugins are among them.
  'scripts/*.ts',
  '{vite,react-router}.config.ts',
  'wrangler.jsonc',
  'tsconfig.json',
  'package-lock.json',
  '.dev.vars',
]
const OUTPUTS = ['build/server/wrangler.json', 'build/client', '.wrangler/deploy/config.json']
const STAMP = 'build/sources.sha256'

/** A hash over names and contents of everything that the build is made of. */
export async function hashSources(root: string): Promise<string> {
  const hash = createHash('sha256')
  const paths: string[] = []
  for await (const entry of glob(SOURCES, { cwd: root, withFileTypes: true })) {
    if (entry.isFile() && !/\.test\.tsx?$/.test(entry.name)) paths.push(join(entry.parentPath, entry.name))
  }
  for (const path of paths.sort()) hash.update(`${path.slice(root.length)}\0`).update(await readFile(path))
  return hash.digest('hex')
}

async function isFresh(root: string, hash: string): Promise<boolean> {
  if (!OUTPUTS.every((path) => existsSync(join(root, path)))) return false
  return (await readFile(join(root, STAMP), 'utf8').catch(() => '')) === hash
}

/** `say` is told when there is something to do. Rejects with the tool's output when the build fails. */
export async function buildWhenStale(root: string, say: (line: string) => void): Promise<void> {
  const hash = await hashSources(root)
  if (await isFresh(root, hash)) return
  say('Building the Worker and the console …')
  const { ok, output } = await runTool('react-router', ['build'], { cwd: root, env: { NODE_ENV: 'production' } })
  if (!ok) throw new Error(`The build failed:\n${output}`)
  await writeFile(join(root, STAMP), hash)
}
