// The whole local stack in one process: sample company, local Access, and the built Worker behind it on a D1 of its own.
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { ADMIN, LOCAL_AUDIENCE } from '../e2e/local-access/identities.ts'
import { type LocalAccess, startLocalAccess } from '../e2e/local-access/start-local-access.ts'
import { buildWhenStale } from './build.ts'
import { connectSample } from './connect-sample.ts'
import { type Ports, portsFrom } from './ports.ts'
import { ROOT } from './root.ts'
import { callbackOf, peopleApplication, startSampleCompany } from './sample-company.ts'
import { keepLog, localSecretKey, migrateDatabase, previousSecretKey, startWorker } from './wrangler.ts'

/** Where `wrangler dev` lets cron be called. */
export const CRON_PATH = '/cdn-cgi/local/scheduled'
const CRON_MS = 60_000

export interface StackOptions {
  /** The local Access; everything else is counted from it (ports.ts). */
  port: number
  /** The folder of the database and of everything else that lasts. */
  stateDir: string
  /** Begins with an empty folder. */
  fresh?: boolean
  /** Of the Worker's DevTools; any free one unless given. */
  inspectorPort?: number
  /** Connects the sample when there is no integration yet; on unless said otherwise. */
  withSample?: boolean
  /** Told in one line what happens next. */
  say?: (line: string) => void
  /** Given what the Worker prints. */
  onOutput?: (text: string) => void
}

export interface Stack {
  /** Where people and agents come in. */
  url: string
  /** The Worker without Access in front: for measuring, and for showing that it refuses. */
  workerUrl: string
  sampleUrl: string
  access: LocalAccess
  /** Resolves to the Worker's last output when it ended by itself. */
  workerEnded: Promise<string>
  stop(): Promise<void>
}

async function isFree(port: number, host: string): Promise<boolean> {
  const server = createServer()
  try {
    await once(server.listen({ port, host, exclusive: true }), 'listening')
  } catch (error) {
    // Machines without IPv6 have nothing there that could be in use.
    return !(error instanceof Error && 'code' in error && ['EADDRINUSE', 'EACCES'].includes(String(error.code)))
  }
  server.close()
  await once(server, 'close')
  return true
}

/** Rejects with a sentence when a port is taken. */
async function requireFree(ports: Ports): Promise<void> {
  for (const port of Object.values({ ...ports })) {
    for (const host of ['127.0.0.1', '::1']) {
      if (await isFree(port, host)) continue
      throw new Error(
        `Port ${port} is in use, perhaps by an Executor that is already running. Stop it, or move this one: PORT=${ports.access + 100} npm start`,
      )
    }
  }
}

export async function startStack(options: StackOptions): Promise<Stack> {
  const { stateDir, say = () => undefined } = options
  const ports = portsFrom(options.port)
  const started: { stop(): Promise<void> }[] = []
  const stop = async () => {
    for (const part of started.splice(0).reverse()) await part.stop()
  }
  try {
    await requireFree(ports)
    if (options.fresh) await rm(stateDir, { recursive: true, force: true })
    await buildWhenStale(ROOT, say)
    say('Preparing the database …')
    await migrateDatabase(ROOT, stateDir)

    say(`Starting the sample company on http://localhost:${ports.sample} …`)
    const sample = await startSampleCompany(ports, stateDir)
    started.push(sample)

    say(`Starting the local Access on http://localhost:${ports.access} …`)
    const access = await startLocalAccess({
      port: ports.access,
      upstream: `http://127.0.0.1:${ports.worker}`,
      oauthStoragePath: join(stateDir, 'oauth.json'),
      saas: { redirectUris: [callbackOf(ports)], storagePath: join(stateDir, 'access-oidc.json') },
      others: [peopleApplication(ports)],
      controlPort: ports.accessControl,
    })
    started.push({ stop: () => access.close() })

    say('Starting the Worker …')
    const worker = await startWorker({
      root: ROOT,
      stateDir,
      port: ports.worker,
      inspectorPort: options.inspectorPort ?? 0,
      variables: {
        ACCESS_TEAM_DOMAIN: access.url,
        ACCESS_AUD: LOCAL_AUDIENCE,
        ADMIN_EMAILS: ADMIN.email,
        EXECUTOR_SECRET_KEY: await localSecretKey(stateDir),
        EXECUTOR_SECRET_KEY_PREVIOUS: await previousSecretKey(stateDir),
        ALLOW_LOCAL_NETWORK: 'true',
      },
      onOutput: keepLog(join(stateDir, 'worker.log'), options.onOutput ?? (() => undefined)),
    })
    started.push({ stop: () => worker.stop() })
    // Nothing else calls cron here.
    const cron = setInterval(() => void fetch(`http://127.0.0.1:${ports.worker}${CRON_PATH}`).catch(() => {}), CRON_MS)
    started.push({ stop: async () => clearInterval(cron) })

    if (options.withSample ?? true) await connectSample({ url: access.url, sampleUrl: sample.url, say })
    return {
      url: access.url,
      workerUrl: `http://127.0.0.1:${ports.worker}`,
      sampleUrl: sample.url,
      access,
      workerEnded: worker.ended.then(() => worker.output()),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
