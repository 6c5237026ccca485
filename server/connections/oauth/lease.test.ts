// The refresh of a token in every order that isolates can come in, on one D1, with isolates that die at any step.
import { env } from 'cloudflare:test'
import {
  array,
  assert,
  asyncProperty,
  constantFrom,
  integer,
  option,
  record,
  type Scheduler,
  scheduler,
} from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { type ConnectionRow, findConnection } from '../../db/connections.ts'
import { type Database, openDatabase } from '../../db/database.ts'
import { freshDatabase } from '../../testing/database.ts'
import {
  bearerOf,
  createTokenServer,
  insertSignedIn,
  insertSignInParts,
  outboundTo,
  type Scripted,
  type TokenServer,
  vault,
} from '../../testing/token-server.ts'
import { placeOf } from '../attach.ts'
import { type OpenedCredential, openCredential } from '../open-credential.ts'
import { nextStep } from './lease.ts'

let db: Database

beforeAll(async () => {
  db = await freshDatabase()
  await insertSignInParts(db, 'desk')
  await env.DB.exec('CREATE TABLE stored_tokens (connection TEXT, version INTEGER, sealed TEXT)')
  await env.DB.exec(
    'CREATE TRIGGER log_tokens AFTER UPDATE OF sealed ON connections BEGIN INSERT INTO stored_tokens VALUES (new.id, new.token_version, new.sealed); END',
  )
})

const never = () => new Promise<never>(() => {})
/** As far as an isolate's clock may be off. */
const SKEW_MS = 120_000

interface IsolateSpec {
  skewMs: number
  calls: number
  /** Steps are D1's and the network's, each before and after; null lives. */
  diesAt: number | null
}

type Outcome = { token: string } | { reason: string }

class Isolate {
  readonly outcomes: Outcome[] = []
  isDead = false
  /** Its calls, or itself. */
  hasFinished = false
  #now: number
  #steps = 0
  /** Of the lease that it took last. */
  #epoch: number | undefined
  #die = () => {}
  readonly #died = new Promise<void>((resolve) => (this.#die = resolve))
  readonly #world: World
  readonly #spec: IsolateSpec

  constructor(world: World, spec: IsolateSpec) {
    this.#world = world
    this.#spec = spec
    this.#now = world.startedAt + spec.skewMs
  }

  /** Ends with its calls, or its death. */
  async live(): Promise<void> {
    const calls = async () => {
      for (let call = 0; call < this.#spec.calls; call++) this.outcomes.push(await this.#call())
    }
    await Promise.race([calls(), this.#died])
    this.hasFinished = this.isDead || this.outcomes.length === this.#spec.calls
  }

  /** What a call does: opens the credential, sends, and renews it once when it is refused. */
  async #call(): Promise<Outcome> {
    const { server, connection } = this.#world
    const deps = {
      db: openDatabase(this.#gatedD1()),
      vault,
      outbound: outboundTo((request) => this.#ask(request)),
      origin: 'https://executor.example.com',
      now: () => this.#now,
      sleep: async (ms: number) => {
        await this.#step()
        this.#now += ms
      },
    }
    const opened = await openCredential(deps, connection)
    const token = opened.ok ? await bearerOf(opened.credential) : undefined
    if (!opened.ok || server.isValid(token) || !opened.renew) return outcomeOf(opened)
    return outcomeOf(await opened.renew())
  }

  async #ask(request: Request): Promise<Response> {
    const { inFlight, server } = this.#world
    inFlight.add(this)
    this.#world.mostInFlight = Math.max(this.#world.mostInFlight, inFlight.size)
    try {
      await this.#step()
      const answer = await server.fetch(request)
      await this.#step()
      return answer
    } finally {
      inFlight.delete(this)
    }
  }

  /** Waits for its turn, or dies. */
  async #step(): Promise<void> {
    if (this.isDead) return never()
    await this.#world.turns.schedule(Promise.resolve())
    if (++this.#steps !== this.#spec.diesAt) return undefined
    this.isDead = true
    // By the clock of D1, its time is over some time later.
    await env.DB.prepare(
      'UPDATE connections SET refresh_until = 1 WHERE id = ? AND refresh_epoch = ? AND refresh_until > 1',
    )
      .bind(this.#world.connection.id, this.#epoch ?? -1)
      .run()
    this.#world.inFlight.delete(this)
    this.#die()
    return never()
  }

  #gatedD1(): D1Database {
    const own = new WeakMap<object, D1PreparedStatement>()
    const around = async (texts: string, work: () => Promise<unknown>) => {
      await this.#step()
      const result = await work()
      if (/refresh_epoch" \+ 1/.test(texts) && Array.isArray(result) && result.length > 0) {
        const id = this.#world.connection.id
        this.#epoch = (await findConnection(db, id))?.refreshEpoch
      }
      await this.#step()
      return result
    }
    const wrap = (statement: D1PreparedStatement, text: string): D1PreparedStatement => {
      const wrapped = new Proxy(statement, {
        get(target, key) {
          if (key === 'bind') return (...values: unknown[]) => wrap(target.bind(...values), text)
          const member: unknown = Reflect.get(target, key)
          if (typeof member !== 'function') return member
          return (...args: unknown[]) => around(text, async () => Reflect.apply(member, target, args))
        },
      })
      own.set(wrapped, statement)
      return wrapped
    }
    return new Proxy(env.DB, {
      get(target, key) {
        if (key === 'prepare') return (query: string) => wrap(target.prepare(query), query)
        if (key === 'batch') {
          return (statements: D1PreparedStatement[]) =>
            around('', () => target.batch(statements.map((statement) => own.get(statement) ?? statement)))
        }
        const member: unknown = Reflect.get(target, key)
        return typeof member === 'function' ? member.bind(target) : member
      },
    })
  }
}

interface World {
  server: TokenServer
  connection: ConnectionRow
  turns: Scheduler
  startedAt: number
  /** Whoever waits for the authorization server. */
  inFlight: Set<Isolate>
  mostInFlight: number
}

async function outcomeOf(opened: OpenedCredential): Promise<Outcome> {
  return opened.ok ? { token: (await bearerOf(opened.credential)) ?? '' } : { reason: opened.reason }
}

/** Every token that was ever stored, in order. */
async function storedTokens({
  id,
  owner,
}: ConnectionRow): Promise<{ token: string; refresh: string; version: number }[]> {
  const { results } = await env.DB.prepare(
    'SELECT version, sealed FROM stored_tokens WHERE connection = ? ORDER BY rowid',
  )
    .bind(id)
    .all<{ version: number; sealed: string }>()
  return Promise.all(
    results.map(async ({ version, sealed }) => {
      const opened = await vault.open(sealed, placeOf({ id, owner }))
      if (!opened.ok) throw new Error('What was stored does not open')
      return { version, token: String(opened.value['token']), refresh: String(opened.value['.refresh']) }
    }),
  )
}

const failure = (status: number) => () => new Response('<html>Not now</html>', { status })
const scripted = constantFrom<() => Scripted>(
  () => 'answer',
  () => 'answer',
  () => 'lose',
  failure(500),
  failure(429),
)
const isolates = array(
  record({
    skewMs: constantFrom(-SKEW_MS, 0, 0, SKEW_MS),
    calls: integer({ min: 1, max: 2 }),
    diesAt: option(integer({ min: 1, max: 16 }), { freq: 2 }),
  }),
  { minLength: 2, maxLength: 4 },
)

/** Lets the isolates live to their ends. */
async function play(
  turns: Scheduler,
  specs: readonly IsolateSpec[],
  script: readonly (() => Scripted)[],
  spent: 'accepted' | 'reuse',
) {
  const startedAt = Date.now()
  const server = createTokenServer({ spent })
  server.script = script.map((make) => make())
  const mayLose = server.script.includes('lose')
  const connection = await insertSignedIn(db, { integrationId: 'desk', tokenExpiresAt: startedAt - 1000 })
  const world: World = { server, connection, turns, startedAt, inFlight: new Set(), mostInFlight: 0 }
  const living = specs.map((spec) => new Isolate(world, spec))
  await turns.waitFor(Promise.all(living.map((isolate) => isolate.live())))
  const row = (await findConnection(db, connection.id)) ?? connection
  return { ...world, living, mayLose, row, tokens: await storedTokens(connection) }
}

/** What must not be, in words. */
function problemsOf({
  living,
  mayLose,
  mostInFlight,
  row,
  server,
  tokens,
}: Awaited<ReturnType<typeof play>>): string[] {
  const outcomes = living.flatMap((isolate) => isolate.outcomes)
  const isEnded =
    row.health === 'needs_sign_in' || outcomes.some((one) => 'reason' in one && one.reason === 'needs_sign_in')
  const isUndisturbed = !mayLose && living.every(({ isDead }) => !isDead)
  const found: [isProblem: boolean, problem: string][] = [
    [mostInFlight > 1, `${mostInFlight} refreshes at once`],
    [tokens.some(({ version }, index) => version !== index + 2), 'a token was stored in place of another'],
    [living.some((isolate) => !isolate.hasFinished), 'a call did not end'],
    [isEnded && server.refusals() === 0, 'a connection was ended that the server has not ended'],
    [!['ok', 'needs_sign_in'].includes(row.health), `it is ${row.health}`],
    // A spent token comes twice only after an answer was lost.
    [isUndisturbed && server.refusals() > 0, 'a token was used twice'],
    ...outcomes.map((one): [boolean, string] =>
      'token' in one
        ? [tokens.every(({ token }) => token !== one.token), `${one.token} was used before it was stored`]
        : [!['unavailable', 'needs_sign_in'].includes(one.reason), one.reason],
    ),
  ]
  return found.flatMap(([isProblem, problem]) => (isProblem ? [problem] : []))
}

/** Whoever comes when all is quiet has a token that works, or is told that the server has ended the grant, and why. */
async function problemsLater({ row, server, startedAt }: Awaited<ReturnType<typeof play>>): Promise<string[]> {
  server.script = []
  const now = () => startedAt + 7_200_000
  const later = await openCredential({ db, vault, outbound: outboundTo(server.fetch), now }, row)
  const stored = await findConnection(db, row.id)
  if (later.ok) return server.isValid(await bearerOf(later.credential)) ? [] : ['the token does not work']
  const isTold = later.reason === 'needs_sign_in' && later.message.startsWith('A refresh was interrupted')
  if (!server.isRevoked() || !isTold) return [`${later.reason}: ${later.message}`]
  return stored?.health === 'needs_sign_in' && stored.refreshUntil === null ? [] : ['what happened is not in the row']
}

test('in every order: one refresh at a time, no stored token is lost, every call ends, and only the server ends a grant', async () => {
  const met = { refreshes: 0, deaths: 0, ends: 0 }
  await assert(
    asyncProperty(
      scheduler(),
      isolates,
      array(scripted, { maxLength: 4 }),
      constantFrom('accepted' as const, 'reuse' as const),
      async (turns, specs, script, spent) => {
        const played = await play(turns, specs, script, spent)
        expect([...problemsOf(played), ...(await problemsLater(played))]).toEqual([])
        met.refreshes += played.tokens.length
        met.deaths += played.living.filter(({ isDead }) => isDead).length
        met.ends += played.server.isRevoked() ? 1 : 0
      },
    ),
    { numRuns: 80 },
  )
  // It has met what it is about.
  expect(Object.values(met).map((count) => count > 3)).toEqual([true, true, true])
}, 120_000)

test.each([
  ['another token was stored', { tokenVersion: 2 }, false, 'use'],
  ['it is typed now', { oauth: null }, false, 'use'],
  ['somebody asks', { refreshUntil: 9 }, true, 'wait'],
  ['nobody asks', {}, false, 'take'],
  ['its holder died', { refreshUntil: 9 }, false, 'take'],
  ['an earlier holder gave up', { refreshUntil: 0, refreshEpoch: 4 }, false, 'take'],
  ['the one that was waited for gave up', { refreshUntil: 0 }, false, 'given_up'],
  ['the one that was waited for was refused', {}, false, 'given_up', 5],
  ['the one that was waited for died', { refreshUntil: 9 }, false, 'take', 5],
  ['the grant is ended', { health: 'needs_sign_in' as const }, false, 'ended'],
] as const)('%s', async (_, change, isHeld, step, waitedFor?: number) => {
  const made = await insertSignedIn(db, { integrationId: 'desk', tokenExpiresAt: 1 })
  const connection = { ...made, refreshEpoch: 5, ...change }
  const waited = waitedFor ?? (step === 'given_up' ? 5 : undefined)
  expect(nextStep({ connection, isHeld }, 1, waited)).toBe(step)
})
