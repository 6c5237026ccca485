// What `@jitl/quickjs-wasmfile-release-sync` exports to C callers, as much of it as the interpreter calls.
import type loadScript from '@jitl/quickjs-wasmfile-release-sync/emscripten-module'

/** The package's own script around the module: memory as bytes and text, and functions by name. */
export type Script = Awaited<ReturnType<typeof loadScript>>

export type EngineFunctions = ReturnType<typeof bindFunctions>

type Exported<Arity extends number> = (...args: number[] & { length: Arity }) => number

/** The functions of the module by better names. Those that take numbers only are the exports themselves. */
export function bindFunctions(script: Pick<Script, 'cwrap'>) {
  const number = 'number'
  const numbers = <Arity extends number>(name: string, arity: Arity): Exported<Arity> => {
    const types = Array.from({ length: arity }, () => number) satisfies 'number'[]
    return script.cwrap(name, number, types)
  }
  const take = <Arity extends number>(name: string, arity: Arity) => numbers(`QTS_${name}`, arity)
  type Evaluate = (context: number, code: number, length: number, file: string, isModule: 0, flags: number) => number
  const evaluate: Evaluate = script.cwrap('QTS_Eval', number, [number, number, number, 'string', number, number])
  type NewFunction = (context: number, name: string, arity: number, isConstructor: boolean, id: number) => number
  const newFunction: NewFunction = script.cwrap('QTS_NewFunction', number, [
    number,
    'string',
    number,
    'boolean',
    number,
  ])
  return {
    allocate: numbers('malloc', 1),
    free: numbers('free', 1),
    argumentAt: take('ArgvGetJSValueConstPointer', 2),
    call: take('Call', 5),
    duplicate: take('DupValuePointer', 2),
    enableInterrupts: take('RuntimeEnableInterruptHandler', 1),
    eval: evaluate,
    executePendingJob: take('ExecutePendingJob', 3),
    false: take('GetFalse', 0),
    freeString: take('FreeCString', 2),
    freeValue: take('FreeValuePointer', 2),
    freeValueOfRuntime: take('FreeValuePointerRuntime', 2),
    getArrayBuffer: take('GetArrayBuffer', 2),
    getArrayBufferLength: take('GetArrayBufferLength', 2),
    getProp: take('GetProp', 3),
    getString: take('GetString', 2),
    isEqual: take('IsEqual', 4),
    isJobPending: take('IsJobPending', 1),
    newArrayBuffer: take('NewArrayBuffer', 3),
    newContext: take('NewContext', 2),
    newError: take('NewError', 1),
    newFunction,
    newNumber: take('NewFloat64', 2),
    newObject: take('NewObject', 1),
    newRuntime: take('NewRuntime', 0),
    newString: take('NewString', 2),
    null: take('GetNull', 0),
    promiseResult: take('PromiseResult', 2),
    promiseState: take('PromiseState', 2),
    resolveException: take('ResolveException', 2),
    setMaxStackSize: take('RuntimeSetMaxStackSize', 2),
    setProp: take('SetProp', 4),
    throw: take('Throw', 2),
    true: take('GetTrue', 0),
    typeof: take('Typeof', 2),
    undefined: take('GetUndefined', 0),
  }
}
