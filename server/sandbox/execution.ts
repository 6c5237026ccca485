// One program in one machine: starts it, runs what is ready, hands replies in, and reads what became of it. Everything
// that enters or leaves the interpreter passes here.
import type { Calls, HostRequest, Settled } from './calls.ts'
import { bodyOf, locate, PROGRAM_FILE, type Program } from './compile.ts'
import { compute, decodeText } from './compute.ts'
import type { Machine } from './engine.ts'
import { explain, type Thrown } from './explain.ts'
import type { Handle, HostFunction, Result } from './interpreter.ts'
import type { Limits } from './limits.ts'
import type { Outbox } from './outbox.ts'
import { PRELUDE, type PreludeSettings } from './prelude.ts'
import { PRELUDE_WEB } from './prelude-web.ts'
import type { ProgramError } from './tool-error.ts'
import { type EncodedValue, encodeValue } from './values.ts'

/** JS_EVAL_FLAG_STRICT | JS_EVAL_FLAG_ASYNC: top-level `await`, and a promise of `{ value }`. */
const STRICT_ASYNC = 8 | 128
const STRICT = 8
const FULL_TANK = 2 ** 31 - 1
const JOBS_AT_ONCE = 32
const STEPS_BETWEEN_BREATHS = 10_000_000

export type Outcome =
  | { state: 'pending' }
  | { state: 'succeeded'; value: unknown }
  | { state: 'failed'; error: ProgramError }

export class Execution {
  readonly #machine: Machine
  readonly #limits: Limits
  readonly #calls: Calls
  readonly #program: Program
  readonly #code: string
  readonly #outbox: Outbox
  #isBody = false
  #isInterrupted = false
  #isReporting = false
  #controls: Handle | undefined
  #main: Handle | undefined
  #result: Handle | undefined
  #failure: ProgramError | undefined

  constructor(parts: {
    machine: Machine
    program: Program
    code: string
    calls: Calls
    outbox: Outbox
    limits: Limits
  }) {
    this.#machine = parts.machine
    this.#program = parts.program
    this.#code = parts.code
    this.#calls = parts.calls
    this.#outbox = parts.outbox
    this.#limits = parts.limits
  }

  /** Units of fuel that the program used. */
  get steps(): number {
    return Math.min(this.#limits.steps, Math.max(0, this.#budget - this.#machine.fuel.value))
  }

  get #budget(): number {
    return this.#limits.steps + this.#reserveSteps
  }

  /** Kept back: built-ins that never poll run into it and trap; otherwise it pays for the error's text. */
  get #reserveSteps(): number {
    return Math.max(5_000_000, this.#limits.steps / 5)
  }

  #isOverBudget(): boolean {
    if (this.#isReporting || this.#machine.fuel.value > this.#reserveSteps) return false
    this.#isInterrupted = true
    return true
  }

  start(settings: { seed: string; now: number }): void {
    const { interpreter, fuel } = this.#machine
    const prelude: PreludeSettings = { ...this.#limits, ...settings, fileMarker: this.#outbox.marker }
    const setUp = this.#valueOf(interpreter.evalCode(PRELUDE, 'prelude.js', STRICT))
    const text = interpreter.newString(JSON.stringify(prelude))
    this.#controls = this.#valueOf(interpreter.callFunction(setUp, interpreter.undefined, this.#createHost(), text))
    interpreter.setInterruptHandler(() => this.#isOverBudget())
    fuel.value = this.#budget
    this.#enter(() => {
      const script = interpreter.evalCode(this.#program.script, PROGRAM_FILE, STRICT_ASYNC)
      const main = script.error && this.#hasReturn(script.error) ? this.#evaluateBody() : script
      if (main.error) return this.#fail(main.error)
      this.#main = main.value
      this.#result = this.#control('finish', main.value, this.#isBody ? interpreter.true : interpreter.false)
    })
  }

  /** Of the prelude, which does not fail. */
  #valueOf(result: Result): Handle {
    if (result.error) throw new Error(`The prelude failed: ${this.#machine.interpreter.getString(result.error)}`)
    return result.value
  }

  #hasReturn(error: Handle): boolean {
    const { interpreter } = this.#machine
    return interpreter.getString(interpreter.getProp(error, 'message')) === 'return not in a function'
  }

  #evaluateBody() {
    this.#isBody = true
    return this.#machine.interpreter.evalCode(bodyOf(this.#program), PROGRAM_FILE, STRICT)
  }

  /** Runs everything that can run. Lets the host's other work in from time to time. */
  async drain(): Promise<void> {
    const { interpreter, fuel } = this.#machine
    let breath = fuel.value
    while (this.#failure === undefined && !this.#isInterrupted && interpreter.hasPendingJob()) {
      this.#enter(() => {
        const done = interpreter.executePendingJobs(JOBS_AT_ONCE)
        if (done.error) this.#fail(done.error)
      })
      if (breath - fuel.value > STEPS_BETWEEN_BREATHS) {
        breath = fuel.value
        await new Promise((resolve) => setTimeout(resolve, 0))
      }
    }
  }

  settle({ number, reply }: Settled): void {
    const { interpreter } = this.#machine
    this.#enter(() => {
      const { isOk, text, files } = this.#encodeReply(reply)
      const list = this.#control('newFiles')
      for (const file of files) {
        const described = interpreter.newString(JSON.stringify([file.name, file.type]))
        this.#control('file', list, this.#newBuffer(file.bytes), described)
      }
      const handed = this.#newText(text)
      const flag = isOk ? interpreter.true : interpreter.false
      this.#control('settle', interpreter.newNumber(number), interpreter.newNumber(reply.at), flag, handed, list)
    })
  }

  #encodeReply(reply: Settled['reply']): EncodedValue & { isOk: boolean } {
    try {
      return { isOk: reply.ok, ...encodeValue(reply.ok ? reply.value : reply.error, this.#outbox.marker) }
    } catch {
      const error = { code: 'unreadable_result', message: 'The result is nested too deeply to be handed over.' }
      return { isOk: false, ...encodeValue(error, this.#outbox.marker) }
    }
  }

  /** Why the program stands still when nothing is on its way any more. Without memory, promises are lost. */
  get standstill(): ProgramError {
    return explain({ kind: this.#machine.isOutOfMemory() ? 'memory' : 'unsettled' }, this.#limits)
  }

  outcome(): Outcome {
    if (this.#failure !== undefined) return { state: 'failed', error: this.#failure }
    const result = this.#result
    if (result === undefined) return { state: 'pending' }
    let outcome: Outcome = { state: 'pending' }
    this.#enter(() => {
      // No job runs after an interrupt, not even one that would carry the error to `result`.
      if (this.#isInterrupted) return this.#failInterrupted()
      const state = this.#machine.interpreter.getPromiseState(result)
      if (state.type === 'rejected') this.#fail(state.error)
      if (state.type === 'fulfilled') outcome = { state: 'succeeded', value: this.#readResult(state.value) }
    })
    return this.#failure === undefined ? outcome : { state: 'failed', error: this.#failure }
  }

  #failInterrupted(): void {
    for (const promise of [this.#main, this.#result]) {
      const state = promise && this.#machine.interpreter.getPromiseState(promise)
      if (state?.type === 'rejected' && this.#failure === undefined) this.#fail(state.error)
    }
    this.#failure ??= explain({ kind: 'steps' }, this.#limits)
  }

  #readResult(handle: Handle): unknown {
    const { interpreter } = this.#machine
    if (interpreter.typeof(handle) !== 'string') return undefined
    return this.#outbox.read(interpreter.getString(handle))
  }

  /**
   * Every entry into the interpreter. Whatever comes out as a host exception (a trap for lack of fuel, V8's own stack
   * limit, a failed allocation) ends the program: the machine is in no known state and is not entered again.
   */
  #enter(work: () => void): void {
    if (this.#failure !== undefined) return
    try {
      work()
    } catch (error) {
      this.#failure ??= this.#explainCrash(error)
    }
  }

  #explainCrash(error: unknown): ProgramError {
    const machine = this.#machine
    if (machine.fuel.value <= 0 || this.#isInterrupted) return explain({ kind: 'steps' }, this.#limits)
    if (error instanceof OutOfMemory || machine.isOutOfMemory()) return explain({ kind: 'memory' }, this.#limits)
    if (error instanceof RangeError) return explain({ kind: 'stack' }, this.#limits)
    const isUnreadable = error instanceof WebAssembly.RuntimeError || error instanceof SyntaxError
    if (isUnreadable) return explain({ kind: 'engine' }, this.#limits)
    throw error
  }

  #control(name: string, ...args: Handle[]): Handle {
    const { interpreter } = this.#machine
    if (this.#controls === undefined) throw new Error('The program was not started.')
    const control = interpreter.getProp(this.#controls, name)
    const called = interpreter.callFunction(control, interpreter.undefined, ...args)
    if (!called.error) return called.value
    if (name === 'reserve') throw new OutOfMemory()
    this.#fail(called.error)
    throw new OutOfMemory()
  }

  #reserve(bytes: number): void {
    this.#control('reserve', this.#machine.interpreter.newNumber(bytes))
  }

  #newBuffer(bytes: Uint8Array): Handle {
    this.#reserve(bytes.length + 1)
    return this.#machine.interpreter.newArrayBuffer(bytes)
  }

  #fail(thrown: Handle): void {
    if (this.#isInterrupted) this.#machine.fuel.value = this.#reserveSteps
    this.#isReporting = true
    const read = this.#readThrown(thrown)
    const place = locate(this.#program, this.#code, read.stack ?? '', this.#isBody)
    const isForMemory = read.isUnreadable && this.#machine.isOutOfMemory()
    const explained = this.#isInterrupted
      ? explain({ kind: 'steps' }, this.#limits)
      : explain(isForMemory ? { kind: 'memory' } : { kind: 'thrown', thrown: read }, this.#limits)
    this.#failure ??= { ...explained, ...place }
  }

  /** An error for want of memory may come as null, and there may be no room left to read any error. */
  #readThrown(handle: Handle): Thrown & { isUnreadable: boolean } {
    const { interpreter } = this.#machine
    if (this.#controls !== undefined) {
      const described = interpreter.callFunction(
        interpreter.getProp(this.#controls, 'describe'),
        interpreter.undefined,
        handle,
      )
      if (!described.error) {
        const isUnreadable = interpreter.isSame(handle, interpreter.null)
        return { ...JSON.parse(interpreter.getString(described.value)), isUnreadable }
      }
    }
    return { message: 'The program failed, and its error cannot be shown.', stack: '', isUnreadable: true }
  }

  /**
   * The functions that the prelude is handed. A trap between them and the interpreter would be swallowed half-way, so
   * they run on a full tank, their use is taken from the program's afterwards, and past the budget they do nothing.
   */
  #createHost(): Handle {
    const { interpreter, fuel } = this.#machine
    const host = interpreter.newObject()
    const define = (name: string, work: HostFunction) => {
      const metered = (...args: Handle[]) => {
        const before = fuel.value
        if (this.#isOverBudget()) throw new Error('interrupted')
        fuel.value = FULL_TANK
        try {
          return work(...args)
        } finally {
          fuel.value = Math.max(this.#reserveSteps / 2, before - (FULL_TANK - fuel.value))
        }
      }
      interpreter.setProp(host, name, interpreter.newFunction(name, metered))
    }
    const read = (handle: Handle | undefined) => {
      const text = handle ? interpreter.getString(handle) : ''
      fuel.value -= text.length
      return text
    }
    define('request', (text) => interpreter.newNumber(this.#calls.ask(this.#readRequest(read(text)))))
    define('log', (text) => {
      this.#outbox.log(read(text))
      return interpreter.undefined
    })
    define('emit', (text) => (this.#outbox.emit(read(text)) ? interpreter.true : interpreter.false))
    define('putFile', (buffer, text) =>
      interpreter.newNumber(this.#outbox.putFile(this.#readBytes(buffer), read(text))),
    )
    define('loadWeb', () => interpreter.evalCode(PRELUDE_WEB, 'prelude.js', STRICT))
    define('compute', (text) => this.#newText(compute(read(text))))
    define('encode', (text) => this.#newBuffer(new TextEncoder().encode(String(JSON.parse(read(text))))))
    define('decode', (buffer, text) => this.#newText(decodeText(this.#readBytes(buffer), read(text))))
    return host
  }

  #readBytes(handle: Handle): Uint8Array {
    const bytes = this.#machine.interpreter.getArrayBuffer(handle)
    this.#machine.fuel.value -= bytes.length
    return bytes
  }

  #newText(text: string): Handle {
    this.#reserve(text.length * 3 + 1)
    return this.#machine.interpreter.newString(text)
  }

  #readRequest(text: string): HostRequest {
    const request: HostRequest = JSON.parse(text)
    if (request.kind === 'timer' || request.kind === 'results') return request
    return { ...request, input: this.#outbox.read(JSON.stringify(request.input)) }
  }
}

class OutOfMemory extends Error {
  override message = 'out of memory'
}
