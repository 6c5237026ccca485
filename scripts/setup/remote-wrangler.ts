// wrangler against the account: it never asks, never calls home, and says what it deployed in a file and not in prose.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { z } from 'zod'
import { runTool } from '../process-group.ts'
import { SetupStop } from './setup-steps.ts'

export interface WranglerOptions {
  root: string
  accountId?: string
}

const LAST_LINES = 25

export async function runWrangler(
  args: readonly string[],
  { root, accountId }: WranglerOptions,
  extra: Record<string, string> = {},
): Promise<{ ok: boolean; output: string }> {
  const env = {
    CI: 'true',
    FORCE_COLOR: '0',
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_HIDE_BANNER: 'true',
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    ...(accountId !== undefined && { CLOUDFLARE_ACCOUNT_ID: accountId }),
    ...extra,
  }
  const { ok, output } = await runTool('wrangler', args, { cwd: root, env })
  return { ok, output: stripVTControlCharacters(output) }
}

/** Throws a SetupStop with the last that wrangler said. `action` follows "could not". */
export async function mustRunWrangler(
  action: string,
  args: readonly string[],
  options: WranglerOptions,
  extra: Record<string, string> = {},
): Promise<void> {
  const { ok, output } = await runWrangler(args, options, extra)
  if (ok) return
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  throw new SetupStop(
    `wrangler could not ${action}. The last it said:\n\n${lines.slice(-LAST_LINES).join('\n')}\n\nNothing that was done before is lost: run the same command again when the cause is gone.`,
  )
}

const deployEntry = z.object({ type: z.literal('deploy'), targets: z.array(z.string()).nullish() })

/** Deploys what is built. Returns the addresses that wrangler gave the Worker, https and without a path. */
export async function deployWorker(
  options: WranglerOptions,
  variables: Record<string, string> = {},
): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'executor-deploy-'))
  const path = join(folder, 'wrangler.ndjson')
  try {
    const flags = Object.entries(variables).flatMap(([name, value]) => ['--var', `${name}:${value}`])
    await mustRunWrangler('deploy the Worker', ['deploy', ...flags], options, { WRANGLER_OUTPUT_FILE_PATH: path })
    const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '')
    const entries = lines.map((line) => deployEntry.safeParse(JSON.parse(line)))
    const targets = entries.flatMap((entry) => (entry.success ? (entry.data.targets ?? []) : []))
    return targets.flatMap((target) => {
      const url = URL.parse(target.includes('://') ? target : `https://${target.split(' ')[0]}`)
      return url ? [url.origin] : []
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
