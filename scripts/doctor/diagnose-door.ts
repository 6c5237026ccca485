// Is everybody without a credential turned away, and by whom: Access in front, or only the Worker's own door?
import type { Exchange } from './exchange.ts'
import { APPLICATIONS, type Finding } from './finding.ts'
import type { Observations } from './observe.ts'
import { type Verdict, verdictOn } from './verdict.ts'

interface Seen {
  exchange: Exchange
  verdict: Verdict
}

export function diagnoseDoor({ anonymous, oauth }: Observations): Finding[] {
  const see = (exchange: Exchange): Seen => ({ exchange, verdict: verdictOn(exchange) })
  const seen = anonymous.map(see)
  // Access answers these to everybody: here they count only where it does not.
  const discovery = oauth ? [oauth.resource, oauth.server].map(see) : []
  return [diagnoseAnonymous(seen), ...diagnoseFront(seen, discovery)]
}

function diagnoseAnonymous(seen: readonly Seen[]): Finding {
  const letIn = seen.filter(({ verdict }) => verdict.how === 'let_in')
  if (letIn.length > 0) {
    return {
      id: 'anonymous-let-in',
      level: 'error',
      title: 'Somebody without a credential is let in',
      detail: `Answered without sign-in: ${list(letIn)}. Whoever knows the address can do the same.`,
      fix: `Take the address down now, or put a policy in front that lets nobody pass. Then look for what vouches for everybody: a proxy or Transform Rule that adds CF-Access-* headers, or something other than Executor at this address. A Bypass policy alone does not do this: the Worker's own door still asks for the token of Access.`,
    }
  }
  const failed = seen.filter(({ verdict }) => verdict.how === 'failed' || verdict.how === 'unreachable')
  if (failed.length > 0) {
    return {
      id: 'worker-failing',
      level: 'error',
      title: 'Some requests fail before anybody is asked who they are',
      detail: `Failed: ${list(failed)}.`,
      fix: 'Deploy again with npm run deploy:setup, which checks bindings and compatibility flags on its way. The reason is in the log: npx wrangler tail executor-cloudflare.',
    }
  }
  return {
    id: 'anonymous-refused',
    level: 'ok',
    title: 'Nobody gets in without a credential',
    detail: `${seen.length} anonymous requests were refused: pages, data, /api and /mcp, odd spellings of them, and made-up tokens.`,
    fix: '',
  }
}

function diagnoseFront(seen: readonly Seen[], discovery: readonly Seen[]): Finding[] {
  const unconfigured = seen.flatMap(({ verdict }) => (verdict.how === 'not_configured' ? [verdict.missing] : []))
  const missing = unconfigured.sort((left, right) => right.length - left.length)[0]
  if (missing) return [notConfigured(missing)]
  const byExecutor = [...seen, ...discovery].filter(({ verdict }) => verdict.by === 'executor')
  const byAccess = seen.filter(({ verdict }) => verdict.by === 'access')
  if (byExecutor.length > 0) return [byAccess.length > 0 ? partial(byAccess, byExecutor) : absent()]
  // Where somebody is let in, the finding before this one says all there is to say.
  return byAccess.length > 0 && !seen.some(({ verdict }) => verdict.how === 'let_in') ? [inFront(seen)] : []
}

export function notConfigured(missing: readonly string[]): Finding {
  return {
    id: 'not-configured',
    level: 'error',
    title: 'The Worker is not set up, and lets nobody in',
    detail: ['It refuses everything until it has its settings.', ...missing].join(' '),
    fix: 'Set them: npm run access:setup does the Access part; or npx wrangler deploy --var ACCESS_TEAM_DOMAIN:<team>.cloudflareaccess.com --var ACCESS_AUD:<AUD tag>, and npx wrangler secret put EXECUTOR_SECRET_KEY.',
  }
}

function absent(): Finding {
  return {
    id: 'access-absent',
    level: 'error',
    title: 'Access does not stand in front of this address',
    detail:
      'The Worker itself answered every request, with its own 401. Nobody gets in, and nobody can sign in either: no Access application covers this hostname, or its policy is Bypass, which lets requests through without a token.',
    fix: `In ${APPLICATIONS}, add a self-hosted application whose destination is this Worker or this whole hostname, with an Allow policy and no Bypass; npm run access:setup does it. workers.dev and preview addresses have to be covered too.`,
  }
}

function partial(byAccess: readonly Seen[], byExecutor: readonly Seen[]): Finding {
  return {
    id: 'access-partial',
    level: 'error',
    title: 'The Access application covers a part of this hostname only',
    detail: `Access answered ${list(byAccess)}. The Worker itself answered ${list(byExecutor)}. Sign-in works only where Access answers, and an MCP client finds no way to sign in when /.well-known is left out.`,
    fix: `In ${APPLICATIONS}, edit the application: its destination must be the whole hostname, with the path left empty. Remove applications that cover a path of it, and Bypass policies.`,
  }
}

function inFront(seen: readonly Seen[]): Finding {
  const login = seen.map(({ verdict }) => verdict).find((verdict) => verdict.how === 'login')
  const whose = login ? ` Sign-in is that of ${login.team}.` : ''
  const tag = login?.audience === undefined ? '' : ` The application's AUD tag is ${login.audience}.`
  return {
    id: 'access-in-front',
    level: 'ok',
    title: 'Access stands in front of everything',
    detail: `It answered every request before the Worker saw it.${whose}${tag}`,
    fix: '',
  }
}

const SHOWN = 6

function list(seen: readonly Seen[]): string {
  const names = [...new Set(seen.map(({ exchange }) => exchange.name))]
  const rest = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : ''
  return names.slice(0, SHOWN).join(', ') + rest
}
