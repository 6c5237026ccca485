// Opens a connection's secrets and makes of them what server/net attaches to a request: the only place that does.
import type { ConnectionRow } from '../db/connections.ts'
import type { Credential } from '../net/outbound.ts'
import { type ForwardedPerson, isInForce } from './forwarded-person.ts'
import { sendsNothing } from './method.ts'
import { applyFilled, basicCredentials, type Filled, fillPlacements } from './placements.ts'
import type { Vault } from './seal.ts'
import { signerOf } from './sign-request.ts'

export type OpenedConnection =
  | { ok: true; /** All field values, secret ones included. */ values: Map<string, string> }
  /** `sealed`: the secrets do not open, with this key or at this place. */
  | { ok: false; reason: 'sealed' }

/** `credential` is null for a method that sends none. */
export type CredentialFor =
  | { ok: true; credential: Credential | null }
  | { ok: false; reason: 'sealed' | 'incomplete' | 'person_absent'; message: string }

type Stored = Pick<ConnectionRow, 'id' | 'owner' | 'method' | 'values' | 'sealed' | 'origins'>

/** `person` is whose request is being answered, where the call is theirs: for methods that forward their assertion. */
export async function credentialFor(
  connection: Stored,
  vault: Vault,
  person?: ForwardedPerson,
): Promise<CredentialFor> {
  const { method, origins } = connection
  if (sendsNothing(method)) return { ok: true, credential: null }
  const forwarded = method.forwards && person && isInForce(person, Date.now()) ? person.assertion : null
  if (method.forwards && forwarded === null) return { ok: false, reason: 'person_absent', message: PERSON_ABSENT }
  const opened = await openConnection(connection, vault)
  if (!opened.ok) {
    return { ok: false, reason: 'sealed', message: 'The secret of this connection does not open; enter it again.' }
  }
  const placements = fillPlacements(method, opened.values)
  if (!placements.ok) return { ok: false, reason: 'incomplete', message: placements.message }
  const signer = method.signing && signerOf(method.signing, opened.values)
  if (signer?.ok === false) return { ok: false, reason: 'incomplete', message: signer.message }
  const apply: Credential['apply'] = async (target) => {
    for (const one of placements.filled) applyFilled(one, target)
    if (method.forwards && forwarded !== null) target.headers.set(method.forwards.header, forwarded)
    // Last, over all the rest.
    await signer?.sign(target)
  }
  const secrets = [
    ...secretsIn(connection, opened.values, placements.filled),
    ...(forwarded === null ? [] : [forwarded]),
  ]
  return { ok: true, credential: { origins, secrets, apply } }
}

/** The values that are not shown, and a user and password as they are sent. */
function secretsIn({ values }: Stored, all: ReadonlyMap<string, string>, filled: readonly Filled[]): string[] {
  const hidden = [...all].flatMap(([name, value]) => (Object.hasOwn(values, name) ? [] : [value]))
  if (hidden.length === 0) return []
  return [...hidden, ...filled.flatMap((one) => (one.in === 'basic' ? [basicCredentials(one)] : []))]
}

const PERSON_ABSENT =
  'It calls as the signed-in person, with the token of their own request, and this run goes on without one. Run the code again. For runs that outlive a request, an admin connects the integration through OpenID Connect of Access instead.'

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
