import { expect, test } from 'vitest'
import { slackMessage } from './slack-message.ts'
import { webhookBody } from './webhook-message.ts'

const LINK = 'https://executor.example.com/approvals/apr_1'
const held = {
  approvalId: 'apr_1',
  runId: 'run_1',
  tool: 'github.issues.create',
  account: 'github@work',
  principal: 'person:grace@example.com',
  client: 'claude-code 2.0',
  summary: 'Create an issue',
  link: LINK,
  expiresAt: 1_700_000_000_000,
  question: 'send',
}
const message = (payload: Record<string, unknown>, event = 'approval.pending') => slackMessage({ event, payload })

/** Every text of a message that Slack reads as markup. */
function markupOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(markupOf)
  if (typeof value !== 'object' || value === null) return []
  const entries = Object.entries(value)
  const isMarkup = entries.some(([name, member]) => name === 'type' && member === 'mrkdwn')
  return entries.flatMap(([name, member]: [string, unknown]) =>
    isMarkup && name === 'text' && typeof member === 'string' ? [member] : markupOf(member),
  )
}

test('a held call reads well, with its account, its agent, and a button to the decision', () => {
  expect(message(held)).toEqual({
    text: `*A call waits for approval* \`github.issues.create\`\n\`Create an issue\`\n<${LINK}|Review>`,
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: '*A call waits for approval*', verbatim: true } },
      { type: 'section', text: { type: 'mrkdwn', text: '`Create an issue`', verbatim: true } },
      {
        type: 'section',
        fields: [
          '*Tool*\n`github.issues.create`',
          '*Account*\n`github@work`',
          '*For*\n`grace@example.com`',
          '*Agent*\n`claude-code 2.0`',
          '*Expires*\n<!date^1700000000^{date_short_pretty} at {time}|2023-11-14 22:13 UTC>',
        ].map((text) => ({ type: 'mrkdwn', text, verbatim: true })),
      },
      {
        type: 'actions',
        elements: [{ type: 'button', action_id: 'open', text: { type: 'plain_text', text: 'Review' }, url: LINK }],
      },
    ],
  })
})

test('a question about an outcome, a connection and a test each say what they are', () => {
  expect(message({ ...held, question: 'outcome' }).text).toMatch(
    /^\*A person has to find out whether a call happened\*/,
  )
  const connection = {
    address: 'github@work',
    owner: 'org',
    reason: 'The API refused the credential (401).',
    link: LINK,
  }
  expect(message(connection, 'connection.failing').text).toBe(
    `*A connection is failing* \`github@work\`\n\`The API refused the credential (401).\`\n<${LINK}|Open the connection>`,
  )
  expect(markupOf(message(connection, 'connection.failing').blocks)).toContain('*Used by*\n`everyone`')
  expect(message({ link: LINK, sentBy: 'person:ada@example.com' }, 'test').text).toBe(
    `*This is a test of the webhook*\n<${LINK}|Open the settings>`,
  )
})

const ATTACKS = [
  '<!here> <!channel> <!everyone>',
  '<!subteam^S123|@oncall> <@U123> <#C123|general>',
  '@here @channel @everyone @all',
  '<https://evil.example.com|Approve here>',
  '`<!here>` ``` <!channel> ```',
  '*Account*\n`github@harmless`',
  'line\r\n> quote\u2028next\u2029paragraph\u0085more',
  '&lt;!here&gt; &amp;lt;!here&amp;gt;',
  '|> <!date^1^{date}|x>',
  'https://evil.example.com/ is fine',
  '\u202Etxt.exe\u202C \u200B\u2066x\u2069 \u0000\u001B[31mred',
  '*bold* _it_ ~no~ :skull: `code`',
  '\uD800 lone \uDC00',
  '&<>`@here '.repeat(5000),
]

test.for(ATTACKS.map((attack) => [attack.slice(0, 60), attack] as const))(
  'what others wrote does nothing: %j',
  ([, attack]) => {
    for (const [event, names] of [
      ['approval.pending', ['tool', 'account', 'principal', 'client', 'summary']],
      ['connection.failing', ['address', 'owner', 'reason']],
      ['test', ['sentBy']],
    ] as const) {
      const payload = { ...held, address: 'a', owner: 'b', reason: 'c', sentBy: 'd' }
      const harmless = message(payload, event)
      const attacked = message({ ...payload, ...Object.fromEntries(names.map((name) => [name, attack])) }, event)
      // One line stays one line, and there is not a piece more than there was.
      expect(attacked.blocks).toHaveLength(harmless.blocks.length)
      expect(attacked.text.split('\n')).toHaveLength(harmless.text.split('\n').length)
      for (const text of [attacked.text, ...markupOf(attacked.blocks)]) {
        expect(text.length).toBeLessThan(3000)
        // Outside of code spans only our own words are left, and the markup that is ours.
        const ours = text.replaceAll(/`[^`\n]*`/g, '§')
        expect(ours).not.toMatch(/evil|harmless|here>|channel|everyone|bold|skull/)
        expect(
          ours.replaceAll(/<(?:https:\/\/executor\.example\.com\/[\w/]+\|[\w ]+|!date\^\d+\^[^<>]+)>/g, ''),
        ).not.toMatch(/[<>&`]/)
        for (const span of text.match(/`[^`\n]*`/g) ?? []) {
          expect(span).not.toMatch(/[<>]|&(?!(?:amp|lt|gt);)/)
          expect(span).not.toMatch(/@(?:here|channel|everyone|all\b)/i)
          expect(span).not.toMatch(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u)
        }
      }
      const withoutEffect = JSON.stringify(attacked)
      expect(withoutEffect).not.toMatch(/<!(?!date\^1700000000)/)
      expect(withoutEffect).not.toMatch(/\\u[dD][89a-fA-F]/)
    }
  },
)

test('what others wrote can still be read', () => {
  const [, said] = markupOf(message({ ...held, summary: 'Set a < b && c > d in `config`' }).blocks)
  expect(said).toBe('`Set a &lt; b &amp;&amp; c &gt; d in ˋconfigˋ`')
  expect(message({ ...held, summary: '👩‍💻'.repeat(400) }).text.length).toBeLessThan(3000)
})

test('a link is an address or it is not there', () => {
  for (const link of ['javascript:alert(1)', 'not an address', '', undefined, '/approvals/1']) {
    const { text, blocks } = message({ ...held, link })
    expect(text).not.toContain('Review')
    expect(JSON.stringify(blocks)).not.toContain('button')
  }
  const sly = message({ ...held, link: 'https://executor.example.com/?a=1|x&b=<!here>' })
  expect(sly.text).toMatch(/\n<https:\/\/executor\.example\.com\/\?a=1%7Cx&b=%3C!here%3E\|Review>$/)
})

test('the generic body is one JSON object with times in ISO 8601', () => {
  const body = webhookBody(
    { event: 'approval.pending', payload: { ...held, summary: '<!here>\n"' }, createdAt: 0 },
    'json',
  )
  expect(JSON.parse(body)).toEqual({
    type: 'approval.pending',
    timestamp: '1970-01-01T00:00:00.000Z',
    data: { ...held, summary: '<!here>\n"', expiresAt: '2023-11-14T22:13:20.000Z' },
  })
})
