// Executor linked to an application behind Access, in steps that each look first. Nothing is written before it was shown
// and confirmed; what is written back was read a moment before, is kept in a file, and is compared afterwards.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { z } from 'zod'
import * as access from './access-account.ts'
import { type Application, applicationShape, policyShape, type Policy } from './access-application.ts'
import { type Executor, findExecutor, readTeamDomain } from './access-link-executor.ts'
import { linkByHand, type LinkPlace } from './access-link-by-hand.ts'
import * as plan from './access-link-plan.ts'
import { callbackOf, findSaas, newSaas, oidcOf, saasProblems } from './access-link-saas.ts'
import { changedLines, madeLines, whatRemains, whomItLetsIn } from './access-link-text.ts'
import { logIn, type Login } from './cloudflare-account.ts'
import { CLOUDFLARE_API, isFault } from './cloudflare-api.ts'
import { SetupStop, type Step } from './setup-steps.ts'
import { CONFIG_FILE, parseWorkerConfig, type WorkerConfig } from './worker-config.ts'

export interface LinkOptions {
  root: string
  /** Which application: a hostname, a URL or an id. */
  app: string
  way: plan.Way
  /** The id or the name of an Access for SaaS application; Executor's own is looked for, or made, unless given. */
  saasApp?: string
  /** Executor's own address, instead of the one that is found. */
  url?: string
  /** False says what would be done. */
  isApplied: boolean
  say: (text: string) => void
  /** Asked once, after everything was said and before anything is written. Throws when there is nobody to ask. */
  confirm: () => Promise<boolean>
  /** Shown as soon as there is one, since it is shown once. */
  showSecret: (client: { clientId: string; clientSecret: string }) => void
}

interface Link {
  login: Login
  config: WorkerConfig
  options: LinkOptions
  place: LinkPlace
  executor: Executor
  upstream: Application
  policies: Policy[]
}

export async function linkAccess(step: Step, options: LinkOptions): Promise<void> {
  const config = parseWorkerConfig(await readFile(join(options.root, CONFIG_FILE), 'utf8'))
  const login = await step('Checking the login', async (done) => {
    const found = await logIn(options.root, config.accountId)
    done(`Cloudflare account ${found.account.name ?? ''} (${found.account.id})`.replace('  ', ' '))
    return found
  })
  const { way, app: asked, url = "https://<Executor's address>" } = options
  const place: LinkPlace = {
    accountId: login.account.id,
    worker: config.name,
    way,
    asked,
    callback: callbackOf(url),
  }
  try {
    await link(step, login, config, options, place)
  } catch (error) {
    if (!isFault(error, 'forbidden')) throw error
    throw new SetupStop(
      `The token may not do this: ${error.message}\nIt needs the account permissions Access: Apps and Policies: Edit, and Workers Scripts: Read to find Executor (--url https://… finds it without).\nGive it those and run the command again, which goes on where this one ended; or do the rest by hand:\n\n${linkByHand(place)}`,
    )
  }
}

async function link(step: Step, login: Login, config: WorkerConfig, options: LinkOptions, place: LinkPlace) {
  const applications = await step('Reading the applications of Access', async (done) => {
    const found = await access.listApplications(login)
    done(`${found.length} applications`)
    return found
  })
  const upstream = await step(`Looking for ${options.app}`, async (done) => {
    const found = plan.findUpstream(applications, options.app)
    if (!found.ok) throw new SetupStop(found.message)
    place.upstream = found.application
    const whole = await access.readApplication(login, found.application.id)
    place.isOwnPolicy = plan.hasOnlyOwnPolicies(whole)
    done(plan.described(whole))
    return whole
  })
  const executor = await step("Looking for Executor's application", async (done) => {
    const found = await findExecutor(login, config, options.url, applications)
    done(plan.described(found.application))
    return found
  })
  if (upstream.id === executor.application.id) {
    throw new SetupStop(
      `${plan.described(upstream)} is Executor itself. --app names the application that Executor calls.`,
    )
  }
  place.callback = callbackOf(executor.origin)
  if (options.way === 'forward') place.source = executor.application
  const policies = await step('Reading the policies of Access', async (done) => {
    const found = await login.api.list(`/accounts/${login.account.id}/access/policies`, policyShape)
    done(`${found.length} reusable policies`)
    return found
  })
  const saas = options.way === 'oidc' ? await findSaasApplication(step, login, options, place, applications) : undefined
  const source = options.way === 'oidc' ? saas : executor.application
  if (source) place.source = source
  await carryOut(step, { login, config, options, place, executor, upstream, policies }, source)
}

async function findSaasApplication(
  step: Step,
  login: Login,
  { saasApp }: LinkOptions,
  { worker, callback }: LinkPlace,
  applications: readonly Application[],
): Promise<Application | undefined> {
  return step('Looking for the Access for SaaS application', async (done) => {
    const found = findSaas(applications, worker, callback, saasApp)
    if (!found.ok) throw new SetupStop(found.message)
    if (!found.application) {
      done('There is none yet')
      return undefined
    }
    const whole = await access.readApplication(login, found.application.id)
    done(plan.described(whole))
    return whole
  })
}

/** Says what is to be done, asks, does it, and says what remains. */
async function carryOut(step: Step, link: Link, source: Application | undefined): Promise<void> {
  const { login, config, options, place, executor, upstream, policies } = link
  const { say, way, isApplied } = { ...options }
  const linked = source && plan.findLink(upstream, policies, plan.uidOf(source))
  let saas = way === 'oidc' ? source : undefined
  if (linked) {
    say(
      `\n"${upstream.name ?? ''}" is already linked, by the policy "${linked.name ?? linked.id ?? ''}". Nothing is written.`,
    )
  } else {
    if (plan.hasHiddenSecrets(upstream)) {
      throw new SetupStop(
        `${plan.described(upstream)} has credentials for SCIM, which the API shows masked: written back, the mask would take their place. So nothing was written; this must be done by hand:\n\n${linkByHand(place)}`,
      )
    }
    const made = source ?? newSaas(config.name, place.callback, executor.application)
    say(`\n${planned(link, source)}\n\n${whomItLetsIn(letIn(made, executor.application), upstream)}\n`)
    if (!isApplied) {
      say('Nothing was written. The same command with --apply does it.')
      return
    }
    if (!(await options.confirm())) throw new SetupStop('Nothing was written.')
    const provided = source ?? (await makeSaas(step, link))
    if (way === 'oidc') saas = provided
    place.source = provided
    const added = await step('The policy', (done) => providePolicy(link, provided, done))
    await step(`Adding it to ${plan.described(upstream)}`, (done) =>
      writeUpstream(link, added, plan.uidOf(provided), done),
    )
  }
  for (const problem of saas ? saasProblems(saas, place.callback) : []) say(`! ${problem}`)
  const teamDomain = executor.teamDomain ?? (way === 'oidc' ? await readTeamDomain(login) : '')
  say(`\n${whatRemains({ way, origin: executor.origin, upstream, teamDomain, ...(saas && { saas }) })}`)
}

/** A new SaaS application shares Executor's policies, whose names are known there. */
function letIn(source: { name?: string | undefined; policies?: Application['policies'] }, executor: Application) {
  const policies = (source.policies ?? []).map((one) => ({
    ...executor.policies?.find(({ id }) => id === one.id),
    ...one,
  }))
  return { name: source.name, policies }
}

function planned(
  { config, options, place, executor, upstream, policies }: Link,
  source: Application | undefined,
): string {
  const appUid = source ? plan.uidOf(source) : '<id of the new application>'
  const reused = plan.identicalPolicy(policies, appUid)
  const body = plan.linkPolicy(config.name, options.way, appUid)
  const saas = source
    ? []
    : [madeLines('application of Access for SaaS', newSaas(config.name, place.callback, executor.application))]
  const policy = place.isOwnPolicy
    ? []
    : [reused ? `  = policy "${reused.name}" (${reused.id}) is there already` : madeLines('policy', body)]
  const added = place.isOwnPolicy ? body : { id: reused?.id ?? '<id of the new policy>' }
  return ['What is written', ...saas, ...policy, changedLines(upstream, plan.linkedApplication(upstream, added))].join(
    '\n',
  )
}

async function makeSaas(step: Step, { login, config, options, place, executor }: Link): Promise<Application> {
  const { api, account } = login
  return step('The Access for SaaS application', async (done) => {
    const body = newSaas(config.name, place.callback, executor.application)
    const made = await api.send('POST', `/accounts/${account.id}/access/apps`, body, applicationShape)
    const { client_id: clientId = '', client_secret: clientSecret } = oidcOf(made) ?? {}
    if (clientSecret !== undefined) options.showSecret({ clientId, clientSecret })
    const stored = await access.readApplication(login, made.id)
    if (!oidcOf(stored))
      throw new SetupStop(`${plan.described(stored)} was not stored as it was sent. Look at it in the dashboard.`)
    done(`Made: ${plan.described(stored)}`)
    return stored
  })
}

/** What goes into the application's `policies`. */
async function providePolicy(
  { login, config, options, place, policies }: Link,
  source: Application,
  done: (text: string) => void,
): Promise<Record<string, unknown>> {
  const { api, account } = login
  const appUid = plan.uidOf(source)
  const body = plan.linkPolicy(config.name, options.way, appUid)
  if (place.isOwnPolicy) {
    done('One of the application itself, like those that it has')
    return body
  }
  const found = plan.identicalPolicy(policies, appUid)
  if (!found && policies.some(({ name }) => name === body.name)) {
    throw new SetupStop(
      `The Access policy "${body.name}" is there and says something else. Rename or remove it, then run the command again.`,
    )
  }
  const base = `/accounts/${account.id}/access/policies`
  const { id } = found ?? (await api.send('POST', base, body, policyShape))
  place.policyId = id
  const stored = await api.get(`${base}/${id}`, policyShape)
  if (!plan.identicalPolicy([stored], appUid)) {
    throw new SetupStop(`The policy "${stored.name}" was not stored as it was sent. Look at it in the dashboard.`)
  }
  done(`${found ? 'It is there already' : 'Made'}: "${stored.name}"`)
  return { id }
}

async function writeUpstream(
  { login, options, place, upstream: shown }: Link,
  added: Record<string, unknown>,
  appUid: string,
  done: (text: string) => void,
): Promise<void> {
  const { api, account } = login
  const path = `/accounts/${account.id}/access/apps/${shown.id}`
  const before = await access.readApplication(login, shown.id)
  if (plan.isChanged(shown, before)) {
    throw new SetupStop(
      `Somebody has changed ${plan.described(shown)} meanwhile, and it was not written. Run the command again.`,
    )
  }
  const file = await keep(options.root, before)
  // At once, and not when the step is over: whoever stops it here needs to know.
  options.say(`  What was there is kept in ${file}`)
  try {
    await api.send('PUT', path, plan.linkedApplication(before, added), z.unknown())
  } catch (error) {
    if (isFault(error, 'refused')) {
      throw new SetupStop(
        `Cloudflare did not accept it, and the application is as it was: ${error.message}\nThe rest by hand:\n\n${linkByHand(place)}`,
      )
    }
    // The answer was lost: reading again tells.
    if (!isFault(error, 'unreachable')) throw error
  }
  const after = await access.readApplication(login, shown.id)
  const policies = await api.list(`/accounts/${account.id}/access/policies`, policyShape)
  const losses = plan.lossesOf(before, after)
  if (!plan.findLink(after, policies, appUid)) losses.push('the new policy is not in it')
  if (losses.length > 0) {
    throw new SetupStop(
      `${plan.described(after)} is not as it should be:\n${losses.map((loss) => `  ${loss}`).join('\n')}\nWhat was there before is in ${file}. This puts it back, without the link:\n\n  curl -X PUT "${CLOUDFLARE_API}${path}" -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN" -H "Content-Type: application/json" --data @${file}`,
    )
  }
  done('Written, read again and compared: nothing else has changed')
}

/** Only for whoever runs this: an application can hold what is nobody else's business. */
async function keep(root: string, application: Application): Promise<string> {
  const name = `${application.id}-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.json`
  const path = join(root, '.wrangler', 'access-link', name.replaceAll(/[^\w.-]/g, '_'))
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, JSON.stringify(application, null, 2), { mode: 0o600, flag: 'wx' })
  return relative(root, path)
}
