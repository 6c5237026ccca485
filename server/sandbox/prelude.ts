// What exists inside the sandbox before the agent's code runs. This is JavaScript for QuickJS, kept as text; it runs as
// one function whose parameters and locals are out of the program's reach, and it uses only what it captured before the
// program could replace anything. Replacing built-ins can confuse a program, never the host: whatever comes out is parsed.
//
// `host` crosses the border with numbers, ASCII-safe JSON text and ArrayBuffers only (strings with NUL do not survive it).
import type { Limits } from './limits.ts'
import { PRELUDE_RUN } from './prelude-run.ts'
import { PRELUDE_TOOLS } from './prelude-tools.ts'
import { PRELUDE_VALUES } from './prelude-values.ts'

/** Of the limits, those that the prelude enforces itself, with a sentence, before the host would refuse. */
export interface PreludeSettings extends Pick<
  Limits,
  'timerMs' | 'calls' | 'pages' | 'logCharacters' | 'resultCharacters' | 'depth'
> {
  seed: string
  now: number
  /** A key that no value of the program or the host has: it marks where a file stands in JSON. */
  fileMarker: string
}

const CAPTURED = String.raw`
const { apply, construct, ownKeys } = Reflect
const { create, defineProperty, keys: keysOf, getPrototypeOf, getOwnPropertyDescriptor: descriptorOf } = Object
const { parse, stringify } = JSON
const { isArray } = Array
const { isFinite } = Number
const { floor, max, min, imul } = Math
const { isView } = ArrayBuffer
const uncurry = (method) => (self, ...args) => apply(method, self, args)
const slice = uncurry(''.slice), indexOf = uncurry(''.indexOf), split = uncurry(''.split), codeAt = uncurry(''.charCodeAt)
const joinArray = uncurry([].join)
const NativeDate = Date, NativeError = Error, NativeTypeError = TypeError, NativeRangeError = RangeError
const NativePromise = Promise, NativeProxy = Proxy, NativeMap = Map, NativeSet = Set, NativeRegExp = RegExp
const Bytes = Uint8Array, Buffer = ArrayBuffer, NativeString = String, NativeNumber = Number, NativeBoolean = Boolean
const NativeWeakMap = WeakMap, NativeWeakSet = WeakSet, NativeDataView = DataView, NativeObject = Object
const weakGet = uncurry(WeakMap.prototype.get), weakSet = uncurry(WeakMap.prototype.set), weakHas = uncurry(WeakMap.prototype.has)
const thenOf = uncurry(Promise.prototype.then)
const append = (array, value) => { defineProperty(array, array.length, { __proto__: null, value, writable: true, enumerable: true, configurable: true }) }
const hide = (target, name, value) => defineProperty(target, name, { __proto__: null, value, writable: true, enumerable: false, configurable: true })
`

// Code from strings and big integers are off: neither can be bounded or read before it runs. What is left out here is
// what could block the thread or depend on the garbage collector.
const REMOVALS = String.raw`
for (const name of ['eval', 'Function', 'BigInt', 'BigInt64Array', 'BigUint64Array', 'SharedArrayBuffer', 'Atomics', 'WeakRef', 'FinalizationRegistry']) {
  delete globalThis[name]
}
for (const example of [function () {}, async function () {}, function* () {}, async function* () {}]) {
  delete getPrototypeOf(example).constructor
}
for (const name of ['getBigInt64', 'getBigUint64', 'setBigInt64', 'setBigUint64']) delete DataView.prototype[name]
`

/** An expression whose value is a function of `(host, settings)` that returns the host's controls. */
export const PRELUDE = withoutComments(`(function (host, settingsText) {
'use strict'
${CAPTURED}
const settings = parse(settingsText)
${REMOVALS}
${PRELUDE_VALUES}
${PRELUDE_RUN}
${PRELUDE_TOOLS}
return controls
})`)

/** It is read anew in every run: whole-line comments and indentation go. */
function withoutComments(source: string): string {
  return source.replace(/^ +/gm, '').replace(/^\/[/*].*\n/gm, '')
}
