// The deployed Worker as Cloudflare knows it: its bindings, its secrets' names, and where it answers.
import { z } from 'zod'
import type { Login } from './cloudflare-account.ts'
import { CloudflareError } from './cloudflare-api.ts'
import { SetupStop } from './setup-steps.ts'
import { CONFIG_FILE, type WorkerConfig } from './worker-config.ts'

export const SECRET_KEY = 'EXECUTOR_SECRET_KEY'
const REQUIRED_FLAGS = ['nodejs_compat', 'global_fetch_strictly_public']
const NO_SUBDOMAIN = 10007

const bindingShape = z.looseObject({ name: z.string(), type: z.string() })
const settingsShape = z.looseObject({
  bindings: z.array(bindingShape).nullish(),
  compatibility_flags: z.array(z.string()).nullish(),
})

export interface RemoteWorker {
  /** Plain variables: name → text. */
  variables: Record<string, string>
  /** Names only; values cannot be read. */
  secrets: string[]
  databaseId?: string
  compatibilityFlags: string[]
}

/** Undefined when the account has no Worker of that name. */
export async function readWorker({ api, account }: Login, name: string): Promise<RemoteWorker | undefined> {
  const settings = await api.find(`/accounts/${account.id}/workers/scripts/${name}/settings`, settingsShape)
  if (!settings) return undefined
  const bindings = settings.bindings ?? []
  const secrets = bindings.filter(({ type }) => type === 'secret_text').map((binding) => binding.name)
  const database = bindings.find(({ type, name }) => type === 'd1' && name === 'DB')
  const id = database?.id ?? database?.database_id
  return {
    variables: Object.fromEntries(
      bindings.flatMap(({ type, name, text }) => (type === 'plain_text' ? [[name, String(text)]] : [])),
    ),
    secrets,
    compatibilityFlags: settings.compatibility_flags ?? [],
    ...(typeof id === 'string' && { databaseId: id }),
  }
}

export async function uploadSecret({ api, account }: Login, worker: string, name: string, text: string): Promise<void> {
  const path = `/accounts/${account.id}/workers/scripts/${worker}/secrets`
  await api.send('PUT', path, { name, text, type: 'secret_text' }, z.object({ name: z.string() }))
}

/** Throws when the name belongs to a Worker that is not this Executor. */
export function requireOwnWorker(
  worker: RemoteWorker | undefined,
  config: WorkerConfig,
  databaseId: string | undefined,
) {
  if (!worker) return
  if (worker.databaseId !== undefined && worker.databaseId === databaseId) return
  const other = worker.databaseId === undefined ? 'has no database DB' : `uses another database, ${worker.databaseId}`
  throw new SetupStop(
    `The account has a Worker "${config.name}" already, and it ${other}. It was not touched.\nIf it is your Executor, write that database's id into ${CONFIG_FILE} ("database_id"). If it is something else, give Executor another name there ("name").\nThen run the command again.`,
  )
}

/** What the deployed Worker must be for this checkout; one sentence for everything that it is not. */
export function deploymentProblems(
  worker: RemoteWorker | undefined,
  before: RemoteWorker | undefined,
  databaseId: string,
) {
  if (!worker) return ['the Worker is not there']
  const problems = REQUIRED_FLAGS.filter((flag) => !worker.compatibilityFlags.includes(flag)).map(
    (flag) => `the compatibility flag ${flag} is missing`,
  )
  if (worker.databaseId !== databaseId) problems.push(`the binding DB is not the database ${databaseId}`)
  for (const name of Object.keys(before?.variables ?? {})) {
    if (!(name in worker.variables)) problems.push(`the variable ${name} is gone`)
  }
  for (const name of before?.secrets ?? []) {
    if (!worker.secrets.includes(name)) problems.push(`the secret ${name} is gone`)
  }
  return problems
}

/** `acme` of `acme.workers.dev`. Throws when the account has not chosen one. */
export async function workersDevSubdomain({ api, account }: Login): Promise<string> {
  const shape = z.object({ subdomain: z.string() })
  try {
    return (await api.get(`/accounts/${account.id}/workers/subdomain`, shape)).subdomain
  } catch (error) {
    if (!(error instanceof CloudflareError && error.codes.includes(NO_SUBDOMAIN))) throw error
    throw new SetupStop(
      `The account has no workers.dev subdomain yet. Choose one at https://dash.cloudflare.com/${account.id}/workers/onboarding and run the command again.`,
    )
  }
}

/** Every hostname that leads to the Worker, the first being the one to show. Own domains come first. */
export async function hostnamesOf(login: Login, config: WorkerConfig): Promise<string[]> {
  const { api, account } = login
  const shape = z.object({ hostname: z.string(), service: z.string() })
  const path = `/accounts/${account.id}/workers/domains?service=${config.name}`
  const domains = (await api.list(path, shape)).filter(({ service }) => service === config.name)
  const own = domains.map(({ hostname }) => hostname)
  return config.hasWorkersDev ? [...own, `${config.name}.${await workersDevSubdomain(login)}.workers.dev`] : own
}

/** The immutable id of the Worker, which Access destinations name. */
export async function workerTag({ api, account }: Login, name: string): Promise<string | undefined> {
  const shape = z.object({ id: z.string(), tag: z.string().optional() })
  const scripts = await api.list(`/accounts/${account.id}/workers/scripts`, shape)
  return scripts.find(({ id }) => id === name)?.tag
}
