// Runs the conformance suite's server scenarios of one revision against an endpoint, and reads what came of each.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runTool } from '../scripts/process-group.ts'
import { ROOT } from '../scripts/root.ts'

/** A requirement set of the suite: what a revision demanded on the day of its release, frozen. */
export type Revision = '2025-11-25' | '2026-07-28'

export interface ScenarioResult {
  scenario: string
  passed: number
  /** What is wrong, one line for each check; the suite's warnings count too. */
  problems: string[]
}

interface Check {
  id: string
  status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO'
  errorMessage?: string
}

export async function runConformance(url: string, revision: Revision): Promise<ScenarioResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'executor-conformance-'))
  try {
    const args = ['server', '--url', url, '--requirements', revision, '--output-dir', folder]
    // It exits with 1 when a scenario fails: which ones may is for the caller to say.
    const { output } = await runTool('conformance', args, { cwd: ROOT })
    const results = await Promise.all((await readdir(folder)).map((name) => readResult(folder, name)))
    if (results.length === 0) throw new Error(`The suite ran nothing:\n${output}`)
    return results.sort((a, b) => a.scenario.localeCompare(b.scenario))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Folders are named `server-<scenario>-<time>`. */
async function readResult(folder: string, name: string): Promise<ScenarioResult> {
  const scenario = name.replace(/^server-/, '').replace(/-\d{4}-\d\d-\d\dT[\d-]+Z$/, '')
  const checks: Check[] = JSON.parse(await readFile(join(folder, name, 'checks.json'), 'utf8'))
  const bad = checks.filter(({ status }) => status === 'FAILURE' || status === 'WARNING')
  return {
    scenario,
    passed: checks.filter(({ status }) => status === 'SUCCESS').length,
    problems: bad.map(({ id, errorMessage }) => `${id}: ${errorMessage ?? 'failed'}`),
  }
}
