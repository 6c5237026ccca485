// Access: a PUT replaces everything that it does not send, names of things that are not there are refused, and a Worker
// has one application only.
import { randomUUID } from 'node:crypto'
import { ApiRefusal, listOf, paged, recordOf, type Route, textOf } from './answer.ts'
import { type FakeAccount, hexTag, type Json, type Permission } from './fake-account.ts'

const READ_ONLY = ['id', 'uid', 'aud', 'created_at', 'updated_at', 'app_count', 'reusable']

/** What the API owns stays, whatever was sent; all else is what was sent. */
function replaced(found: Json, sent: Json): Json {
  const own = Object.fromEntries(Object.entries(found).filter(([name]) => READ_ONLY.includes(name)))
  const rest = Object.fromEntries(Object.entries(sent).filter(([name]) => !READ_ONLY.includes(name)))
  return { ...rest, ...own }
}

function find(items: readonly Json[], id: unknown): Json {
  const item = items.find((one) => one.id === id)
  if (!item) throw new ApiRefusal(404, 11021, 'access.api.error.not_found')
  return item
}

function checkApplication(account: FakeAccount, sent: Json, id?: string): void {
  textOf(sent.name, 'name')
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
  for (const policy of listOf(sent.policies).map(recordOf)) {
    if (policy.id !== undefined) find(account.policies, policy.id)
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

/** With the policies whole, as the API shows them. */
function shown(account: FakeAccount, application: Json): Json {
  const policies = listOf(application.policies).map((one) => {
    const { id, precedence } = recordOf(one)
    return { ...find(account.policies, id), precedence }
  })
  return { ...application, policies }
}

function checkPolicy(account: FakeAccount, sent: Json): void {
  textOf(sent.name, 'name')
  if (!['allow', 'deny', 'bypass', 'non_identity'].includes(String(sent.decision))) {
    throw new ApiRefusal(400, 12130, 'access.api.error.invalid_request: decision')
  }
  if (listOf(sent.include).length === 0) throw new ApiRefusal(400, 12130, 'access.api.error.invalid_request: include')
  for (const rule of listOf(sent.include).map(recordOf)) {
    if (rule.service_token !== undefined) find(account.serviceTokens, recordOf(rule.service_token).token_id)
  }
}

interface Collection {
  path: string
  permission: Permission
  items: (account: FakeAccount) => Json[]
  check: (account: FakeAccount, sent: Json, id?: string) => void
  added: (account: FakeAccount) => Json
  show: (account: FakeAccount, item: Json) => Json
}

/** Made, listed, read and replaced in the same way. */
function routesOf({ path, permission, items, check, added, show }: Collection): Route[] {
  const one = new RegExp(`^${path}/([^/]+)$`)
  return [
    {
      method: 'GET',
      path: new RegExp(`^${path}$`),
      permission,
      handle: (account, { query }) =>
        paged(
          items(account).map((item) => show(account, item)),
          query,
        ),
    },
    {
      method: 'POST',
      path: new RegExp(`^${path}$`),
      permission,
      handle(account, { json }) {
        const sent = recordOf(json)
        check(account, sent)
        const item = { ...sent, id: randomUUID(), created_at: '2026-10-01T00:00:00Z', ...added(account) }
        items(account).push(item)
        return { result: show(account, item), status: 201 }
      },
    },
    {
      method: 'GET',
      path: one,
      permission,
      handle: (account, _request, [id]) => ({ result: show(account, find(items(account), id)) }),
    },
    {
      method: 'PUT',
      path: one,
      permission,
      handle(account, { json }, [id]) {
        const sent = recordOf(json)
        const list = items(account)
        const index = list.indexOf(find(list, id))
        check(account, sent, id)
        list[index] = replaced(list[index] ?? {}, sent)
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
    permission: 'access',
    items: ({ applications }) => applications,
    check: checkApplication,
    added(account) {
      const aud = account.nextAudience
      account.nextAudience = hexTag('application')
      return { aud, uid: randomUUID() }
    },
    show: shown,
  }),
  ...routesOf({
    path: '/access/policies',
    permission: 'access',
    items: ({ policies }) => policies,
    check: checkPolicy,
    added: () => ({ reusable: true, app_count: 0 }),
    show: (_account, policy) => policy,
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
