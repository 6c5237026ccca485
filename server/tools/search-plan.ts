// From a query to what the full-text index is asked. Rare words come first and common ones are asked only together with
// others, so that the work is bounded by this plan and not by the size of the catalog.
import { editDistance } from './nearest.ts'
import { type Act, actsOf, isStopWord, KNOWN_VERBS } from './search-words.ts'
import { stem } from './stem.ts'
import { wordsOf } from './words.ts'

/** A word of the query that carries meaning, as typed and as the index has it. */
export interface QueryWord {
  word: string
  stem: string
  acts: readonly Act[]
}

/** What the index knows of a word: terms are stems, `count` the tools that have them. */
export interface WordKnowledge {
  /** Tools that have the stem itself, 0 when unknown. */
  count: number
  /** Terms that begin with the stem, most frequent first. */
  longer: { term: string; count: number }[]
  /** Terms of similar spelling; looked up only for a word that is not known. */
  similar: { term: string; count: number }[]
}

/** A word with the terms that stand for it; `weight` 1 is the word itself, less is a guess. */
export interface PlannedWord extends QueryWord {
  terms: { term: string; weight: number }[]
  /** Tools that have any of the terms, at most. */
  count: number
}

export interface SearchPlan {
  words: PlannedWord[]
  /** Full-text expressions, the narrowest first. */
  expressions: string[]
}

const MAX_WORDS = 16
/** How many tools an expression may match and still be ranked: what ranking costs grows with it. */
const MAX_RANKED = 5_000
const MAX_LONGER = 6
/** Words in a query that is not yet a sentence. */
const SHORT_QUERY = 4

/** The words of a query that carry meaning; all of them when none does. */
export function queryWords(query: string): QueryWord[] {
  const words = [...new Set(wordsOf(query))].filter((word) => word.length <= 40)
  const telling = words.filter((word) => !isStopWord(word))
  return (telling.length > 0 ? telling : words)
    .slice(0, MAX_WORDS)
    .map((word) => ({ word, stem: stem(word), acts: actsOf(word) }))
}

/** Null when no word of the query, nor anything spelled like it, can be in the catalog. */
export function planSearch(
  query: string,
  asked: readonly QueryWord[],
  knowledge: readonly WordKnowledge[],
): SearchPlan | null {
  const words = asked.map((word, index) => planWord(word, knowledge[index], asked.length > SHORT_QUERY))
  const known = words.filter((word) => word.count > 0).sort((a, b) => a.count - b.count)
  const phrases = namePhrases(query)
  if (known.length === 0) return phrases.length === 0 ? null : { words, expressions: phrases }
  // Verbs are everywhere: they help to order what was found and seldom to find it.
  const things = known.filter((word) => word.acts.length === 0)
  const finding = things.length > 0 ? things : known
  const groups = finding.map(expressionOf)
  const expressions = new Set(phrases)
  if (known.length > 1) expressions.add(known.map(expressionOf).join(' AND '))
  expressions.add(`{name summary} : (${groups.join(' AND ')})`)
  for (let size = groups.length - 1; size > 1; size--) expressions.add(groups.slice(0, size).join(' AND '))
  for (const pair of pairs(groups.slice(0, 4))) expressions.add(pair)
  expressions.add(alternatives(finding))
  return { words, expressions: [...expressions].slice(0, 12) }
}

function planWord(word: QueryWord, knowledge: WordKnowledge | undefined, isSentence: boolean): PlannedWord {
  const { count = 0, longer = [], similar = [] } = knowledge ?? {}
  const terms: PlannedWord['terms'] = []
  let total = count
  if (count > 0) terms.push({ term: word.stem, weight: 1 })
  for (const { term, count: more } of longer.slice(0, MAX_LONGER)) {
    if (stem(term) !== term) continue
    terms.push({ term, weight: 0.4 + (0.5 * word.stem.length) / term.length })
    total += more
  }
  if (terms.length > 0 || word.word.length < 4) return { ...word, terms, count: total }
  // In a sentence most unknown words are not mistyped: they are about something that the catalog does not name.
  const slips = word.word.length > 5 && !isSentence ? 2 : 1
  const byForm = new Map(similar.flatMap((entry) => unstemmed(entry.term).map((form) => [form, entry])))
  for (const form of meant(word.word, byForm.keys(), slips)) {
    const entry = byForm.get(form)
    if (entry === undefined || stem(entry.term) !== entry.term || terms.some(({ term }) => term === entry.term))
      continue
    terms.push({ term: entry.term, weight: 0.8 })
    total += entry.count
  }
  const [verb] = word.acts.length > 0 ? [] : meant(word.word, KNOWN_VERBS, slips)
  return { ...word, acts: verb === undefined ? word.acts : actsOf(verb), terms, count: total }
}

/** Words that differ by at most that many slips of the fingers; the nearest only. */
function meant(word: string, candidates: Iterable<string>, most: number): string[] {
  const near = [...candidates].map((candidate) => ({ candidate, distance: editDistance(word, candidate, most) }))
  const least = Math.min(most, ...near.map(({ distance }) => distance))
  return near
    .filter(({ distance }) => distance === least)
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, 4)
    .map(({ candidate }) => candidate)
}

/** A stem, and the words it was most likely made of: `creat` of `create`, `repositori` of `repository`. */
function unstemmed(term: string): string[] {
  return [term, `${term}e`, ...(term.endsWith('i') ? [`${term.slice(0, -1)}y`] : [])]
}

/** Where terms of similar spelling are looked for: its first letters, also swapped, and with one of them wrong. */
export function similarRanges(word: string): string[] {
  const [a = '', b = '', c = ''] = word
  return word.length < 4 ? [] : [...new Set([a + b, b + a, a + c, b + c])]
}

/** Only letters and digits come here, and in quotes: nothing of a query is read as syntax. */
function expressionOf(word: PlannedWord): string {
  return `(${word.terms.map(({ term }) => `"${term}"`).join(' OR ')})`
}

/** A query that is the name of a tool finds it, with its integration in front or without, and written as one word. */
function namePhrases(query: string): string[] {
  const words = wordsOf(query)
  if (words.length < 2 || words.length > 8) return []
  const phrases = [words.join(' '), words.slice(1).join(' '), words.join('')]
  return phrases.map((phrase) => `name : "${phrase}"`)
}

function pairs(groups: readonly string[]): string[] {
  return groups.flatMap((first, index) => groups.slice(index + 1).map((second) => `${first} AND ${second}`))
}

/** Any of the words, as long as not too many tools have one; a word that is everywhere counts in names only. */
function alternatives(words: readonly PlannedWord[]): string {
  const chosen: PlannedWord[] = []
  let total = 0
  for (const word of words) {
    total += word.count
    if (total <= MAX_RANKED) chosen.push(word)
  }
  const [first] = words
  if (chosen.length === 0 && first !== undefined) return `name : ${expressionOf(first)}`
  return chosen.map(expressionOf).join(' OR ')
}
