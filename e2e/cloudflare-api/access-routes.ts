// Access: a PUT replaces everything that it does not send and keeps fields that nobody has heard of, names of things that
// are not there are refused, and a Worker has one application only.
import { randomUUID } from 'node:crypto'
import { ApiRefusal, listOf, paged, recordOf, type Route, textOf } from './answer.ts'
import { type FakeAccount, hexTag, type Json, type Permission } from './fake-account.ts'

const READ_ONLY = ['id', 'uid', 'aud', 'created_at', 'updated_at', 'app_count', 'reusable']

/** What the API owns stays, whatever was sent; all else is what was sent. */
function replaced(found: Json, sent: Json): Json {
  const own = Object.fromEntries(Object.entries(found).filter(([name]) => READ_ONLY.includes(name)))
  const rest = Object.fromEntries(Object.entries(sent).filter(([name]) => !READ_ONLY.includes(name)))
  return { ...rest, ...own, updated_at: now() }
}

let ticks = 0
const now = () => new Date(Date.UTC(2026, 9, 1) + ++ticks * 1000).toISOString()

function find(items: readonly Json[], id: unknown): Json {
  const item = items.find((one) => one.id === id)
  if (!item) throw new ApiRefusal(404, 11021, 'access.api.error.not_found')
  return item
}

function checkApplication(account: FakeAccount, sent: Json, id?: string): void {
  textOf(sent.name, 'name')
  if (sent.type === 'saas') return checkSaas(sent)
  if (sent.type !== 'self_hosted') throw new ApiRefusal(400, 12130, 'access.api.error.invalid_request: type')
  const destinations = listOf(sent.destinations).map(recordOf)
  if (destinations.length === 0 && typeof sent.domain !== 'string') {
    throw new ApiRefusal(400, 12130, 'access.api.error.invalid_request: domain or destinations')
  }
  for (const { type, worker_id: worker } of destinations) {
    if (type === 'public') continue
    if (type !== 'worker' || !account.knowsWorkerDestinations) {
      throw new ApiRefusal(400, 12130, `access.api.error.invalid_request: unknown destination type ${String(type)}`)
    }
    if (!account.workers.some(({ tag }) => tag === worker)) {
      throw new ApiRefusal(400, 12130, 'access.api.error.invalid_request: unknown worker')
    }
    const others = account.applications.filter((one) => one.id !== id)
    const isTaken = others.some((one) => listOf(one.destinations).some((other) => recordOf(other).worker_id === worker))
    if (isTaken) throw new ApiRefusal(409, 12132, 'access.api.error.conflict: another application has this worker')
  }
  const oauth = recordOf(sent.oauth_configuration ?? {})
  for (const uri of listOf(recordOf(oauth.dynamic_client_registration ?? {}).allowed_uris)) {
    if (
      !/^https:\/\/[^*]+(\/\*)?$|^[a-z][a-z\d+.-]*:\/?\/?[^*]+$/.test(String(uri)) ||
      String(uri).startsWith('http:')
    ) {
      throw new ApiRefusal(400, 12130, `access.api.error.invalid_request: redirect URI ${String(uri)}`)
    }
  }
}

function checkSaas({ saas_app: sent }: Json): void {
  const { auth_type: type, redirect_uris: uris } = recordOf(sent)
  if (type !== 'oidc' || listOf(uris).length === 0) {
    throw new ApiRefusal(400, 12130, 'access.api.error.invalid_request: saas_app')
  }
}

/** Policies as they are kept: one that is shared by its id, one of the application's own whole. */
function keptPolicies(account: FakeAccount, sent: unknown, before: unknown): Json[] {
  const own = listOf(before).map(recordOf)
  const kept = listOf(sent).map((one, index): Json => {
    const policy = typeof one === 'string' ? { id: one } : recordOf(one)
    const precedence = policy.precedence ?? index + 1
    if (account.policies.some(({ id }) => id === policy.id)) return { id: policy.id, precedence }
    const id = policy.id === undefined ? randomUUID() : find(own.filter(isOwn), policy.id).id
    checkPolicy(account, policy)
    return { ...policy, id, precedence, reusable: false }
  })
  if (new Set(kept.map(({ precedence }) => precedence)).size < kept.length) {
    throw new ApiRefusal(400, 12130, 'access.api.error.invalid_request: precedence must be unique')
  }
  if (!account.mixesPolicies && kept.some(isOwn) && !kept.every(isOwn)) {
    throw new ApiRefusal(400, 12130, 'access.api.error.invalid_request: reusable and inline policies are exclusive')
  }
  return kept
}

const isOwn = ({ reusable }: Json) => reusable === false

/** With the policies whole, as the API shows them, and without a secret. */
function shown(account: FakeAccount, application: Json): Json {
  const policies = listOf(application.policies)
    .map(recordOf)
    .map((one) =>
      isOwn(one) ? one : { ...shownPolicy(account, find(account.policies, one.id)), precedence: one.precedence },
    )
  const { client_secret: _, ...saas } = recordOf(application.saas_app ?? {})
  return { ...application, policies, ...(application.saas_app !== undefined && { saas_app: saas }) }
}

function shownPolicy({ applications }: FakeAccount, policy: Json): Json {
  const users = applications.filter((one) => listOf(one.policies).some((used) => recordOf(used).id === policy.id))
  return { exclude: [], require: [], ...policy, reusable: true, app_count: users.length }
}

function checkPolicy(account: FakeAccount, sent: Json): void {
  textOf(sent.name, 'name')
  if (!['allow', 'deny', 'bypass', 'non_identity'].includes(String(sent.decision))) {
    throw new ApiRefusal(400, 12130, 'access.api.error.invalid_request: decision')
  }
  if (listOf(sent.include).length === 0) throw new ApiRefusal(400, 12130, 'access.api.error.invalid_request: include')
  for (const rule of listOf(sent.include).map(recordOf)) {
    if (rule.service_token !== undefined) find(account.serviceTokens, recordOf(rule.service_token).token_id)
    if (rule.linked_app_token === undefined) continue
    if (sent.decision !== 'non_identity') throw new ApiRefusal(400, 12130, 'access.api.error.invalid_request: decision')
    const { app_uid: uid } = recordOf(rule.linked_app_token)
    if (!account.applications.some((one) => (one.uid ?? one.id) === uid)) {
      throw new ApiRefusal(400, 12130, 'access.api.error.invalid_request: app_uid')
    }
  }
}

interface Collection {
  path: string
  /** The part of Apps and Policies that is enough for it. */
  part: Permission
  items: (account: FakeAccount) => Json[]
  check: (account: FakeAccount, sent: Json, id?: string) => void
  /** What of it is kept; `before` is what was there. */
  kept: (account: FakeAccount, sent: Json, before: Json) => Json
  added: (account: FakeAccount, sent: Json) => Json
  show: (account: FakeAccount, item: Json) => Json
}

/** Made, listed, read and replaced in the same way. */
function routesOf({ path, part, items, check, kept, added, show }: Collection): Route[] {
  const one = new RegExp(`^${path}/([^/]+)$`)
  const reads: Permission[] = ['access', 'access_read', part]
  const writes: Permission[] = ['access', part]
  return [
    {
      method: 'GET',
      path: new RegExp(`^${path}$`),
      permission: reads,
      handle: (account, { query }) =>
        paged(
          items(account).map((item) => show(account, item)),
          query,
        ),
    },
    {
      method: 'POST',
      path: new RegExp(`^${path}$`),
      permission: writes,
      handle(account, { json }) {
        const sent = recordOf(json)
        check(account, sent)
        const times = { created_at: now(), updated_at: now() }
        const item: Json = { ...kept(account, sent, {}), id: randomUUID(), ...times, ...added(account, sent) }
        items(account).push(item)
        // The one answer with the secret of a client.
        const secrets = item.saas_app === undefined ? {} : { saas_app: item.saas_app }
        return { result: { ...show(account, item), ...secrets }, status: 201 }
      },
    },
    {
      method: 'GET',
      path: one,
      permission: reads,
      handle: (account, _request, [id]) => ({ result: show(account, find(items(account), id)) }),
    },
    {
      method: 'PUT',
      path: one,
      permission: writes,
      handle(account, { json }, [id]) {
        const sent = recordOf(json)
        const list = items(account)
        const index = list.indexOf(find(list, id))
        check(account, sent, id)
        const before = list[index] ?? {}
        list[index] = replaced(before, kept(account, sent, before))
        return { result: show(account, list[index]) }
      },
    },
  ]
}

const withoutSecret = ({ id, name, client_id: clientId }: Json): Json => ({ id, name, client_id: clientId })

export const accessRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: /^\/access\/organizations$/,
    permission: 'organization',
    handle({ teamDomain, name }) {
      if (teamDomain === undefined) throw new ApiRefusal(403, 9999, 'access.api.error.not_enabled')
      return { result: { auth_domain: teamDomain, name } }
    },
  },
  ...routesOf({
    path: '/access/apps',
    part: 'access_apps',
    items: ({ applications }) => applications,
    check: checkApplication,
    kept(account, sent, before) {
      const fields = Object.entries(sent).filter(([name]) => !account.lostFields.includes(name))
      return { ...Object.fromEntries(fields), policies: keptPolicies(account, sent.policies, before.policies) }
    },
    added(account, { saas_app: saas }) {
      const aud = account.nextAudience
      account.nextAudience = hexTag('application')
      const client = { client_id: hexTag('client'), client_secret: hexTag('secret') }
      return { aud, uid: randomUUID(), ...(saas !== undefined && { saas_app: { ...recordOf(saas), ...client } }) }
    },
    show: shown,
  }),
  ...routesOf({
    path: '/access/policies',
    part: 'access_policies',
    items: ({ policies }) => policies,
    check: checkPolicy,
    kept: (_account, sent) => sent,
    added: () => ({ reusable: true }),
    show: shownPolicy,
  }),
  {
    method: 'GET',
    path: /^\/access\/service_tokens$/,
    permission: 'service_tokens',
    handle: ({ serviceTokens }, { query }) => paged(serviceTokens.map(withoutSecret), query),
  },
  {
    method: 'POST',
    path: /^\/access\/service_tokens$/,
    permission: 'service_tokens',
    handle({ serviceTokens }, { json }) {
      const name = textOf(recordOf(json).name, 'name')
      const token = {
        id: randomUUID(),
        name,
        client_id: `${hexTag(name).slice(0, 32)}.access`,
        client_secret: hexTag(name),
      }
      serviceTokens.push(token)
      return { result: token, status: 201 }
    },
  },
  {
    method: 'POST',
    path: /^\/access\/service_tokens\/([^/]+)\/rotate$/,
    permission: 'service_tokens',
    handle({ serviceTokens }, _request, [id]) {
      const token = find(serviceTokens, id)
      token.client_secret = hexTag('rotated')
      return { result: { ...token } }
    },
  },
]
