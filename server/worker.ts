// The Worker. Everything that lives as long as the isolate is made here, once; every request goes through the door
// (access/door.ts), and what the door lets in is React Router's, with an AppContext.
import quickjs from 'executor:sandbox.wasm'
import { createRequestHandler, RouterContextProvider } from 'react-router'
import { type Admitted, createDoor, type Door, type LogEntry } from './access/door.ts'
import { createVerifier } from './access/verify.ts'
import { createVault } from './connections/seal.ts'
import { type AppContext, appContext } from './context.ts'
import { openDatabase } from './db/database.ts'
import { parseEnv } from './env.ts'
import { createOutbound } from './net/outbound.ts'
import { createEngine, type SandboxEngine } from './sandbox/engine.ts'

/** What every request's AppContext has in common. */
interface Shared extends Pick<AppContext, 'config' | 'db' | 'outbound' | 'vault'> {
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

const route = createRequestHandler(() => import('virtual:react-router/server-build'), 'production')

let isolate: Isolate | undefined

export default {
  async fetch(request, env, execution) {
    const { door, shared } = (isolate ??= startIsolate(env))
    return door(request, async (admitted) => {
      if (!shared) throw new Error('the door let a request in without settings')
      return route(request, contextFor(request, shared, admitted, execution))
    })
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
    shared: { config, db: openDatabase(env.DB), outbound, vault, engine: () => (engine ??= createEngine(quickjs)) },
  }
}

function contextFor(
  request: Request,
  { config, db, outbound, vault, engine }: Shared,
  { principal, id, nonce, report }: Admitted,
  execution: ExecutionContext,
): RouterContextProvider {
  const context = new RouterContextProvider()
  context.set(appContext, {
    config,
    db,
    principal,
    outbound,
    vault,
    get engine() {
      return engine()
    },
    origin: new URL(request.url).origin,
    id,
    nonce,
    report,
    // Work that goes on after the answer has nobody else to tell of a surprise.
    waitUntil: (work) => execution.waitUntil(work.catch(report)),
  })
  return context
}

/** The one place that writes the Worker's log. */
function writeLog(entry: LogEntry): void {
  // oxlint-disable-next-line no-console
  const write = entry.event === 'failed' ? console.error : console.warn
  write(JSON.stringify(entry))
}
