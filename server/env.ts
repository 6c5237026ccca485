// Bindings and variables of the Worker, parsed once. What is missing or cannot be meant stops everything, with a
// sentence that says what to set.
import { lowerCase } from './access/principal.ts'
import { parseSecretKey } from './connections/secret-key.ts'

export interface Config {
  /** Origin only: `https://<team>.cloudflareaccess.com`. */
  teamDomain: URL
  /** AUD tags of the Access applications in front of this Worker; at least one. */
  audiences: string[]
  adminEmails: string[]
  adminGroups: string[]
  secretKey: string
  previousSecretKey?: string
  /** Opens loopback to outbound requests. For the local stack only. */
  allowLocalNetwork: boolean
}

export type ParsedEnv = { ok: true; config: Config } | { ok: false; /** One sentence each. */ missing: string[] }

export function parseEnv(env: object): ParsedEnv {
  const missing: string[] = []
  const teamDomain = parseTeamDomain(textOf(env, 'ACCESS_TEAM_DOMAIN'))
  if (typeof teamDomain === 'string') missing.push(`ACCESS_TEAM_DOMAIN ${teamDomain}`)

  const audiences = listOf(env, 'ACCESS_AUD')
  if (audiences.length === 0) {
    missing.push('ACCESS_AUD is not set: the Application Audience (AUD) Tag of your Access application.')
  } else if (audiences.some(isPlaceholder)) {
    missing.push('ACCESS_AUD is a placeholder: write the Application Audience (AUD) Tag of your Access application.')
  }

  const secretKey = textOf(env, 'EXECUTOR_SECRET_KEY')
  const previousSecretKey = textOf(env, 'EXECUTOR_SECRET_KEY_PREVIOUS')
  const howTo = 'at least 32 random bytes as base64 or hex, for example from `openssl rand -base64 32`.'
  if (secretKey === '') missing.push(`EXECUTOR_SECRET_KEY is not set: ${howTo}`)
  else if (!parseSecretKey(secretKey)) missing.push(`EXECUTOR_SECRET_KEY is not a key: write ${howTo}`)
  if (previousSecretKey !== '' && !parseSecretKey(previousSecretKey)) {
    missing.push('EXECUTOR_SECRET_KEY_PREVIOUS is not a key: write the key used before, or remove it.')
  }

  if (typeof teamDomain === 'string' || missing.length > 0) return { ok: false, missing }
  return {
    ok: true,
    config: {
      teamDomain,
      audiences,
      adminEmails: listOf(env, 'ADMIN_EMAILS').map(lowerCase),
      adminGroups: listOf(env, 'ADMIN_GROUPS'),
      secretKey,
      ...(previousSecretKey !== '' && { previousSecretKey }),
      allowLocalNetwork: textOf(env, 'ALLOW_LOCAL_NETWORK') === 'true',
    },
  }
}

/** The origin, or what is wrong with the text. `http` is for a stand-in on this machine only. */
function parseTeamDomain(text: string): URL | string {
  if (text === '') return 'is not set: write your team domain, for example acme.cloudflareaccess.com.'
  const hint = 'write your own team domain, as the Zero Trust dashboard shows it.'
  if (isPlaceholder(text)) return `is a placeholder: ${hint}`
  const address = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `https://${text}`
  if (!URL.canParse(address)) return `is not a host name: ${hint}`
  const url = new URL(address)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) return 'must use https.'
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') {
    return 'must be a host name alone, without a path.'
  }
  if (!url.hostname.includes('.') && !isLoopback(url.hostname)) {
    return `must be the whole domain, for example ${url.hostname}.cloudflareaccess.com.`
  }
  return new URL(url.origin)
}

function isLoopback(hostname: string): boolean {
  return /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)
}

/** What documentation and templates print where a value of one's own belongs. */
function isPlaceholder(text: string): boolean {
  return (
    /[<>{}[\]]|\.\.\.|…/.test(text.replace('[::1]', '')) ||
    /^(https?:\/\/)?(example|my-?team|your-?team(-?name|-?domain)?|team-?name)(\.|$)/i.test(text) ||
    /^(your|my|the)?[-_ ]?(access[-_ ])?(aud|audience|aud[-_ ]tag|team[-_ ]domain)([-_ ]tag)?$/i.test(text) ||
    /^(x{3,}|0+|todo|tbd|changeme|change[-_ ]me|replace[-_ ]?(me|this)?|placeholder|example|none|null|undefined)$/i.test(
      text,
    )
  )
}

function textOf(env: object, name: string): string {
  const value: unknown = Reflect.get(env, name)
  return typeof value === 'string' ? value.trim() : ''
}

function listOf(env: object, name: string): string[] {
  return textOf(env, name)
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}
