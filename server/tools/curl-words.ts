// A command line as its shell splits it into words: POSIX, cmd.exe or PowerShell, told apart by how a line goes on.

/** What is longer carries a file, and what matters stands before it. */
const MOST_CHARACTERS = 64 * 1024

/** One piece: what stands between words, what ends the command, or a part of a word. A quote may lack its end. */
const PIECE =
  /(?<space>\s+)|(?<end>&&|\|\|?|;|&(?=\s|$))|'(?<literal>[^']*)'?|\$'(?<ansi>(?:[^'\\]|\\[^])*)'?|\$?"(?<double>(?:[^"\\]|\\[^])*)"?|\\(?<escaped>[^]?)|(?<plain>[^\s'"\\$;|&]+|[$&])/gy

/** The words of the first command. A line break is white space: it often lost its backslash on the way. */
export function wordsOf(text: string): string[] {
  const words: string[] = []
  let word: string | null = null
  for (const { groups = {} } of oneLine(text.slice(0, MOST_CHARACTERS)).matchAll(PIECE)) {
    const { space, end, literal, ansi, double, escaped, plain } = groups
    if (end !== undefined) break
    if (space === undefined) {
      const read = ansi === undefined ? double?.replaceAll(/\\(["\\$`])/g, '$1') : unescapeAnsi(ansi)
      word = (word ?? '') + (literal ?? read ?? escaped ?? plain ?? '')
    } else if (word !== null) {
      words.push(word)
      word = null
    }
  }
  if (word !== null) words.push(word)
  return words
}

function oneLine(text: string): string {
  if (/\^(?:[ \t]*\r?$|")/m.test(text)) return text.replaceAll(/\^[ \t]*\r?\n/g, '').replaceAll(/\^([^])/g, '$1')
  if (/`[ \t]*\r?$/m.test(text)) return text.replaceAll(/`[ \t]*\r?\n/g, ' ')
  return text.replaceAll(/\\\r?\n/g, '').replaceAll(/\\[ \t]+\r?\n/g, ' ')
}

const ANSI: Record<string, string> = { n: '\n', r: '\r', t: '\t' }

function unescapeAnsi(text: string): string {
  return text.replaceAll(/\\(?:x([\da-f]{1,2})|u([\da-f]{1,4})|([^]))/gi, (_, byte, unit, other) =>
    other === undefined ? String.fromCharCode(Number.parseInt(String(byte ?? unit), 16)) : (ANSI[other] ?? other),
  )
}
