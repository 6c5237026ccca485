// Reads the `mappings` of a source map (https://tc39.es/ecma426/), as far as one source and positions go.

/** Both 1-based. */
export interface Position {
  line: number
  column: number
}

interface Segment {
  column: number
  sourceLine: number
  sourceColumn: number
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Returns a function from a position in generated code to the one it came from. */
export function readMappings(mappings: string): (generated: Position) => Position {
  let lines: Segment[][] | undefined
  return (generated) => {
    lines ??= decode(mappings)
    const segments = lines[generated.line - 1] ?? []
    const segment = segments.findLast(({ column }) => column <= generated.column - 1)
    if (segment === undefined) return generated
    const beyond = generated.column - 1 - segment.column
    return { line: segment.sourceLine + 1, column: segment.sourceColumn + beyond + 1 }
  }
}

function decode(mappings: string): Segment[][] {
  let sourceLine = 0
  let sourceColumn = 0
  return mappings.split(';').map((line) => {
    let column = 0
    const segments: Segment[] = []
    for (const text of line.split(',')) {
      const [columnDelta, , lineDelta, sourceColumnDelta] = decodeNumbers(text)
      if (columnDelta === undefined) continue
      column += columnDelta
      if (lineDelta === undefined || sourceColumnDelta === undefined) continue
      sourceLine += lineDelta
      sourceColumn += sourceColumnDelta
      segments.push({ column, sourceLine, sourceColumn })
    }
    return segments
  })
}

/** Base 64 VLQ: five bits a digit, the lowest of the whole number is its sign. */
function decodeNumbers(text: string): number[] {
  const numbers: number[] = []
  let value = 0
  let shift = 0
  for (const character of text) {
    const digit = DIGITS.indexOf(character)
    value += (digit & 31) << shift
    shift += 5
    if (digit & 32) continue
    numbers.push(value & 1 ? -(value >> 1) : value >> 1)
    value = 0
    shift = 0
  }
  return numbers
}
