// What shows only with a credential: whether the Worker accepts what Access lets through, and what it says of itself.
import { z } from 'zod'
import { notConfigured } from './diagnose-door.ts'
import type { Exchange } from './exchange.ts'
import { APPLICATIONS, type Finding, LOG } from './finding.ts'
import type { Observations } from './observe.ts'
import { parseJson, trustedTeam, verdictOn } from './verdict.ts'

/** What `GET /api/health` answers. */
const healthSchema = z.object({
  version: z.string(),
  migrations: z.object({ latest: z.string(), pending: z.array(z.string()), unknown: z.array(z.string()) }),
  secrets: z
    .object({ checked: z.number(), opened: z.number(), withPreviousKey: z.number(), failed: z.number() })
    .nullable(),
  flags: z.record(z.string(), z.boolean()),
})

type Health = z.infer<typeof healthSchema>

export function diagnoseInside(observations: Observations): Finding[] {
  const { service } = observations
  if (!service) return [unchecked(observations.origin)]
  const verdict = verdictOn(service.health)
  if (verdict.by === 'access') return [tokenRefused(verdict.how)]
  if (verdict.how === 'not_configured') return [notConfigured(verdict.missing)]
  if (verdict.how === 'refusal' && verdict.by === 'executor') return [workerRefuses(observations, service.health)]
  const parsed = 'answer' in service.health ? healthSchema.safeParse(parseJson(service.health.answer.body)) : undefined
  if (!parsed?.success) return [noDiagnostics(service.health)]
  const health = parsed.data
  const problems = [...diagnoseMigrations(health), ...diagnoseSecrets(health), ...diagnoseFlags(health)]
  return [...(problems.length > 0 ? problems : [healthy(health)]), diagnoseMcp(service.initialize)]
}

function unchecked(origin: string): Finding {
  return {
    id: 'inside-unchecked',
    level: 'note',
    title: 'The inside was not looked at',
    detail:
      'Only somebody whom Access lets in can see whether the Worker accepts the token of Access (ACCESS_AUD, ACCESS_TEAM_DOMAIN), whether all migrations are applied, whether the key opens the stored secrets, and whether the compatibility flags are in effect.',
    fix: `Give a service token: npm run doctor -- ${origin} --client-id <id>.access --client-secret <secret>. Without one, open ${origin}/api/health in a browser as an admin.`,
  }
}

function tokenRefused(how: string): Finding {
  const saw = how === 'login' ? 'a redirect to its login page' : 'a refusal of its own'
  return {
    id: 'service-token-refused',
    level: 'error',
    title: 'Access does not accept the service token',
    detail: `With the service token, Access answers ${saw}, and the Worker never sees the request. The id or secret is wrong, the token has expired, or no policy of this application includes it.`,
    fix: `In ${APPLICATIONS}, add a policy with the action Service Auth that includes this token. An Allow policy is not enough. The secret is shown only once: if it is lost, make a new token.`,
  }
}

/** Access let it through and the Worker did not: they do not mean the same application, or not the same team. */
function workerRefuses({ root }: Observations, health: Exchange): Finding {
  const login = verdictOn(root)
  const inFront = login.how === 'login' ? login : undefined
  const trusted = 'answer' in health ? trustedTeam(health.answer) : undefined
  const reference = referenceOf(health)
  const which = reference === undefined ? LOG : `${LOG} This one has the id ${reference}.`
  const refused = 'Access lets the service token through, and the Worker refuses what Access vouches for.'
  if (inFront && trusted !== undefined && inFront.team !== trusted) {
    return {
      id: 'wrong-team',
      level: 'error',
      title: 'The Worker trusts another team than the one in front of it',
      detail: `${refused} Sign-in here is that of ${inFront.team}; ACCESS_TEAM_DOMAIN of the Worker is ${trusted}.`,
      fix: `Set ACCESS_TEAM_DOMAIN to ${new URL(inFront.team).host}, and check ACCESS_AUD as well: npx wrangler deploy --var ACCESS_TEAM_DOMAIN:${new URL(inFront.team).host} --var ACCESS_AUD:${inFront.audience ?? '<AUD tag>'}`,
    }
  }
  const tag = inFront?.audience
  const team = inFront && trusted !== undefined ? `The team is the right one (${trusted}), so` : 'Most likely'
  return {
    id: inFront && trusted !== undefined ? 'wrong-audience' : 'wrong-audience-or-team',
    level: 'error',
    title: 'The Worker expects the token of another Access application',
    detail: `${refused} ${team} ACCESS_AUD does not name the application in front${tag === undefined ? '' : `, whose AUD tag is ${tag}`}. Seldom: the Worker cannot fetch the keys of Access, or a clock is wrong.`,
    fix: `Set ACCESS_AUD to the Application Audience (AUD) Tag of the application, in ${APPLICATIONS} > your application: npx wrangler deploy --var ACCESS_AUD:${tag ?? '<AUD tag>'}. Values given with --var survive a plain deploy only with "keep_vars": true. ${which}`,
  }
}

/** Under which the Worker's log has this answer. */
function referenceOf(exchange: Exchange): string | undefined {
  const id = 'answer' in exchange ? parseJson(exchange.answer.body)?.id : undefined
  return typeof id === 'string' ? id : undefined
}

function noDiagnostics(health: Exchange): Finding {
  const status = 'answer' in health ? String(health.answer.status) : health.failure
  const reference = referenceOf(health)
  return {
    id: 'diagnostics-failed',
    level: 'error',
    title: 'The Worker could not look at itself',
    detail: `GET /api/health with the service token was answered with ${status} and no diagnosis. With 404 the deployed Worker is too old to have one; with 500 it cannot reach its database, most often because wrangler.jsonc names another database_id.${reference === undefined ? '' : ` The id of the failure is ${reference}.`}`,
    fix: `Deploy this version: npm run deploy:setup. ${LOG}`,
  }
}

const MIGRATE = 'npx wrangler d1 migrations apply executor --remote'

function diagnoseMigrations({ migrations: { latest, pending, unknown } }: Health): Finding[] {
  const found: Finding[] = []
  if (pending.length > 0) {
    found.push({
      id: 'migrations-pending',
      level: 'error',
      title: 'The database lacks migrations that the Worker needs',
      detail: `Not applied: ${pending.join(', ')}. The Worker was built for ${latest}; pages and calls fail until then.`,
      fix: `${MIGRATE}. It is safe to repeat; npm run deploy:setup always does it before it deploys.`,
    })
  }
  if (unknown.length > 0) {
    found.push({
      id: 'migrations-unknown',
      level: 'warning',
      title: 'The database is newer than the Worker',
      detail: `Applied and not known to this Worker: ${unknown.join(', ')}. An older version was deployed over a newer one, or two deployments share a database.`,
      fix: 'Deploy the newer version, or give each deployment its own database.',
    })
  }
  return found
}

function diagnoseSecrets({ secrets }: Health): Finding[] {
  if (secrets === null) return []
  const { checked, failed, withPreviousKey } = secrets
  if (failed > 0) {
    return [
      {
        id: 'secrets-unopened',
        level: 'error',
        title: 'Stored secrets do not open with the key of this deployment',
        detail: `Of ${checked} connections tried, the secrets of ${failed} open neither with EXECUTOR_SECRET_KEY nor with EXECUTOR_SECRET_KEY_PREVIOUS. Calls through these connections fail.`,
        fix: 'Put the key back that sealed them: npx wrangler secret put EXECUTOR_SECRET_KEY, or as EXECUTOR_SECRET_KEY_PREVIOUS beside a new one. A lost key cannot be recovered: then enter these secrets again in the console, under Connections.',
      },
    ]
  }
  if (withPreviousKey === 0) return []
  return [
    {
      id: 'secrets-previous-key',
      level: 'note',
      title: 'Some secrets are still sealed with the previous key',
      detail: `Of ${checked} connections tried, ${withPreviousKey} open with EXECUTOR_SECRET_KEY_PREVIOUS only.`,
      fix: 'They are sealed again by themselves, within minutes. Keep the previous key until Settings → Encryption in the console says that nothing needs it.',
    },
  ]
}

function diagnoseFlags({ flags }: Health): Finding[] {
  const missing = Object.keys(flags).filter((flag) => !flags[flag])
  if (missing.length === 0) return []
  const why = missing.includes('global_fetch_strictly_public')
    ? ' Without global_fetch_strictly_public, a fetch to a host of your own zone passes behind Access, and one to another Worker on workers.dev fails (error 1042).'
    : ''
  return [
    {
      id: 'flags-missing',
      level: 'error',
      title: 'Compatibility flags are missing',
      detail: `Not in effect: ${missing.join(', ')}.${why}`,
      fix: `Put ${missing.map((flag) => `"${flag}"`).join(' and ')} into compatibility_flags of wrangler.jsonc, and deploy: npx wrangler deploy.`,
    },
  ]
}

function healthy({ version, migrations, secrets }: Health): Finding {
  const keys =
    secrets && secrets.checked > 0 ? ` The key opened the secrets of all ${secrets.checked} connections tried.` : ''
  return {
    id: 'inside-healthy',
    level: 'ok',
    title: `The Worker (version ${version}) finds nothing wrong with itself`,
    detail: `It accepts the token of Access. The database is at ${migrations.latest}. The compatibility flags are in effect.${keys}`,
    fix: '',
  }
}

function diagnoseMcp(initialize: Exchange): Finding {
  const answer = 'answer' in initialize ? initialize.answer : undefined
  if (answer?.status === 200 && answer.body.includes('"serverInfo"')) {
    const detail = 'initialize was answered. This is the way of agents without a person.'
    return { id: 'mcp-answers', level: 'ok', title: '/mcp answers the service token', detail, fix: '' }
  }
  const type = answer?.headers['content-type']?.split(';')[0] ?? 'no answer'
  return {
    id: 'mcp-failing',
    level: 'error',
    title: '/mcp does not answer the service token as an MCP server does',
    detail: `initialize was answered with ${answer?.status ?? 'nothing'} (${type}).`,
    fix: LOG,
  }
}
