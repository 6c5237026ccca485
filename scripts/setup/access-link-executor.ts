// Executor as the account knows it: the application whose tokens it accepts, and where it answers.
import * as access from './access-account.ts'
import { type Application, ownApplication } from './access-application.ts'
import type { Login } from './cloudflare-account.ts'
import { isFault } from './cloudflare-api.ts'
import * as remote from './remote-worker.ts'
import { SetupStop } from './setup-steps.ts'
import type { WorkerConfig } from './worker-config.ts'

export interface Executor {
  application: Application
  origin: string
  /** Undefined when the Worker does not say it. */
  teamDomain: string | undefined
}

/** The one whose tokens the Worker accepts; where that is not to be read, the one over the Worker or its hostnames. */
export async function findExecutor(
  login: Login,
  config: WorkerConfig,
  url: string | undefined,
  applications: readonly Application[],
): Promise<Executor> {
  const { site, variables } = await readSite(login, config, url)
  const audiences = (variables.ACCESS_AUD ?? '').split(',').map((tag) => tag.trim())
  const accepted = applications.filter(
    ({ type, aud }) => type === 'self_hosted' && aud !== undefined && audiences.includes(aud),
  )
  const [only, ...others] = accepted
  const found =
    only && others.length === 0 ? only : (ownApplication(accepted, site) ?? ownApplication(applications, site))
  if (!found) {
    throw new SetupStop(
      `No application of Access stands in front of Executor (${site.hostnames[0]}) yet. First: npm run access:setup`,
    )
  }
  const teamDomain = variables.ACCESS_TEAM_DOMAIN?.replace(/^https?:\/\//, '').replace(/\/$/, '')
  return {
    application: await access.readApplication(login, found.id),
    origin: url ?? `https://${site.hostnames[0]}`,
    teamDomain: teamDomain === '' ? undefined : teamDomain,
  }
}

async function readSite(login: Login, config: WorkerConfig, url: string | undefined) {
  const given = url === undefined ? [] : [new URL(url).hostname]
  try {
    const tag = await remote.workerTag(login, config.name)
    if (tag === undefined) {
      throw new SetupStop(`There is no Worker "${config.name}" in this account yet. First: npm run deploy:setup`)
    }
    const hostnames = [...given, ...(await remote.hostnamesOf(login, config))]
    const worker = await remote.readWorker(login, config.name)
    return { site: { worker: config.name, tag, hostnames }, variables: worker?.variables ?? {} }
  } catch (error) {
    // Its address alone finds it too, unless the application is over the Worker.
    if (url === undefined || !isFault(error, 'forbidden')) throw error
    const variables: Record<string, string> = {}
    return { site: { worker: config.name, tag: '', hostnames: given }, variables }
  }
}

export async function readTeamDomain(login: Login): Promise<string> {
  try {
    return await access.teamDomain(login)
  } catch (error) {
    if (isFault(error, 'forbidden')) return '<team>.cloudflareaccess.com'
    throw error
  }
}
