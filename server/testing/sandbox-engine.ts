// The sandbox's engine for Node: tests and scripts meter the module themselves; the Worker's build does it once.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createEngine, type SandboxEngine } from '../sandbox/engine.ts'
import { meterWasm } from '../sandbox/meter.ts'
import type { Slots } from '../sandbox/slots.ts'

const wasmPath = createRequire(import.meta.url).resolve('@jitl/quickjs-wasmfile-release-sync/wasm')
let metered: WebAssembly.Module | undefined

export function createNodeEngine(slots?: Slots): SandboxEngine {
  metered ??= new WebAssembly.Module(meterWasm(readFileSync(wasmPath)))
  return createEngine(metered, slots)
}
