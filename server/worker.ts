// The Worker. Everything that lives as long as the isolate is made here, once; every request goes through the door
// (access/door.ts), and what the door lets in is React Router's, with an AppContext.
import quickjs from 'executor:sandbox.wasm'
import * as serverBuild from 'virtual:react-router/server-build'
import { createRequestHandler, RouterContextProvider } from 'react-router'
import { type Admitted, createDoor, type Door, type LogEntry, wordsOf } from './access/door.ts'
import { surfaceOf } from './access/guard.ts'
import { createVerifier } from './access/verify.ts'
import { createVault } from './connections/seal.ts'
import { type AppContext, appContext } from './context.ts'
import { chainAudit } from './db/audit.ts'
import { openDatabase } from './db/database.ts'
import { readOrigin, rememberOrigin } from './db/origin.ts'
import { rememberPrincipal } from './db/principals.ts'
import { parseEnv } from './env.ts'
import { createOutbound } from './net/outbound.ts'
import { tend } from './runs/tend.ts'
import { createEngine, type SandboxEngine } from './sandbox/engine.ts'

/** What every request's AppContext has in common. */
interface Shared extends Pick<AppContext, 'config' | 'db' | 'outbound' | 'assets' | 'vault'> {
  /** Made when first asked for: most requests run no code. */
  engine: () => SandboxEngine
}

interface Isolate {
  door: Door
  /** Undefined while settings are missing: the door then lets nobody in. */
  shared: Shared | undefined
}

const KEYS_TIMEOUT_MS = 5000
const KEYS_MAX_BYTES = 256 * 1024

const route = createRequestHandler(serverBuild, 'production')

let isolate: Isolate | undefined

export default {
  async fetch(request, env, execution) {
    const { door, shared } = (isolate ??= startIsolate(env))
    return door(request, async (admitted) => {
      if (!shared) throw new Error('the door let a request in without settings')
      const { db } = shared
      // Work that goes on after the answer has nobody else to tell of a surprise.
      const waitUntil = (work: Promise<unknown>) => execution.waitUntil(work.catch(admitted.report))
      rememberPrincipal({ db, principal: admitted.principal, waitUntil })
      rememberOrigin({ db, waitUntil }, new URL(request.url).origin)
      const response = await route(request, contextFor(request, shared, admitted, waitUntil))
      if (isForm(request)) waitUntil(chainAudit(db))
      return response
    })
  },

  /** Every minute: what nobody waits for. */
  async scheduled(controller, env, execution) {
    const { shared } = (isolate ??= startIsolate(env))
    if (!shared) return
    const { db, outbound, vault, engine } = shared
    const id = crypto.randomUUID()
    const report = (error: unknown) => {
      writeLog({ event: 'failed', id, method: 'CRON', path: controller.cron, ...wordsOf(error) })
      return id
    }
    const waitUntil = (work: Promise<unknown>) => execution.waitUntil(work.catch(report))
    await tend({ db, outbound, vault, engine: engine(), origin: await readOrigin(db), report, waitUntil })
  },
} satisfies ExportedHandler<Env>

function startIsolate(env: Env): Isolate {
  const parsed = parseEnv(env)
  if (!parsed.ok) return { door: createDoor({ ok: false, missing: parsed.missing }, writeLog), shared: undefined }
  const { config } = parsed
  const { teamDomain, audiences, secretKey: key, previousSecretKey: previousKey, allowLocalNetwork } = config
  const outbound = createOutbound({ allowLocalNetwork })
  const fetchKeys = (request: Request) =>
    outbound.send(request, { timeoutMs: KEYS_TIMEOUT_MS, maxBytes: KEYS_MAX_BYTES })
  const verify = createVerifier({ teamDomain, audiences, fetch: fetchKeys })
  const vault = createVault({ key, ...(previousKey !== undefined && { previousKey }) })
  let engine: SandboxEngine | undefined
  return {
    door: createDoor({ ok: true, verify, roles: config, loginOrigin: teamDomain.origin }, writeLog),
    shared: {
      config,
      db: openDatabase(env.DB),
      outbound,
      assets: env.ASSETS,
      vault,
      engine: () => (engine ??= createEngine(quickjs)),
    },
  }
}

function contextFor(
  request: Request,
  { config, db, outbound, assets, vault, engine }: Shared,
  { principal, assertion, id, nonce, report }: Admitted,
  waitUntil: AppContext['waitUntil'],
): RouterContextProvider {
  const context = new RouterContextProvider()
  context.set(appContext, {
    config,
    db,
    principal,
    ...(principal.kind === 'person' && { person: { id: principal.id, assertion } }),
    outbound,
    assets,
    vault,
    get engine() {
      return engine()
    },
    origin: new URL(request.url).origin,
    id,
    nonce,
    report,
    waitUntil,
  })
  return context
}

/** Whatever a person changes, and so leaves an audit record of, comes as a form. */
function isForm({ method, url }: Request): boolean {
  return method === 'POST' && surfaceOf(new URL(url).pathname) === 'page'
}

/** The one place that writes the Worker's log. */
function writeLog(entry: LogEntry): void {
  // oxlint-disable-next-line no-console
  const write = entry.event === 'failed' ? console.error : console.warn
  write(JSON.stringify(entry))
}
