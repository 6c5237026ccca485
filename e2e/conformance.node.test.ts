// The official conformance suite against the endpoint's protocol code, in both eras. Most of its scenarios call tools by
// names of the suite's own: server/testing/conformance has those, on the endpoint's own code.
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunningTool } from '../scripts/process-group.ts'
import { ROOT } from '../scripts/root.ts'
import { migrateDatabase, startWorker } from '../scripts/wrangler.ts'
import { type Revision, runConformance, type ScenarioResult } from './run-conformance.ts'

/** What an agent gets must hold whatever can be asked of any server. */
const ofTheEndpoint: Record<Revision, readonly string[]> = {
  '2025-11-25': ['server-initialize', 'ping', 'tools-list'],
  '2026-07-28': [
    'tools-list',
    'server-sse-multiple-streams',
    'input-required-result-unsupported-methods',
    'http-header-validation',
    'server-stateless',
  ],
}

const NO_RESOURCES = 'Executor has no resources'
const NO_PROMPTS = 'Executor has no prompts; the suite’s one is there to ask the client'
const NO_SESSIONS = 'there are no sessions, so nothing is sent to a client but answers'
const NO_TASKS = 'an extension that Executor does not offer: runs are resumed by a tool'

/** Scenarios that ask for something Executor does not do, and why it does not. All others have to pass. */
const notApplicable: Record<string, string> = {
  caching: `${NO_RESOURCES}; the hints of its lists are tested in server/mcp`,
  'completion-complete': 'Executor completes nothing',
  'dns-rebinding-protection':
    'for servers that let anybody in; every request needs a token of Access, which another host name does not have',
  'elicitation-sep1034-defaults': NO_SESSIONS,
  'elicitation-sep1330-enums': NO_SESSIONS,
  'http-custom-header-server-validation': 'no tool takes arguments from headers',
  'json-schema-2020-12': 'schemas of the three tools are their own',
  'logging-set-level': 'Executor sends no log messages to clients',
  'prompts-get-embedded-resource': NO_PROMPTS,
  'prompts-get-simple': NO_PROMPTS,
  'prompts-get-with-args': NO_PROMPTS,
  'prompts-get-with-image': NO_PROMPTS,
  'resources-list': NO_RESOURCES,
  'resources-read-binary': NO_RESOURCES,
  'resources-read-text': NO_RESOURCES,
  'resources-subscribe': NO_RESOURCES,
  'resources-templates-read': NO_RESOURCES,
  'resources-unsubscribe': NO_RESOURCES,
  'sep-2164-resource-not-found': NO_RESOURCES,
  'server-session-lifecycle': NO_SESSIONS,
  'server-sse-polling': NO_SESSIONS,
  'server-sse-multiple-streams (2025-11-25)': NO_SESSIONS,
  'tasks-capability-negotiation': NO_TASKS,
  'tasks-dispatch-and-envelope': NO_TASKS,
  'tasks-lifecycle': NO_TASKS,
  'tasks-mrtr-composition': NO_TASKS,
  'tasks-mrtr-input': NO_TASKS,
  'tasks-request-headers': NO_TASKS,
  'tasks-request-state-removal': NO_TASKS,
  'tasks-required-task-error': NO_TASKS,
  'tasks-status-notifications': NO_TASKS,
  'tasks-wire-fields': NO_TASKS,
  'tools-call-elicitation': NO_SESSIONS,
  'tools-call-sampling': NO_SESSIONS,
  'tools-call-with-logging': 'Executor sends no log messages to clients',
}

let stateDir: string
let worker: RunningTool
let origin: string

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'executor-conformance-state-'))
  await migrateDatabase(ROOT, stateDir)
  const port = await freePort()
  origin = `http://127.0.0.1:${port}`
  const config = 'server/testing/conformance/wrangler.jsonc'
  worker = await startWorker({
    root: ROOT,
    stateDir,
    port,
    inspectorPort: 0,
    variables: {},
    config,
    onOutput: () => {},
  })
}, 120_000)

afterAll(async () => {
  await worker?.stop()
  await rm(stateDir, { recursive: true, force: true })
})

test('the endpoint passes what can be asked of any server', { timeout: 60_000 }, async () => {
  for (const revision of ['2025-11-25', '2026-07-28'] as const) {
    const results = await runConformance(`${origin}/mcp`, revision)
    const asked = results
      .filter(({ scenario }) => ofTheEndpoint[revision].includes(scenario))
      // A few checks of `server-stateless` need a tool of the suite's: the other test has those.
      .map((result) => ({ ...result, problems: result.problems.filter((problem) => !isUntestable(problem)) }))
    print(`${revision}, /mcp`, asked)
    expect(asked).toHaveLength(ofTheEndpoint[revision].length)
    expect(asked.filter(isFailure)).toEqual([])
  }
})

test(
  'every scenario that applies passes, with the suite’s tools on the endpoint’s code',
  { timeout: 60_000 },
  async () => {
    const seen = new Set<string>()
    for (const revision of ['2025-11-25', '2026-07-28'] as const) {
      const results = await runConformance(`${origin}/mcp/suite`, revision)
      print(`${revision}, the suite’s tools`, results, revision)
      const applicable = results.filter(({ scenario }) => reasonAgainst(scenario, revision) === undefined)
      expect(applicable.filter(isFailure)).toEqual([])
      for (const { scenario } of results) seen.add(scenario).add(`${scenario} (${revision})`)
    }
    // The table names nothing that the suite does not have.
    expect(Object.keys(notApplicable).filter((scenario) => !seen.has(scenario))).toEqual([])
    const asking = [...seen].filter((scenario) => /^input-required-result-[a-z-]+$/.test(scenario))
    expect(asking).toHaveLength(14)
    expect(asking.filter((scenario) => scenario in notApplicable)).toEqual([])
  },
)

function reasonAgainst(scenario: string, revision: Revision): string | undefined {
  return notApplicable[scenario] ?? notApplicable[`${scenario} (${revision})`]
}

function isUntestable(problem: string): boolean {
  return problem.includes('Not testable: server does not list the diagnostic tool')
}

/** A scenario that checks nothing has not shown anything. */
function isFailure({ passed, problems }: ScenarioResult): boolean {
  return passed === 0 || problems.length > 0
}

function print(title: string, results: readonly ScenarioResult[], revision?: Revision): void {
  const lines = results.map((result) => {
    const reason = revision && reasonAgainst(result.scenario, revision)
    const outcome = reason === undefined ? (isFailure(result) ? 'FAILED' : `passed (${result.passed})`) : 'n/a'
    return `  ${outcome.padEnd(12)} ${result.scenario}${reason === undefined ? '' : `: ${reason}`}`
  })
  console.log([title, ...lines].join('\n'))
}

async function freePort(): Promise<number> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('A port was not given.')
  return address.port
}
