// A notification as Slack's incoming webhooks take it. Others that understand Slack (Mattermost for one) read `text`.
// Agents, documents and upstreams wrote most of what is told. It stands on one line, in code spans, where nothing is
// formatted, linked or mentioned, and without the characters that Slack reads as its own: `<!here>`, `<@U1>`, `<url|…>`.
import type { NotificationRow } from '../db/notifications.ts'

/** Characters kept of each text; Slack takes 2,000 in a field, and `&` becomes five. */
const MOST_TEXT = 300

type Told = Pick<NotificationRow, 'event' | 'payload'>

/** What is said of an event, before it is formatted. */
interface Story {
  title: string
  /** What it is about, as people know it. */
  subject: string
  said: string
  facts: [name: string, value: string][]
  expiresAt?: number
  button: string
}

export function slackMessage(notification: Told): { text: string; blocks: object[] } {
  const { payload } = notification
  const { title, subject, said, facts, expiresAt, button } = storyOf(notification)
  const link = linkOf(payload.link)
  const fields = facts.filter(([, value]) => value !== '').map(([name, value]) => `*${name}*\n${quoted(value)}`)
  if (expiresAt !== undefined) fields.push(`*Expires*\n${slackDate(expiresAt)}`)
  const lines = [`*${title}* ${quoted(subject)}`.trim(), quoted(said), link && `<${link}|${button}>`]
  return {
    text: lines.filter(Boolean).join('\n'),
    blocks: [
      { type: 'section', text: markup(`*${title}*`) },
      ...(said === '' ? [] : [{ type: 'section', text: markup(quoted(said)) }]),
      ...(fields.length === 0 ? [] : [{ type: 'section', fields: fields.map(markup) }]),
      ...(link === null ? [] : [{ type: 'actions', elements: [linkButton(button, link)] }]),
    ],
  }
}

const TITLES: Partial<Record<string, string>> = {
  outcome: 'A person has to find out whether a call happened',
  input: 'A call needs an answer from a person',
}

function storyOf({ event, payload }: Told): Story {
  const text = (name: string) => plain(payload[name])
  switch (event) {
    case 'approval.pending': {
      const { question, expiresAt } = payload
      return {
        title: TITLES[String(question)] ?? 'A call waits for approval',
        subject: text('tool'),
        said: text('summary'),
        facts: [
          ['Tool', text('tool')],
          ['Account', text('account')],
          ['For', nameOf(text('principal'))],
          ['Agent', text('client')],
        ],
        ...(typeof expiresAt === 'number' && { expiresAt }),
        button: question === 'send' ? 'Review' : 'Answer',
      }
    }
    case 'connection.failing':
      return {
        title: 'A connection is failing',
        subject: text('address'),
        said: text('reason'),
        facts: [
          ['Connection', text('address')],
          ['Used by', text('owner') === 'org' ? 'everyone' : nameOf(text('owner'))],
        ],
        button: 'Open the connection',
      }
    default:
      return {
        title: 'This is a test of the webhook',
        subject: '',
        said: '',
        facts: [['Sent by', nameOf(text('sentBy'))]],
        button: 'Open the settings',
      }
  }
}

/** On one line, without control and invisible characters, not longer than is kept. Empty for what is no text. */
function plain(value: unknown): string {
  if (typeof value !== 'string') return ''
  const line = value
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replaceAll(/[\p{Cf}\p{Cs}]/gu, '')
    .trim()
  const characters = Array.from(line)
  return characters.length > MOST_TEXT ? `${characters.slice(0, MOST_TEXT - 1).join('')}…` : line
}

/** A code span; nothing for nothing. A zero-width space keeps `@here` from being read as a mention where code is not. */
function quoted(text: string): string {
  if (text === '') return ''
  const inert = text.replaceAll('`', 'ˋ').replaceAll(/@(?=channel|here|everyone|all\b)/gi, '@\u{200B}')
  return `\`${escaped(inert)}\``
}

/** The three characters that Slack asks to escape, and no others. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** `verbatim` keeps Slack from making links and mentions of plain text. */
function markup(text: string) {
  return { type: 'mrkdwn', text, verbatim: true }
}

function linkButton(label: string, url: string) {
  return { type: 'button', action_id: 'open', text: { type: 'plain_text', text: label }, url }
}

/** An absolute address, fit to stand in `<…|…>`; null for anything else. */
function linkOf(value: unknown): string | null {
  const url = typeof value === 'string' ? URL.parse(value) : null
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') return null
  return url.href.replaceAll('|', '%7C').replaceAll('<', '%3C').replaceAll('>', '%3E')
}

/** Shown in the reader's own time zone. */
function slackDate(at: number): string {
  const utc = `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  return `<!date^${Math.floor(at / 1000)}^{date_short_pretty} at {time}|${utc}>`
}

/** `person:ada@example.com` as people say it. */
function nameOf(principal: string): string {
  return principal.replace(/^(?:person|service):/, '')
}
