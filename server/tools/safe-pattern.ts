// `pattern` comes from a document that somebody else wrote, and JavaScript's regular expressions backtrack without an
// end. Only patterns that cannot take long are run: short ones, with few repetitions and none inside another.

const longestPattern = 200
const longestText = 256

/** Whether `text` breaks `pattern`. False also when the pattern is not one that is safe to run, or is no pattern. */
export function violatesPattern(pattern: string, text: string): boolean {
  if (text.length > longestText || !isSafe(pattern)) return false
  try {
    return !new RegExp(pattern, 'u').test(text)
  } catch {
    return false
  }
}

/** At most two open repetitions and eight optional parts; no repeated group that repeats or chooses inside. */
export function isSafe(pattern: string): boolean {
  if (pattern.length > longestPattern) return false
  // What escapes and classes contain does not matter here; look-around and back-references are not judged at all.
  if (/\\[1-9k]|\(\?(?!:)/.test(pattern)) return false
  const bare = pattern
    .replaceAll(/\\./g, 'e')
    .replaceAll(/\[[^\]]*\]/g, 'c')
    .replaceAll('(?:', '(')
  if (hasRepeatedChoice(bare)) return false
  const repeats = bare.match(/[*+]|\{\d*,\d*\}/g)?.length ?? 0
  const optional = bare.match(/\?/g)?.length ?? 0
  return repeats <= 2 && optional <= 8
}

/** `(a+)+`, `(a|ab)*`, `((a)?){30}`: a group that is repeated and whose inside can match in several ways. */
function hasRepeatedChoice(bare: string): boolean {
  const open: number[] = []
  for (let index = 0; index < bare.length; index++) {
    if (bare[index] === '(') open.push(index)
    if (bare[index] !== ')') continue
    const inside = bare.slice((open.pop() ?? 0) + 1, index)
    if (/^[*+{?]/.test(bare.slice(index + 1)) && /[*+{?|]/.test(inside)) return true
  }
  return false
}
