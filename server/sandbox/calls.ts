// What a program has asked of the host and not been told yet. Requests are numbered as they are asked and handed to the
// host in that order; replies are handed on one by one in the order in which the host settles them.
import type { ToolErrorShape } from './tool-error.ts'

export type HostRequest =
  /** `paged`: as one of several pages, which is for reads only. */
  | { kind: 'tool'; address: string; connection?: string; input: unknown; raw: boolean; paged?: true }
  | { kind: 'search'; input: unknown }
  | { kind: 'describe'; input: unknown }
  | { kind: 'results'; run: string }
  | { kind: 'timer'; ms: number }

/**
 * `at` is the clock at settling, in epoch milliseconds. For a tool, `value` is `{ status, headers, data, next?, errors? }`;
 * `next` is the input that asks for the page after it. A held
 * request stays unanswered in this evaluation: a person has to decide, and a later replay answers it.
 */
export type HostReply = ({ ok: true; value: unknown } | { ok: false; error: ToolErrorShape } | { held: true }) & {
  at: number
}

/** `number` counts from 1 in the order asked. A rejection is a surprise and rejects `evaluate`. */
export type HostCall = (request: HostRequest, number: number) => Promise<HostReply>

export interface Settled {
  number: number
  reply: Exclude<HostReply, { held: true }>
}

export class Calls {
  /** Numbers of the held requests, in the order in which they were held. */
  readonly held: number[] = []
  readonly #call: HostCall
  readonly #most: number
  readonly #settled: Settled[] = []
  #asked = 0
  #delivered = 0
  #inFlight = 0
  #timers = 0
  #surprise: { error: unknown } | undefined
  #wake = () => {}

  constructor(call: HostCall, { calls }: { calls: number }) {
    this.#call = call
    this.#most = calls
  }

  /** Returns the request's number, or 0 when the run has asked as often as it may. */
  ask(request: HostRequest): number {
    if (this.#asked >= this.#most) return 0
    const number = ++this.#asked
    if (request.kind === 'timer') {
      this.#timers++
      this.#send(request, number, () => this.#timers--)
    } else {
      this.#inFlight++
      this.#send(request, number, () => this.#inFlight--)
    }
    return number
  }

  /** The number of the last request. */
  get asked(): number {
    return this.#asked
  }

  /** How many replies were handed on. */
  get delivered(): number {
    return this.#delivered
  }

  /** Whether anything but a timer is still on its way. */
  get isBusy(): boolean {
    return this.#inFlight > 0 || this.#settled.length > 0
  }

  get isTiming(): boolean {
    return this.#timers > 0
  }

  /** The next reply, or undefined when the reply was that the request is held. Throws the host's surprise. */
  async next(): Promise<Settled | undefined> {
    const isHeldAlready = this.held.length
    while (this.#settled.length === 0 && this.#surprise === undefined && this.held.length === isHeldAlready) {
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
    if (this.#surprise !== undefined) throw this.#surprise.error
    const settled = this.#settled.shift()
    if (settled !== undefined) this.#delivered++
    return settled
  }

  #send(request: HostRequest, number: number, onAnswer: () => void): void {
    void this.#answer(request, number).finally(() => {
      onAnswer()
      this.#wake()
    })
  }

  async #answer(request: HostRequest, number: number): Promise<void> {
    // Not in this turn: the interpreter is on the stack, and a host that throws must not throw through it.
    await Promise.resolve()
    try {
      const reply = await this.#call(request, number)
      if ('held' in reply) this.held.push(number)
      else this.#settled.push({ number, reply })
    } catch (error) {
      this.#surprise ??= { error }
    }
  }
}
