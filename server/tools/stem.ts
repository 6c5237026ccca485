// Porter's stemmer (M. F. Porter, "An algorithm for suffix stripping", 1980), step by step as FTS5's `porter` tokenizer
// has it: the words of D1's index are such stems, and a test compares the two.

/** `repositories` → `repositori`; words in lower case. Short, very long and non-ASCII words stay as they are. */
export function stem(word: string): string {
  if (word.length < 3 || word.length > 60 || !/^[a-z0-9]+$/.test(word)) return word
  let text = plural(word)
  text = pastOrGerund(text)
  if (text.endsWith('y') && hasVowel(text.slice(0, -1))) text = `${text.slice(0, -1)}i`
  text = replaceSuffix(text, STEP_2, 0)
  text = replaceSuffix(text, STEP_3, 0)
  text = dropSuffix(text)
  return tidy(text)
}

function plural(word: string): string {
  if (word.endsWith('sses') || word.endsWith('ies')) return word.slice(0, -2)
  if (word.endsWith('ss') || !word.endsWith('s')) return word
  return word.slice(0, -1)
}

function pastOrGerund(word: string): string {
  if (word.endsWith('eed')) return measure(word.slice(0, -3)) > 0 ? word.slice(0, -1) : word
  const cut = word.endsWith('ed') ? 2 : word.endsWith('ing') ? 3 : 0
  const rest = word.slice(0, -cut)
  if (cut === 0 || !hasVowel(rest)) return word
  if (/(at|bl|iz)$/.test(rest)) return `${rest}e`
  if (endsDouble(rest) && !/[lsz]$/.test(rest)) return rest.slice(0, -1)
  return measure(rest) === 1 && endsShort(rest) ? `${rest}e` : rest
}

const STEP_2: readonly (readonly [string, string])[] = [
  ['ational', 'ate'],
  ['tional', 'tion'],
  ['enci', 'ence'],
  ['anci', 'ance'],
  ['izer', 'ize'],
  ['logi', 'log'],
  ['bli', 'ble'],
  ['alli', 'al'],
  ['entli', 'ent'],
  ['eli', 'e'],
  ['ousli', 'ous'],
  ['ization', 'ize'],
  ['ation', 'ate'],
  ['ator', 'ate'],
  ['alism', 'al'],
  ['iveness', 'ive'],
  ['fulness', 'ful'],
  ['ousness', 'ous'],
  ['aliti', 'al'],
  ['iviti', 'ive'],
  ['biliti', 'ble'],
]

const STEP_3: readonly (readonly [string, string])[] = [
  ['icate', 'ic'],
  ['ative', ''],
  ['alize', 'al'],
  ['iciti', 'ic'],
  ['ical', 'ic'],
  ['ful', ''],
  ['ness', ''],
]

const STEP_4 = /(?:al|ance|ence|er|ic|able|ible|ant|ement|ment|ent|ion|ou|ism|ate|iti|ous|ive|ize)$/

function replaceSuffix(word: string, rules: typeof STEP_2, least: number): string {
  const rule = rules.find(([suffix]) => word.endsWith(suffix))
  if (rule === undefined) return word
  const rest = word.slice(0, -rule[0].length)
  return measure(rest) > least ? rest + rule[1] : word
}

function dropSuffix(word: string): string {
  const suffix = STEP_4.exec(word)?.[0]
  if (suffix === undefined) return word
  const rest = word.slice(0, -suffix.length)
  if (measure(rest) <= 1 || (suffix === 'ion' && !/[st]$/.test(rest))) return word
  return rest
}

function tidy(word: string): string {
  let text = word
  if (text.endsWith('e')) {
    const rest = text.slice(0, -1)
    const count = measure(rest)
    if (count > 1 || (count === 1 && !endsShort(rest))) text = rest
  }
  return measure(text) > 1 && text.endsWith('ll') ? text.slice(0, -1) : text
}

/** Consonants as `c`, vowels as `v`: `y` is a vowel after a consonant. */
function shape(word: string): string {
  let shape = ''
  for (const letter of word) {
    shape += 'aeiou'.includes(letter) || (letter === 'y' && shape.endsWith('c')) ? 'v' : 'c'
  }
  return shape
}

/** How many times a vowel is followed by a consonant. */
function measure(word: string): number {
  return shape(word).split('vc').length - 1
}

function hasVowel(word: string): boolean {
  return shape(word).includes('v')
}

function endsDouble(word: string): boolean {
  return word.length > 1 && word.at(-1) === word.at(-2) && shape(word).endsWith('c')
}

function endsShort(word: string): boolean {
  return shape(word).endsWith('cvc') && !/[wxy]$/.test(word)
}
