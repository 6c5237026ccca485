// Turns what an agent wrote into a script for QuickJS: takes it out of its fence, refuses what the sandbox does not run,
// strips the types, and remembers how to find the agent's own line and column again.
import { transform } from 'sucrase/dist/index.js'
import { parse } from 'sucrase/dist/parser/index.js'
import parserState, { type ParserState } from 'sucrase/dist/parser/tokenizer/state.js'
import { TokenType } from 'sucrase/dist/parser/tokenizer/types.js'
import { codeFrame } from './code-frame.ts'
import { type Position, readMappings } from './source-map.ts'
import type { ProgramError } from './tool-error.ts'

/**
 * What runs, as plain data: a run that is carried out again runs the same program, whatever a newer Executor would make
 * of its code.
 */
export interface Program {
  /** JavaScript in strict mode with top-level `await`; the completion value is the result. */
  script: string
  /** Of the script's source map. */
  mappings: string
  /** Lines of the code before what the script was made of: the opening of a fence. */
  linesBefore: number
  /** Characters that were put before its first line. */
  charactersBefore: number
}

export type Compiled = { ok: true; program: Program } | { ok: false; error: ProgramError }

/** How the program is called in stacks. */
export const PROGRAM_FILE = 'code.ts'

const BODY_PREFIX = '(async () => {'
const FENCE_OPENS = /^```[\w-]*[ \t]*\r?$/
const FENCE = '```'
// Agents write what these read, and they run outside the sandbox: each takes one pass, whatever the text is.
const SPACE_OR_COMMENT = /\s+|\/\/.*|\/\*[\s\S]*?\*\//y
const STARTS_LIKE_EXPRESSION = /\{|(?:async\s+)?function\b/y

const REFUSED = new Map([
  [TokenType.bigint, 'Big integers are off in the sandbox: use numbers, or strings for long ids.'],
  [
    TokenType['_import'],
    'There are no modules in the sandbox: `import` is off. Everything there is to use is global, `tools` first.',
  ],
  [TokenType['_export'], 'There are no modules in the sandbox: `export` is off. Use `return` to answer.'],
])

export function compile(text: string, maxBytes: number): Compiled {
  const size = new TextEncoder().encode(text).length
  if (size > maxBytes) return refuse('code_too_large', `The code is ${size} bytes; at most ${maxBytes} are run.`)
  const { code, linesBefore } = withoutFence(text)
  if (code.trim() === '') return refuse('syntax_error', 'There is no code to run.')

  // `{ a: 1 }` and `async function () {…}` mean something else, or nothing, as statements: try the expression first.
  const attempts = startsLikeExpression(code) ? [{ before: '(', after: '\n)' }, NOTHING_AROUND] : [NOTHING_AROUND]
  let failure: Compiled | undefined
  for (const { before, after } of attempts) {
    const stripped = strip(before + code + after)
    const from = { linesBefore, charactersBefore: before.length }
    if (stripped.ok) return { ok: true, program: { script: stripped.script, mappings: stripped.mappings, ...from } }
    failure = refuse(stripped.code, stripped.message, stripped.position && placeIn(text, from, stripped.position))
    if (stripped.code === 'refused_syntax') break
  }
  return failure ?? refuse('syntax_error', 'There is no code to run.')
}

/** The program as the body of an async function, for code with a `return` at its top level. */
export function bodyOf({ script }: Program): string {
  return `${BODY_PREFIX}${script}\n})()`
}

/** The first place in the agent's own `text` that a stack of the program names. */
export function locate(
  program: Program,
  text: string,
  stack: string,
  isBody: boolean,
): Pick<ProgramError, 'line' | 'column' | 'frame'> {
  const found = new RegExp(`${PROGRAM_FILE}:(\\d+):(\\d+)`).exec(stack)
  if (!found) return {}
  const line = Number(found[1])
  const column = Number(found[2]) - (isBody && line === 1 ? BODY_PREFIX.length : 0)
  return placeIn(text, program, readMappings(program.mappings)({ line, column: Math.max(1, column) }))
}

/** A place in what was read as a place in the agent's own text, with the code around it. */
function placeIn(
  text: string,
  { linesBefore, charactersBefore }: Pick<Program, 'linesBefore' | 'charactersBefore'>,
  { line, column }: Position,
): Position & { frame: string } {
  const own = {
    line: line + linesBefore,
    column: line === 1 ? Math.max(1, column - charactersBefore) : column,
  }
  return { ...own, frame: codeFrame(text, own) }
}

const NOTHING_AROUND = { before: '', after: '' }

/** What stands inside of a Markdown fence that is all of the text; the text itself when there is none. */
function withoutFence(text: string): { code: string; linesBefore: number } {
  const opening = text.length - text.trimStart().length
  const firstLineEnds = text.indexOf('\n', opening)
  const closing = text.trimEnd().length - FENCE.length
  const isFenced =
    firstLineEnds >= 0 &&
    closing > firstLineEnds &&
    text.startsWith(FENCE, closing) &&
    FENCE_OPENS.test(text.slice(opening, firstLineEnds))
  if (!isFenced) return { code: text, linesBefore: 0 }
  const before = text.slice(0, firstLineEnds + 1)
  return { code: text.slice(before.length, closing), linesBefore: before.split('\n').length - 1 }
}

function startsLikeExpression(code: string): boolean {
  SPACE_OR_COMMENT.lastIndex = 0
  let start = 0
  while (SPACE_OR_COMMENT.test(code)) start = SPACE_OR_COMMENT.lastIndex
  STARTS_LIKE_EXPRESSION.lastIndex = start
  return STARTS_LIKE_EXPRESSION.test(code)
}

type Stripped =
  | { ok: true; script: string; mappings: string }
  | { ok: false; code: 'syntax_error' | 'refused_syntax'; message: string; position?: Position }

function strip(code: string): Stripped {
  try {
    const { tokens } = withinBudget(code, () => parse(code, false, true, false))
    for (const { type, start } of tokens) {
      const message = REFUSED.get(type)
      // `import type { … }` says nothing at run time, but it has nothing to import from either.
      if (message) return { ok: false, code: 'refused_syntax', message, position: positionAt(code, start) }
    }
    const result = withinBudget(code, () =>
      transform(code, {
        transforms: ['typescript'],
        disableESTransforms: true,
        filePath: PROGRAM_FILE,
        sourceMapOptions: { compiledFilename: PROGRAM_FILE },
      }),
    )
    return { ok: true, script: result.code, mappings: result.sourceMap?.mappings ?? '' }
  } catch (error) {
    return describeFailure(error)
  }
}

/** Sucrase's own errors carry a position (`loc`, columns from 1) and end with it in parentheses. */
function describeFailure(error: unknown): Stripped {
  if (error instanceof RangeError || error instanceof TooMuchBacktracking) {
    return { ok: false, code: 'syntax_error', message: 'SyntaxError: the code is nested too deeply to be read.' }
  }
  if (!(error instanceof Error)) throw error
  const message = `SyntaxError: ${error.message.replace(/^Error transforming [^:]*: /, '').replace(/ \(\d+:\d+\)$/, '')}`
  const loc = 'loc' in error ? error.loc : undefined
  if (typeof loc !== 'object' || loc === null || !('line' in loc) || !('column' in loc)) {
    return { ok: false, code: 'syntax_error', message }
  }
  return { ok: false, code: 'syntax_error', message, position: { line: Number(loc.line), column: Number(loc.column) } }
}

function positionAt(code: string, offset: number): Position {
  const lines = code.slice(0, offset).split('\n')
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 }
}

function refuse(code: string, message: string, place: Partial<ProgramError> = {}): Compiled {
  return { ok: false, error: { code, message, ...place } }
}

// Sucrase tries a reading, and goes back when it was wrong; nested generic arrows (`<T>(a = <T>(a = …`) make it go back
// 2^n times. It runs outside the sandbox, where no fuel is counted, so what it may read again is bounded here.
class TooMuchBacktracking extends Error {}

const READ_AGAIN_AT_MOST = 32
let characterBudget = Infinity
// A CommonJS default is the module's exports in Node, and what they call `default` under Vite.
const { prototype } = 'default' in parserState ? parserState.default : parserState
const restore: (this: ParserState, snapshot: { pos: number }) => void = prototype.restoreFromSnapshot
prototype.restoreFromSnapshot = function (snapshot) {
  characterBudget -= this.pos - snapshot.pos
  if (characterBudget < 0) throw new TooMuchBacktracking()
  restore.call(this, snapshot)
}

function withinBudget<T>(code: string, work: () => T): T {
  characterBudget = READ_AGAIN_AT_MOST * Math.max(code.length, 1024)
  try {
    return work()
  } finally {
    characterBudget = Infinity
  }
}
