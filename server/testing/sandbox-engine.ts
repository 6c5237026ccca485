// The sandbox's engine for Node: tests and scripts make the module themselves; the Worker's build does it once.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createEngine, type SandboxEngine } from '../sandbox/engine.ts'
import { makeSandboxWasm } from '../sandbox/sandbox-wasm.ts'
import type { Slots } from '../sandbox/slots.ts'

const wasmPath = createRequire(import.meta.url).resolve('@jitl/quickjs-wasmfile-release-sync/wasm')
let made: WebAssembly.Module | undefined

export function createNodeEngine(slots?: Slots): SandboxEngine {
  made ??= new WebAssembly.Module(
    makeSandboxWasm(readFileSync(wasmPath), readFileSync(wasmPath.replace(/wasm$/, 'mjs'), 'utf8')),
  )
  return createEngine(made, slots)
}
