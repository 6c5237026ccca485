// General English, not any one API: words that say nothing, and verbs that mean the same act.

/** Words without content in a request to a tool. Verbs such as `get` are not among them: they tell tools apart. */
const STOP_WORDS = new Set(
  `a about after all also am an and any are as at be because been being but by can could did do does doing each every
  for from had has have having her here hers him his how i if in into is it its itself just let like may me might mine
  must my need no not now of off on once one only onto or other our ours out over own per please same shall she should
  so some something someone such than that the their theirs them then there these they thing things this those through
  to too us use using very want wants was we were what whatever when where whether which while who whom whose why will
  with within without would yet you your yours`.split(/\s+/),
)

export type Act = 'list' | 'get' | 'search' | 'create' | 'update' | 'delete' | 'send'

/** Verbs by what they do, as API authors and people say it. One verb may do several things. */
const VERBS: readonly (readonly [Act, string])[] = [
  ['list', 'list show see view browse enumerate display index all find'],
  ['get', 'get fetch read retrieve show see view check look lookup load download inspect describe obtain find open'],
  ['search', 'search find look lookup query seek filter'],
  ['create', 'create add new make insert register generate build open start post put attach append invite submit file'],
  ['update', 'update edit change modify set rename patch adjust alter replace put move write switch mark save'],
  ['delete', 'delete remove destroy erase drop clear discard revoke unset cancel detach purge kick'],
  ['send', 'send post publish submit email message notify share deliver write'],
]

const ACTS_BY_VERB = new Map<string, Act[]>()
for (const [act, verbs] of VERBS) {
  for (const verb of verbs.split(' ')) ACTS_BY_VERB.set(verb, [...(ACTS_BY_VERB.get(verb) ?? []), act])
}

/** For guessing which verb was mistyped. */
export const KNOWN_VERBS: readonly string[] = [...ACTS_BY_VERB.keys()]

export function isStopWord(word: string): boolean {
  return STOP_WORDS.has(word)
}

/** What a verb does, in any of its regular forms; empty for words that are no such verb. */
export function actsOf(word: string): readonly Act[] {
  for (const form of [
    word,
    word.replace(/s$/, ''),
    word.replace(/ing$/, ''),
    word.replace(/ing$/, 'e'),
    word.replace(/e?d$/, ''),
    word.replace(/d$/, ''),
  ]) {
    const acts = ACTS_BY_VERB.get(form)
    if (acts !== undefined) return acts
  }
  return []
}

/** How well what a tool does answers what was asked for: 1 the same act, 0 unrelated, -1 the opposite. */
export function actFit(asked: readonly Act[], done: readonly Act[]): number {
  if (asked.length === 0 || done.length === 0) return 0
  if (asked.some((act) => done.includes(act))) return 1
  const reads = (acts: readonly Act[]) => acts.every((act) => act === 'list' || act === 'get' || act === 'search')
  if (reads(asked) && reads(done)) return 0.5
  if (reads(asked) !== reads(done)) return -1
  return asked.includes('delete') !== done.includes('delete') ? -1 : 0
}
