// What loaders, actions and the endpoints may use: built by worker.ts for each request that was let in.
import { createContext } from 'react-router'
import type { Principal } from './access/principal.ts'
import type { ForwardedPerson } from './connections/forwarded-person.ts'
import type { Vault } from './connections/seal.ts'
import type { Database } from './db/database.ts'
import type { Config } from './env.ts'
import type { Outbound } from './net/outbound.ts'
import type { SandboxEngine } from './sandbox/engine.ts'

export interface AppContext {
  config: Config
  db: Database
  principal: Principal
  /** The principal, where a person, with their own assertion: to be forwarded in calls of theirs, and for nothing else. */
  person?: ForwardedPerson
  outbound: Outbound
  /** The static files that are deployed with the Worker. */
  assets: { fetch: (request: Request) => Promise<Response> }
  vault: Vault
  engine: SandboxEngine
  /** Of the request: `https://executor.example.com`. */
  origin: string
  /** Of the request, as the log names it; error pages show it. */
  id: string
  /** For inline scripts and styles of this answer. */
  nonce: string
  /** Writes a surprise to the log, and returns the id under which it is found there and which the answer shows. */
  report: (error: unknown) => string
  waitUntil: (work: Promise<unknown>) => void
}

/** `context.get(appContext)` in loaders, actions and entry.server.tsx. */
export const appContext = createContext<AppContext>()
