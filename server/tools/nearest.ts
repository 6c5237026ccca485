// "Did you mean …?": the closest of some known names, when one is close enough to be what was meant.

/** The candidates nearest to `name`, all of them equally near; empty when nothing is. Case and `_`, `-`, `.` weigh little. */
export function nearest(name: string, candidates: Iterable<string>, limit = 1): string[] {
  const wanted = plain(name)
  const allowed = Math.max(1, Math.floor(wanted.length / 3))
  const found: { candidate: string; distance: number }[] = []
  for (const candidate of candidates) {
    const known = plain(candidate)
    if (Math.abs(known.length - wanted.length) > allowed) continue
    const distance = editDistance(wanted, known, allowed)
    if (distance <= allowed) found.push({ candidate, distance })
  }
  found.sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
  const best = found[0]?.distance ?? 0
  return found
    .filter(({ distance }) => distance === best)
    .slice(0, limit)
    .map(({ candidate }) => candidate)
}

/** The only candidate that `name` begins or ends: `number` for `issue_number`. Undefined when several do, or none. */
export function extended(name: string, candidates: readonly string[]): string | undefined {
  const wanted = plain(name)
  const found = candidates.filter(
    (candidate) => plain(candidate).endsWith(wanted) || plain(candidate).startsWith(wanted),
  )
  return wanted.length > 1 && found.length === 1 ? found[0] : undefined
}

function plain(name: string): string {
  return name
    .slice(0, 100)
    .toLowerCase()
    .replaceAll(/[-_.\s]/g, '')
}

/** Edits (insert, delete, replace, swap of neighbours) from `a` to `b`; anything above `most` is `most + 1`. */
export function editDistance(a: string, b: string, most: number): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const isSame = a[row - 1] === b[column - 1]
      let cost = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + (isSame ? 0 : 1))
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      if (isSwap) cost = Math.min(cost, at(beforeLast, column - 2) + 1)
      current.push(cost)
    }
    if (Math.min(...current, ...last) > most) return most + 1
    beforeLast = last
    last = current
  }
  return at(last, b.length)
}

function at(row: number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY
}
