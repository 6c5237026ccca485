// The definitions of an SDL document, one by one: what is wrong with one costs only that one, and only one is a tree at
// a time.

/** A string, a comment, a name, or a punctuator. What is none of them belongs to the definition around it. */
const TOKEN = /"""(?:\\"""|[^])*?(?:"""|$)|"(?:\\.|[^"\\\n\r])*"?|#[^\n\r]*|[A-Za-z_][A-Za-z0-9_]*|[^\s,\uFEFF]/y
const BLANK = /[\s,\uFEFF]*/y
const KEYWORDS = new Set(['schema', 'scalar', 'type', 'interface', 'union', 'enum', 'input', 'directive', 'extend'])
/** A name is expected behind these, also one that is a keyword elsewhere. */
const BEFORE_NAME = new Set(['=', '|', '&', '@', 'on', 'implements'])

export interface Definition {
  text: string
  /** 1-based. */
  line: number
}

export function* definitionsOf(text: string): Generator<Definition> {
  let start = 0
  let depth = 0
  let previous = ''
  let awaitsName = false
  let described = -1
  let line = 1
  let counted = 0
  for (let at = skip(BLANK, text, 0); at < text.length;) {
    TOKEN.lastIndex = at
    const token = TOKEN.exec(text)?.[0] ?? text.charAt(at)
    if (token.startsWith('#')) {
      at = skip(BLANK, text, at + token.length)
      continue
    }
    const isText = token.startsWith('"')
    const isKeyword: boolean = depth === 0 && KEYWORDS.has(token) && !awaitsName && !BEFORE_NAME.has(previous)
    if (isKeyword && previous !== 'extend') {
      const begins = described >= 0 ? described : at
      if (begins > start) yield { text: text.slice(start, begins), line }
      for (; counted < begins; counted++) if (text[counted] === '\n') line++
      start = begins
    }
    if (depth === 0) described = isText ? at : -1
    awaitsName = isKeyword && token !== 'schema' && token !== 'extend'
    if (token === '{' || token === '(' || token === '[') depth++
    if (token === '}' || token === ')' || token === ']') depth = Math.max(0, depth - 1)
    previous = token
    at = skip(BLANK, text, at + token.length)
  }
  yield { text: text.slice(start), line }
}

function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  pattern.exec(text)
  return Math.max(pattern.lastIndex, at)
}
