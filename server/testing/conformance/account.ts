// The conformance client's account at the suite's server: the product's own code signs in, and stands behind every
// request. The person in front of the browser agrees to everything.
import type { AuthMethod } from '../../../drizzle/shapes.ts'
import { saveOwnApp } from '../../connections/oauth/clients.ts'
import type { OAuthDeps } from '../../connections/oauth/deps.ts'
import { beginSignIn } from '../../connections/oauth/begin.ts'
import { finishSignIn } from '../../connections/oauth/finish.ts'
import { connectMachine } from '../../connections/oauth/machine.ts'
import { openCredential } from '../../connections/open-credential.ts'
import { createVault } from '../../connections/seal.ts'
import type { ConnectionRow } from '../../db/connections.ts'
import type { Database } from '../../db/database.ts'
import { newId } from '../../db/id.ts'
import { insertIntegration, type IntegrationRow } from '../../db/integrations.ts'
import type { Fetch } from '../../integrations/adapter.ts'
import { authMethodsOf } from '../../integrations/mcp/auth-methods.ts'
import { createOutbound } from '../../net/outbound.ts'
import { onlyTo } from '../../tools/refuse-connection.ts'
import { openRequests } from '../../tools/send-requests.ts'
import { person } from '../people.ts'

/** Where Executor is, for redirects and as the address of its metadata document. */
export interface Place {
  db: Database
  origin: string
}

/** What the suite gives a client in advance. */
export interface Credentials {
  clientId: string
  clientSecret: string
  /** Executor as itself, without a person. */
  isMachine: boolean
}

export interface Account {
  /** With the credential of the connection, once there is one. */
  fetch: Fetch
  /** Again, and for more, where there is a connection already. Throws with Executor's own words. */
  signIn: (scopes: readonly string[]) => Promise<void>
}

export const outbound = createOutbound({ allowLocalNetwork: true })

export async function openAccount(place: Place, url: string, given: Credentials | null): Promise<Account> {
  const vault = createVault({ key: '0123456789abcdeffedcba98765432100f1e2d3c4b5a69788796a5b4c3d2e1f0' })
  const deps: OAuthDeps = { ...place, vault, outbound, principal: person('ada@example.com', true) }
  const method = methodFor(url, given)
  const integration = await addIntegration(deps, url, method)
  if (given) await enterApp(deps, { integration, method }, given)
  let connection: ConnectionRow | undefined
  return {
    fetch: async (request) => {
      if (!connection) return outbound.send(request)
      const opened = await openCredential(deps, connection)
      if (!opened.ok || !opened.credential) throw new Error(opened.ok ? 'No credential' : opened.message)
      const { credential, renew } = opened
      const limits = { timeoutMs: 20_000, maxBytes: 10 * 1024 * 1024 }
      const requests = openRequests({ outbound, credential, renew, isRead: false, beforeSend: () => {}, ...limits })
      return onlyTo(credential.origins, requests.fetch).fetch(request)
    },
    async signIn(scopes) {
      const input = { integration, method, owner: 'me' as const, slug: 'work', ...(connection && { connection }) }
      const made = given?.isMachine
        ? await connectMachine(deps, input)
        : await signInAsPerson(deps, { ...input, ...(scopes.length > 0 && { scopes }) })
      if (!made.ok) throw new Error(`Not signed in: ${made.message}`)
      connection = made.connection
    },
  }
}

async function signInAsPerson(deps: OAuthDeps, input: Parameters<typeof beginSignIn>[1]) {
  const begun = await beginSignIn(deps, input)
  if (!begun.ok) return begun
  // The suite's servers ask nobody anything, and send the browser back at once.
  const answer = await fetch(begun.flow.authorizationUrl ?? '', { redirect: 'manual' })
  const callback = answer.headers.get('location')
  if (callback === null) throw new Error(`The authorization endpoint answered ${answer.status}`)
  return finishSignIn(deps, new URL(callback))
}

/** What a server is offered that wants a credential before a word. */
function methodFor(url: string, given: Credentials | null): AuthMethod {
  const method = authMethodsOf(url).find(({ oauth }) => oauth !== undefined)
  if (!method?.oauth) throw new Error('There is no way to sign in')
  const flow = { grant: 'client_credentials', scopes: {} } as const
  return given?.isMachine ? { ...method, oauth: { ...method.oauth, flows: [flow] } } : method
}

async function addIntegration({ db }: OAuthDeps, url: string, method: AuthMethod): Promise<IntegrationRow> {
  const id = newId('int')
  const [integration] = await insertIntegration(db, {
    id,
    slug: id.replace('int_', 'i'),
    kind: 'mcp',
    title: 'The suite',
    origin: { kind: 'endpoint', protocol: 'mcp', url },
    baseUrl: url,
    authMethods: [method],
    createdBy: 'person:ada@example.com',
    createdAt: 1,
    updatedAt: 1,
  }).returning()
  if (!integration) throw new Error('An integration that was stored is gone')
  return integration
}

async function enterApp(
  deps: OAuthDeps,
  of: { integration: IntegrationRow; method: AuthMethod },
  { clientId, clientSecret, isMachine }: Credentials,
): Promise<void> {
  const grant = isMachine ? 'client_credentials' : 'authorization_code'
  const saved = await saveOwnApp(deps, { ...of, grant, clientId, clientSecret, authMethod: 'client_secret_basic' })
  if (!saved.ok) throw new Error(`The app was not taken: ${saved.message}`)
}
