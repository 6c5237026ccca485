// How the local stack starts wrangler: offline, quiet, and on a state folder of its own.
import { appendFileSync, writeFileSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type RunningTool, runTool, startTool } from './process-group.ts'

const READY_MS = 120_000

/** No calls home, nothing outside the state folder. */
function environment(stateDir: string): Record<string, string> {
  return {
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_HIDE_BANNER: 'true',
    WRANGLER_LOG_PATH: join(stateDir, 'logs'),
    WRANGLER_REGISTRY_PATH: join(stateDir, 'registry'),
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    // Else it stores the address of every request that the Worker sends, keys in queries included.
    X_LOCAL_OBSERVABILITY: 'false',
  }
}

export async function migrateDatabase(root: string, stateDir: string): Promise<void> {
  const args = ['d1', 'migrations', 'apply', 'executor', '--local', '--persist-to', stateDir]
  const { ok, output } = await runTool('wrangler', args, { cwd: root, env: { ...environment(stateDir), CI: 'true' } })
  if (!ok) throw new Error(`The database could not be migrated:\n${output}`)
}

/** The key that seals credentials, made once and kept beside the database that it belongs to. */
export async function localSecretKey(stateDir: string): Promise<string> {
  const path = join(stateDir, 'secret-key')
  await mkdir(stateDir, { recursive: true })
  const kept = await readFile(path, 'utf8').catch(() => '')
  if (kept !== '') return kept
  const key = randomBytes(32).toString('base64')
  await writeFile(path, key, { mode: 0o600 })
  return key
}

/** The key before, while secrets are sealed again; empty when there is none. Put there by hand: docs/secrets.md. */
export async function previousSecretKey(stateDir: string): Promise<string> {
  return (await readFile(join(stateDir, 'secret-key-previous'), 'utf8').catch(() => '')).trim()
}

/** Keeps what the Worker prints in a file, beside handing it on. */
export function keepLog(path: string, handOn: (text: string) => void): (text: string) => void {
  writeFileSync(path, '')
  return (text) => {
    appendFileSync(path, text)
    handOn(text)
  }
}

export interface WorkerOptions {
  root: string
  stateDir: string
  port: number
  /** 0 is any free one. */
  inspectorPort: number
  variables: Record<string, string>
  /** Another configuration than that of the build; of several Workers, the first is served and the others are bound to it. */
  config?: string | readonly string[]
  onOutput: (text: string) => void
}

/** Serves the built Worker on 127.0.0.1; resolves when it answers, rejects with its output when it ends instead. */
export async function startWorker(options: WorkerOptions): Promise<RunningTool> {
  const variables = Object.entries(options.variables).flatMap(([name, value]) => ['--var', `${name}:${value}`])
  const args = ['dev', '--ip', '127.0.0.1', '--port', String(options.port), '--persist-to', options.stateDir]
  args.push('--inspector-port', String(options.inspectorPort), '--show-interactive-dev-session=false')
  args.push('--log-level', 'warn', ...variables)
  for (const config of [options.config ?? []].flat()) args.push('--config', config)
  const { root: cwd, onOutput } = options
  const worker = startTool('wrangler', args, { cwd, env: environment(options.stateDir), onOutput })
  let hasEnded = false
  void worker.ended.then(() => (hasEnded = true))
  for (const deadline = Date.now() + READY_MS; Date.now() < deadline; await sleep(100)) {
    if (hasEnded) throw new Error(`The Worker did not start:\n${worker.output()}`)
    const response = await fetch(`http://127.0.0.1:${options.port}/healthz`).catch(() => null)
    // A Worker without its settings refuses even this.
    if (response?.ok || response?.status === 401) return worker
  }
  await worker.stop()
  throw new Error(`The Worker did not answer within ${READY_MS / 1000} s:\n${worker.output()}`)
}
