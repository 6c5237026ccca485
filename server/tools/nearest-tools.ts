import { nearest } from './nearest.ts'
import { stem } from './stem.ts'
import { wordsOf } from './words.ts'

/**
 * Tools of an integration that an unknown name may have meant, best first: names that are nearly the same, names inside
 * of it (`issues` for `issues.list`), and names made of the same words (`createIssue` for `issues.create`).
 */
export function nearestTools(name: string, names: readonly string[]): string[] {
  const inside = name === '' ? [] : names.filter((candidate) => candidate.startsWith(`${name}.`))
  const wanted = new Set(wordsOf(name).map(stem))
  const sharing = names
    .map((candidate) => ({ candidate, share: shareOf(wanted, candidate) }))
    .filter(({ share }) => share >= 0.6)
    .sort((a, b) => b.share - a.share || (a.candidate < b.candidate ? -1 : 1))
    .map(({ candidate }) => candidate)
  return [...new Set([...nearest(name, names, 5), ...inside.slice(0, 5), ...sharing.slice(0, 5)])]
}

/** Of all words in either, how many are in both. */
function shareOf(wanted: ReadonlySet<string>, candidate: string): number {
  const words = new Set(wordsOf(candidate).map(stem))
  const common = [...words].filter((word) => wanted.has(word)).length
  return common / Math.max(1, words.size + wanted.size - common)
}
