// Audit records as people read them.
import type { AuditAction } from '../../../server/db/audit.ts'
import { principalName } from '../principal-name.ts'

const VERBS: Record<AuditAction, string> = {
  'integration.added': 'added the integration',
  'integration.changed': 'changed the integration',
  'integration.removed': 'removed the integration',
  'connection.added': 'added the connection',
  'connection.changed': 'changed the connection',
  'connection.removed': 'removed the connection',
  'connection.app_saved': 'saved the app for signing in to',
  'connection.app_removed': 'removed the app for signing in to',
  'policy.added': 'added the rule',
  'policy.changed': 'changed the rule',
  'policy.removed': 'removed the rule',
  'approval.approved': 'approved',
  'approval.answered': 'gave the answer of',
  'approval.declined': 'declined',
  'approval.expired': 'let expire',
  'remembered.added': 'remembered the approval of',
  'remembered.revoked': 'revoked the remembered approval of',
  'run.cancelled': 'cancelled the run',
  'run.deleted': 'deleted the run',
  'call.blocked': 'was kept from calling',
  'settings.changed': 'changed the settings',
  'webhook.changed': 'changed the webhook',
  'encryption.rotation_started': 'began to seal every secret again with the key',
  'encryption.rotation_finished': 'finished sealing secrets again with the key',
  'principal.first_seen': 'was let in for the first time',
}

/** What these happened to is in the verb, or is the actor. */
const WITHOUT_SUBJECT: ReadonlySet<string> = new Set(['settings.changed', 'webhook.changed', 'principal.first_seen'])

export interface Sentence {
  who: string
  did: string
  /** Empty where the verb says it all. */
  what: string
}

/** An action that nobody knows is shown as it is stored. */
export function sentenceOf({ actor, action, subject }: { actor: string; action: string; subject: string }): Sentence {
  return {
    who: principalName(actor),
    did: isAction(action) ? VERBS[action] : action,
    what: WITHOUT_SUBJECT.has(action) ? '' : subject,
  }
}

function isAction(action: string): action is AuditAction {
  return Object.hasOwn(VERBS, action)
}

const GROUPS: Record<string, string> = {
  integration: 'Integrations',
  connection: 'Connections',
  policy: 'Policies',
  approval: 'Approvals',
  remembered: 'Remembered approvals',
  run: 'Runs',
  call: 'Blocked calls',
  settings: 'Settings',
  webhook: 'Webhook',
  encryption: 'Encryption',
  principal: 'New principals',
}

export function groupLabel(group: string): string {
  return GROUPS[group] ?? group
}

/** The details of a record, one name and one readable value each. What says nothing is left out. */
export function readDetails(details: string): { name: string; value: string }[] {
  const parsed = parse(details)
  if (!isObject(parsed)) return details === '' ? [] : [{ name: 'Details', value: details }]
  return Object.entries(parsed)
    .map(([name, value]) => ({ name: words(name), value: isMoment(name, value) ? timeOf(value) : said(value) }))
    .filter(({ value }) => value !== '')
}

function said(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (Array.isArray(value)) return value.map(said).join(', ')
  if (!isObject(value)) return JSON.stringify(value)
  if ('from' in value && 'to' in value) return `${said(value.from) || 'nothing'} → ${said(value.to) || 'nothing'}`
  if ('added' in value && 'removed' in value) {
    const [added, removed] = [said(value.added), said(value.removed)]
    return [added && `added ${added}`, removed && `removed ${removed}`].filter(Boolean).join('; ')
  }
  return JSON.stringify(value)
}

/** `sentTo` is "Sent to". */
function words(name: string): string {
  const text = name
    .replace(/^is(?=[A-Z])/, '')
    .replaceAll(/[A-Z_]+/g, (letters) => ` ${letters.toLowerCase()}`)
    .replaceAll('_', '')
    .replace(/\burl\b/, 'URL')
    .trim()
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}

function isMoment(name: string, value: unknown): value is number {
  return /(^at|At)$/.test(name) && typeof value === 'number' && value > 1e12 && value < 1e14
}

export function timeOf(at: number): string {
  const time = new Date(at)
  if (Number.isNaN(time.getTime())) return String(at)
  return `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
