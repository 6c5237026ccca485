// The official conformance suite against Executor's outbound client, in both eras: the suite starts a server for each
// scenario and a program that has server/testing/conformance/client.ts speak to it, here in the test.
import { once } from 'node:events'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { runTool } from './process-group.ts'
import { ROOT } from './root.ts'
import { CLIENT_METADATA_PATH, clientMetadata } from '../server/access/client-metadata.ts'
import type { Place } from '../server/testing/conformance/account.ts'
import { runClient, type Scenario } from '../server/testing/conformance/client.ts'
import { nodeDatabase } from '../server/testing/node-database.ts'

const REVISIONS = ['2025-11-25', '2026-07-28'] as const
type Revision = (typeof REVISIONS)[number]

const DPOP = 'tokens of DPoP are an extension, and Executor has bearer tokens'

/** Not scored for either revision, and not done. Everything else has to pass. */
const notApplicable: Record<string, string> = {
  'auth/client-credentials-jwt':
    'an extension; Executor makes the key of an app itself, and takes none that others know',
  'auth/dpop': DPOP,
  'auth/dpop-nonce': DPOP,
  'auth/enterprise-managed-authorization': 'an extension: Access is no identity provider that exchanges tokens',
  'auth/wif-jwt-bearer': 'an extension: a Worker has no identity of its workload to show',
}

/** What is wrong with nothing but the suite's expectation, and what is to be seen instead. */
const known: Record<string, { problem: string; because: string }> = {
  'auth/basic-cimd': {
    problem: 'cimd-client-id-used',
    because: 'the suite knows one address of a client’s document, and Executor’s is at its own: that is what was sent',
  },
}

const checksSchema = z.array(
  z.object({
    id: z.string(),
    status: z.string(),
    description: z.string(),
    errorMessage: z.string().optional(),
    details: z.unknown().optional(),
  }),
)

/** Where there is nothing to go on with, and must not be: the client's last words. */
const endings: Record<string, RegExp> = {
  initialize: /lists no tools/,
  'request-metadata': /lists no tools/,
  'auth/iss-normalized': /came from .* was not used \(RFC 9207/,
  'auth/iss-supported-missing': /"iss" \(issuer\) missing/,
  'auth/iss-unexpected': /came from .* was not used \(RFC 9207/,
  'auth/iss-wrong-issuer': /came from .* was not used \(RFC 9207/,
  'auth/metadata-issuer-mismatch': /is that of the issuer .* was asked/,
  'auth/resource-mismatch': /is that of https:\/\/evil\.example\.com\/mcp.*RFC 9728, section 3\.3/,
  'auth/scope-retry-limit': /insufficient_scope/,
}

interface Outcome {
  scenario: string
  passed: number
  problems: string[]
  /** As whom the client asked to be authorized. */
  clientIds: string[]
  /** What the client gave up with. */
  ending: string
}

let place: Place
let server: Server
let dispose: () => Promise<void>
/** By `/<revision> <scenario>`. */
const gaveUp = new Map<string, string>()

beforeAll(async () => {
  const { db, dispose: end } = await nodeDatabase()
  dispose = end
  server = createServer((request, response) => {
    const { origin } = place
    if (request.url === CLIENT_METADATA_PATH) return response.end(JSON.stringify(clientMetadata(origin)))
    return void run(request).then(
      (output) => response.end(output),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('No port')
  place = { db, origin: `http://127.0.0.1:${address.port}` }
})

afterAll(async () => {
  server?.close()
  await dispose?.()
})

const scenarioSchema = z.object({ name: z.string(), url: z.string(), context: z.unknown() })

/** How many speak to the suite at a time, once it has started all of their programs. */
const MOST = 4
let free = MOST
let expected = 0
const waiting: (() => void)[] = []

function callNext(): void {
  if (expected > 0) return
  for (; free > 0 && waiting.length > 0; free--) waiting.shift()?.()
}

async function run(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  const { name, url, context } = scenarioSchema.parse(JSON.parse(body))
  const scenario: Scenario = { name, url, context }
  await new Promise<void>((resolve) => {
    waiting.push(resolve)
    expected--
    callNext()
  })
  const lines: string[] = []
  try {
    await runClient(place, scenario, (line) => lines.push(line))
  } catch (error) {
    gaveUp.set(`${request.url} ${name}`, String(error))
    throw error
  } finally {
    free++
    callNext()
  }
  return lines.join('\n')
}

test.each(REVISIONS)('every scenario of %s passes', { timeout: 120_000 }, async (revision) => {
  const { scored, more } = await requirementsOf(revision)
  expected = scored.length + more.length
  const outcomes = await runSuite(revision)
  expect(outcomes.map(({ scenario }) => scenario).sort()).toEqual([...scored, ...more].sort())
  print(revision, outcomes, scored)
  expect(Object.keys(notApplicable).filter((scenario) => !more.includes(scenario))).toEqual([])
  const asked = outcomes.filter(({ scenario }) => notApplicable[scenario] === undefined)
  expect(asked.filter(isFailure)).toEqual([])
  for (const { scenario, ending } of asked) expect(`${scenario}: ${ending}`).toMatch(endings[scenario] ?? /: $/)
  const cimd = asked.find(({ scenario }) => scenario === 'auth/basic-cimd')
  expect([...new Set(cimd?.clientIds)]).toEqual([`${place.origin}${CLIENT_METADATA_PATH}`])
})

function isFailure({ scenario, passed, problems }: Outcome): boolean {
  const expected = known[scenario]?.problem
  return passed === 0 || problems.some((problem) => expected === undefined || !problem.startsWith(`${expected}:`))
}

function print(revision: Revision, outcomes: Outcome[], scored: string[]): void {
  const lines = outcomes.map((outcome) => {
    const { scenario, passed } = outcome
    const reason = notApplicable[scenario] ?? known[scenario]?.because
    const result = notApplicable[scenario] ? 'n/a' : isFailure(outcome) ? 'FAILED' : `passed (${passed})`
    const note = scored.includes(scenario) ? '' : ', not scored'
    return `  ${result.padEnd(12)} ${scenario}${note}${reason === undefined ? '' : `: ${reason}`}`
  })
  console.log([`${revision}, outbound`, ...lines].join('\n'))
}

const requirementsSchema = z.object({
  client: z.array(z.string()),
  not_scored: z.array(z.object({ scenario: z.string(), leg: z.string() })),
})

async function requirementsOf(revision: Revision): Promise<{ scored: string[]; more: string[] }> {
  const file = join(ROOT, 'node_modules/@modelcontextprotocol/conformance/requirements', `${revision}.yaml`)
  const { client, not_scored: rest } = requirementsSchema.parse(parse(await readFile(file, 'utf8')))
  return { scored: client, more: rest.filter(({ leg }) => leg === 'client').map(({ scenario }) => scenario) }
}

/** All scenarios at once. */
async function runSuite(revision: Revision): Promise<Outcome[]> {
  const folder = await mkdtemp(join(tmpdir(), 'executor-conformance-'))
  try {
    const command = `node server/testing/conformance/command.ts ${place.origin}/${revision}`
    const args = ['client', '--requirements', revision, '--command', command, '--timeout', '100000', '-o', folder]
    const { output } = await runTool('conformance', args, { cwd: ROOT })
    const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('checks.json'))
    if (files.length === 0) throw new Error(`The suite ran nothing:\n${output}`)
    const outcomes = await Promise.all(files.map((file) => readOutcome(folder, file)))
    const ended = outcomes.map((one) => ({ ...one, ending: gaveUp.get(`/${revision} ${one.scenario}`) ?? '' }))
    return ended.sort((a, b) => a.scenario.localeCompare(b.scenario))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const authorizing = z.object({ query: z.object({ client_id: z.string() }) })

/** In a folder named `<scenario>-<time>`. */
async function readOutcome(folder: string, file: string): Promise<Omit<Outcome, 'ending'>> {
  const checks = checksSchema.parse(JSON.parse(await readFile(join(folder, file), 'utf8')))
  const bad = checks.filter(({ status }) => status === 'FAILURE' || status === 'WARNING')
  return {
    scenario: file.replace(/-\d{4}-\d\d-\d\dT[\d-]+Z\/checks\.json$/, ''),
    passed: checks.filter(({ status }) => status === 'SUCCESS').length,
    problems: bad.map(({ id, errorMessage, description }) => `${id}: ${errorMessage ?? description}`),
    clientIds: checks.flatMap(({ details }) => {
      const { success, data } = authorizing.safeParse(details)
      return success ? [data.query.client_id] : []
    }),
  }
}
