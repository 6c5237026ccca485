// Orders candidates: how much of the query a tool answers, in which of its texts, and how little else it is about.
import type { Candidate } from '../db/tools-index.ts'
import type { PlannedWord } from './search-plan.ts'
import { type Act, actFit, actsOf, isStopWord } from './search-words.ts'
import { stem } from './stem.ts'
import { spacedWords, wordsOf } from './words.ts'

/** What a word found in a text counts. */
const FIELDS = { name: 1, integration: 0.9, summary: 0.9, path: 0.75, parameters: 0.45, description: 0.45 }
/**
 * What was found has to do with the query only by chance, unless it has this share of it, or a word or two so rare that
 * they weigh this much of what the rarest word could.
 */
const MIN_COVERAGE = 0.3
const MIN_EVIDENCE = 0.5
/** An unknown word tells nothing of which tool is meant, only that something else may be. */
const UNKNOWN_WORD = 0.5
const VERB_BY_ACT = 0.8

export interface Ranked {
  candidate: Candidate
  score: number
}

/** Best first; ties by address, so that pages are stable. `total` is about how many tools there are. */
export function rankCandidates(
  query: string,
  words: readonly PlannedWord[],
  candidates: readonly Candidate[],
  total: number,
): Ranked[] {
  const asked = wordsOf(query).join(' ')
  const weights = words.map((word) => weightOf(word, total))
  const enough = MIN_EVIDENCE * Math.log(1 + Math.max(total, 100))
  const acts = words.find((word) => word.acts.length > 0)?.acts ?? []
  const ranked = candidates.flatMap((candidate) => {
    const score = scoreOf(asked, words, weights, acts, enough, candidate)
    return score === null ? [] : [{ candidate, score }]
  })
  return ranked.sort((a, b) => b.score - a.score || (addressOf(a) < addressOf(b) ? -1 : 1))
}

function addressOf({ candidate }: Ranked): string {
  return `${candidate.integration}.${candidate.name}`
}

/** Rare words say more. A verb says which of several tools, hardly ever what they are about. */
function weightOf(word: PlannedWord, total: number): number {
  const rarity = Math.log(1 + Math.max(total, 100) / (word.count + 1))
  if (word.acts.length > 0) return Math.min(rarity, 1.5)
  return word.count === 0 ? rarity * UNKNOWN_WORD : Math.max(rarity, 0.3)
}

function scoreOf(
  asked: string,
  words: readonly PlannedWord[],
  weights: readonly number[],
  acts: readonly Act[],
  enough: number,
  candidate: Candidate,
): number | null {
  const nameWords = wordsOf(spacedWords(candidate.name))
  const name = nameWords.join(' ')
  const isExact = asked === name || asked === `${wordsOf(candidate.integration).join(' ')} ${name}`
  // `who am I` and `whoami`, `web hooks` and `webhooks`: people and documents divide words differently.
  const isJoined = asked.includes(' ') && nameWords.includes(asked.replaceAll(' ', ''))
  const fields = fieldsByStem(candidate, nameWords)
  const done = actsOfTool(candidate)

  let covered = 0
  let whole = 0
  for (const [index, word] of words.entries()) {
    const weight = weights[index] ?? 0
    const byAct = word.acts.some((act) => done.includes(act)) ? VERB_BY_ACT : 0
    const found = word.terms.map(({ term, weight }) => (fields.get(term) ?? 0) * weight)
    covered += weight * Math.max(byAct, 0, ...found)
    whole += weight
  }
  const coverage = whole === 0 ? 0 : covered / whole
  if (!isExact && !isJoined && coverage < MIN_COVERAGE && covered < enough) return null

  const terms = new Set(words.flatMap((word) => word.terms.map(({ term }) => term)))
  const isAsked = (word: string) => terms.has(stem(word)) || actsOf(word).some((act) => acts.includes(act))
  return (
    (isExact ? 10 : 0) +
    (isJoined ? 2 : 0) +
    2 * coverage +
    0.5 * shareOf(nameWords, isAsked) +
    0.35 * shareOf(wordsOf(candidate.summary), isAsked) +
    0.25 * actFit(acts, done) -
    (candidate.isDeprecated ? 0.2 : 0)
  )
}

/** For each stem the best text it is in. */
function fieldsByStem(candidate: Candidate, nameWords: readonly string[]): Map<string, number> {
  const fields = new Map<string, number>()
  const add = (words: readonly string[], value: number) => {
    for (const word of words) {
      const key = stem(word)
      if ((fields.get(key) ?? 0) < value) fields.set(key, value)
    }
  }
  add(nameWords, FIELDS.name)
  add(wordsOf(candidate.integration), FIELDS.integration)
  add(wordsOf(candidate.summary), FIELDS.summary)
  add(wordsOf(candidate.operation), FIELDS.path)
  add(wordsOf(candidate.parameters), FIELDS.parameters)
  add(wordsOf(candidate.description), FIELDS.description)
  return fields
}

/** What a tool does, from the verb its name has, else from its effect. */
function actsOfTool(candidate: Candidate): readonly Act[] {
  const [verb = ''] = wordsOf(spacedWords(candidate.name.split('.').at(-1) ?? ''))
  const byName = actsOf(verb)
  if (byName.length > 0) return byName
  if (candidate.effect === 'read') return ['get', 'list', 'search']
  return candidate.effect === 'destructive' ? ['delete'] : ['create', 'update', 'send']
}

function shareOf(words: readonly string[], isAsked: (word: string) => boolean): number {
  const telling = words.filter((word) => !isStopWord(word))
  return telling.length === 0 ? 0 : telling.filter(isAsked).length / telling.length
}
