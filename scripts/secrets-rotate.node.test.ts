import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createVault } from '../server/connections/seal.ts'
import { ROOT } from './root.ts'
import { migrateDatabase } from './wrangler.ts'
import { withValues } from './wrangler-d1.ts'

const OLD = '0123456789abcdeffedcba98765432100f1e2d3c4b5a69788796a5b4c3d2e1f0'
const NEW = 'fedcba98765432100123456789abcdeff0e1d2c3b4a5968778695a4b3c2d1e0f'
const KEYS = { EXECUTOR_SECRET_KEY: NEW, EXECUTOR_SECRET_KEY_PREVIOUS: OLD }
const SLOW_MS = 120_000

const folder = mkdtempSync(join(tmpdir(), 'secrets-rotate-'))
const state = join(folder, 'state')
const asked = join(folder, 'asked')

beforeAll(async () => {
  await migrateDatabase(ROOT, state)
  // Before the real wrangler in PATH: notes how it was called, and plays the account with the local database.
  const shim = `#!/bin/sh
printf '%s\\n' "$*" "env:$EXECUTOR_SECRET_KEY$EXECUTOR_SECRET_KEY_PREVIOUS" >> '${asked}'
for arg; do shift; if [ "$arg" = --remote ]; then set -- "$@" --local --persist-to '${state}'; else set -- "$@" "$arg"; fi; done
exec '${join(ROOT, 'node_modules/.bin/wrangler')}' "$@"
`
  writeFileSync(join(folder, 'wrangler'), shim)
  chmodSync(join(folder, 'wrangler'), 0o755)
}, SLOW_MS)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function database(): DatabaseSync {
  const path = join(state, 'v3/d1/miniflare-D1DatabaseObject')
  const file = readdirSync(path).find((name) => /^[0-9a-f]+\.sqlite$/.test(name))
  return new DatabaseSync(join(path, String(file)), { timeout: 5000 })
}

/** As many connections, whose secrets the previous key has sealed. */
async function store(count: number): Promise<void> {
  const vault = createVault({ key: OLD })
  const db = database()
  db.exec('DELETE FROM connections; DELETE FROM audit; DELETE FROM settings')
  const insert =
    db.prepare(`INSERT INTO connections (id, integration_id, slug, owner, method, "values", sealed, origins,
    created_by, created_at, updated_at) VALUES (?, 'int_1', ?, 'org', '{}', '{}', ?, '[]', 'x', 1, 1)`)
  for (let index = 0; index < count; index++) {
    const row = `con_${index}`
    const place = { table: 'connections', row, owner: 'org' }
    insert.run(row, row, await vault.seal({ token: `it's the secret? of ${row}` }, place))
  }
  db.close()
}

/** How many open with the new key alone, and are what was stored. */
async function countRenewed(): Promise<number> {
  const vault = createVault({ key: NEW })
  const db = database()
  const rows = db.prepare('SELECT id, sealed FROM connections').all()
  db.close()
  let count = 0
  for (const { id, sealed } of rows) {
    const place = { table: 'connections', row: String(id), owner: 'org' }
    const opened = await vault.open(String(sealed), place)
    if (opened.ok && opened.value.token === `it's the secret? of ${String(id)}`) count++
  }
  return count
}

async function rotate(
  args: readonly string[],
  { env = KEYS, killAt }: { env?: Record<string, string>; killAt?: RegExp } = {},
) {
  const child = spawn(process.execPath, [join(ROOT, 'scripts/secrets-rotate.ts'), ...args], {
    env: {
      PATH: [folder, join(ROOT, 'node_modules/.bin'), process.env.PATH].join(delimiter),
      HOME: folder,
      WRANGLER_LOG_PATH: join(folder, 'logs'),
      ...env,
    },
  })
  let said = ''
  const keep = (chunk: Buffer) => {
    said += chunk.toString()
    if (killAt?.test(said)) child.kill('SIGKILL')
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const [code]: unknown[] = await once(child, 'close')
  return { code, said }
}

beforeEach(() => writeFileSync(asked, ''))

test(
  'without --apply it counts, changes nothing, and shows no key to anybody',
  async () => {
    await store(3)
    const { code, said } = await rotate(['--state', state])
    expect(said).toMatch(/key in use +[\w-]{8} +0 secrets\n +previous key +[\w-]{8} +3 secrets/)
    expect(said).toContain('Nothing was changed. With --apply')
    expect(code).toBe(0)
    expect(await countRenewed()).toBe(0)
    const seen = said + readFileSync(asked, 'utf8')
    for (const key of [OLD, NEW]) expect(seen).not.toContain(key)
    expect(seen).toContain('env:\n')
  },
  SLOW_MS,
)

test(
  'killed half way and started again, it seals every secret with the new key',
  async () => {
    await store(150)
    await rotate(['--state', state, '--apply'], { killAt: /Sealed again: 100/ })
    const half = await countRenewed()
    expect(half).toBeGreaterThanOrEqual(100)
    expect(half).toBeLessThan(150)

    const { code, said } = await rotate(['--state', state, '--apply'])
    expect(said).toMatch(/key in use +[\w-]{8} +150 secrets\n +previous key +[\w-]{8} +0 secrets/)
    expect(said).toContain('remove EXECUTOR_SECRET_KEY_PREVIOUS from the Worker')
    expect(code).toBe(0)
    expect(await countRenewed()).toBe(150)
    const db = database()
    expect(db.prepare('SELECT actor, action FROM audit ORDER BY sequence').all()).toEqual([
      { actor: 'executor', action: 'encryption.rotation_started' },
      { actor: 'executor', action: 'encryption.rotation_finished' },
    ])
    db.close()
    const seen = said + readFileSync(asked, 'utf8')
    for (const key of [OLD, NEW, 'the secret']) expect(seen).not.toContain(key)
  },
  SLOW_MS,
)

test(
  'with --remote it asks the deployed database, and names what does not open',
  async () => {
    await store(4)
    const db = database()
    db.exec("UPDATE connections SET sealed = substr(sealed, 1, length(sealed) - 4) WHERE id = 'con_2'")
    db.close()
    const { code, said } = await rotate(['--remote', '--apply'])
    expect(said).toContain('The deployed database:')
    expect(said).toContain('con_2): changed, cut off or moved')
    expect(code).toBe(1)
    expect(await countRenewed()).toBe(3)
    const calls = readFileSync(asked, 'utf8').match(/d1 execute executor \S+/g) ?? []
    expect(calls.length).toBeGreaterThan(3)
    expect(new Set(calls)).toEqual(new Set(['d1 execute executor --remote']))
  },
  SLOW_MS,
)

test('what is missing or wrong is said in one sentence, without the key', async () => {
  const typed = 'hunter2-hunter2'
  for (const [args, env, said] of [
    [[], { EXECUTOR_SECRET_KEY: NEW }, 'EXECUTOR_SECRET_KEY_PREVIOUS is not set'],
    [[], { ...KEYS, EXECUTOR_SECRET_KEY: typed }, 'EXECUTOR_SECRET_KEY is not a key'],
    [[], { ...KEYS, EXECUTOR_SECRET_KEY_PREVIOUS: NEW }, 'is the same key'],
    [['--now'], KEYS, 'npm run secrets:rotate'],
    [['--remote', '--state', 'x'], KEYS, 'npm run secrets:rotate'],
  ] as const) {
    const ran = await rotate(args, { env: { ...env } })
    expect(ran).toMatchObject({ code: 1, said: expect.stringContaining(said) })
    expect(ran.said.trim().split('\n')).toHaveLength(1)
    for (const secret of [typed, NEW, OLD]) expect(ran.said).not.toContain(secret)
  }
  expect(readFileSync(asked, 'utf8')).toBe('')
})

test('values go where placeholders are, and nowhere else', () => {
  const query = `SELECT '?' AS "a?", 'it''s ?' WHERE x GLOB 'v1.????' AND y = ? AND z IN (?, ?)`
  expect(withValues(query, ["o'clock?; DROP TABLE audit --", 7, null])).toBe(
    `SELECT '?' AS "a?", 'it''s ?' WHERE x GLOB 'v1.????' AND y = 'o''clock?; DROP TABLE audit --' AND z IN (7, NULL)`,
  )
  expect(() => withValues('SELECT ?', [new Uint8Array()])).toThrow(/only numbers/)
})
