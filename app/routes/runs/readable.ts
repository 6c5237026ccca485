/** Characters of one value that a page shows unasked, and when it is asked for this one. */
const MOST_CHARACTERS = 20_000
const MOST_WHEN_ASKED = 500_000

export interface ReadableText {
  text: string
  /** False when the end is missing. */
  isWhole: boolean
}

/** A JSON-like value with line breaks and indentation, cut to what a page can bear. */
export function readable(value: unknown, wanted: 'beginning' | 'all' = 'beginning'): ReadableText {
  const text = JSON.stringify(value, null, 2) ?? 'null'
  const most = wanted === 'all' ? MOST_WHEN_ASKED : MOST_CHARACTERS
  if (text.length <= most) return { text, isWhole: true }
  return {
    text: `${text.slice(0, most)}\n… ${(text.length - most).toLocaleString('en')} more characters`,
    isWhole: false,
  }
}
