// Puts a fuel gauge into a WebAssembly module, at build time.
//
// A deployed Worker's clock stands still during computation, so the sandbox counts work instead of time. QuickJS's own
// interrupts count loops and calls of the program but not what built-ins do inside (`for (;;) bigArray.sort()`), so the
// count is taken one floor lower: every turn of every loop and every call of a function inside the compiled engine costs
// one unit of fuel, and every bulk copy its length / 64. At zero the module traps. No program can run without using fuel, whichever built-in
// it hides in, and the same program always uses the same amount.
//
// The rewrite: one exported mutable global `fuel` is added; each function body and each `loop` starts
// with the charge; `memory.copy` and
// `memory.fill` become calls of two added functions that charge first. Nothing is renumbered.

import {
  appendEntries,
  countImportedFunctions,
  joinBytes,
  name,
  Reader,
  readInstruction,
  readSection,
  readSections,
  SECTION,
  skipLocals,
  unsigned,
  writeSections,
} from './wasm-binary.ts'

/** The name of the exported `i32` global that holds what is left. */
export const FUEL_EXPORT = 'fuel'

const I32 = 0x7f
/** A full tank, as signed LEB128: the module's own start-up must not trap. */
const LARGEST_I32 = [0xff, 0xff, 0xff, 0xff, 0x07]

/** Returns a metered copy of a module. Throws when the module uses an instruction that this file does not know. */
export function meterWasm(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const sections = readSections(bytes)
  const typeCount = readSection(sections, SECTION.type).unsigned()
  const importedFunctions = countImportedFunctions(readSection(sections, SECTION.import))
  const copyFunction = importedFunctions + readSection(sections, SECTION.function).unsigned()
  const fuel = readSection(sections, SECTION.global).unsigned()

  // (i32, i32, i32) → (), the shape of both bulk instructions.
  const bulkType = [0x60, 3, I32, I32, I32, 0]
  const exported = [...name(FUEL_EXPORT), 0x03, ...unsigned(fuel)]
  const rewritten = sections.map(({ id, content }) => {
    if (id === SECTION.type) return { id, content: appendEntries(content, [bulkType]) }
    if (id === SECTION.function)
      return { id, content: appendEntries(content, [unsigned(typeCount), unsigned(typeCount)]) }
    if (id === SECTION.global) return { id, content: appendEntries(content, [[I32, 0x01, 0x41, ...LARGEST_I32, 0x0b]]) }
    if (id === SECTION.export) return { id, content: appendEntries(content, [exported]) }
    if (id === SECTION.code) return { id, content: meterCode(new Reader(content), fuel, copyFunction) }
    return { id, content }
  })
  return writeSections(bytes, rewritten)
}

function meterCode(code: Reader, fuel: number, copyFunction: number): Uint8Array {
  const count = code.unsigned()
  const bodies: (Uint8Array | number[])[] = [unsigned(count + 2)]
  for (let index = 0; index < count; index++) {
    const body = meterBody(code.take(code.unsigned()), fuel, copyFunction)
    bodies.push(unsigned(body.length), body)
  }
  for (const bulkOpcode of [
    [0xfc, 10, 0, 0],
    [0xfc, 11, 0],
  ]) {
    // The length is argument 2; it may be any i32, so it is shifted as an unsigned number.
    const cost = [0x20, 2, 0x41, 6, 0x76]
    const body = [0, ...charge(fuel, cost), 0x20, 0, 0x20, 1, 0x20, 2, ...bulkOpcode, 0x0b]
    bodies.push(unsigned(body.length), body)
  }
  return joinBytes(bodies)
}

/** `fuel -= cost; if (fuel < 0) trap`. */
function charge(fuel: number, cost: number[]): number[] {
  const gauge = unsigned(fuel)
  const subtract = [0x23, ...gauge, ...cost, 0x6b, 0x24, ...gauge]
  const trapBelowZero = [0x23, ...gauge, 0x41, 0, 0x48, 0x04, 0x40, 0x00, 0x0b]
  return [...subtract, ...trapBelowZero]
}

function meterBody(body: Uint8Array, fuel: number, copyFunction: number): Uint8Array {
  const chargeOne = charge(fuel, [0x41, 1])
  const reader = new Reader(body)
  skipLocals(reader)
  const parts: (Uint8Array | number[])[] = [body.subarray(0, reader.offset), chargeOne]
  let copied = reader.offset
  const replaceWith = (from: number, to: number, replacement: number[]) => {
    parts.push(body.subarray(copied, from), replacement)
    copied = to
  }
  while (!reader.isAtEnd()) {
    const start = reader.offset
    const instruction = readInstruction(reader)
    if (instruction === 'loop') replaceWith(reader.offset, reader.offset, chargeOne)
    if (instruction === 'copy') replaceWith(start, reader.offset, [0x10, ...unsigned(copyFunction)])
    if (instruction === 'fill') replaceWith(start, reader.offset, [0x10, ...unsigned(copyFunction + 1)])
  }
  parts.push(body.subarray(copied))
  return joinBytes(parts)
}
