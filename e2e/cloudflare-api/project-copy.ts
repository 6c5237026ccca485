// Copies of the project for commands that write into it, with the packages of this one.
import { readdirSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hashSources } from '../../scripts/build.ts'
import { FIRST_DATABASE_ID } from './fake-account.ts'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))
export const MIGRATIONS = readdirSync(join(ROOT, 'drizzle/migrations'))
  .filter((name) => name.endsWith('.sql'))
  .sort()

const NO_DATABASE = '00000000-0000-0000-0000-000000000000'
const FILES = ['wrangler.jsonc', 'package.json', 'package-lock.json']
const CONFIGS = ['vite.config.ts', 'react-router.config.ts', 'tsconfig.json']
const SOURCES = ['app', 'server', 'drizzle', 'public', 'scripts', 'e2e', ...FILES, ...CONFIGS]
/** What the setup commands themselves are made of. */
const NEEDED = ['scripts', 'drizzle/migrations', 'server/connections/secret-key.ts', ...FILES]

/** wrangler.jsonc of this project before anybody deployed it. */
export async function untouchedConfig(): Promise<string> {
  const config = await readFile(join(ROOT, 'wrangler.jsonc'), 'utf8')
  return config.replace(/"database_id": "[^"]*"/, `"database_id": "${NO_DATABASE}"`)
}

/** wrangler.jsonc as the first deployment leaves it. */
export async function deployedConfig(): Promise<string> {
  return (await untouchedConfig()).replace(NO_DATABASE, FIRST_DATABASE_ID)
}

/** As a clone has it, without a build. */
export async function cloneProject(): Promise<string> {
  const folder = await copied(SOURCES)
  await writeFile(join(folder, 'wrangler.jsonc'), await untouchedConfig())
  return folder
}

/** The commands with a Worker of one line, built for the first database, so that nothing has to be built. */
export async function smallProject(config: string): Promise<string> {
  const folder = await copied(NEEDED)
  await writeFile(join(folder, 'wrangler.jsonc'), await deployedConfig())
  await writeAll(folder, {
    'build/server/index.js': 'export default { fetch: () => new Response(null, { status: 401 }) }\n',
    'build/server/wrangler.json': JSON.stringify({
      name: 'executor-cloudflare',
      main: 'index.js',
      no_bundle: true,
      keep_vars: true,
      compatibility_date: '2026-10-01',
      compatibility_flags: ['nodejs_compat', 'global_fetch_strictly_public'],
      assets: { directory: '../client', binding: 'ASSETS' },
      d1_databases: [{ binding: 'DB', database_name: 'executor', database_id: FIRST_DATABASE_ID }],
    }),
    'build/client/robots.txt': 'User-agent: *\nDisallow: /\n',
    '.wrangler/deploy/config.json': JSON.stringify({
      configPath: '../../build/server/wrangler.json',
      auxiliaryWorkers: [],
    }),
    'build/sources.sha256': await hashSources(folder + sep),
    'wrangler.jsonc': config,
  })
  return folder
}

async function copied(parts: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'executor-project-'))
  for (const part of parts) await cp(join(ROOT, part), join(folder, part), { recursive: true })
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'dir')
  return folder
}

async function writeAll(folder: string, files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true })
    await writeFile(join(folder, path), text)
  }
}
