// Queries that a program asks in parallel, of one endpoint through one connection, go out as one request. Each keeps its
// own answer; what that request brings for none of them is asked for once more, each query alone.
import type { CallContext, Fetch } from '../adapter.ts'
import { readAnswer, type Answer } from './answer.ts'
import { buildRequest, filesIn } from './build-request.ts'
import { combineOperations } from './combine-operations.ts'
import type { Operation, Planned } from './operation.ts'

/** What is remembered of an endpoint: it takes queries alone and not together. */
const ALONE = 'graphql.alone'
const MAX_OPERATIONS = 10
/** Of the queries in one request, in characters: endpoints bound what they parse. */
const MAX_LENGTH = 20_000
/** One slow field holds up all of them. After this they go alone, with most of their time left. */
const PATIENCE_MS = 15_000

/** Without an answer the query is sent alone, and `succeeded` is told when that went well. */
export type Shared = { answer: Answer; sentWith: Fetch } | { answer?: undefined; succeeded?: () => void }

interface Waiting {
  operation: Operation
  fetch: Fetch
  settle: (shared: Shared) => void
}

/** Of this run and connection; null where its queries are sent alone. */
export function gatheringOf(endpoint: string, { together, memory }: CallContext): Gathering | null {
  if (together === undefined || memory.has(ALONE)) return null
  const known = together.get(memory)
  if (known instanceof Gathering) return known
  const made = new Gathering(endpoint, memory)
  together.set(memory, made)
  return made
}

export class Gathering {
  readonly #endpoint: string
  readonly #memory: Map<string, unknown>
  /** Queries that are being planned. */
  #coming = 0
  #waiting: Waiting[] = []

  constructor(endpoint: string, memory: Map<string, unknown>) {
    this.#endpoint = endpoint
    this.#memory = memory
  }

  /** Waits for those that were begun meanwhile; whichever is planned last lets all of them go. */
  async join(planning: Promise<Planned>, fetch: Fetch): Promise<Shared> {
    this.#coming++
    const planned = await planning.catch(() => null)
    this.#coming--
    setTimeout(() => this.#send(), 0)
    if (!planned?.ok || filesIn(planned.operation.variables).length > 0) return {}
    const { operation } = planned
    return new Promise((settle) => this.#waiting.push({ operation, fetch, settle }))
  }

  #send(): void {
    if (this.#coming > 0) return
    let group: Waiting[] = []
    let length = 0
    for (const each of this.#waiting.splice(0)) {
      length += each.operation.query.length
      if (group.length === MAX_OPERATIONS || length > MAX_LENGTH) {
        void this.#sendGroup(group)
        group = []
        length = each.operation.query.length
      }
      group.push(each)
    }
    void this.#sendGroup(group)
  }

  async #sendGroup(group: readonly Waiting[]): Promise<void> {
    const [first, second] = group
    if (first === undefined) return
    if (second === undefined) return first.settle({})
    const answers = await this.#ask(group, first.fetch).catch(() => null)
    let failing = group.length
    const succeeded = () => {
      if (--failing === 0) this.#memory.set(ALONE, true)
    }
    for (const [index, { settle }] of group.entries()) {
      const answer = answers?.[index]
      settle(answer ? { answer, sentWith: first.fetch } : { succeeded })
    }
  }

  /** Whatever it rejects with, a query that is sent alone will come to it too. */
  async #ask(group: readonly Waiting[], fetch: Fetch): Promise<(Answer | null)[] | null> {
    const combined = combineOperations(group.map(({ operation }) => operation))
    const built = combined && (await buildRequest(this.#endpoint, combined, { method: 'POST', isPersisted: false }))
    if (!built) return null
    const request = new Request(built, { signal: AbortSignal.timeout(PATIENCE_MS) })
    const answer = await readAnswer(await fetch(request), this.#endpoint)
    if (answer.is === 'answer') return combined.split(answer)
    return answer.error.code === 'rate_limited' ? group.map(() => answer) : null
  }
}
