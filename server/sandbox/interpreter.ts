// One QuickJS interpreter, through what `@jitl/quickjs-wasmfile-release-sync` exports to C callers: as much as the sandbox
// asks of it. Handles are never given back: whoever drops the interpreter drops all of it.
import { bindFunctions, type EngineFunctions, type Script } from './engine-functions.ts'

/** A value of the program: where the engine keeps it. */
export interface Handle {
  readonly pointer: number
}

export type Result = { value: Handle; error?: undefined } | { error: Handle; value?: undefined }

export type PromiseState =
  | { type: 'pending' }
  | { type: 'fulfilled'; value: Handle }
  | { type: 'rejected'; error: Handle }

/** What a function of the host answers, or what it came to. What it throws is an Error of the program. */
export type HostFunction = (...args: Handle[]) => Handle | Result

/** Object.is; QuickJS knows two more ways to be equal. */
const SAME_VALUE = 1
const SIZE_OF_POINTER = 4
const FULFILLED = 1

export class Interpreter {
  readonly undefined: Handle
  readonly null: Handle
  readonly true: Handle
  readonly false: Handle
  readonly #script: Script
  readonly #qts: EngineFunctions
  readonly #runtime: number
  readonly #context: number
  readonly #functions = new Map<number, HostFunction>()
  /** Pointers to constants, which nobody may free. */
  readonly #constants: ReadonlySet<number>
  #lastFunction = 0
  #isInterrupted: () => boolean = () => false

  constructor(script: Script, stackBytes: number) {
    this.#script = script
    this.#qts = bindFunctions(script)
    const callbacks: object = {
      callFunction: (_: unknown, _context: number, _self: number, count: number, args: number, id: number) =>
        this.#callHost(id, count, args),
      freeHostRef: (_: unknown, _runtime: number, id: number) => this.#functions.delete(id),
      shouldInterrupt: () => (this.#isInterrupted() ? 1 : 0),
    }
    Object.assign(script, { type: 'sync', callbacks })
    this.#runtime = this.#qts.newRuntime()
    this.#qts.setMaxStackSize(this.#runtime, stackBytes)
    this.#context = this.#qts.newContext(this.#runtime, 0)
    this.undefined = { pointer: this.#qts.undefined() }
    this.null = { pointer: this.#qts.null() }
    this.true = { pointer: this.#qts.true() }
    this.false = { pointer: this.#qts.false() }
    this.#constants = new Set([this.undefined, this.null, this.true, this.false].map(({ pointer }) => pointer))
  }

  /** Asked again and again while the program computes; true ends it with an error that it cannot catch. */
  setInterruptHandler(isInterrupted: () => boolean): void {
    this.#isInterrupted = isInterrupted
    this.#qts.enableInterrupts(this.#runtime)
  }

  /** `flags` are those of JS_Eval. The value is the completion value. */
  evalCode(code: string, file: string, flags: number): Result {
    const { pointer, length } = this.#allocateText(code)
    const result = this.#qts.eval(this.#context, pointer, length, file, 0, flags)
    this.#qts.free(pointer)
    return this.#resultOf(result)
  }

  callFunction(called: Handle, self: Handle, ...args: Handle[]): Result {
    const list = this.#allocate(args.length * SIZE_OF_POINTER)
    const view = this.#view()
    for (const [index, { pointer }] of args.entries()) view.setInt32(list + index * SIZE_OF_POINTER, pointer, true)
    const result = this.#qts.call(this.#context, called.pointer, self.pointer, args.length, list)
    this.#qts.free(list)
    return this.#resultOf(result)
  }

  hasPendingJob(): boolean {
    return this.#qts.isJobPending(this.#runtime) !== 0
  }

  /** Runs what is ready, up to as many jobs; the error is one that no promise took. */
  executePendingJobs(most: number): { error?: Handle } {
    const contextOut = this.#allocate(SIZE_OF_POINTER)
    this.#view().setInt32(contextOut, 0, true)
    const pointer = this.#qts.executePendingJob(this.#runtime, most, contextOut)
    const hasRun = this.#view().getInt32(contextOut, true) !== 0
    this.#qts.free(contextOut)
    if (hasRun && this.typeof({ pointer }) !== 'number') return { error: { pointer } }
    this.#qts.freeValueOfRuntime(this.#runtime, pointer)
    return {}
  }

  typeof(handle: Handle): string {
    const text = this.#qts.typeof(this.#context, handle.pointer)
    const type = this.#readText(text)
    this.#qts.free(text)
    return type
  }

  isSame(one: Handle, other: Handle): boolean {
    return this.#qts.isEqual(this.#context, one.pointer, other.pointer, SAME_VALUE) !== 0
  }

  newNumber(value: number): Handle {
    return { pointer: this.#qts.newNumber(this.#context, value) }
  }

  newString(text: string): Handle {
    const { pointer } = this.#allocateText(text)
    const handle = { pointer: this.#qts.newString(this.#context, pointer) }
    this.#qts.free(pointer)
    return handle
  }

  getString(handle: Handle): string {
    const pointer = this.#qts.getString(this.#context, handle.pointer)
    const text = this.#readText(pointer)
    this.#qts.freeString(this.#context, pointer)
    return text
  }

  newObject(): Handle {
    return { pointer: this.#qts.newObject(this.#context) }
  }

  getProp(object: Handle, name: string): Handle {
    return this.#withName(name, (key) => ({ pointer: this.#qts.getProp(this.#context, object.pointer, key) }))
  }

  setProp(object: Handle, name: string, value: Handle): void {
    this.#withName(name, (key) => this.#qts.setProp(this.#context, object.pointer, key, value.pointer))
  }

  newArrayBuffer(bytes: Uint8Array): Handle {
    const pointer = this.#allocate(bytes.length)
    this.#script.HEAPU8.set(bytes, pointer)
    // The engine frees the bytes with the buffer.
    return { pointer: this.#qts.newArrayBuffer(this.#context, pointer, bytes.length) }
  }

  /** A copy. */
  getArrayBuffer(handle: Handle): Uint8Array<ArrayBuffer> {
    const length = this.#qts.getArrayBufferLength(this.#context, handle.pointer)
    const pointer = this.#qts.getArrayBuffer(this.#context, handle.pointer)
    if (pointer === 0) throw new Error('out of memory')
    const bytes = Uint8Array.from(this.#script.HEAPU8.subarray(pointer, pointer + length))
    this.#qts.free(pointer)
    return bytes
  }

  newFunction(name: string, called: HostFunction): Handle {
    const id = ++this.#lastFunction
    this.#functions.set(id, called)
    return { pointer: this.#qts.newFunction(this.#context, name, called.length, false, id) }
  }

  /** Of what is no promise: fulfilled, with itself. */
  getPromiseState(handle: Handle): PromiseState {
    const state = this.#qts.promiseState(this.#context, handle.pointer)
    if (state < 0) return { type: 'fulfilled', value: handle }
    if (state === 0) return { type: 'pending' }
    const settled = { pointer: this.#qts.promiseResult(this.#context, handle.pointer) }
    return state === FULFILLED ? { type: 'fulfilled', value: settled } : { type: 'rejected', error: settled }
  }

  /** Returns the pointer to a value that the engine takes over. */
  #callHost(id: number, count: number, list: number): number {
    try {
      const called = this.#functions.get(id)
      if (called === undefined) throw new Error(`The host has no function ${id}.`)
      const args = Array.from({ length: count }, (_, index) => ({ pointer: this.#qts.argumentAt(list, index) }))
      const answered = called(...args)
      const answer = 'pointer' in answered ? { value: answered } : answered
      if (answer.error) return this.#throw(answer.error)
      // What was given belongs to the caller.
      return this.#handOver(answer.value, args.includes(answer.value))
    } catch (error) {
      return this.#throw(this.#newError(error))
    }
  }

  #handOver(handle: Handle, isBorrowed: boolean): number {
    const pointer = this.#qts.duplicate(this.#context, handle.pointer)
    if (!isBorrowed) this.#free(handle)
    return pointer
  }

  #throw(error: Handle): number {
    const pointer = this.#qts.throw(this.#context, error.pointer)
    this.#free(error)
    return pointer
  }

  #newError(error: unknown): Handle {
    const handle = { pointer: this.#qts.newError(this.#context) }
    const { name, message } = error instanceof Error ? error : new Error(String(error))
    for (const [key, value] of Object.entries({ name, message })) {
      const text = this.newString(value)
      this.setProp(handle, key, text)
      this.#free(text)
    }
    return handle
  }

  /** A result of the engine's that may stand for an exception. */
  #resultOf(pointer: number): Result {
    const error = this.#qts.resolveException(this.#context, pointer)
    if (error === 0) return { value: { pointer } }
    this.#free({ pointer })
    return { error: { pointer: error } }
  }

  #withName<T>(name: string, use: (key: number) => T): T {
    const key = this.newString(name)
    const used = use(key.pointer)
    this.#free(key)
    return used
  }

  #free({ pointer }: Handle): void {
    if (!this.#constants.has(pointer)) this.#qts.freeValue(this.#context, pointer)
  }

  #allocate(bytes: number): number {
    const pointer = this.#qts.allocate(bytes)
    // What is at zero is the engine's own.
    if (pointer === 0) throw new Error('out of memory')
    return pointer
  }

  #allocateText(text: string): { pointer: number; length: number } {
    const script: TextFunctions = this.#script
    const length = script.lengthBytesUTF8(text)
    const pointer = this.#allocate(length + 1)
    script.stringToUTF8(text, pointer, length + 1)
    return { pointer, length }
  }

  #readText(pointer: number): string {
    const script: TextFunctions = this.#script
    return script.UTF8ToString(pointer)
  }

  /** Made anew each time: the memory moves when it grows. */
  #view(): DataView {
    return new DataView(this.#script.HEAPU8.buffer)
  }
}

interface TextFunctions {
  lengthBytesUTF8(text: string): number
  stringToUTF8(text: string, pointer: number, size: number): void
  UTF8ToString(pointer: number): string
}
