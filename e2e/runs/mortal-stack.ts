// A Worker that can be killed at any moment and started again on the same database, with an upstream that tells what
// reached it and when.
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildWhenStale } from '../../scripts/build.ts'
import type { RunningTool } from '../../scripts/process-group.ts'
import { ROOT } from '../../scripts/root.ts'
import { migrateDatabase, startWorker } from '../../scripts/wrangler.ts'
import { ADMIN, LOCAL_AUDIENCE } from '../local-access/identities.ts'
import { startLocalAccess } from '../local-access/start-local-access.ts'
import { runSql } from '../local-sql.ts'
import { close, listen } from '../listen.ts'

export interface Upstream {
  url: string
  /** Method, path and body of each request, in order. */
  received: string[]
  /** Called with the number of a request before it is answered and after. */
  onRequest: (number: number, moment: 'before' | 'after') => void | Promise<void>
}

export interface MortalStack {
  url: string
  workerUrl: string
  upstream: Upstream
  start(config?: string): Promise<void>
  /** SIGKILL of the Worker's whole group. Rejects when its port still answers. */
  kill(): Promise<void>
  /** Writes only while the Worker is down. */
  sql(text: string): Record<string, unknown>[]
  folder: string
  end(): Promise<void>
}

export async function startMortalStack(port: number): Promise<MortalStack> {
  await buildWhenStale(ROOT, () => undefined)
  const folder = await mkdtemp(join(tmpdir(), 'executor-mortal-'))
  const stateDir = join(folder, 'state')
  await migrateDatabase(ROOT, stateDir)
  const workerUrl = `http://127.0.0.1:${port + 1}`
  const access = await startLocalAccess({ port, upstream: workerUrl })
  const { upstream, close } = await startUpstream()
  let worker: RunningTool | undefined

  async function kill() {
    await worker?.kill()
    worker = undefined
    await requireRefused(port + 1)
  }

  return {
    url: access.url,
    workerUrl,
    upstream,
    folder,
    kill,
    async start(config) {
      const variables = {
        ACCESS_TEAM_DOMAIN: access.url,
        ACCESS_AUD: LOCAL_AUDIENCE,
        ADMIN_EMAILS: ADMIN.email,
        EXECUTOR_SECRET_KEY: Buffer.from('the key of a stack that is killed').toString('base64'),
        ALLOW_LOCAL_NETWORK: 'true',
      }
      const about = { root: ROOT, stateDir, port: port + 1, inspectorPort: 0, onOutput: () => undefined }
      worker = await startWorker({ ...about, variables, ...(config !== undefined && { config }) })
    },
    sql: (text) => runSql(stateDir, text),
    async end() {
      await worker?.kill()
      await access.close()
      await close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const DEAD_WITHIN_MS = 5000

/** Rejects unless new connections to the port come to be refused: the last of a killed group takes a moment to go. */
async function requireRefused(port: number): Promise<void> {
  let outcome = ''
  for (const deadline = Date.now() + DEAD_WITHIN_MS; Date.now() < deadline; await sleep(20)) {
    outcome = await tryConnect(port)
    if (outcome === 'ECONNREFUSED') return
  }
  throw new Error(`The port of the killed Worker is not dead: ${outcome}.`)
}

async function tryConnect(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  try {
    return await new Promise<string>((resolve) => {
      socket.once('connect', () => resolve('somebody listens'))
      socket.once('error', (error) => resolve('code' in error ? String(error.code) : error.message))
    })
  } finally {
    socket.destroy()
  }
}

/** GET /items counts up; POST /notes and /orders answer with what they were given. */
async function startUpstream(): Promise<{ upstream: Upstream; close: () => Promise<void> }> {
  const upstream: Upstream = { url: '', received: [], onRequest: () => undefined }
  const bodyOf = async (request: IncomingMessage) => {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    return Buffer.concat(chunks).toString()
  }
  let reads = 0
  const server = createServer((request, response) => {
    const answer = async () => {
      const body = await bodyOf(request)
      const number = upstream.received.push(`${request.method} ${request.url} ${body}`.trim())
      await upstream.onRequest(number, 'before')
      const answered = request.method === 'GET' ? JSON.stringify({ n: ++reads }) : body
      response.writeHead(request.method === 'GET' ? 200 : 201, { 'content-type': 'application/json' }).end(answered)
      await upstream.onRequest(number, 'after')
    }
    answer().catch(() => response.destroy())
  })
  const port = await listen(server)
  upstream.url = `http://localhost:${port}`
  return { upstream, close: () => close(server) }
}
