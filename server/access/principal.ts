// Who is asking: a person or a service, from the claims of a verified token.
import type { JWTPayload } from 'jose'

export type Principal =
  | {
      kind: 'person'
      /** Owner of personal connections, and the run's principal. */
      id: `person:${string}`
      /** Lower case. */
      email: string
      subject: string
      name?: string
      groups: string[]
      isAdmin: boolean
    }
  | { kind: 'service'; id: `service:${string}`; /** The token's common name. */ name: string; isAdmin: false }

/** With both lists empty every person is an admin. */
export interface Roles {
  adminEmails: readonly string[]
  adminGroups: readonly string[]
}

export type Identified =
  | { ok: true; principal: Principal }
  | { ok: false; reason: 'no_identity' | 'two_identities' | 'bad_identity' }

// eslint-disable-next-line no-control-regex -- control characters are what is refused
const IDENTITY = /^[^\s\u0000-\u001f\u007f]{1,320}$/

/** A person has an email and no common name, a service the other way round; anything else is nobody. */
export function identify(claims: JWTPayload, roles: Roles): Identified {
  const email = textOf(claims.email)
  const commonName = textOf(claims.common_name)
  if (email === undefined && commonName === undefined) return { ok: false, reason: 'no_identity' }
  if (email !== undefined && commonName !== undefined) return { ok: false, reason: 'two_identities' }
  if (commonName !== undefined) {
    if (!IDENTITY.test(commonName)) return { ok: false, reason: 'bad_identity' }
    return { ok: true, principal: { kind: 'service', id: `service:${commonName}`, name: commonName, isAdmin: false } }
  }
  if (email === undefined || !IDENTITY.test(email) || !email.includes('@')) return { ok: false, reason: 'bad_identity' }
  const subject = textOf(claims.sub)
  if (subject === undefined) return { ok: false, reason: 'bad_identity' }
  return { ok: true, principal: personOf(claims, { email: lowerCase(email), subject, roles }) }
}

function personOf(
  claims: JWTPayload,
  { email, subject, roles }: { email: string; subject: string; roles: Roles },
): Principal {
  const custom: Record<string, unknown> = isRecord(claims.custom) ? claims.custom : {}
  const name = textOf(claims.name) ?? textOf(custom.name)
  const groups = [...new Set([...groupsOf(claims.groups), ...groupsOf(custom.groups)])]
  const isAdmin =
    (roles.adminEmails.length === 0 && roles.adminGroups.length === 0) ||
    roles.adminEmails.some((admin) => lowerCase(admin) === email) ||
    roles.adminGroups.some((group) => groups.includes(group))
  return { kind: 'person', id: `person:${email}`, email, subject, ...(name !== undefined && { name }), groups, isAdmin }
}

/** Identity providers send names, or objects with a name and an id. */
function groupsOf(claim: unknown): string[] {
  if (typeof claim === 'string') return [claim]
  if (!Array.isArray(claim)) return []
  return claim.flatMap((group: unknown) => {
    const texts = isRecord(group) ? [group.id, group.name, group.email] : [group]
    return texts.map(textOf).filter((text) => text !== undefined)
  })
}

/** ASCII letters only: full case mapping makes an `k` of the Kelvin sign, and another person of its bearer. */
export function lowerCase(email: string): string {
  return email.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
