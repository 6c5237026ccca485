import type { Position } from './source-map.ts'

const WIDTH = 120

/** The line of a position with its neighbours, the place marked; long lines are cut around it. */
export function codeFrame(code: string, { line, column }: Position): string {
  const lines = code.split('\n')
  const cut = Math.max(0, column - 1 - WIDTH / 2)
  const first = Math.max(1, line - 1)
  const last = Math.min(lines.length, line + 1)
  const digits = String(last).length
  const rows: string[] = []
  for (let number = first; number <= last; number++) {
    const text = (lines[number - 1] ?? '').slice(cut, cut + WIDTH).trimEnd()
    rows.push(`${number === line ? '>' : ' '} ${String(number).padStart(digits)} | ${text}`.trimEnd())
    if (number === line) rows.push(`  ${' '.repeat(digits)} | ${' '.repeat(column - 1 - cut)}^`)
  }
  return rows.join('\n')
}
