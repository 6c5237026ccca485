// YAML as a value. The reader of a whole text takes some forty times its size in memory, so block mappings are taken
// apart by their indentation first and read in pieces of about PIECE characters.
import { LineCounter, parseDocument } from 'yaml'
import { DocumentError } from '../document-error.ts'
import { isRecord, shorten } from '../json-value.ts'

const PIECE = 64 * 1024
/** Above this a text that only reads as a whole (anchors used in other places) would not fit the isolate. */
const MAX_WHOLE = 1024 * 1024
const MAX_ALIASES = 10_000
/** What a document may grow to when its aliases are followed. */
const MAX_EXPANDED_VALUES = 4_000_000
const MAX_DEPTH = 400

/** Throws DocumentError where it is not YAML. */
export function parseYaml(text: string): unknown {
  const lines = text.split(/\r\n|\n|\r/)
  const isDeep = lines.some((line) => /^ {800}/.test(line)) || /(?:[[{]\s*){400}/.test(text) || /(?:- ){400}/.test(text)
  if (isDeep) throw new DocumentError('too_deep', `The YAML nests values more than ${MAX_DEPTH} levels deep.`)
  const value = text.length > PIECE ? (inPieces(lines) ?? whole(text)) : whole(text)
  if (expandedSize(value, new Map()) > MAX_EXPANDED_VALUES) {
    throw new DocumentError('too_large', 'The YAML grows too large when its aliases are followed.')
  }
  return value
}

/** The value of a text that is one block mapping; null when it is not, or when its pieces need one another. */
function inPieces(lines: string[]): unknown {
  let from = 0
  while (from < lines.length && /^\s*(#.*)?$|^---\s*(#.*)?$/.test(lines[from] ?? '')) from++
  const end = lines.findIndex((line, index) => index >= from && /^(---|\.\.\.)(\s|$)/.test(line))
  if (/^[%{[\-&!]/.test(lines[from] ?? '')) return null
  try {
    return readMapping(lines, from, end < 0 ? lines.length : end)
  } catch (error) {
    // A piece alone may refer to an anchor of another one.
    if (error instanceof DocumentError && error.message.includes('nresolved alias')) return null
    throw error
  }
}

function readMapping(lines: string[], from: number, to: number): unknown {
  const indent = indentOf(lines[from] ?? '')
  const starts = entryStarts(lines, from, to, indent)
  const members: [string, unknown][] = []
  let pieceStart = from
  let pieceLength = 0
  const readPiece = (until: number) => {
    if (until > pieceStart) members.push(...Object.entries(record(read(lines, pieceStart, until), lines, pieceStart)))
    pieceStart = until
    pieceLength = 0
  }
  for (const [index, start] of starts.entries()) {
    const end = starts[index + 1] ?? to
    const length = lengthOf(lines, start, end)
    if (pieceLength + length > PIECE) readPiece(start)
    const inner = length > PIECE ? innerStart(lines, start, end, indent) : -1
    if (inner >= 0) {
      const [key = ''] = Object.keys(record(read(lines, start, start + 1), lines, start))
      members.push([key, readMapping(lines, inner, end)])
      pieceStart = end
    } else pieceLength += length
  }
  readPiece(to)
  return Object.fromEntries(members)
}

/** Lines that begin an entry of the mapping at `indent`: a list may stand as far left as its key. */
function entryStarts(lines: string[], from: number, to: number, indent: number): number[] {
  const starts: number[] = []
  for (let at = from; at < to; at++) {
    const line = lines[at] ?? ''
    const isEntry = indentOf(line) === indent && !/^\s*($|#|-(\s|$)|[\]}?"':])/.test(line)
    const isQuoted = indentOf(line) === indent && /^\s*("[^"]*"|'[^']*')\s*:(\s|$)/.test(line)
    if (isEntry || isQuoted) starts.push(at)
  }
  return starts
}

/** Where the mapping under a key begins, when nothing but the key is on its line; -1 for anything else. */
function innerStart(lines: string[], start: number, end: number, indent: number): number {
  if (!/:\s*(#.*)?$/.test(lines[start] ?? '')) return -1
  for (let at = start + 1; at < end; at++) {
    const line = lines[at] ?? ''
    if (/^\s*(#.*)?$/.test(line)) continue
    const isMapping = indentOf(line) > indent && /^\s*[^\s\-{[?|>&*!%@`#][^\n]*:(\s|$)/.test(line)
    return isMapping && entryStarts(lines, at, end, indentOf(line))[0] === at ? at : -1
  }
  return -1
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length
}

function lengthOf(lines: string[], from: number, to: number): number {
  let length = 0
  for (let at = from; at < to; at++) length += (lines[at]?.length ?? 0) + 1
  return length
}

function read(lines: string[], from: number, to: number): unknown {
  return readText(`${lines.slice(from, to).join('\n')}\n`, from)
}

function record(value: unknown, lines: string[], from: number): Record<string, unknown> {
  if (isRecord(value)) return value
  if (value === null || value === undefined) return {}
  throw new DocumentError(
    'invalid_yaml',
    `The YAML cannot be read at line ${from + 1}: a key was expected, "${shorten(lines[from] ?? '', 60)}" found.`,
  )
}

function whole(text: string): unknown {
  if (text.length <= MAX_WHOLE) return readText(text, 0)
  const size = (text.length / 1024 / 1024).toFixed(1)
  throw new DocumentError(
    'too_large',
    `The YAML of ${size} MiB has parts that depend on one another (anchors, or no block style), which can be read up to 1 MiB. Convert it to JSON.`,
  )
}

function readText(text: string, firstLine: number): unknown {
  const lineCounter = new LineCounter()
  try {
    const options = { lineCounter, merge: true, uniqueKeys: false, prettyErrors: false, logLevel: 'error' } as const
    const parsed = parseDocument(text, options)
    const [error] = parsed.errors
    if (error && error.code !== 'MULTIPLE_DOCS') {
      const { line, col } = lineCounter.linePos(error.pos[0])
      const problem = shorten(error.message, 200)
      throw new DocumentError(
        'invalid_yaml',
        `The YAML cannot be read at line ${firstLine + line}, column ${col}: ${problem}`,
      )
    }
    return parsed.toJS({ maxAliasCount: MAX_ALIASES })
  } catch (error) {
    if (error instanceof DocumentError) throw error
    const message = error instanceof Error ? error.message : 'it could not be parsed'
    throw new DocumentError('invalid_yaml', `The YAML cannot be read: ${shorten(message, 200)}`)
  }
}

/** How many values there are when every alias is written out; each shared value is counted once and added often. */
function expandedSize(value: unknown, known: Map<object, number>): number {
  if (typeof value !== 'object' || value === null) return 1
  const before = known.get(value)
  if (before !== undefined) return before
  let size = 1
  for (const member of Object.values(value)) size += expandedSize(member, known)
  known.set(value, size)
  return size
}
