import { expect, test } from 'vitest'
import { AUDIT_ACTIONS } from '../../../server/db/audit.ts'
import { AUDIT_GROUPS } from '../../../server/db/audit-list.ts'
import { auditAddress, readAuditSearch } from './audit-search.ts'
import { groupLabel, readDetails, sentenceOf } from './wording.ts'

test('every action and every group has words', () => {
  for (const action of AUDIT_ACTIONS) {
    expect(sentenceOf({ actor: 'executor', action, subject: 'x' }).did).not.toContain('.')
  }
  for (const group of AUDIT_GROUPS) expect(groupLabel(group)).not.toBe(group)
})

test('a record is a sentence, and an action that nobody knows is shown as it is', () => {
  const actor = 'person:ada@example.com'
  expect(sentenceOf({ actor, action: 'policy.changed', subject: 'github.*' })).toEqual({
    who: 'ada@example.com',
    did: 'changed the rule',
    what: 'github.*',
  })
  expect(sentenceOf({ actor, action: 'principal.first_seen', subject: actor }).what).toBe('')
  expect(sentenceOf({ actor, action: 'toString', subject: 'x' })).toMatchObject({ did: 'toString', what: 'x' })
})

test.each([
  ['{}', []],
  ['{"note":""}', []],
  ['{"action":{"from":"block","to":"require_approval"}}', ['Action: block → require_approval']],
  ['{"title":{"from":"","to":"GitHub"}}', ['Title: nothing → GitHub']],
  ['{"sentTo":["https://a.example","https://b.example"]}', ['Sent to: https://a.example, https://b.example']],
  ['{"baseUrl":"https://a.example","isDefault":true}', ['Base URL: https://a.example', 'Default: yes']],
  ['{"hiddenFields":{"added":["pin"],"removed":["a","b"]}}', ['Hidden fields: added pin; removed a, b']],
  ['{"hiddenFields":{"added":["pin"],"removed":[]}}', ['Hidden fields: added pin']],
  ['{"expiresAt":1777638600000,"number":3}', ['Expires at: 2026-05-01 12:30:00 UTC', 'Number: 3']],
  ['{"odd":{"a":[{"b":1}]}}', ['Odd: {"a":[{"b":1}]}']],
  ['no json', ['Details: no json']],
])('the details %s are readable', (details, said) => {
  expect(readDetails(details).map(({ name, value }) => `${name}: ${value}`)).toEqual(said)
})

test('filters are read from the address, whole days of them, and written back to it', () => {
  const search = new URLSearchParams('actor=%20ada%20&group=policy&subject=git&from=2026-05-01&to=2026-05-02')
  const { values, filter } = readAuditSearch(search, AUDIT_GROUPS)
  expect(filter).toEqual({
    actor: 'ada',
    group: 'policy',
    subject: 'git',
    from: Date.UTC(2026, 4, 1),
    to: Date.UTC(2026, 4, 3),
  })
  expect(auditAddress('/audit', values, { before: '7' })).toBe(
    '/audit?before=7&actor=ada&group=policy&subject=git&from=2026-05-01&to=2026-05-02',
  )
})

test('what cannot be meant filters nothing', () => {
  const search = new URLSearchParams('actor=&group=nothing&from=yesterday&to=2026-13-45')
  const { values, filter } = readAuditSearch(search, AUDIT_GROUPS)
  expect(filter).toEqual({})
  expect(auditAddress('/audit', values)).toBe('/audit')
})
