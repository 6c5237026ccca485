/** What one program may use. Everything is counted and nothing is timed: see meter.ts. */
export interface Limits {
  codeBytes: number
  /** The whole WebAssembly memory: the engine's own 6 MiB and the program's heap. At least 17 MiB. */
  memoryBytes: number
  stackBytes: number
  /**
   * Units of fuel: turns of loops and calls of functions inside the compiled engine, at most 1.8e9. A turn of an empty
   * `for` loop costs about 29, so the default is 17 million turns: 2 seconds on a slow core, with every built-in that
   * was tried between 0.4 and 4.7 seconds.
   */
  steps: number
  /** Everything asked of the host in one run: tool calls, searches, descriptions, results and timers. */
  calls: number
  /** The most that one `.pages` may be asked to read. */
  pages: number
  /** The longest that one `setTimeout` may wait. */
  timerMs: number
  logCharacters: number
  /** Each of: the result, all emitted values together, one argument of a call. Bytes of files count separately. */
  resultCharacters: number
  /** Bytes of files that may leave the program in one run. */
  fileBytes: number
  /** Levels of nesting that a value may have when it leaves the program. */
  depth: number
}

const MiB = 1024 * 1024

export const DEFAULT_LIMITS: Limits = {
  codeBytes: 64 * 1024,
  memoryBytes: 32 * MiB,
  stackBytes: 128 * 1024,
  steps: 500_000_000,
  calls: 200,
  pages: 100,
  timerMs: 60_000,
  logCharacters: 64 * 1024,
  resultCharacters: 4 * MiB,
  fileBytes: 32 * MiB,
  depth: 100,
}
