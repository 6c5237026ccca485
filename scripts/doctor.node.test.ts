// The doctor against the whole local stack, put into each state that it has to recognise: one good Worker behind an
// Access that is changed while it runs, and Workers of the same build that are wrong inside.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, request as send, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { ADMIN, LOCAL_AGENT, LOCAL_AUDIENCE } from '../e2e/local-access/identities.ts'
import { startLocalAccess } from '../e2e/local-access/start-local-access.ts'
import { buildWhenStale } from './build.ts'
import { ROOT } from './root.ts'
import { type Stack, startStack } from './stack.ts'
import { migrateDatabase, startWorker } from './wrangler.ts'

const PORT = 9030
const NOBODY_THERE = 9049
const TOKEN = ['--client-id', LOCAL_AGENT.id, '--client-secret', LOCAL_AGENT.secret]
const OTHER_KEY = Buffer.from('another key, that sealed nothing here').toString('base64')

let folder: string
let stack: Stack
/** Stopped in the end, last first. */
const running: { stop(): Promise<unknown> }[] = []

/** A Worker with its own Access in front, on `port` and the one after it. */
async function deploy(port: number, stateDir: string, variables: Record<string, string>, config?: string) {
  const upstream = `http://127.0.0.1:${port + 1}`
  const access = await startLocalAccess({ port, upstream })
  running.push({ stop: () => access.close() })
  const all = {
    ACCESS_TEAM_DOMAIN: access.url,
    ACCESS_AUD: LOCAL_AUDIENCE,
    ADMIN_EMAILS: ADMIN.email,
    EXECUTOR_SECRET_KEY: OTHER_KEY,
    ALLOW_LOCAL_NETWORK: 'true',
    ...variables,
  }
  const about = { root: ROOT, stateDir, port: port + 1, inspectorPort: 0, onOutput: () => undefined }
  running.push(await startWorker({ ...about, variables: all, ...(config !== undefined && { config }) }))
  return access
}

/** The configuration of the build without the compatibility flags, at a date that does not bring them by itself. */
async function configWithoutFlags(): Promise<string> {
  const built = join(ROOT, 'build/server')
  const config: unknown = JSON.parse(await readFile(join(built, 'wrangler.json'), 'utf8'))
  if (typeof config !== 'object' || config === null) throw new Error('the build has no configuration')
  const path = join(folder, 'wrangler.json')
  const changes = {
    main: join(built, 'index.js'),
    assets: { directory: join(ROOT, 'build/client'), binding: 'ASSETS' },
  }
  const runtime = { compatibility_date: '2025-06-01', compatibility_flags: [] }
  await writeFile(path, JSON.stringify({ ...config, ...changes, ...runtime }))
  return path
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doctor-'))
  await buildWhenStale(ROOT, () => undefined)
  stack = await startStack({ port: PORT, stateDir: join(folder, 'good') })
  running.push(stack)
}, 240_000)

afterEach(() => {
  stack.access.configure({ audience: LOCAL_AUDIENCE, managedOauth: true, paths: ['/'], policy: 'allow' })
})

afterAll(async () => {
  for (const part of running.reverse()) await part.stop()
  await rm(folder, { recursive: true, force: true })
}, 60_000)

interface Report {
  ok: boolean
  url: string
  findings: { id: string; level: string; title: string; detail: string; fix: string }[]
}

async function runDoctor(...args: string[]): Promise<{ code: number; output: string; complaint: string }> {
  const child = spawn(process.execPath, [join(ROOT, 'scripts/doctor.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [output, complaint, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { code: Number(code), output, complaint }
}

/** What the doctor says of `url`; that its exit code agrees is checked in passing. */
async function examine(url: string, ...args: string[]): Promise<Report> {
  const { code, output } = await runDoctor(url, '--json', ...args)
  const report: Report = JSON.parse(output)
  expect(code).toBe(report.ok ? 0 : 1)
  expect(report.ok).toBe(!report.findings.some(({ level }) => level === 'error'))
  return report
}

const errorsOf = ({ findings }: Report) => findings.filter(({ level }) => level === 'error').map(({ id }) => id)
const find = ({ findings }: Report, id: string) => findings.find((finding) => finding.id === id)

test('a deployment that is as it should be has nothing wrong, and the report has its stable shape', async () => {
  const report = await examine(`${stack.url}/runs?state=lost`, ...TOKEN)
  expect(report).toMatchObject({ ok: true, url: stack.url })
  expect(report.findings.map(({ id, level }) => `${id} ${level}`)).toEqual([
    'anonymous-refused ok',
    'access-in-front ok',
    'oauth-discovered ok',
    'inside-healthy ok',
    'mcp-answers ok',
  ])
  expect(find(report, 'access-in-front')?.detail).toContain(LOCAL_AUDIENCE)
  expect(find(report, 'inside-healthy')?.detail).toContain('all 1 connections')
  for (const finding of report.findings) {
    expect(Object.keys(finding)).toEqual(['id', 'level', 'title', 'detail', 'fix'])
  }
  expect(JSON.stringify(report)).not.toContain(LOCAL_AGENT.secret)
})

test('without a service token the doctor says what it could not look at, and how to', async () => {
  const report = await examine(stack.url)
  expect(report.ok).toBe(true)
  expect(find(report, 'inside-unchecked')).toMatchObject({ level: 'note' })
  expect(find(report, 'inside-unchecked')?.fix).toContain(`npm run doctor -- ${stack.url} --client-id`)
})

test('people read what was seen, what it means and what to do', async () => {
  stack.access.configure({ managedOauth: false })
  const { code, output } = await runDoctor(stack.url)
  expect(code).toBe(1)
  expect(output).toContain('✗ MCP clients get a login page instead of JSON')
  expect(output).toContain('Unexpected content type: text/html')
  expect(output).toContain('→ In Zero Trust > Access controls > Applications')
  expect(output).toContain('CF-Access-Client-Id')
  expect(output).toContain('1 thing is wrong.')
})

test('Managed OAuth that is off is an error, and a warning where the service token works', async () => {
  stack.access.configure({ managedOauth: false })
  expect(errorsOf(await examine(stack.url))).toEqual(['oauth-login-page'])
  const report = await examine(stack.url, ...TOKEN)
  expect(errorsOf(report)).toEqual([])
  expect(find(report, 'oauth-login-page')?.level).toBe('warning')
})

test('an application that covers /mcp alone leaves discovery and the console outside', async () => {
  stack.access.configure({ paths: ['/mcp'] })
  const report = await examine(stack.url)
  expect(errorsOf(report)).toEqual(['access-partial', 'oauth-resource-metadata', 'oauth-server-metadata'])
  expect(find(report, 'access-partial')?.detail).toMatch(/The Worker itself answered GET \/, .*GET \/integrations/)
  expect(find(report, 'access-partial')?.fix).toContain('whole hostname')
})

test('an application that leaves only /.well-known outside is found too', async () => {
  stack.access.configure({
    paths: ['/mcp', '/api', '/integrations', '/runs', '/c', '/_', '/h', '//', '/%', '/M', '/A'],
  })
  expect(errorsOf(await examine(stack.url))).toContain('access-partial')
})

test('a Bypass policy, or no application: the Worker holds, and nobody can sign in', async () => {
  stack.access.configure({ policy: 'bypass' })
  expect(errorsOf(await examine(stack.url, ...TOKEN))).toContain('access-absent')
  const direct = await examine(stack.workerUrl)
  expect(errorsOf(direct)).toEqual(['access-absent'])
  expect(find(direct, 'anonymous-refused')?.level).toBe('ok')
})

test('an audience of another application is told apart from another team, with the right tag', async () => {
  stack.access.configure({ audience: 'aud-of-another-application' })
  const report = await examine(stack.url, ...TOKEN)
  expect(errorsOf(report)).toContain('wrong-audience')
  expect(find(report, 'wrong-audience')?.fix).toContain('--var ACCESS_AUD:aud-of-another-application')
})

test('a team that the Worker does not trust is named, and so is the one that it does', async () => {
  const access = await startLocalAccess({ port: PORT + 14, upstream: stack.workerUrl })
  running.push({ stop: () => access.close() })
  const report = await examine(access.url, ...TOKEN)
  expect(errorsOf(report)).toContain('wrong-team')
  expect(find(report, 'wrong-team')?.detail).toContain(
    `of ${access.url}; ACCESS_TEAM_DOMAIN of the Worker is ${stack.url}`,
  )
})

test('a service token that Access does not know never reaches the Worker', async () => {
  const report = await examine(stack.url, '--client-id', LOCAL_AGENT.id, '--client-secret', 'guess')
  expect(errorsOf(report)).toEqual(['service-token-refused'])
  expect(find(report, 'service-token-refused')?.fix).toContain('Service Auth')
})

test('something in front that vouches for everybody is the worst finding', async () => {
  const proxy = vouchForEverybody(stack.url)
  await once(proxy.listen(PORT + 16, '127.0.0.1'), 'listening')
  running.push({ stop: async () => proxy.close() })
  const report = await examine(`http://127.0.0.1:${PORT + 16}`)
  expect(errorsOf(report)[0]).toBe('anonymous-let-in')
  expect(find(report, 'anonymous-let-in')?.detail).toContain('GET /')
  expect(find(report, 'access-in-front')).toBeUndefined()
})

/** A proxy that adds the service token to whatever comes. */
function vouchForEverybody(target: string): Server {
  return createServer((request, response) => {
    const { host, hostname, port } = new URL(target)
    const credential = { 'cf-access-client-id': LOCAL_AGENT.id, 'cf-access-client-secret': LOCAL_AGENT.secret }
    const headers = { ...request.headers, host, ...credential }
    const { method, url: path } = request
    const onward = send({ hostname, port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  })
}

test('a key that does not open stored secrets and missing compatibility flags are found inside', async () => {
  const stateDir = join(folder, 'other-key')
  await cp(join(folder, 'good'), stateDir, { recursive: true })
  const access = await deploy(PORT + 8, stateDir, {}, await configWithoutFlags())
  const report = await examine(access.url, ...TOKEN)
  expect(errorsOf(report)).toEqual(['secrets-unopened', 'flags-missing'])
  expect(find(report, 'flags-missing')?.detail).toContain('nodejs_compat, global_fetch_strictly_public')
}, 60_000)

test('a database without migrations is found inside, with the command that applies them', async () => {
  const stateDir = join(folder, 'unmigrated')
  const access = await deploy(PORT + 10, stateDir, {})
  const report = await examine(access.url, ...TOKEN)
  expect(errorsOf(report)).toEqual(['migrations-pending'])
  expect(find(report, 'migrations-pending')?.fix).toContain('wrangler d1 migrations apply executor --remote')
}, 60_000)

test('a Worker without settings says which, to everybody and also through Access', async () => {
  const stateDir = join(folder, 'unset')
  await migrateDatabase(ROOT, stateDir)
  const access = await deploy(PORT + 12, stateDir, { ACCESS_AUD: '<your AUD tag>', EXECUTOR_SECRET_KEY: '' })
  const direct = await examine(`http://127.0.0.1:${PORT + 13}`)
  expect(errorsOf(direct)).toEqual(['not-configured'])
  expect(find(direct, 'not-configured')?.detail).toMatch(/ACCESS_AUD is a placeholder.*EXECUTOR_SECRET_KEY is not set/)
  expect(errorsOf(await examine(access.url, ...TOKEN))).toContain('not-configured')
  const headers = { 'cf-access-client-id': LOCAL_AGENT.id, 'cf-access-client-secret': LOCAL_AGENT.secret }
  for (const path of ['/', '/healthz', '/mcp', '/api/health', '/runs.data', '/nothing-is-here']) {
    const { status } = await fetch(access.url + path, { headers })
    expect(`${status} ${path}`).toBe(`401 ${path}`)
  }
}, 60_000)

test('an address where nothing listens, and a name that does not exist, are told apart', async () => {
  const nobody = await examine(`http://localhost:${NOBODY_THERE}`)
  expect(nobody.findings.map(({ id }) => id)).toEqual(['unreachable'])
  expect(find(nobody, 'unreachable')?.detail).toContain('nothing listens')
  const unknown = await examine('https://executor.invalid')
  expect(find(unknown, 'unreachable')?.detail).toContain('does not resolve')
})

test.each([
  [],
  ['ftp://example.com'],
  ['a b'],
  ['one.example.com', 'two.example.com'],
  ['x.example.com', '--client-id', 'a'],
])('arguments that cannot be meant are answered with the usage: %j', async (...args) => {
  const { code, output, complaint } = await runDoctor(...args)
  expect(code).toBe(1)
  expect(output).toBe('')
  expect(complaint).toContain('Usage: npm run doctor -- <url>')
})
