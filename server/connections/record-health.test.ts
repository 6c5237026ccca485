import { expect, test } from 'vitest'
import { findConnection } from '../db/connections.ts'
import { listNotifications } from '../db/notifications.ts'
import { putWebhookSetting } from '../db/webhook-setting.ts'
import { ada, type Helpdesk, openHelpdesk, ORIGIN } from '../testing/helpdesk.ts'
import { testConnection } from './manage.ts'
import { recordHealth } from './record-health.ts'

async function openBreakable() {
  let status = 200
  const helpdesk = await openHelpdesk(() => new Response('{"message":"Bad credentials"}', { status }))
  await putWebhookSetting(helpdesk.db, { value: {}, updatedBy: ada.id, updatedAt: 1 })
  const connection = await helpdesk.connect('work')
  const check = async (answered: number) => {
    status = answered
    const row = await findConnection(helpdesk.db, connection.id)
    if (!row) throw new Error('the connection is gone')
    await testConnection({ ...helpdesk.deps, principal: ada }, row)
  }
  return { helpdesk, connection, check }
}

const told = ({ db }: Helpdesk) => listNotifications(db, 20)

test('a connection that breaks is told once, with its reason and a link, and again after it worked', async () => {
  const { helpdesk, connection, check } = await openBreakable()
  expect(await told(helpdesk)).toEqual([])
  await check(401)
  await check(401)
  expect(await told(helpdesk)).toMatchObject([
    {
      event: 'connection.failing',
      state: 'pending',
      payload: {
        connectionId: connection.id,
        address: 'helpdesk@work',
        owner: 'org',
        reason: 'The API refused the credential (401). It says: Bad credentials',
        link: `${ORIGIN}/connections/${connection.id}`,
      },
    },
  ])
  await check(200)
  await check(403)
  expect(await told(helpdesk)).toHaveLength(2)
})

test('of several tests at once that find it broken, one tells', async () => {
  const { helpdesk, connection } = await openBreakable()
  const checked = { health: 'failing' as const, healthReason: 'no', checkedAt: 2 }
  await Promise.all([1, 2, 3].map(() => recordHealth(helpdesk.deps, connection, checked)))
  expect(await told(helpdesk)).toHaveLength(1)
})

test('without knowing its own address Executor stores the health and tells nobody', async () => {
  const { helpdesk, connection } = await openBreakable()
  await recordHealth({ db: helpdesk.db }, connection, { health: 'failing', healthReason: 'no', checkedAt: 2 })
  expect(await told(helpdesk)).toEqual([])
  expect(await findConnection(helpdesk.db, connection.id)).toMatchObject({ health: 'failing', healthReason: 'no' })
})
