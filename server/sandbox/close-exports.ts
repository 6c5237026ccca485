// Takes what nothing calls out of a WebAssembly module, at build time: the bodies of functions that only the named
// exports need become a trap of one byte. Whoever calls one of these exports all the same ends in that trap.
import {
  countImportedFunctions,
  joinBytes,
  Reader,
  readInstruction,
  readSection,
  readSections,
  type Section,
  SECTION,
  skipLocals,
  unsigned,
  writeSections,
} from './wasm-binary.ts'

/** No local variables; `unreachable`, `end`. */
const TRAP = Uint8Array.of(0, 0x00, 0x0b)
const FUNCTION = 0
const END = 0x0b

/** Returns a copy. Throws when an export of these names is not there. */
export function closeExports(bytes: Uint8Array, names: readonly string[]): Uint8Array<ArrayBuffer> {
  const sections = readSections(bytes)
  const imported = countImportedFunctions(readSection(sections, SECTION.import))
  const bodies = readBodies(readSection(sections, SECTION.code))
  const exported = readExportedFunctions(readSection(sections, SECTION.export))
  const missing = names.filter((name) => !exported.has(name))
  if (missing.length > 0) throw new Error(`Cannot close exports that are not there: ${missing.join(', ')}.`)
  const open = [...exported].flatMap(([name, index]) => (names.includes(name) ? [] : [index]))

  const needed = new Set<number>()
  const queue = [...open, ...readTableFunctions(sections), ...readStart(sections)]
  for (let index = queue.pop(); index !== undefined; index = queue.pop()) {
    const body = bodies[index - imported]
    if (body === undefined || needed.has(index)) continue
    needed.add(index)
    queue.push(...readCalls(body))
  }
  const kept = bodies.map((body, index) => (needed.has(index + imported) ? body : TRAP))
  const code = joinBytes([unsigned(kept.length), ...kept.flatMap((body) => [unsigned(body.length), body])])
  return writeSections(
    bytes,
    sections.map((section) => (section.id === SECTION.code ? { ...section, content: code } : section)),
  )
}

function readBodies(code: Reader): Uint8Array[] {
  return Array.from({ length: code.unsigned() }, () => code.take(code.unsigned()))
}

function readCalls(body: Uint8Array): number[] {
  const calls: number[] = []
  const reader = new Reader(body)
  skipLocals(reader)
  while (!reader.isAtEnd()) {
    const operand = reader.offset + 1
    if (readInstruction(reader) === 'call') calls.push(new Reader(body.subarray(operand)).unsigned())
  }
  return calls
}

function readExportedFunctions(exports: Reader): Map<string, number> {
  const functions = new Map<string, number>()
  for (let count = exports.unsigned(); count > 0; count--) {
    const name = new TextDecoder().decode(exports.take(exports.unsigned()))
    const kind = exports.byte()
    const index = exports.unsigned()
    if (kind === FUNCTION) functions.set(name, index)
  }
  return functions
}

/** Functions that may be called by their place in the table: any of them may be. */
function readTableFunctions(sections: readonly Section[]): number[] {
  const elements = readSection(sections, SECTION.element)
  const functions: number[] = []
  for (let count = elements.unsigned(); count > 0; count--) {
    const kind = elements.unsigned()
    if (kind !== 0) throw new Error(`Cannot rewrite this module: element segment ${kind} is not known.`)
    while (elements.bytes[elements.offset] !== END) readInstruction(elements)
    elements.byte()
    for (let entries = elements.unsigned(); entries > 0; entries--) functions.push(elements.unsigned())
  }
  return functions
}

function readStart(sections: readonly Section[]): number[] {
  const start = sections.find(({ id }) => id === SECTION.start)
  return start ? [new Reader(start.content).unsigned()] : []
}
