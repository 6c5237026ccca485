import type { Principal } from '../../access/principal.ts'
import type { Database } from '../../db/database.ts'
import type { Outbound } from '../../net/outbound.ts'
import type { Vault } from '../seal.ts'

export interface OAuthDeps {
  db: Database
  vault: Vault
  outbound: Outbound
  principal: Principal
  /** Executor's own: `https://executor.example.com`. */
  origin: string
  now?: () => number
}
