// The sandbox's engine for tests in workerd; vitest.config.ts writes the metered module.
import quickjs from '../../node_modules/.cache/executor/quickjs.wasm'
import { createEngine, type SandboxEngine } from '../sandbox/engine.ts'
import type { Slots } from '../sandbox/slots.ts'

export function createWorkerEngine(slots?: Slots): SandboxEngine {
  return createEngine(quickjs, slots)
}
