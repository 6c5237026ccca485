// An isolate that dies: from the n-th step on nothing it does comes to anything, as if the platform had taken it away.
import { createOutbound } from '../net/outbound.ts'
import { openDatabase } from '../db/database.ts'
import type { Helpdesk } from './helpdesk.ts'
import { createWorkerEngine } from './worker-engine.ts'

export interface Mortal {
  deps: Helpdesk['deps']
  /** Resolves at the step at which it dies. */
  died: Promise<void>
  /** Steps so far: each round trip to D1 and each exchange with the upstream is two, before and after. */
  steps: () => number
}

const never = () => new Promise<never>(() => {})

export function mortal(desk: Helpdesk, diesAt: number, upstream: (request: Request) => Promise<Response>): Mortal {
  let steps = 0
  let isDead = false
  let die = () => {}
  const died = new Promise<void>((resolve) => (die = resolve))
  const gate = async (): Promise<void> => {
    if (isDead) return never()
    steps++
    if (steps < diesAt) return
    isDead = true
    die()
    return never()
  }
  const around = async <T>(work: () => Promise<T>): Promise<T> => {
    await gate()
    const done = await work()
    await gate()
    return done
  }
  const outbound = createOutbound({
    allowLocalNetwork: false,
    fetch: (request) => around(() => upstream(request)),
    resolver: async () => ({ ok: true, addresses: ['93.184.215.14'] }),
  })
  // What dies takes its sandboxes with it.
  const engine = createWorkerEngine()
  const deps = { ...desk.deps, db: openDatabase(gated(desk.db.$client, around)), outbound, engine }
  return { deps, died, steps: () => steps }
}

function gated(d1: D1Database, around: <T>(work: () => Promise<T>) => Promise<T>): D1Database {
  const own = new WeakMap<object, D1PreparedStatement>()
  const wrap = (statement: D1PreparedStatement): D1PreparedStatement => {
    const wrapped = new Proxy(statement, {
      get(target, key) {
        if (key === 'bind') return (...values: unknown[]) => wrap(target.bind(...values))
        const member: unknown = Reflect.get(target, key)
        if (typeof member !== 'function') return member
        return (...args: unknown[]) => around(async () => Reflect.apply(member, target, args))
      },
    })
    own.set(wrapped, statement)
    return wrapped
  }
  return new Proxy(d1, {
    get(target, key) {
      if (key === 'prepare') return (query: string) => wrap(target.prepare(query))
      if (key === 'batch') {
        return (statements: D1PreparedStatement[]) =>
          around(() => target.batch(statements.map((statement) => own.get(statement) ?? statement)))
      }
      const member: unknown = Reflect.get(target, key)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}
