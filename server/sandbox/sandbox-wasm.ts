// The sandbox's WebAssembly module, made at build time of the one in `@jitl/quickjs-wasmfile-release-sync`: metered, and
// without what the sandbox never asks of it, 8 KiB of the Worker's gzip.
import { closeExports } from './close-exports.ts'
import { meterWasm } from './meter.ts'

/** Values and compiled code as bytes, and statistics of the memory: nothing that a program can reach. */
const UNUSED = [
  'QTS_bjson_encode',
  'QTS_bjson_decode',
  'QTS_RuntimeComputeMemoryUsage',
  'QTS_RuntimeDumpMemoryUsage',
] as const

/** `script` is the package's own loader: only it says how the module, which is minified, calls what it exports. */
export function makeSandboxWasm(wasm: Uint8Array, script: string): Uint8Array<ArrayBuffer> {
  const names = UNUSED.map((name) => {
    const found = new RegExp(`\\._${name}=\\w+\\.([\\w$]+)`).exec(script)?.[1]
    if (found === undefined) throw new Error(`The engine's package exports no ${name}.`)
    return found
  })
  return closeExports(meterWasm(wasm), names)
}
