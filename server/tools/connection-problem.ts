// Why a call does not get through its connection, in the words of its error: what is wrong, and where a person repairs it.
import type { ToolErrorShape } from '../../drizzle/shapes.ts'
import { insufficientScopes, stepUpLink } from '../connections/oauth/step-up.ts'
import type { NotOpened } from '../connections/open-credential.ts'
import type { ConnectionRow } from '../db/connections.ts'
import type { ToolResult } from '../integrations/adapter.ts'

interface Through {
  connection: Pick<ConnectionRow, 'id' | 'oauth'>
  /** As people see it: `github@work`. */
  account: string
  /** Executor's own. */
  origin: string
}

/** What kept the credential from being opened or renewed. Nothing was carried out. */
export function connectionProblem(
  { reason, message, retryable = false }: NotOpened,
  { connection, account, origin }: Through,
): ToolErrorShape {
  if (reason === 'person_absent') return { code: reason, message: `${account} cannot be used now. ${message}` }
  const code = CODES[reason]
  if (retryable) {
    return { code, message: `${account} cannot be used just now. ${message} It may work again in a while.`, retryable }
  }
  const link = `${origin}/connections/${connection.id}`
  const where = reason === 'unavailable' ? 'A person can repair it here' : 'A person does that here'
  return { code, message: `${account} cannot be used. ${message} ${where}: ${link}`, details: { link } }
}

const CODES: Record<Exclude<NotOpened['reason'], 'person_absent'>, string> = {
  sealed: 'connection_broken',
  incomplete: 'connection_broken',
  needs_sign_in: 'connection_needs_sign_in',
  unavailable: 'connection_unavailable',
}

/** Null unless the upstream says which scopes the token lacks, and somebody can grant them by signing in again. */
export function insufficientScope(
  { error, headers = {} }: Extract<ToolResult, { ok: false }>,
  { connection, account, origin }: Through,
): ToolErrorShape | null {
  const scopes = connection.oauth === null ? [] : insufficientScopes(error.status ?? 0, new Headers(headers))
  if (scopes.length === 0) return null
  const link = stepUpLink(origin, connection.id, scopes)
  const message = `${error.message} (${account} lacks ${scopes.join(', ')}; a person can grant that here: ${link})`
  return { ...error, code: 'insufficient_scope', message, details: { scopes, link }, retryable: false }
}
