// Executor's things in the account's Access: found or made, completed, and read back after every change.
import { z } from 'zod'
import {
  type Application,
  applicationShape,
  CLIENT_METADATA_PATH,
  completedApplication,
  completedPolicy,
  type Destination,
  hostnameDestinations,
  names,
  newApplication,
  ownApplication,
  type Policy,
  policyShape,
  type Site,
  workerDestination,
} from './access-application.ts'
import type { Login } from './cloudflare-account.ts'
import { CloudflareError, isFault } from './cloudflare-api.ts'
import { SetupStop } from './setup-steps.ts'

const NOT_ENABLED = 9999

/** What a step came to: made, completed, or there already. */
export type Outcome = 'made' | 'completed' | 'unchanged'

/** The team's domain, without a scheme. */
export async function teamDomain({ api, account }: Login): Promise<string> {
  const shape = z.object({ auth_domain: z.string() })
  try {
    return (await api.get(`/accounts/${account.id}/access/organizations`, shape)).auth_domain
  } catch (error) {
    const isOff = error instanceof CloudflareError && (error.fault === 'not_found' || error.codes.includes(NOT_ENABLED))
    if (!isOff) throw error
    throw new SetupStop(
      `Zero Trust is not switched on in this account. Choose a team name at https://one.dash.cloudflare.com/${account.id} (the free plan does), then run the command again.`,
    )
  }
}

export async function listApplications({ api, account }: Login): Promise<Application[]> {
  return api.list(`/accounts/${account.id}/access/apps`, applicationShape)
}

export async function findPolicy({ api, account }: Login, name: string): Promise<Policy | undefined> {
  const policies = await api.list(`/accounts/${account.id}/access/policies`, policyShape)
  return policies.find((policy) => policy.name === name)
}

/** A reusable policy of that name that has at least these rules. */
export async function providePolicy(
  login: Login,
  { name, decision, rules }: { name: string; decision: string; rules: readonly object[] },
): Promise<{ id: string; outcome: Outcome }> {
  const { api, account } = login
  const base = `/accounts/${account.id}/access/policies`
  const listed = await findPolicy(login, name)
  if (!listed) {
    const { id } = await api.send('POST', base, { name, decision, include: rules }, policyShape)
    return verified(await api.get(`${base}/${id}`, policyShape), 'made')
  }
  if (listed.decision !== decision) {
    throw new SetupStop(
      `The Access policy "${name}" has the action ${listed.decision}, not ${decision}. Rename or remove it, then run the command again.`,
    )
  }
  const found = await api.get(`${base}/${listed.id}`, policyShape)
  const wanted = completedPolicy(found, rules)
  if (wanted === found) return { id: found.id, outcome: 'unchanged' }
  await api.send('PUT', `${base}/${found.id}`, wanted, policyShape)
  return verified(await api.get(`${base}/${found.id}`, policyShape), 'completed')

  function verified(policy: Policy, outcome: Outcome) {
    if (completedPolicy(policy, rules) !== policy)
      throw new SetupStop(`The policy "${name}" was not stored as it was sent.`)
    return { id: policy.id, outcome }
  }
}

/** Executor's application with at least these policies. Where the API does not know the Worker, over its hostnames. */
export async function provideApplication(
  login: Login,
  site: Site,
  policyIds: readonly string[],
): Promise<{ application: Application; outcome: Outcome; isOverWorker: boolean }> {
  const listed = ownApplication(await listApplications(login), site)
  const own = listed && (await readApplication(login, listed.id))
  const attempt = async (destinations: readonly Destination[]) => {
    const stored = await storeApplication(login, own, newApplication(site, destinations, policyIds), (found) =>
      completedApplication(found, destinations, policyIds),
    )
    return { ...stored, isOverWorker: destinations.some(({ type }) => type === 'worker') }
  }
  try {
    return await attempt(own && isOverHostnames(own, site) ? hostnameDestinations(site) : workerDestination(site))
  } catch (error) {
    if (!isFault(error, 'refused') || !/destination|worker/i.test(error.message)) throw error
    return attempt(hostnameDestinations(site))
  }
}

/** Made by hand, or by us where the API knows no Workers: then it stays that way. */
function isOverHostnames({ destinations, domain }: Application, site: Site): boolean {
  if (destinations?.some(({ type }) => type === 'worker')) return false
  const wanted = hostnameDestinations(site).map((one) => (one.type === 'public' ? one.uri : ''))
  const uris = new Set([domain, ...(destinations ?? []).map(({ uri }) => uri)])
  return wanted.every((uri) => uris.has(uri))
}

/** The application over the one public document, open to everyone. */
export async function provideMetadataApplication(login: Login, site: Site): Promise<Outcome> {
  const { metadata, everyone } = names(site.worker)
  const policy = await providePolicy(login, { name: everyone, decision: 'bypass', rules: [{ everyone: {} }] })
  const destinations = site.hostnames.map((hostname) => ({ type: 'public', uri: hostname + CLIENT_METADATA_PATH }))
  const listed = (await listApplications(login)).find(({ name }) => name === metadata)
  const own = listed && (await readApplication(login, listed.id))
  const complete = <T extends Partial<Application>>(found: T) => {
    const { destinations: old, policies } = found
    const missing = destinations.filter(({ uri }) => !old?.some((one) => one.uri === uri))
    const hasPolicy = policies?.some(({ id }) => id === policy.id) ?? false
    if (missing.length === 0 && hasPolicy) return found
    return {
      ...found,
      destinations: [...(old ?? []), ...missing],
      policies: hasPolicy ? (policies ?? []) : [...(policies ?? []), { id: policy.id, precedence: 1 }],
    }
  }
  const fresh = complete({ name: metadata, type: 'self_hosted', app_launcher_visible: false })
  return (await storeApplication(login, own, fresh, complete)).outcome
}

export async function readApplication({ api, account }: Login, id: string): Promise<Application> {
  return api.get(`/accounts/${account.id}/access/apps/${id}`, applicationShape)
}

async function storeApplication(
  login: Login,
  own: Application | undefined,
  fresh: object,
  complete: (found: Application) => Application,
): Promise<{ application: Application; outcome: Outcome }> {
  const { api, account } = login
  const base = `/accounts/${account.id}/access/apps`
  const wanted = own && complete(own)
  if (own && wanted === own) return { application: own, outcome: 'unchanged' }
  const { id } = own
    ? await api.send('PUT', `${base}/${own.id}`, wanted, applicationShape)
    : await api.send('POST', base, fresh, applicationShape)
  const application = await readApplication(login, id)
  if (complete(application) !== application) {
    throw new SetupStop(
      `The application "${application.name}" was not stored as it was sent. Look at it in the dashboard.`,
    )
  }
  return { application, outcome: own ? 'completed' : 'made' }
}

const tokenShape = z.object({ id: z.string(), name: z.string(), client_id: z.string() })
const newTokenShape = tokenShape.extend({ client_secret: z.string() })

export interface ServiceToken {
  id: string
  clientId: string
  /** Only when it was made or renewed just now. */
  clientSecret?: string
}

/** A service token of that name. `isRenewed` makes a new secret for one that is there; the old one ends. */
export async function provideServiceToken(
  { api, account }: Login,
  name: string,
  isRenewed: boolean,
): Promise<ServiceToken> {
  const base = `/accounts/${account.id}/access/service_tokens`
  const found = (await api.list(base, tokenShape)).find((token) => token.name === name)
  if (found && !isRenewed) return { id: found.id, clientId: found.client_id }
  const token = found
    ? await api.send('POST', `${base}/${found.id}/rotate`, {}, newTokenShape)
    : await api.send('POST', base, { name }, newTokenShape)
  return { id: token.id, clientId: token.client_id, clientSecret: token.client_secret }
}
