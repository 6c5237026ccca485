// Opens a connection's secrets and makes of them what server/net attaches to a request: the only place that does.
import type { ConnectionRow } from '../db/connections.ts'
import type { Credential } from '../net/outbound.ts'
import { applyFilled, fillPlacements } from './placements.ts'
import type { Vault } from './seal.ts'

export type OpenedConnection =
  | { ok: true; /** All field values, secret ones included. */ values: Map<string, string> }
  /** `sealed`: the secrets do not open, with this key or at this place. */
  | { ok: false; reason: 'sealed' }

/** `credential` is null for a method that sends none. */
export type CredentialFor =
  | { ok: true; credential: Credential | null }
  | { ok: false; reason: 'sealed' | 'incomplete'; message: string }

type Stored = Pick<ConnectionRow, 'id' | 'owner' | 'method' | 'values' | 'sealed' | 'origins'>

export async function credentialFor(connection: Stored, vault: Vault): Promise<CredentialFor> {
  if (connection.method.placements.length === 0) return { ok: true, credential: null }
  const opened = await openConnection(connection, vault)
  if (!opened.ok) {
    return { ok: false, reason: 'sealed', message: 'The secret of this connection does not open; enter it again.' }
  }
  const placements = fillPlacements(connection.method, opened.values)
  if (!placements.ok) return { ok: false, reason: 'incomplete', message: placements.message }
  const { filled } = placements
  return {
    ok: true,
    credential: {
      origins: connection.origins,
      apply: (target) => {
        for (const one of filled) applyFilled(one, target)
      },
    },
  }
}

export async function openConnection(connection: Stored, vault: Vault): Promise<OpenedConnection> {
  const values = new Map(Object.entries(connection.values))
  if (connection.sealed === null) return { ok: true, values }
  const opened = await vault.open(connection.sealed, placeOf(connection))
  if (!opened.ok) return { ok: false, reason: 'sealed' }
  for (const [field, value] of Object.entries(opened.value)) {
    if (typeof value === 'string') values.set(field, value)
  }
  return { ok: true, values }
}

/** What a connection's secrets are bound to: they open in this row, for this owner, and nowhere else. */
export function placeOf({ id, owner }: Pick<ConnectionRow, 'id' | 'owner'>) {
  return { table: 'connections', row: id, owner }
}
