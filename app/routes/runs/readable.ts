/** Characters of one value that a page shows; the rest is said to be missing. */
const MOST_CHARACTERS = 20_000

/** JSON text with line breaks and indentation, cut to what a page can bear. Text that is not JSON stays as it is. */
export function readable(json: string): string {
  let text = json
  try {
    text = JSON.stringify(JSON.parse(json), null, 2) ?? json
  } catch {
    // Shown as stored.
  }
  if (text.length <= MOST_CHARACTERS) return text
  return `${text.slice(0, MOST_CHARACTERS)}\n… ${(text.length - MOST_CHARACTERS).toLocaleString('en')} more characters`
}
