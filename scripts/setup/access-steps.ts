// Cloudflare Access in front of a deployed Worker, in steps that each look first. Where the token lacks a permission,
// the steps that are left are told as clicks.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as access from './access-account.ts'
import {
  type Application,
  names,
  type People,
  peopleRules,
  shadowsOf,
  type Site,
  withAudience,
} from './access-application.ts'
import { manualSteps, type Place } from './access-by-hand.ts'
import { probeAnonymously } from './anonymous-probe.ts'
import { buildWhenStale } from '../build.ts'
import { logIn, type Login } from './cloudflare-account.ts'
import { isFault } from './cloudflare-api.ts'
import * as remote from './remote-worker.ts'
import { deployWorker } from './remote-wrangler.ts'
import { type Step, SetupStop } from './setup-steps.ts'
import { CONFIG_FILE, parseWorkerConfig, type WorkerConfig } from './worker-config.ts'

export interface AccessOptions {
  root: string
  /** Who may sign in; asked for when nobody is named and nobody may yet. */
  people?: People
  ask: () => Promise<People>
  serviceToken?: string
  isSecretRenewed?: boolean
  hasPublicMetadata?: boolean
  /** The ADMIN_EMAILS to set, comma separated. */
  admins?: string
  /** Where to ask from outside; the Worker's own address unless given. */
  url?: string
  /** How long a new application may take to stand in front of the Worker. */
  waitMs?: number
  /** Shown as soon as there is one, since it is shown once. */
  showSecret: (token: access.ServiceToken & { clientSecret: string }) => void
}

export interface AccessSetup {
  url: string
  teamDomain: string
  audience: string
  /** What a person should look at. */
  warnings: string[]
}

export async function setUpAccess(step: Step, options: AccessOptions): Promise<AccessSetup> {
  const { root, serviceToken, hasPublicMetadata = false } = options
  const config = parseWorkerConfig(await readFile(join(root, CONFIG_FILE), 'utf8'))
  const login = await step('Checking the login', async (done) => {
    const found = await logIn(root, config.accountId)
    done(`Cloudflare account ${found.account.name ?? ''} (${found.account.id})`.replace('  ', ' '))
    return found
  })
  const site = await step(`Looking for the Worker ${config.name}`, (done) => findSite(login, config, done))
  const place: Place = { accountId: login.account.id, worker: config.name, hostname: site.hostnames[0] ?? '' }
  const wishes = { hasPublicMetadata, ...(serviceToken !== undefined && { serviceToken }) }
  try {
    const domain = await step('Reading the team of Zero Trust', async (done) => {
      const found = await access.teamDomain(login)
      done(`Team domain ${found}`)
      return found
    })
    place.teamDomain = domain
    const policyIds = [await step('Who may sign in', (done) => providePeople(login, config, options, done))]
    if (serviceToken !== undefined) {
      policyIds.push(
        await step(`The service token ${serviceToken}`, (done) =>
          provideService(login, config, serviceToken, options, done),
        ),
      )
    }
    const application = await step('The Access application', (done) => provideApplication(login, site, policyIds, done))
    const audience = application.aud
    if (audience === undefined) throw new SetupStop('The application has no audience. Look at it in the dashboard.')
    place.audience = audience
    if (hasPublicMetadata) {
      await step('The public client metadata', async (done) => {
        done(
          `${OUTCOMES[await access.provideMetadataApplication(login, site)]}: open to everyone, this one document only`,
        )
      })
    }
    await step('Telling the Worker', (done) => setVariables(login, config, { ...options, domain, audience }, done))
    const url = options.url ?? `https://${place.hostname}`
    await step('Asking from outside, without a sign-in', (done) => checkFromOutside(url, options, done))
    return { url, teamDomain: domain, audience, warnings: await warningsOf(login, application, site) }
  } catch (error) {
    if (!isFault(error, 'forbidden')) throw error
    throw new SetupStop(
      `The token may not do this: ${error.message}\nIt needs the account permissions Access: Apps and Policies: Edit, Access: Organizations, Identity Providers, and Groups: Read${serviceToken === undefined ? '' : ', Access: Service Tokens: Edit'}, Workers Scripts: Edit.\nGive it those and run the command again, or do it by hand (what is there already can be left out):\n\n${manualSteps(place, wishes)}`,
    )
  }
}

const OUTCOMES: Record<access.Outcome, string> = {
  made: 'Made',
  completed: 'It was there; completed',
  unchanged: 'It is there already, and complete',
}

async function findSite(login: Login, config: WorkerConfig, done: (text: string) => void): Promise<Site> {
  const tag = await remote.workerTag(login, config.name)
  const hostnames = tag === undefined ? [] : await remote.hostnamesOf(login, config)
  if (tag === undefined || hostnames.length === 0) {
    throw new SetupStop(`There is no Worker "${config.name}" in this account yet. First: npm run deploy:setup`)
  }
  done(`It answers at ${hostnames.join(', ')}`)
  return { worker: config.name, tag, hostnames }
}

async function providePeople(login: Login, config: WorkerConfig, options: AccessOptions, done: (text: string) => void) {
  const name = names(config.name).people
  const found = options.people ? undefined : await access.findPolicy(login, name)
  if (found) {
    done(`As the policy "${name}" says already; add somebody with --emails or --domain`)
    return found.id
  }
  const people = options.people ?? (await options.ask())
  const { id, outcome } = await access.providePolicy(login, { name, decision: 'allow', rules: peopleRules(people) })
  const who = [...people.emails, ...people.domains.map((domain) => `everybody at ${domain}`)].join(', ')
  done(`${OUTCOMES[outcome]}: the policy "${name}" lets in ${who}`)
  return id
}

async function provideService(
  login: Login,
  config: WorkerConfig,
  token: string,
  { isSecretRenewed = false, showSecret }: AccessOptions,
  done: (text: string) => void,
) {
  const { clientSecret, ...found } = await access.provideServiceToken(login, token, isSecretRenewed)
  if (clientSecret !== undefined) showSecret({ ...found, clientSecret })
  const name = names(config.name).services
  const rules = [{ service_token: { token_id: found.id } }]
  const { id, outcome } = await access.providePolicy(login, { name, decision: 'non_identity', rules })
  const lost = 'Its secret was shown when it was made; --new-secret makes another and ends that one'
  done(`${clientSecret === undefined ? lost : 'Made'}. Policy "${name}": ${OUTCOMES[outcome].toLowerCase()}`)
  return id
}

async function provideApplication(login: Login, site: Site, policyIds: string[], done: (text: string) => void) {
  const { application, outcome, isOverWorker } = await access.provideApplication(login, site, policyIds)
  const over = isOverWorker
    ? 'over the Worker: every address that it has, previews included'
    : 'over its hostnames and previews'
  done(`${OUTCOMES[outcome]}: "${application.name}", ${over}; Managed OAuth is on`)
  return application
}

async function setVariables(
  login: Login,
  config: WorkerConfig,
  { root, domain, audience, admins }: AccessOptions & { domain: string; audience: string },
  done: (text: string) => void,
): Promise<void> {
  const before = await remote.readWorker(login, config.name)
  const wanted: Record<string, string> = {
    ACCESS_AUD: withAudience(before?.variables.ACCESS_AUD, audience),
    ACCESS_TEAM_DOMAIN: domain,
    ...(admins !== undefined && { ADMIN_EMAILS: admins }),
  }
  const differs = (worker: remote.RemoteWorker | undefined) =>
    Object.keys(wanted).filter((name) => worker?.variables[name] !== wanted[name])
  const list = Object.keys(wanted).join(', ')
  if (differs(before).length === 0) return done(`${list}: set already`)
  const { databaseId } = config
  if (databaseId === undefined || before?.databaseId !== databaseId) {
    throw new SetupStop(`${CONFIG_FILE} does not name the Worker's database. Run npm run deploy:setup here first.`)
  }
  await buildWhenStale(root, () => undefined)
  await deployWorker({ root, accountId: login.account.id }, wanted)
  const after = await remote.readWorker(login, config.name)
  const problems = remote.deploymentProblems(after, before, databaseId)
  problems.push(...differs(after).map((name) => `${name} was not set`))
  if (problems.length > 0) throw new SetupStop(`The Worker was deployed, but ${problems.join('; ')}.`)
  done(`${list}: set, and kept by later deploys`)
}

const NEW_APPLICATION_MS = 120_000

async function checkFromOutside(
  url: string,
  { waitMs = NEW_APPLICATION_MS }: AccessOptions,
  done: (text: string) => void,
): Promise<void> {
  const report = await probeAnonymously(url, { by: 'access', waitMs })
  if (report.ok) return done('Access stands in front of /, /api and /mcp')
  throw new SetupStop(
    `Access does not stand in front of everything at ${url}:\n${report.problems.map((line) => `  ${line}`).join('\n')}\nA new application can take some minutes. npm run doctor -- ${url} says more; this command can be run again at any time.`,
  )
}

async function warningsOf(login: Login, application: Application, site: Site): Promise<string[]> {
  const bypasses = (application.policies ?? []).filter(({ decision }) => decision === 'bypass')
  return [
    ...shadowsOf(await access.listApplications(login), application, site),
    ...bypasses.map(
      ({ name }) => `The policy "${String(name)}" lets everybody it names past Access: remove it from the application.`,
    ),
  ]
}
