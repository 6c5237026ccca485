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
// Format: https://webassembly.github.io/spec/core/binary/

/** The name of the exported `i32` global that holds what is left. */
export const FUEL_EXPORT = 'fuel'

const SECTION = { type: 1, import: 2, function: 3, global: 6, export: 7, code: 10 } as const
const I32 = 0x7f
/** A full tank, as signed LEB128: the module's own start-up must not trap. */
const LARGEST_I32 = [0xff, 0xff, 0xff, 0xff, 0x07]

/** Returns a metered copy of a module. Throws when the module uses an instruction that this file does not know. */
export function meterWasm(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const sections = readSections(bytes)
  const read = (id: number) => new Reader(sections.find((section) => section.id === id)?.content ?? Uint8Array.of(0))

  const typeCount = read(SECTION.type).unsigned()
  const importedFunctions = countImportedFunctions(read(SECTION.import))
  const copyFunction = importedFunctions + read(SECTION.function).unsigned()
  const fuel = read(SECTION.global).unsigned()

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
  return joinBytes([
    bytes.subarray(0, 8),
    ...rewritten.flatMap(({ id, content }) => [[id, ...unsigned(content.length)], content]),
  ])
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
  for (let groups = reader.unsigned(); groups > 0; groups--) {
    reader.unsigned()
    reader.byte()
  }
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

/** Skips one instruction with its operands, and says whether it is one that is rewritten. */
function readInstruction(reader: Reader): 'loop' | 'copy' | 'fill' | 'other' {
  const opcode = reader.byte()
  // Block types and constants are signed LEB128; skipping needs only the length, which is encoded alike.
  if (opcode >= 0x02 && opcode <= 0x04) {
    reader.unsigned()
    return opcode === 0x03 ? 'loop' : 'other'
  }
  if (opcode === 0x0e) {
    for (let targets = reader.unsigned() + 1; targets > 0; targets--) reader.unsigned()
  } else if (opcode === 0x11 || (opcode >= 0x28 && opcode <= 0x3e)) {
    reader.unsigned()
    reader.unsigned()
  } else if ([0x0c, 0x0d, 0x10, 0x3f, 0x40, 0x41, 0x42].includes(opcode) || (opcode >= 0x20 && opcode <= 0x24)) {
    reader.unsigned()
  } else if (opcode === 0x43) {
    reader.take(4)
  } else if (opcode === 0x44) {
    reader.take(8)
  } else if (opcode === 0xfc) {
    const extended = reader.unsigned()
    if (extended === 10) {
      reader.take(2)
      return 'copy'
    }
    if (extended === 11) {
      reader.take(1)
      return 'fill'
    }
    if (extended > 7) throw new Error(`Cannot meter this module: instruction 0xfc ${extended} is not known.`)
  } else if (!isPlain(opcode)) {
    throw new Error(`Cannot meter this module: instruction 0x${opcode.toString(16)} is not known.`)
  }
  return 'other'
}

/** Instructions without operands. */
function isPlain(opcode: number): boolean {
  return (
    opcode <= 0x01 ||
    opcode === 0x05 ||
    opcode === 0x0b ||
    opcode === 0x0f ||
    opcode === 0x1a ||
    opcode === 0x1b ||
    (opcode >= 0x45 && opcode <= 0xc4)
  )
}

function readSections(bytes: Uint8Array): { id: number; content: Uint8Array }[] {
  const reader = new Reader(bytes)
  reader.take(8)
  const sections = []
  while (!reader.isAtEnd()) sections.push({ id: reader.byte(), content: reader.take(reader.unsigned()) })
  return sections
}

function countImportedFunctions(imports: Reader): number {
  let functions = 0
  for (let count = imports.unsigned(); count > 0; count--) {
    imports.take(imports.unsigned())
    imports.take(imports.unsigned())
    const kind = imports.byte()
    if (kind === 0) {
      functions++
      imports.unsigned()
    } else if (kind === 2) {
      const hasMaximum = (imports.byte() & 1) === 1
      imports.unsigned()
      if (hasMaximum) imports.unsigned()
    } else {
      throw new Error(`Cannot meter this module: import kind ${kind} is not known.`)
    }
  }
  return functions
}

/** A section's content is a count and that many entries. */
function appendEntries(content: Uint8Array, entries: number[][]): Uint8Array {
  const reader = new Reader(content)
  const count = reader.unsigned()
  return joinBytes([unsigned(count + entries.length), content.subarray(reader.offset), ...entries])
}

function unsigned(value: number): number[] {
  const bytes = []
  for (; value > 0x7f; value >>>= 7) bytes.push((value & 0x7f) | 0x80)
  return [...bytes, value]
}

function name(text: string): number[] {
  const bytes = new TextEncoder().encode(text)
  return [...unsigned(bytes.length), ...bytes]
}

function joinBytes(parts: (Uint8Array | number[])[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}

class Reader {
  offset = 0
  readonly bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  isAtEnd(): boolean {
    return this.offset >= this.bytes.length
  }

  byte(): number {
    return this.take(1)[0] ?? 0
  }

  take(length: number): Uint8Array {
    this.offset += length
    if (this.offset > this.bytes.length) throw new Error('Cannot meter this module: it ends in the middle.')
    return this.bytes.subarray(this.offset - length, this.offset)
  }

  /** LEB128. The value is exact below 2^32. */
  unsigned(): number {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte()
      if (shift < 35) value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
  }
}
