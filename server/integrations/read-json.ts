// JSON that an upstream wrote, without a silent change: `JSON.parse` rounds what JavaScript's numbers cannot hold, and an
// id of 19 digits becomes the id of something else.

export type JsonReading = { ok: true; value: unknown } | { ok: false }

/** Where it may pay to look at every token: long integers, large exponents, and what some writers put for no number. */
const ODD_NUMBER = /(?:^|[\s:,[])-?(?:\d{16}|NaN|Infinity|[\d.]+[eE]\+?\d{3})/

/**
 * Integers that a number does not hold exactly, and numbers too large for one, are read as text. `NaN` and `Infinity`,
 * which are no JSON and which some libraries write all the same, are read as null. The last of equal keys counts, and
 * `__proto__` is a key like any other.
 */
export function readJson(text: string): JsonReading {
  try {
    return { ok: true, value: JSON.parse(ODD_NUMBER.test(text) ? withoutOddNumbers(text) : text) }
  } catch {
    return { ok: false }
  }
}

/** Whether lists and objects in `value` are nested in more than `levels` levels. Never recurses. */
export function isNestedDeeperThan(value: unknown, levels: number): boolean {
  let level = [value].filter(isContainer)
  for (let depth = 0; level.length > 0; depth++) {
    if (depth === levels) return true
    level = level.flatMap((container) => Object.values(container).filter(isContainer))
  }
  return false
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function withoutOddNumbers(text: string): string {
  let isInString = false
  return text.replace(/\\[^]|"|-?\b(?:NaN|Infinity)\b|-?\d[\d.eE+-]*/g, (token) => {
    if (token === '"') isInString = !isInString
    if (isInString || token === '"') return token
    if (!/\d/.test(token)) return 'null'
    if (!/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(token)) return token
    const number = Number(token)
    const isHeld = /^-?\d+$/.test(token) ? Number.isSafeInteger(number) : Number.isFinite(number)
    return isHeld ? token : `"${token}"`
  })
}
