import { sql } from 'drizzle-orm'
import { beforeEach, expect, test } from 'vitest'
import { EXECUTOR } from '../db/audit.ts'
import { openDatabase, type Database } from '../db/database.ts'
import { ALL_SEALED, countSealed, findRotation, SEALED_TABLES, type SealedRow, type SealedTable } from '../db/sealed.ts'
import { statement } from '../db/statement.ts'
import { freshDatabase } from '../testing/database.ts'
import { listUnopenable, rotateSecrets } from './rewrap.ts'
import { createVault, type Vault } from './seal.ts'

const OLD = '0123456789abcdeffedcba98765432100f1e2d3c4b5a69788796a5b4c3d2e1f0'
const NEW = 'fedcba98765432100123456789abcdeff0e1d2c3b4a5968778695a4b3c2d1e0f'
const LOST = '00112233445566778899aabbccddeefffedcba98765432100123456789abcdef'
const ADA = 'person:ada@example.com'

const before = createVault({ key: OLD })
const during = createVault({ key: NEW, previousKey: OLD })
const after = createVault({ key: NEW })

let db: Database

beforeEach(async () => {
  db = await freshDatabase()
})

/** The owner that a row of each table is sealed for. */
const OWNERS: Record<SealedTable, string> = {
  connections: 'person:grace@example.com',
  oauth_clients: 'org',
  oauth_flows: ADA,
  settings: 'org',
}

const placeOf = ({ table, row, owner }: Omit<SealedRow, 'sealed'>) => ({ table, row, owner })
const secretOf = (row: string) => ({ token: `secret of ${row}`, '.refresh': `ré ${row}` })

/** Rows with a secret of their own each, as the product would store them. */
async function store(table: SealedTable, ids: readonly string[], vault: Vault = before): Promise<void> {
  const owner = OWNERS[table]
  const rows = await Promise.all(
    ids.map(async (id) => [id, await vault.seal(secretOf(id), { table, row: id, owner })] as const),
  )
  const from = sql`FROM json_each(${JSON.stringify(rows)})`
  const inserts = {
    connections: sql`INSERT INTO connections (id, integration_id, slug, owner, method, "values", sealed, origins,
        token_version, created_by, created_at, updated_at)
      SELECT value ->> 0, 'int_1', value ->> 0, ${owner}, '{}', '{}', value ->> 1, '[]', 7, 'x', 1, 1 ${from}`,
    oauth_clients: sql`INSERT INTO oauth_clients (id, integration_id, server, kind, client_id, auth_method, sealed,
        redirect_uri, created_by, created_at, updated_at)
      SELECT value ->> 0, 'int_1', value ->> 0, 'own', 'x', 'none', value ->> 1, '', 'x', 1, 1 ${from}`,
    oauth_flows: sql`INSERT INTO oauth_flows (id, principal, integration_id, method_id, "grant", owner, slug, client,
        server, scopes, sealed, state, created_at, expires_at)
      SELECT value ->> 0, ${owner}, 'int_1', 'm', 'authorization_code', 'org', 's', 'c', '{}', '[]', value ->> 1,
        'open', 1, 2 ${from}`,
    settings: sql`INSERT INTO settings (name, value, updated_by, updated_at)
      SELECT value ->> 0, json_object('host', 'https://hooks.example.com', 'sealed', value ->> 1), 'x', 1 ${from}`,
  }
  await statement(db, inserts[table])
}

async function rewrite(table: SealedTable, row: string, sealed: string): Promise<void> {
  await statement(
    db,
    table === 'settings'
      ? sql`UPDATE settings SET value = json_set(value, '$.sealed', ${sealed}) WHERE name = ${row}`
      : sql`UPDATE ${sql.raw(table)} SET sealed = ${sealed} WHERE id = ${row}`,
  )
}

function allSealed(): Promise<SealedRow[]> {
  return db.all(sql.raw(`SELECT * FROM (${ALL_SEALED}) ORDER BY "table", "row"`))
}

const numbered = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}_${index}`)

function rotate(options: Partial<Parameters<typeof rotateSecrets>[1]> = {}, vault: Vault = during) {
  return rotateSecrets({ db, vault }, { by: ADA, until: Date.now() + 60_000, ...options })
}

function audited(): Promise<{ actor: string; action: string; details: string }[]> {
  return db.all(sql`SELECT actor, action, details FROM audit WHERE action LIKE 'encryption.%' ORDER BY sequence`)
}

/** Every secret of every table opens with the new key alone, and is the one that was stored. */
async function expectAllOpenWith(vault: Vault, count: number): Promise<void> {
  const rows = await allSealed()
  expect(rows).toHaveLength(count)
  for (const row of rows) {
    expect(await vault.open(row.sealed, placeOf(row))).toEqual({ ok: true, value: secretOf(row.row) })
  }
}

async function storeThousand(): Promise<void> {
  await store('connections', numbered('con', 900))
  await store('oauth_clients', numbered('ocl', 49))
  await store('oauth_flows', numbered('ofl', 50))
  await store('settings', ['webhook'])
}

test('1,000 secrets whose rotation is interrupted half way and resumed all open with the new key alone', async () => {
  await storeThousand()
  const keys = await during.keyIds()
  expect(await countSealed(db, keys)).toEqual({ current: 0, previous: 1000, other: 0 })

  // The isolate goes away in the middle of the sixth batch: read, sealed, and not written.
  let trips = 0
  const mortal = openDatabase(db.$client, {
    onQuery: () => {
      if (++trips > 10) throw new Error('killed')
    },
  })
  await expect(rotateSecrets({ db: mortal, vault: during }, { by: ADA, until: Date.now() + 60_000 })).rejects.toThrow(
    /Failed query/,
  )
  expect(await countSealed(db, keys)).toEqual({ current: 500, previous: 500, other: 0 })
  expect(await findRotation(db, keys)).toMatchObject({ startedBy: ADA })
  // Everything works meanwhile.
  await expectAllOpenWith(during, 1000)

  expect(await rotate({ by: EXECUTOR })).toEqual({ renewed: 500, overtaken: 0, failed: [], isComplete: true })
  expect(await countSealed(db, keys)).toEqual({ current: 1000, previous: 0, other: 0 })
  await expectAllOpenWith(after, 1000)
  expect(await findRotation(db, keys)).toBeNull()
  expect(await audited()).toMatchObject([
    {
      actor: ADA,
      action: 'encryption.rotation_started',
      details: JSON.stringify({ from: keys.previous, to: keys.current }),
    },
    { actor: EXECUTOR, action: 'encryption.rotation_finished' },
  ])
})

test('one call does a bounded amount, and the next goes on where it ended', async () => {
  await store('connections', numbered('con', 25))
  expect(await rotate({ batches: 2, batchSize: 10 })).toMatchObject({ renewed: 20, isComplete: false })
  expect(await rotate({ batches: 2, batchSize: 10 })).toMatchObject({ renewed: 5, isComplete: true })
  // Time is over: still one batch, so that every call gets further.
  await store('oauth_clients', numbered('ocl', 25))
  expect(await rotate({ until: 0, batchSize: 10 })).toMatchObject({ renewed: 10, isComplete: false })
})

test('nothing of a row changes but the sealed text', async () => {
  await storeThousand()
  const rows = async () => ({
    connections: (await db.$client.prepare('SELECT * FROM connections WHERE id = ?').bind('con_5').first()) ?? {},
    settings: (await db.$client.prepare("SELECT * FROM settings WHERE name = 'webhook'").first()) ?? {},
  })
  const was = await rows()
  await rotate()
  const is = await rows()
  expect(is.connections.sealed).not.toBe(was.connections.sealed)
  expect({ ...is.connections, sealed: null }).toEqual({ ...was.connections, sealed: null })
  expect(is.connections.token_version).toBe(7)
  expect(is.settings.updated_at).toBe(was.settings.updated_at)
  expect(JSON.parse(String(is.settings.value))).toMatchObject({ host: 'https://hooks.example.com' })
})

test.each(SEALED_TABLES)('what changes meanwhile in %s keeps the newer secret', async (table) => {
  await store(table, ['a', 'b'])
  const place = { table, row: 'a', owner: OWNERS[table] }
  const newer = await during.seal({ token: 'newer' }, place)
  // Between the reading of the batch and its writing.
  let isFirst = true
  const racing: Vault = {
    ...during,
    async seal(value, at) {
      if (isFirst) await rewrite(table, 'a', newer)
      isFirst = false
      return during.seal(value, at)
    },
  }
  expect(await rotate({}, racing)).toEqual({ renewed: 1, overtaken: 1, failed: [], isComplete: true })
  const [first] = await allSealed()
  expect(first?.sealed).toBe(newer)
})

test('several at once do it once, and it is on record once', async () => {
  await store('connections', numbered('con', 200))
  const all = await Promise.all(['one', 'two', 'three'].map((by) => rotate({ by, batchSize: 50 })))
  expect(all.reduce((sum, one) => sum + (one?.renewed ?? 0), 0)).toBe(200)
  await expectAllOpenWith(after, 200)
  expect((await audited()).map(({ action }) => action)).toEqual([
    'encryption.rotation_started',
    'encryption.rotation_finished',
  ])
})

test('without a previous key, or with the same one, nothing is asked of the database', async () => {
  await store('connections', ['a'])
  const silent = openDatabase(db.$client, {
    onQuery: () => {
      throw new Error('asked')
    },
  })
  for (const vault of [after, createVault({ key: NEW, previousKey: NEW })]) {
    expect(await rotateSecrets({ db: silent, vault }, { by: ADA, until: Date.now() + 1000 })).toBeNull()
  }
})

/** Flips one bit in the middle of the ciphertext. */
function flipped(sealed: string): string {
  const bytes = Buffer.from(sealed.slice(12), 'base64url')
  bytes[20] = (bytes[20] ?? 0) ^ 1
  return sealed.slice(0, 12) + bytes.toString('base64url')
}

const ATTACKS: Record<string, (rows: Map<string, SealedRow>, victim: SealedRow) => string | undefined> = {
  'moved from another row': (rows, { table }) => rows.get(`${table} b`)?.sealed,
  'moved from another table': (rows, { table }) =>
    rows.get(`${table === 'connections' ? 'oauth_clients' : 'connections'} a`)?.sealed,
  truncated: (_, { sealed }) => sealed.slice(0, -4),
  'truncated to its key': (_, { sealed }) => sealed.slice(0, 12),
  'with a flipped bit': (_, { sealed }) => flipped(sealed),
  'sealed for another owner': () => undefined,
}

for (const [name, attack] of Object.entries(ATTACKS)) {
  test.each(SEALED_TABLES)(
    `a ciphertext of %s that was ${name} does not open, and is not made to by a rotation`,
    async (table) => {
      for (const each of SEALED_TABLES) await store(each, ['a', 'b'])
      const rows = new Map((await allSealed()).map((row) => [`${row.table} ${row.row}`, row]))
      const victim = rows.get(`${table} a`)
      if (!victim) throw new Error('there is no such row')
      const sealed =
        attack(rows, victim) ??
        (await before.seal({ token: 'x' }, { ...placeOf(victim), owner: 'person:eve@example.com' }))
      await rewrite(table, 'a', sealed)

      expect(await during.open(sealed, placeOf(victim))).toMatchObject({ ok: false })
      const rotated = await rotate()
      expect(rotated).toMatchObject({ renewed: 7, isComplete: true })
      const stored = (await allSealed()).find((row) => row.table === table && row.row === 'a')
      expect(stored?.sealed).toBe(sealed)
      // A sign-in that was begun is over soon, and nobody repairs it.
      const listed = table === 'oauth_flows' ? [] : [{ table, row: 'a' }]
      expect(await listUnopenable({ db, vault: during }, 10)).toMatchObject(listed)
    },
  )
}

test('what does not open is counted, named and left alone, and does not keep the rest', async () => {
  await store('connections', numbered('con', 30))
  await store('connections', ['lost'], createVault({ key: LOST }))
  for (const row of numbered('con', 12)) {
    const stored = (await allSealed()).find((one) => one.row === row)
    await rewrite('connections', row, flipped(stored?.sealed ?? ''))
  }
  const keys = await during.keyIds()
  const rotated = await rotate({ batchSize: 5 })
  expect(rotated).toMatchObject({ renewed: 18, isComplete: true })
  expect(rotated?.failed).toHaveLength(12)
  expect(rotated?.failed[0]).toEqual({
    table: 'connections',
    row: expect.stringMatching(/^con_\d+$/),
    reason: 'damaged',
  })
  expect(await countSealed(db, keys)).toEqual({ current: 18, previous: 12, other: 1 })
  expect((await audited()).at(-1)?.details).toContain('"doNotOpen":12')
  // Cron comes every minute: nothing more is recorded.
  await rotate({ by: EXECUTOR })
  expect(await audited()).toHaveLength(2)

  const unopenable = await listUnopenable({ db, vault: during }, 50)
  expect(unopenable).toHaveLength(13)
  expect(unopenable.find(({ row }) => row === 'lost')?.reason).toBe('unknown_key')
  expect(JSON.stringify(unopenable)).not.toContain('v1.')
})

test('what cannot be a sealed text is found as well', async () => {
  await store('connections', ['a', 'b'])
  await rewrite('connections', 'a', '{"token":"in plain"}')
  await statement(db, sql`INSERT INTO settings VALUES ('odd', 'not json', 'x', 1), ('list', '[1]', 'x', 1)`)
  expect(await rotate()).toMatchObject({ renewed: 1, isComplete: true })
  expect(await countSealed(db, await during.keyIds())).toEqual({ current: 1, previous: 0, other: 1 })
  expect(await listUnopenable({ db, vault: during }, 10)).toMatchObject([{ row: 'a', reason: 'malformed' }])
})

test('large secrets go in batches that D1 takes', async () => {
  const large = { token: 'x'.repeat(60_000) }
  await store('connections', numbered('con', 12))
  for (const row of numbered('con', 12)) {
    const place = { table: 'connections', row, owner: OWNERS.connections }
    await rewrite('connections', row, await before.seal(large, place))
  }
  expect(await rotate()).toMatchObject({ renewed: 12, isComplete: true })
  expect(await countSealed(db, await during.keyIds())).toMatchObject({ current: 12 })
})
