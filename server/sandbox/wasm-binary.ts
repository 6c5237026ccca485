// WebAssembly modules as bytes, as far as meter.ts and close-exports.ts rewrite them. Nothing is ever renumbered.
// Format: https://webassembly.github.io/spec/core/binary/

export const SECTION = {
  type: 1,
  import: 2,
  function: 3,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
} as const

export interface Section {
  id: number
  content: Uint8Array
}

export function readSections(bytes: Uint8Array): Section[] {
  const reader = new Reader(bytes)
  reader.take(8)
  const sections = []
  while (!reader.isAtEnd()) sections.push({ id: reader.byte(), content: reader.take(reader.unsigned()) })
  return sections
}

/** A module of these sections, with the magic number and version of `bytes`. */
export function writeSections(bytes: Uint8Array, sections: readonly Section[]): Uint8Array<ArrayBuffer> {
  return joinBytes([
    bytes.subarray(0, 8),
    ...sections.flatMap(({ id, content }) => [[id, ...unsigned(content.length)], content]),
  ])
}

/** Reads the content of a section; of one that is not there, that it has no entries. */
export function readSection(sections: readonly Section[], id: number): Reader {
  return new Reader(sections.find((section) => section.id === id)?.content ?? Uint8Array.of(0))
}

export function countImportedFunctions(imports: Reader): number {
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
      throw new Error(`Cannot rewrite this module: import kind ${kind} is not known.`)
    }
  }
  return functions
}

/** Skips the local variables of a function's body, up to its first instruction. */
export function skipLocals(body: Reader): void {
  for (let groups = body.unsigned(); groups > 0; groups--) {
    body.unsigned()
    body.byte()
  }
}

/** Skips one instruction with its operands, and says whether it is one that matters here. */
export function readInstruction(reader: Reader): 'loop' | 'call' | 'copy' | 'fill' | 'other' {
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
  } else if (opcode === 0x10) {
    reader.unsigned()
    return 'call'
  } else if ([0x0c, 0x0d, 0x3f, 0x40, 0x41, 0x42].includes(opcode) || (opcode >= 0x20 && opcode <= 0x24)) {
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
    if (extended > 7) throw new Error(`Cannot rewrite this module: instruction 0xfc ${extended} is not known.`)
  } else if (!isPlain(opcode)) {
    throw new Error(`Cannot rewrite this module: instruction 0x${opcode.toString(16)} is not known.`)
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

/** A section's content is a count and that many entries. */
export function appendEntries(content: Uint8Array, entries: number[][]): Uint8Array {
  const reader = new Reader(content)
  const count = reader.unsigned()
  return joinBytes([unsigned(count + entries.length), content.subarray(reader.offset), ...entries])
}

export function unsigned(value: number): number[] {
  const bytes = []
  for (; value > 0x7f; value >>>= 7) bytes.push((value & 0x7f) | 0x80)
  return [...bytes, value]
}

export function name(text: string): number[] {
  const bytes = new TextEncoder().encode(text)
  return [...unsigned(bytes.length), ...bytes]
}

export function joinBytes(parts: (Uint8Array | number[])[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}

export class Reader {
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
    if (this.offset > this.bytes.length) throw new Error('Cannot rewrite this module: it ends in the middle.')
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
