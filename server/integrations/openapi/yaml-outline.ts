// Finds where the members of block mappings and lists lie in YAML, by their indentation.
import type { ByteSequence } from '../byte-sequence.ts'
import { NONE, type Outline, ROOT, type Stretch } from './outline.ts'
import type { YamlScanner } from './yaml-scanner.ts'

/** Longer keys are for no names. */
const MAX_KEY_BYTES = 4096
/** Each is looked into for every name that a part does not have itself. */
const MAX_MERGES = 100

/** The key of an entry; MERGE for `<<`, null when it is none that can stand for itself. */
export type ReadKey = (raw: string) => string | typeof MERGE | null
export const MERGE = Symbol('<<')

/** What is inside of the part that is outlined. */
interface Level {
  part: number
  column: number
  kind: 'entry' | 'item'
  levelsOf: (name: string) => number
  /** The member that the lines belong to; NONE for a merge. */
  open: number
  openStart: number
}

/** A part whose value may be a block, in the lines that follow. */
interface Waiting {
  part: number
  column: number
  levelsOf: (name: string) => number
}

export class YamlOutliner {
  readonly outline: Outline
  /** Entries that put the members of other mappings into a part. */
  readonly merges = new Map<number, Stretch[]>()
  /** Parts of which something can only be read together with the rest. */
  readonly whole = new Set<number>()
  readonly #bytes: ByteSequence
  readonly #readKey: ReadKey
  readonly #levels: Level[] = []
  #waiting: Waiting | null = null

  constructor(bytes: ByteSequence, outline: Outline, readKey: ReadKey) {
    this.#bytes = bytes
    this.outline = outline
    this.#readKey = readKey
  }

  /**
   * Adds all that is in the lines from where the scanner stands, which are the value of the root; answers where it ends.
   * `onLine` is told, after each line, in which part it is.
   */
  takeRoot(scanner: YamlScanner, levelsOf: (name: string) => number, onLine: (part: number) => void): number {
    this.#waiting = { part: ROOT, column: -1, levelsOf }
    return this.#take(scanner, this.#bytes.length, onLine)
  }

  /** Adds the members of a part, whose own line the scanner stands at, `column` from the left. */
  takeMembers(scanner: YamlScanner, part: number, { start, end }: Stretch, column: number): void {
    this.#levels.length = 0
    this.#waiting = null
    scanner.restart(start)
    if (!scanner.read(end, column)) return
    if (!scanner.hasValue) this.#waiting = { part, column: scanner.column, levelsOf: () => 0 }
    else if (scanner.kind === 'item') {
      // What begins behind the dash.
      const { valueStart, valueColumn } = scanner
      scanner.restart(valueStart, scanner.column + 1)
      scanner.read(end, valueColumn)
      this.#waiting = { part, column: valueColumn - 1, levelsOf: () => 0 }
      this.#line(scanner)
    } else return
    this.#take(scanner, end, () => {})
  }

  /** From now on a part is read as a whole. */
  giveUp(part: number): void {
    this.outline.clear(part)
    this.merges.delete(part)
    this.whole.add(part)
  }

  #take(scanner: YamlScanner, to: number, onLine: (part: number) => void): number {
    let end = to
    while (scanner.read(to)) {
      if (scanner.kind === 'end') {
        end = scanner.start
        break
      }
      this.#line(scanner)
      const level = this.#levels.at(-1)
      onLine(level === undefined || level.open !== NONE ? (level?.open ?? ROOT) : level.part)
    }
    for (let level = this.#levels.pop(); level; level = this.#levels.pop()) this.#close(level, end)
    this.#waiting = null
    return end
  }

  #line(scanner: YamlScanner): void {
    const { column, kind, start } = scanner
    for (let top = this.#levels.at(-1); top; top = this.#levels.at(-1)) {
      const isBehindList = top.kind === 'item' && column === top.column && kind !== 'item'
      if (column >= top.column && !isBehindList) break
      this.#close(top, start)
      this.#levels.pop()
    }
    this.#open(scanner)
    const level = this.#levels.at(-1)
    if (!level || column > level.column) return
    if (kind === level.kind) this.#member(level, scanner)
    // A list may stand as far left as its key; nothing else may.
    else if (kind !== 'item') this.#giveUp(level)
  }

  /** The line is the first one of the value that was waited for, if there is one. */
  #open({ column, kind }: YamlScanner): void {
    const waiting = this.#waiting
    this.#waiting = null
    if (!waiting || (kind !== 'entry' && kind !== 'item')) return
    if (column > waiting.column || (column === waiting.column && kind === 'item')) {
      const { part, levelsOf } = waiting
      this.#levels.push({ part, column, kind, levelsOf, open: NONE, openStart: NONE })
    }
  }

  #member(level: Level, scanner: YamlScanner): void {
    this.#close(level, scanner.start)
    level.openStart = scanner.start
    if (level.kind === 'item') {
      level.open = this.outline.add(level.part, null)
      return
    }
    const name = this.#key(scanner)
    const isOneMergeMore = name === MERGE && this.merges.get(level.part)?.length === MAX_MERGES
    if (name === null || isOneMergeMore) return this.#giveUp(level)
    level.open = name === MERGE ? NONE : this.outline.add(level.part, name)
    const levels = name === MERGE ? 0 : level.levelsOf(name)
    if (levels > 0 && !scanner.hasValue) {
      this.#waiting = { part: level.open, column: scanner.column, levelsOf: () => levels - 1 }
    }
  }

  #key({ keyStart, keyEnd }: YamlScanner): ReturnType<ReadKey> {
    return keyEnd - keyStart > MAX_KEY_BYTES ? null : this.#readKey(this.#bytes.text(keyStart, keyEnd))
  }

  #close(level: Level, end: number): void {
    const start = level.openStart
    if (start === NONE) return
    if (level.open === NONE) {
      const merges = this.merges.get(level.part)
      if (merges) merges.push({ start, end })
      else this.merges.set(level.part, [{ start, end }])
    } else this.outline.lay(level.open, start, end)
    level.openStart = NONE
  }

  #giveUp(level: Level): void {
    this.#levels.pop()
    this.giveUp(level.part)
  }
}
