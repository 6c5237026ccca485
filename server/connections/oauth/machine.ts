// Executor as itself, without a person (client credentials, RFC 6749, section 4.4).
import type { Managed } from '../manage.ts'
import { whatToDo } from './complete.ts'
import type { OAuthDeps } from './deps.ts'
import { prepare, type Refused, type SignIn } from './prepare.ts'
import { saveConnection } from './save-connection.ts'
import { clientCredentialsRequest } from './token-request.ts'

export type MachineConnected =
  | Extract<Managed, { ok: true }>
  | (Extract<Managed, { ok: false }> & { code?: Refused['code'] })

export async function connectMachine(deps: OAuthDeps, input: Omit<SignIn, 'grant'>): Promise<MachineConnected> {
  const prepared = await prepare(deps, input, 'client_credentials')
  if (!prepared.ok) return { ...prepared, field: prepared.field ?? 'method' }
  const { server, client, scopes, resource } = prepared
  const refuse = (message: string) => ({ ok: false, field: 'method', message, code: 'refused' }) as const
  if (client.authMethod === 'none') {
    return {
      ...refuse('Only an app with a secret gets tokens without a person: enter one of your own.'),
      code: 'own_app_needed',
    }
  }
  const answer = await clientCredentialsRequest(deps, { server, client }, { scopes, resource })
  if (answer.kind === 'transient') return refuse(`${answer.message} Try again in a moment.`)
  if (answer.kind === 'refused') return refuse(`${answer.message} ${whatToDo(answer.error)}`)
  const signedIn = { ...prepared, integration: input.integration, grant: 'client_credentials' as const }
  return saveConnection(deps, { ...signedIn, client: client.id, connection: input.connection }, answer)
}
