import { sql } from 'drizzle-orm'
import { beforeEach, expect, test } from 'vitest'
import { findConnectionBySlug } from '../../../server/db/connections.ts'
import { findIntegrationBySlug } from '../../../server/db/integrations.ts'
import { readSettings, writeSettings } from '../../../server/db/settings.ts'
import { listPolicies } from '../../../server/db/policies.ts'
import { createConnection, removeConnection, updateConnection } from '../../../server/connections/manage.ts'
import { ada, bob, type Helpdesk, helpdeskDocument, openHelpdesk, SECRET } from '../../../server/testing/helpdesk.ts'
import { withoutUpstreams } from '../../../server/testing/database.ts'
import { PUBLIC } from '../../../server/testing/scripted-import.ts'
import { changeIntegration } from '../../../server/tools/change-integration.ts'
import { beginImport } from '../../../server/tools/imports/begin.ts'
import { addIntegration, updateIntegrationFrom } from '../../../server/tools/imports/confirm.ts'
import { removeIntegration } from '../../../server/tools/remove.ts'
import { removeRule, saveRule, setRuleFor } from '../policies/save-rule.ts'

let desk: Helpdesk

beforeEach(async () => {
  desk = await openHelpdesk()
})

/** What was recorded since the helpdesk was imported. */
async function recorded() {
  const [, ...rows] = await desk.db.query.audit.findMany()
  return rows.map(({ actor, action, subject, details }) => [actor, action, subject, JSON.parse(details)])
}

const rules = () => ({ db: desk.db, principal: ada })
const as = (principal: typeof ada) => ({ ...desk.deps, principal })

async function connection(slug: string) {
  const found = await findConnectionBySlug(desk.db, desk.integration.id, slug)
  if (!found) throw new Error(`no connection ${slug}`)
  return found
}

async function ruleId() {
  const [rule] = await listPolicies(desk.db)
  return rule?.id ?? ''
}

const BLOCK = { pattern: 'helpdesk.*', action: 'block', note: 'not yet' }
const MOVED = { title: 'Support', baseUrl: 'https://support.example.com' }
const ADDED = { owner: 'org', method: 'Bearer token', fields: ['token'], sentTo: ['https://helpdesk.example.com'] }

const CHANGES: [what: string, change: () => Promise<unknown>, records: unknown[][]][] = [
  [
    'a rule that is added',
    () => saveRule(rules(), BLOCK),
    [[ada.id, 'policy.added', 'helpdesk.*', { action: 'block', note: 'not yet' }]],
  ],
  [
    'a rule that is changed',
    async () => {
      await saveRule(rules(), BLOCK)
      await saveRule(rules(), { ...BLOCK, action: 'allow', pattern: 'helpdesk.tickets.*' }, await ruleId())
    },
    [
      [ada.id, 'policy.added', 'helpdesk.*', expect.anything()],
      [
        ada.id,
        'policy.changed',
        'helpdesk.*',
        { pattern: { from: 'helpdesk.*', to: 'helpdesk.tickets.*' }, action: { from: 'block', to: 'allow' } },
      ],
    ],
  ],
  [
    'a rule that is set on a tool’s page, and set to what it is',
    async () => {
      await setRuleFor(rules(), 'helpdesk.tickets.list', 'block')
      await setRuleFor(rules(), 'helpdesk.tickets.list', 'require_approval')
      await setRuleFor(rules(), 'helpdesk.tickets.list', 'require_approval')
    },
    [
      [ada.id, 'policy.added', 'helpdesk.tickets.list', { action: 'block', note: '' }],
      [ada.id, 'policy.changed', 'helpdesk.tickets.list', { action: { from: 'block', to: 'require_approval' } }],
    ],
  ],
  [
    'a rule that is removed, and removed again',
    async () => {
      await saveRule(rules(), BLOCK)
      const id = await ruleId()
      await removeRule(rules(), id)
      await removeRule(rules(), id)
    },
    [
      [ada.id, 'policy.added', 'helpdesk.*', expect.anything()],
      [ada.id, 'policy.removed', 'helpdesk.*', { action: 'block', note: 'not yet' }],
    ],
  ],
  [
    'a rule that two add at once',
    () => Promise.all([saveRule(rules(), BLOCK), saveRule(rules(), BLOCK)]),
    [[ada.id, 'policy.added', 'helpdesk.*', expect.anything()]],
  ],
  [
    'a connection that is added, also of one’s own',
    async () => {
      await desk.connect('work')
      await desk.connect('mine', bob, 'me')
    },
    [
      [ada.id, 'connection.added', 'helpdesk@work', ADDED],
      [bob.id, 'connection.added', 'helpdesk@mine', { ...ADDED, owner: bob.id }],
    ],
  ],
  [
    'no connection, when its name is taken or its values are wrong',
    async () => {
      const [method] = desk.integration.authMethods
      if (!method) throw new Error('no method')
      const input = { integration: desk.integration, method, values: { token: '' }, owner: 'org', slug: 'work' }
      await createConnection(as(ada), input)
      const both = [desk.connect('work'), desk.connect('work')]
      await Promise.allSettled(both)
    },
    [[ada.id, 'connection.added', 'helpdesk@work', ADDED]],
  ],
  [
    'a connection that is changed, with names of fields and no values',
    async () => {
      await desk.connect('work')
      await updateConnection(as(ada), await connection('work'), { values: { token: `${SECRET}-new` } })
      await updateConnection(as(ada), await connection('work'), { values: { token: '' } })
      await updateConnection(as(ada), await connection('work'), { isDefault: true })
      await updateConnection(as(ada), await connection('work'), { isDefault: true })
      await updateConnection(as(ada), await connection('work'), { slug: 'prod' })
    },
    [
      [ada.id, 'connection.added', 'helpdesk@work', ADDED],
      [ada.id, 'connection.changed', 'helpdesk@work', { fields: ['token'] }],
      [ada.id, 'connection.changed', 'helpdesk@work', { isDefault: { from: false, to: true } }],
      [ada.id, 'connection.changed', 'helpdesk@work', { slug: { from: 'work', to: 'prod' } }],
    ],
  ],
  [
    'a host that is confirmed',
    async () => {
      await desk.connect('work')
      await changeIntegration(desk, desk.integration, MOVED, ada.id)
      await updateConnection(as(ada), await connection('work'), { confirmOrigins: [MOVED.baseUrl] })
    },
    [
      [ada.id, 'connection.added', 'helpdesk@work', ADDED],
      [
        ada.id,
        'integration.changed',
        'helpdesk',
        {
          title: { from: 'helpdesk', to: 'Support' },
          baseUrl: { from: 'https://helpdesk.example.com', to: 'https://support.example.com' },
        },
      ],
      [
        ada.id,
        'connection.changed',
        'helpdesk@work',
        { sentTo: { from: ['https://helpdesk.example.com'], to: ['https://support.example.com'] } },
      ],
    ],
  ],
  [
    'a connection that is removed, and removed again',
    async () => {
      await desk.connect('mine', bob, 'me')
      const mine = await connection('mine')
      await removeConnection(as(ada), mine)
      await removeConnection(as(ada), mine)
    },
    [
      [bob.id, 'connection.added', 'helpdesk@mine', expect.anything()],
      [ada.id, 'connection.removed', 'helpdesk@mine', { owner: bob.id, method: 'Bearer token' }],
    ],
  ],
  [
    'no change that was refused',
    async () => {
      await desk.connect('work')
      await updateConnection(as(bob), await connection('work'), { isDefault: true })
      await removeConnection(as(bob), await connection('work'))
      await saveRule(rules(), { ...BLOCK, action: 'maybe' })
    },
    [[ada.id, 'connection.added', 'helpdesk@work', ADDED]],
  ],
  [
    'an integration that is edited, and saved as it is',
    async () => {
      await changeIntegration(desk, desk.integration, { ...desk.integration, title: 'Support' }, ada.id)
      const now = await findIntegrationBySlug(desk.db, 'helpdesk')
      if (now) await changeIntegration(desk, now, { title: now.title, baseUrl: now.baseUrl }, ada.id)
    },
    [[ada.id, 'integration.changed', 'helpdesk', { title: { from: 'helpdesk', to: 'Support' } }]],
  ],
  [
    'an integration that is removed, with its connections',
    async () => {
      await desk.connect('work')
      await removeIntegration(withoutUpstreams(desk.db), desk.integration.id, ada.id)
      await removeIntegration(withoutUpstreams(desk.db), desk.integration.id, ada.id)
    },
    [
      [ada.id, 'connection.added', 'helpdesk@work', ADDED],
      [ada.id, 'integration.removed', 'helpdesk', { title: 'helpdesk', tools: 5, connections: ['work'] }],
    ],
  ],
  [
    'an integration that needs no credential and is confirmed twice, with its connection',
    () => importWithoutCredential('open'),
    [
      [ada.id, 'integration.added', 'open', expect.objectContaining({ document: 'pasted', operations: 5 })],
      [ada.id, 'connection.added', 'open@public', expect.objectContaining({ owner: 'org' })],
    ],
  ],
  [
    'no import that is in force already',
    async () => {
      const imported = await desk.db.query.imports.findFirst()
      const given = { importId: imported?.id ?? '', slug: 'other', title: 'Other', baseUrl: MOVED.baseUrl, by: ada.id }
      await addIntegration(desk.deps, given)
    },
    [],
  ],
  [
    'a new version of a document, with what it adds to where calls go',
    async () => {
      const { id: integrationId } = desk.integration
      const chunks = [new TextEncoder().encode(JSON.stringify(helpdeskDocument()).replace('"1"', '"2"'))]
      const origin = { kind: 'paste' } as const
      const begun = await beginImport(desk.deps, { origin, files: [{ chunks }], by: bob.id, integrationId })
      if (begun.ok) await updateIntegrationFrom(desk.deps, { importId: begun.importId, origins: [], by: bob.id })
    },
    [
      [
        bob.id,
        'integration.changed',
        'helpdesk',
        { revision: 2, document: 'pasted', operations: 5, version: { from: '1', to: '2' } },
      ],
    ],
  ],
  [
    'settings, with what is different',
    async () => {
      const was = await readSettings(desk.db)
      const hiddenFields = [...was.hiddenFields.filter((name) => name !== 'token'), 'pin']
      const change = { was, will: { ...was, runDays: 30, hiddenFields }, by: ada.id, now: 1 }
      const [first, ...others] = writeSettings(desk.db, change)
      if (first) await desk.db.batch([first, ...others])
      expect(writeSettings(desk.db, { ...change, was: change.will })).toEqual([])
    },
    [
      [
        ada.id,
        'settings.changed',
        'settings',
        { runDays: { from: 90, to: 30 }, hiddenFields: { added: ['pin'], removed: ['token'] } },
      ],
    ],
  ],
]

test('the first record of all is of the integration that was added', async () => {
  const [first] = await desk.db.query.audit.findMany()
  expect(first).toMatchObject({ actor: ada.id, action: 'integration.added', subject: 'helpdesk' })
  expect(JSON.parse(first?.details ?? '')).toEqual({
    title: 'helpdesk',
    version: '1',
    origins: ['https://helpdesk.example.com'],
    kind: 'openapi',
    baseUrl: 'https://helpdesk.example.com',
    document: 'pasted',
    operations: 5,
    tools: 5,
  })
})

test.each(CHANGES)('%s: that is what is recorded', async (_what, change, records) => {
  await change()
  expect(await recorded()).toEqual(records)
  expect(JSON.stringify(await desk.db.query.audit.findMany())).not.toContain(SECRET)
})

test('a rule that somebody changed meanwhile is neither changed nor removed, and nothing is recorded', async () => {
  await saveRule(rules(), BLOCK)
  const id = await ruleId()
  const [first, second] = await Promise.all([
    saveRule(rules(), { ...BLOCK, action: 'allow' }, id),
    removeRule(rules(), id),
  ])
  expect(first.ok).not.toBe(second.ok)
  expect(await recorded()).toHaveLength(2)
})

async function importWithoutCredential(slug: string): Promise<void> {
  const chunks = [new TextEncoder().encode(JSON.stringify(helpdeskDocument()))]
  const files = [{ chunks }]
  const begun = await beginImport(desk.deps, { origin: { kind: 'paste' }, files, by: ada.id })
  if (!begun.ok) throw new Error(begun.message)
  const { importId } = begun
  const methods = JSON.stringify([PUBLIC])
  await desk.db.run(
    sql`UPDATE imports SET preview = json_set(preview, '$.authMethods', json(${methods})) WHERE id = ${importId}`,
  )
  const given = { importId, slug, title: slug, baseUrl: MOVED.baseUrl, by: ada.id }
  const added = await Promise.all([addIntegration(desk.deps, given), addIntegration(desk.deps, given)])
  expect(added.filter(({ ok }) => ok)).toHaveLength(1)
}
