import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { createVault } from '../connections/seal.ts'
import { countSealed } from '../db/sealed.ts'
import { ada, openHelpdesk, SECRET } from '../testing/helpdesk.ts'
import { saveWebhook } from './change-webhook.ts'
import { executeRun } from './execute.ts'
import { tend } from './tend.ts'
import { openWebhook } from './webhook.ts'

const OLD = 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY='
const NEW = 'fedcba98765432100123456789abcdeff0e1d2c3b4a5968778695a4b3c2d1e0f'

test('after the key was changed, cron seals everything again, and all of it works with the new key alone', async () => {
  const desk = await openHelpdesk()
  await desk.connect('main')
  const admin = { ...desk.deps, principal: ada, allowLocalNetwork: false }
  const url = 'https://hooks.example.com/services/T0/B0/x'
  expect(await saveWebhook(admin, { url, format: 'json' })).toMatchObject({ ok: true })

  const during = { ...desk.deps, vault: createVault({ key: NEW, previousKey: OLD }) }
  await tend(during)
  expect(await countSealed(desk.db, await during.vault.keyIds())).toEqual({ current: 2, previous: 0, other: 0 })
  const actions = await desk.db.all(
    sql`SELECT actor, action FROM audit WHERE action LIKE 'encryption.%' ORDER BY sequence`,
  )
  expect(actions).toEqual([
    { actor: 'executor', action: 'encryption.rotation_started' },
    { actor: 'executor', action: 'encryption.rotation_finished' },
  ])

  const after = { ...desk.deps, vault: createVault({ key: NEW }) }
  expect(await openWebhook(after)).toMatchObject({ ok: true, secrets: { url } })
  const code = 'return (await tools.helpdesk.tickets.list({})).length'
  const run = await executeRun(after, { principal: ada, client: 'test 1.0', code })
  expect(run).toMatchObject({ state: 'succeeded', value: 2 })
  expect(desk.received.at(-1)?.headers.get('authorization')).toBe(`Bearer ${SECRET}`)
})
