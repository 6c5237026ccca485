// When a token is refreshed before it ends. Pure: `now` is epoch milliseconds, by whatever clock the caller has.
import type { ConnectionRow } from '../../db/connections.ts'
import { canRenew } from '../shown-health.ts'

type Timed = Pick<ConnectionRow, 'id' | 'oauth' | 'tokenExpiresAt'>

const EARLY_MS = 60_000
/** Of the time that a token is given: one of a minute would otherwise be refreshed by every call. */
const EARLY_SHARE = 0.25
/** How long before the end cron may refresh. */
export const BACKGROUND_MS = 10 * 60_000

/** Whether a call gets the next token first. */
export function isDue(connection: Timed, now: number): boolean {
  const { tokenExpiresAt } = connection
  return tokenExpiresAt !== null && canRenew(connection) && tokenExpiresAt - leadMs(connection, EARLY_MS) <= now
}

/**
 * The same for what nobody waits for: earlier, so that calls find a token that lasts, and at another moment for each
 * connection, always the same one: those that were made together are not refreshed together for ever.
 */
export function isDueInBackground(connection: Timed, now: number): boolean {
  const { tokenExpiresAt } = connection
  const share = 0.5 + spread(connection.id) / 2
  return (
    tokenExpiresAt !== null && canRenew(connection) && tokenExpiresAt - leadMs(connection, BACKGROUND_MS) * share <= now
  )
}

function leadMs({ oauth, tokenExpiresAt }: Timed, most: number): number {
  const lifetime = (tokenExpiresAt ?? 0) - (oauth?.obtainedAt ?? 0)
  return Math.max(0, Math.min(most, lifetime * EARLY_SHARE))
}

/** From 0 to 1, of an id whose end is random. */
function spread(id: string): number {
  const codes = Array.from(id, (character) => character.charCodeAt(0))
  const hash = codes.reduce((sum, code) => (sum * 31 + code) >>> 0, 7)
  return (hash % 1000) / 1000
}
