// Makes the sandbox's WebAssembly module (server/sandbox/sandbox-wasm.ts) for the Worker's build. A Worker cannot compile
// bytes, so this is done before; the Worker imports the result as `executor:sandbox.wasm`, and tests import the file.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeSandboxWasm } from '../server/sandbox/sandbox-wasm.ts'

const outputPath = fileURLToPath(new URL('../node_modules/.cache/executor/quickjs.wasm', import.meta.url))

/** Writes the module and returns its path. Takes about 100 ms. */
export function writeMeteredQuickjs(): string {
  const path = createRequire(import.meta.url).resolve('@jitl/quickjs-wasmfile-release-sync/wasm')
  mkdirSync(dirname(outputPath), { recursive: true })
  // Renamed into place: a build and a test run may do this at the same time.
  const draftPath = `${outputPath}.${process.pid}`
  writeFileSync(draftPath, makeSandboxWasm(readFileSync(path), readFileSync(path.replace(/wasm$/, 'mjs'), 'utf8')))
  renameSync(draftPath, outputPath)
  return outputPath
}
