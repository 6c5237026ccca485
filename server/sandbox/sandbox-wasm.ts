// The sandbox's WebAssembly module, made at build time of the one in `@jitl/quickjs-wasmfile-release-sync`: metered, and
// without what the sandbox never asks of it, 8 KiB of the Worker's gzip.
import { closeExports } from './close-exports.ts'
import { bindFunctions } from './engine-functions.ts'
import { meterWasm } from './meter.ts'

/** `script` is the package's own loader: only it says how the module, which is minified, calls what it exports. */
export function makeSandboxWasm(wasm: Uint8Array, script: string): Uint8Array<ArrayBuffer> {
  const called = calledFunctions()
  const exported = new Map(
    Array.from(script.matchAll(/\._(QTS_\w+)=\w+\.([\w$]+)/g), ([, name = '', short = '']) => [name, short]),
  )
  const missing = called.filter((name) => name.startsWith('QTS_') && !exported.has(name))
  if (missing.length > 0) throw new Error(`The engine's package exports no ${missing.join(', ')}.`)
  const closed = [...exported].flatMap(([name, short]) => (called.includes(name) ? [] : [short]))
  return closeExports(meterWasm(wasm), closed)
}

/** Whatever else there is no program can reach: values as bytes, statistics, what ends an engine that is only dropped. */
function calledFunctions(): string[] {
  const names: string[] = []
  bindFunctions({
    cwrap: (name: string) => {
      names.push(name)
      return () => 0
    },
  })
  return names
}
