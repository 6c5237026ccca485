// A link from Executor to an application behind Access, as plain data: which application is meant, what links it
// already, what is added, and what a write has lost. Nothing here talks to anybody.
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { type Application, names, type Policy, urisOf } from './access-application.ts'

/** `forward` sends the person's own assertion on; `oidc` sends a token of an Access for SaaS application. */
export type Way = 'forward' | 'oidc'

export const isWay = (text: string): text is Way => text === 'forward' || text === 'oidc'

export type Found = { ok: true; application: Application } | { ok: false; message: string }

/** What a `linked_app_token` rule names an application by. */
export function uidOf({ id, uid }: Application): string {
  return typeof uid === 'string' && uid !== '' ? uid : id
}

/** `"Wiki" (wiki.example.com, 7c1f…)` */
export function described(application: Application): string {
  const [uri] = urisOf(application)
  return `"${application.name ?? ''}" (${[...(uri === undefined ? [] : [uri]), application.id].join(', ')})`
}

/**
 * The application that `text` means: an id, a hostname, or a URL. Of several that cover a URL's path, Access asks the one
 * with the longest path, and that one is meant; a hostname alone that several applications share means none of them.
 */
export function findUpstream(applications: readonly Application[], text: string): Found {
  const asked = text.trim()
  const byId = applications.find(({ id, uid, aud }) => [id, uid, aud].includes(asked))
  if (byId) return selfHosted(byId)
  const url = URL.parse(asked.includes('://') ? asked : `https://${asked}`)
  if (!url?.hostname.includes('.') && url?.hostname !== 'localhost') {
    return { ok: false, message: `"${asked}" is neither a hostname, nor a URL, nor the id of an application.` }
  }
  const path = url.pathname.replace(/\/+$/, '')
  const covering = longestFirst(applications, url.hostname, path)
  const hosted = covering.filter(({ application }) => application.type === 'self_hosted')
  const [first, second] = hosted.length > 0 ? hosted : covering
  if (!first) {
    return {
      ok: false,
      message: `No application of this account covers ${url.hostname}${path}.${listed(applications)}`,
    }
  }
  if (second && (path === '' || second.length === first.length)) {
    const lines = hosted.map(({ application, uri }) => `  --app ${application.id}   # "${application.name}", ${uri}`)
    return {
      ok: false,
      message: `${hosted.length} applications cover ${url.hostname}${path}. Say which one is meant:\n${lines.join('\n')}`,
    }
  }
  return selfHosted(first.application)
}

function longestFirst(applications: readonly Application[], hostname: string, path: string) {
  const all = applications.flatMap((application) => {
    const uris = urisOf(application).filter((uri) => covers(uri, hostname, path))
    const [uri] = uris.sort((one, other) => other.length - one.length)
    return uri === undefined ? [] : [{ application, uri, length: uri.length, isExact: uri.split('/')[0] === hostname }]
  })
  const exact = all.filter(({ isExact }) => isExact)
  return (exact.length > 0 ? exact : all).sort((one, other) => other.length - one.length)
}

/** Without a path, everything on the host is meant. */
function covers(uri: string, hostname: string, path: string): boolean {
  const [host = '', ...segments] = uri.split('/')
  const pattern = new RegExp(`^${host.replace(/[^\w*-]/g, String.raw`\$&`).replaceAll('*', '[^.]*')}$`, 'i')
  if (!pattern.test(hostname)) return false
  const start = segments.length === 0 ? '' : `/${segments.join('/')}`
  return path === '' || path === start || path.startsWith(`${start}/`)
}

function selfHosted(application: Application): Found {
  if (application.type === 'self_hosted') return { ok: true, application }
  return {
    ok: false,
    message: `${described(application)} is an application of type ${application.type ?? 'unknown'}. Access accepts the tokens of another application only for self-hosted ones.`,
  }
}

function listed(applications: readonly Application[]): string {
  const hosted = applications.filter(({ type }) => type === 'self_hosted').slice(0, 20)
  if (hosted.length === 0) return ' It has no self-hosted application at all.'
  return `\nSelf-hosted applications:\n${hosted.map((one) => `  ${described(one)}`).join('\n')}`
}

export const linkName = (worker: string, way: Way): string =>
  way === 'forward' ? names(worker).link : names(worker).oidcLink

/** Only with this decision does the application behind Access get an assertion that names the person. */
export function linkPolicy(worker: string, way: Way, appUid: string) {
  return { name: linkName(worker, way), decision: 'non_identity', include: [{ linked_app_token: { app_uid: appUid } }] }
}

type PolicyLike = Partial<Policy> & Record<string, unknown>

/** The policy of the application that accepts the tokens already, unless it asks for something more. */
export function findLink(application: Application, known: readonly Policy[], appUid: string): PolicyLike | undefined {
  const whole = (policy: PolicyLike) => ({ ...known.find(({ id }) => id === policy.id), ...policy })
  return (application.policies ?? [])
    .map(whole)
    .find((policy) => policy.decision === 'non_identity' && namesApplication(policy, appUid) && isUnconditional(policy))
}

/** A reusable policy that says this and nothing else. */
export function identicalPolicy(policies: readonly Policy[], appUid: string): Policy | undefined {
  return policies.find(
    (policy) =>
      policy.reusable !== false &&
      policy.decision === 'non_identity' &&
      policy.include?.length === 1 &&
      namesApplication(policy, appUid) &&
      isUnconditional(policy),
  )
}

const namesApplication = ({ include }: PolicyLike, appUid: string) =>
  (include ?? []).some((rule) => isDeepStrictEqual(rule, { linked_app_token: { app_uid: appUid } }))

const isUnconditional = ({ exclude, require }: PolicyLike) => isEmpty(exclude) && isEmpty(require)
const isEmpty = (rules: unknown) =>
  rules === undefined || rules === null || (Array.isArray(rules) && rules.length === 0)

/**
 * Cloudflare: reusable policies and those of one application are mutually exclusive within an application. One that has
 * only its own gets another of its own.
 */
export function hasOnlyOwnPolicies({ policies }: Application): boolean {
  return (policies ?? []).length > 0 && (policies ?? []).every(({ reusable }) => reusable === false)
}

/** SCIM secrets are masked in what the API gives out, and a PUT would store the mask. */
export function hasHiddenSecrets({ scim_config: scim }: Application): boolean {
  const parsed = z.looseObject({ authentication: z.unknown() }).safeParse(scim)
  return parsed.success && parsed.data.authentication !== undefined && parsed.data.authentication !== null
}

/**
 * The whole application as it goes back, with one policy more. Every field that was read is in it, those that the API owns
 * (`aud`, `created_at`) too, as Cloudflare asks for. A reusable policy goes as its id and precedence, one of the application's
 * own whole.
 */
export function linkedApplication(upstream: Application, added: Record<string, unknown>): Application {
  const policies = upstream.policies ?? []
  const precedence = Math.max(policies.length, ...policies.map((policy) => Number(policy.precedence) || 0)) + 1
  const kept = policies.map((policy) =>
    policy.reusable === true
      ? { id: policy.id, ...(policy.precedence !== undefined && { precedence: policy.precedence }) }
      : policy,
  )
  return { ...upstream, policies: [...kept, { ...added, precedence }] }
}

// The API moves these by itself.
const MOVING = new Set(['updated_at', 'app_count'])

/**
 * What `after` lacks or has otherwise, as paths: values may be secrets. Policies are the same by their id; what is there
 * in addition is no loss.
 */
export function lossesOf(before: unknown, after: unknown, path = ''): string[] {
  if (isDeepStrictEqual(before, after)) return []
  if (path === 'policies')
    return policyLosses(z.array(policyLike).parse(before ?? []), z.array(policyLike).parse(after ?? []))
  const [one, other] = [recordOf(before), recordOf(after)]
  if (!one || !other || (Array.isArray(before) && Object.keys(one).length !== Object.keys(other).length))
    return [`${path} is different`]
  return Object.keys(one)
    .filter((name) => !MOVING.has(name))
    .flatMap((name) => {
      const inside = path === '' ? name : `${path}.${name}`
      return name in other ? lossesOf(one[name], other[name], inside) : [`${inside} is gone`]
    })
}

const policyLike = z.looseObject({ id: z.string().optional(), name: z.string().optional() })

function policyLosses(before: z.infer<typeof policyLike>[], after: z.infer<typeof policyLike>[]): string[] {
  const order = (policies: { id?: string | undefined }[], others: { id?: string | undefined }[]) =>
    policies.filter(({ id }) => others.some((other) => other.id === id)).map(({ id }) => id)
  const isMoved = !isDeepStrictEqual(order(before, after), order(after, before))
  const lost = before.flatMap((policy) => {
    const found = after.find(({ id }) => id === policy.id)
    const path = `the policy "${policy.name ?? policy.id}"`
    return found ? lossesOf(policy, found, path) : [`${path} is gone`]
  })
  return isMoved ? [...lost, 'the policies have another order'] : lost
}

function recordOf(value: unknown): Record<string, unknown> | undefined {
  if (Array.isArray(value)) return Object.fromEntries(value.entries())
  return z.record(z.string(), z.unknown()).safeParse(value).data
}

/** Also what was added counts, except what moves by itself. */
export function isChanged(before: Application, now: Application): boolean {
  return before.updated_at !== now.updated_at || lossesOf(before, now).length > 0 || lossesOf(now, before).length > 0
}
