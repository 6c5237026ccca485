// Holds the bundle to its budget: the Worker as wrangler would upload it, and the JavaScript of the console's first page.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { runTool } from './process-group.ts'

export const WORKER_KIB = 700
export const FIRST_PAGE_KIB = 180
const FIRST_PAGE = 'routes/home/home'

export interface BundleSize {
  workerKib: number
  firstPageKib: number
}

/** The gzip figure of wrangler's `Total Upload: 2241.96 KiB / gzip: 541.23 KiB`. */
export function parseUpload(output: string): number {
  const figure = /Total Upload:.*?gzip:\s*([\d.]+)\s*(KiB|MiB)/.exec(output)
  if (!figure) throw new Error(`wrangler printed no size:\n${output}`)
  return Number(figure[1]) * (figure[2] === 'MiB' ? 1024 : 1)
}

interface Manifest {
  entry: { module: string; imports: string[] }
  routes: Record<string, { module: string; imports?: string[] } | undefined>
}

/** Every script that the browser loads for the first page, without repeats. */
export function firstPageScripts(manifestScript: string): string[] {
  const manifest: Manifest = JSON.parse(
    manifestScript.slice(manifestScript.indexOf('{'), manifestScript.lastIndexOf('}') + 1),
  )
  const parts = [manifest.entry, manifest.routes.root, manifest.routes[FIRST_PAGE]]
  if (parts.includes(undefined)) throw new Error(`The manifest of the console has no root or no ${FIRST_PAGE}.`)
  return [...new Set(parts.flatMap((part) => (part ? [part.module, ...(part.imports ?? [])] : [])))]
}

async function measureFirstPage(root: string): Promise<number> {
  const client = join(root, 'build/client')
  const names = await readdir(join(client, 'assets'))
  const manifest = names.find((name) => /^manifest-.*\.js$/.test(name))
  if (!manifest) throw new Error('The build of the console has no manifest.')
  const manifestScript = await readFile(join(client, 'assets', manifest), 'utf8')
  let bytes = gzipSync(manifestScript).length
  for (const path of firstPageScripts(manifestScript)) bytes += gzipSync(await readFile(join(client, path))).length
  return bytes / 1024
}

export async function measureBundle(root: string): Promise<BundleSize> {
  const outdir = await mkdtemp(join(tmpdir(), 'executor-bundle-'))
  try {
    const env = { WRANGLER_SEND_METRICS: 'false', WRANGLER_HIDE_BANNER: 'true' }
    const { ok, output } = await runTool('wrangler', ['deploy', '--dry-run', '--outdir', outdir], { cwd: root, env })
    if (!ok) throw new Error(`wrangler deploy --dry-run failed:\n${output}`)
    return { workerKib: parseUpload(output), firstPageKib: await measureFirstPage(root) }
  } finally {
    await rm(outdir, { recursive: true, force: true })
  }
}

/** One line for each figure; throws when one is over its budget. */
export async function checkBundle(root: string): Promise<void> {
  const { workerKib, firstPageKib } = await measureBundle(root)
  console.log(`Worker: ${workerKib.toFixed(1)} of ${WORKER_KIB} KiB gzip`)
  console.log(`JavaScript of the first page: ${firstPageKib.toFixed(1)} of ${FIRST_PAGE_KIB} KiB gzip`)
  if (workerKib > WORKER_KIB || firstPageKib > FIRST_PAGE_KIB) throw new Error('The bundle is over its budget.')
}
