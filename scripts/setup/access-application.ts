// What Executor's side of Cloudflare Access looks like, as plain data: what is made where there is nothing, and how
// what is there is completed. Whatever else an application or a policy has stays as it was read.
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'

/** Whole as the API gave it: a PUT replaces everything, so every field goes back. */
export const applicationShape = z.looseObject({
  id: z.string(),
  aud: z.string().optional(),
  name: z.string().optional(),
  type: z.string().optional(),
  domain: z.string().optional(),
  destinations: z.array(z.looseObject({ type: z.string().optional() })).nullish(),
  policies: z.array(z.looseObject({ id: z.string().optional(), decision: z.string().optional() })).nullish(),
  oauth_configuration: z.looseObject({}).nullish(),
})
export type Application = z.infer<typeof applicationShape>

export const policyShape = z.looseObject({
  id: z.string(),
  name: z.string(),
  decision: z.string(),
  include: z.array(z.unknown()).nullish(),
})
export type Policy = z.infer<typeof policyShape>

export type Destination = { type: 'worker'; worker_id: string } | { type: 'public'; uri: string }

/** Which Executor this is about. Everything that is made carries the Worker's name. */
export interface Site {
  worker: string
  /** The immutable id. */
  tag: string
  /** The one to show first. */
  hostnames: readonly string[]
}

export const names = (worker: string) => ({
  application: worker,
  people: `${worker}: people`,
  services: `${worker}: service tokens`,
  metadata: `${worker}: public client metadata`,
  everyone: `${worker}: everyone, client metadata only`,
  link: `${worker}: linked app token`,
  oidc: `${worker}: OIDC`,
  oidcLink: `${worker}: linked app token (OIDC)`,
})

/** Where the Worker shows who it is as an OAuth client, for authorization servers that read it without a sign-in. */
export const CLIENT_METADATA_PATH = '/oauth/client-metadata.json'

/**
 * Where Access may send people back after Managed OAuth, besides localhost and loopback (Claude Code, Codex, Gemini CLI,
 * VS Code on a desktop). `/*` stands for every path below: ChatGPT gives each connector its own.
 */
export const CLIENT_REDIRECT_URIS: readonly string[] = [
  'https://claude.ai/api/mcp/auth_callback',
  'https://claude.com/api/mcp/auth_callback',
  'https://chatgpt.com/connector_platform_oauth_redirect',
  'https://chatgpt.com/connector/oauth/*',
  'cursor://anysphere.cursor-mcp/oauth/callback',
  'https://www.cursor.com/agents/mcp/oauth/callback',
  'https://vscode.dev/redirect',
  'https://insiders.vscode.dev/redirect',
]

// Short tokens, so that a person who may no longer come in is out soon; a long grant, so that nobody signs in daily.
const GRANT = { access_token_lifetime: '15m', session_duration: '336h' }

export function workerDestination({ tag }: Site): Destination[] {
  return [{ type: 'worker', worker_id: tag }]
}

/** For an account whose API does not know destinations of type worker: whole hostnames, previews included. */
export function hostnameDestinations({ hostnames }: Site): Destination[] {
  const uris = hostnames.flatMap((hostname) =>
    hostname.endsWith('.workers.dev') ? [hostname, `*-${hostname}`] : [hostname],
  )
  return uris.map((uri) => ({ type: 'public', uri }))
}

export function newApplication(site: Site, destinations: readonly Destination[], policyIds: readonly string[]) {
  const base = {
    name: names(site.worker).application,
    type: 'self_hosted',
    session_duration: '24h',
    app_launcher_visible: true,
    http_only_cookie_attribute: true,
    same_site_cookie_attribute: 'lax',
  }
  return completedApplication(base, destinations, policyIds)
}

/** The application with whatever of ours it lacks. The very same value when it lacks nothing. */
export function completedApplication<T extends Partial<Application>>(
  application: T,
  destinations: readonly Destination[],
  policyIds: readonly string[],
): T & Partial<Application> {
  const policies = application.policies ?? []
  const missing = policyIds.filter((id) => policies.every((policy) => policy.id !== id))
  const precedence = Math.max(0, ...policies.map((policy) => Number(policy.precedence) || 0))
  const completed = {
    ...application,
    destinations: union(application.destinations ?? publicDestination(application), destinations),
    policies: [...policies, ...missing.map((id, index) => ({ id, precedence: precedence + index + 1 }))],
    oauth_configuration: completedOauth(application.oauth_configuration ?? {}),
  }
  return isDeepStrictEqual(completed, application) ? application : completed
}

/** An application from before there were destinations has one `domain`, which must not be lost with the first of them. */
function publicDestination({ domain }: Partial<Application>): Destination[] {
  return domain === undefined || domain === '' ? [] : [{ type: 'public', uri: domain }]
}

function completedOauth(found: Record<string, unknown>): Record<string, unknown> {
  const registration = recordOf(found.dynamic_client_registration)
  const uris = Array.isArray(registration.allowed_uris) ? registration.allowed_uris : []
  return {
    ...found,
    enabled: true,
    grant: { ...GRANT, ...recordOf(found.grant) },
    dynamic_client_registration: {
      ...registration,
      enabled: true,
      allow_any_on_localhost: true,
      allow_any_on_loopback: true,
      allowed_uris: union(uris, CLIENT_REDIRECT_URIS),
    },
  }
}

/** The policy with the rules that it lacks; the very same value when it lacks none. Rules are never taken away. */
export function completedPolicy<T extends { include?: unknown[] | null | undefined }>(
  policy: T,
  rules: readonly unknown[],
): T {
  const include = union(policy.include ?? [], rules)
  return include.length === (policy.include ?? []).length ? policy : { ...policy, include }
}

export interface People {
  emails: readonly string[]
  domains: readonly string[]
}

export function peopleRules({ emails, domains }: People): object[] {
  return [...emails.map((email) => ({ email: { email } })), ...domains.map((domain) => ({ email_domain: { domain } }))]
}

/** From flags or an answer: addresses and domains, separated by commas or blanks. */
export function parsePeople(text: string): { ok: true; people: People } | { ok: false; message: string } {
  const words = text
    .toLowerCase()
    .split(/[\s,;]+/)
    .filter((word) => word !== '')
  const emails = words.filter((word) => /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(word))
  const domains = words.map((word) => word.replace(/^@/, '')).filter((word) => /^[^@\s]+\.[a-z\d-]{2,}$/.test(word))
  const strange = words.filter((word) => !emails.includes(word) && !domains.includes(word.replace(/^@/, '')))
  if (strange.length > 0) {
    return { ok: false, message: `This is neither an email address nor a domain: ${strange.join(', ')}` }
  }
  if (words.length === 0) return { ok: false, message: 'At least one email address or domain is needed.' }
  return { ok: true, people: { emails, domains } }
}

/** Which of the account's applications is Executor's: the one over the Worker, else one over its hostname or name. */
export function ownApplication(applications: readonly Application[], site: Site): Application | undefined {
  const hosted = applications.filter(({ type }) => type === 'self_hosted')
  const covers = (application: Application, wanted: (uri: string) => boolean) => urisOf(application).some(wanted)
  return (
    hosted.find(({ destinations }) =>
      destinations?.some((one) => one.type === 'worker' && one.worker_id === site.tag),
    ) ??
    hosted.find((application) => covers(application, (uri) => site.hostnames.includes(uri))) ??
    hosted.find(({ name }) => name === names(site.worker).application)
  )
}

/**
 * Applications that Access asks before `own` for a part of the Worker: an address beats the Worker, a longer path a
 * shorter one. One sentence each; the one over the client metadata is meant to be there.
 */
export function shadowsOf(applications: readonly Application[], own: Application, site: Site): string[] {
  return applications
    .filter(({ id, name }) => id !== own.id && name !== names(site.worker).metadata)
    .flatMap((application) => {
      const uri = urisOf(application).find((one) => site.hostnames.includes(one.split('/')[0] ?? ''))
      return uri === undefined
        ? []
        : [`"${application.name}" covers ${uri} and is asked first: remove it, or that part of it.`]
    })
}

/** Hostnames with their paths, as the application covers them. */
export function urisOf({ domain, destinations }: Application): string[] {
  const uris = (destinations ?? []).flatMap(({ type, uri }) =>
    type === 'public' && typeof uri === 'string' ? [uri] : [],
  )
  return [...(domain === undefined ? [] : [domain]), ...uris].map((uri) => uri.replace(/\/\*?$/, ''))
}

/** Several audiences are one variable; whatever was accepted before stays, placeholders excepted. */
export function withAudience(current: string | undefined, audience: string): string {
  const tags = (current ?? '').split(',').map((tag) => tag.trim())
  return union(
    tags.filter((tag) => /^[\da-f]{64}$/.test(tag)),
    [audience],
  ).join(',')
}

function union<T>(found: readonly T[], wanted: readonly T[]): T[] {
  return [...found, ...wanted.filter((one) => !found.some((other) => isDeepStrictEqual(one, other)))]
}

function recordOf(value: unknown): Record<string, unknown> {
  return z.record(z.string(), z.unknown()).safeParse(value).data ?? {}
}
