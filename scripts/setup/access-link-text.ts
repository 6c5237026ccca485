// What `access:link` says before it writes, and after.
import type { Application } from './access-application.ts'
import { described, type Way } from './access-link-plan.ts'
import { issuerOf, oidcOf, SCOPES } from './access-link-saas.ts'

export const LINK_HEADER = 'Cf-Access-Token'

const ACTIONS: Record<string, string> = {
  allow: 'Allow',
  deny: 'Block',
  non_identity: 'Service Auth',
  bypass: 'Bypass',
}

function policyLines({ policies }: Pick<Application, 'policies'>): string {
  const lines = (policies ?? []).map(
    ({ name, id, decision = '' }) =>
      `    ${(ACTIONS[decision] ?? decision).padEnd(13)}${typeof name === 'string' ? name : id}`,
  )
  return lines.length === 0 ? '    no policy: nobody, for now' : lines.join('\n')
}

/** `source` is whose tokens are accepted. */
export function whomItLetsIn(source: Pick<Application, 'name' | 'policies'>, upstream: Application): string {
  return `Whom this lets in
  Everybody who may sign in to "${source.name ?? ''}" gets through Access to "${upstream.name ?? ''}" as themselves, by way of
  Executor or with the same token directly. These policies decide who that is:
${policyLines(source)}
  The policies of "${upstream.name ?? ''}" are not what admits these requests, so nobody is kept out by them:
${policyLines(upstream)}
  "${upstream.name ?? ''}" itself must decide by the person in its Cf-Access-Jwt-Assertion what each of them may see and do.`
}

/** One line for each field of something that is made. */
export function madeLines(title: string, body: Readonly<Record<string, unknown>>): string {
  const lines = Object.entries(body).map(([name, value]) => `    + ${name}: ${JSON.stringify(value)}`)
  return `  + ${title}\n${lines.join('\n')}`
}

/** The one entry that is added to the application, and that all else goes back as it was read. */
export function changedLines(before: Application, after: Application): string {
  const index = (before.policies ?? []).length
  const others = Object.keys(before).filter((name) => name !== 'policies').length
  return `  ~ application ${described(before)}
    + policies[${index}]: ${JSON.stringify(after.policies?.[index])}
    = ${index} ${index === 1 ? 'policy' : 'policies'} and ${others} other fields go back exactly as they were read`
}

export interface Remaining {
  way: Way
  origin: string
  upstream: Application
  teamDomain: string
  /** For OIDC. Undefined in a dry run that would make it. */
  saas?: Application
}

export function whatRemains({ way, origin, upstream, teamDomain, saas }: Remaining): string {
  const where = `  Open ${origin}/integrations and the integration that calls "${upstream.name ?? ''}"`
  if (way === 'forward') {
    return `What remains, in Executor
${where}. Add a connection of the kind
  "Access (as the signed-in person)". Its calls carry ${LINK_HEADER}, and nobody has anything else to set up.`
  }
  const clientId = (saas && oidcOf(saas)?.client_id) ?? '<client id>'
  return `What remains, in Executor
${where}
  → Ways to connect → Access (as the signed-in person), through OpenID Connect. Enter:
    Issuer         ${issuerOf(teamDomain, clientId)}
    Client ID      ${clientId}
    Client secret  shown once, when the application was made
    Scopes         ${SCOPES.join(' ')}
    Header         Authorization: Bearer {token}
                   or ${LINK_HEADER}: {token}, where the application wants Authorization for itself
  Each person then connects once.`
}
