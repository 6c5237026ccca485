// QuickJS, metered and bounded. Every run gets a module of its own, with a memory that cannot grow past its maximum
// (QuickJS's own memory limit does not hold), and drops it afterwards: nothing of one run is left for the next.
import loadScript from '@jitl/quickjs-wasmfile-release-sync/emscripten-module'
import { Interpreter } from './interpreter.ts'
import type { Limits } from './limits.ts'
import { FUEL_EXPORT } from './meter.ts'
import { createSlots, type Slots } from './slots.ts'

const PAGE_BYTES = 64 * 1024
const INITIAL_PAGES = 256

/** One fresh interpreter. It is never disposed of: dropping the last reference frees all of it, in any state. */
export interface Machine {
  interpreter: Interpreter
  memory: WebAssembly.Memory
  /** What is left of the budget (see meter.ts). At zero the module traps and must not be entered again. */
  fuel: { value: number }
  /** Whether the last attempt to get more memory was refused. */
  isOutOfMemory(): boolean
}

export interface SandboxEngine {
  slots: Slots
  createMachine(limits: Pick<Limits, 'memoryBytes' | 'stackBytes'>): Promise<Machine>
}

/**
 * `wasm` is the module of `@jitl/quickjs-wasmfile-release-sync` after `meterWasm`; without a fuel gauge nothing bounds
 * a program, so any other module is refused. One engine per isolate: it holds the isolate's slots.
 */
export function createEngine(wasm: WebAssembly.Module, slots: Slots = createDefaultSlots()): SandboxEngine {
  const isMetered = WebAssembly.Module.exports(wasm).some(({ name, kind }) => name === FUEL_EXPORT && kind === 'global')
  if (!isMetered) throw new Error('The sandbox refuses to run: its WebAssembly module has no fuel gauge (meter.ts).')

  return {
    slots,
    async createMachine({ memoryBytes, stackBytes }) {
      const maximum = Math.max(INITIAL_PAGES, Math.floor(memoryBytes / PAGE_BYTES))
      const memory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum })
      const isOutOfMemory = watchGrowth(memory)
      let fuel: { value: number } | undefined
      const script = await loadScript({
        wasmMemory: memory,
        instantiateWasm(imports, onSuccess) {
          const instance = new WebAssembly.Instance(wasm, imports)
          const gauge = instance.exports[FUEL_EXPORT]
          if (gauge instanceof WebAssembly.Global) fuel = gauge
          onSuccess(instance)
          return instance.exports
        },
      })
      if (fuel === undefined) throw new Error('The sandbox refuses to run: its fuel gauge is not a global.')
      return { interpreter: new Interpreter(script, stackBytes), memory, fuel, isOutOfMemory }
    },
  }
}

/** The engine asks for more through `memory.grow`, and goes on with null pointers and lost errors when it gets none. */
function watchGrowth(memory: WebAssembly.Memory): () => boolean {
  const grow = memory.grow.bind(memory)
  let isRefused = false
  memory.grow = (pages) => {
    isRefused = true
    const before = grow(pages)
    isRefused = false
    return before
  }
  return () => isRefused
}

function createDefaultSlots(): Slots {
  return createSlots({ size: 3, waitMs: 10_000, wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) })
}
