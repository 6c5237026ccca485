// `WWW-Authenticate` (RFC 9110, section 11.6.1): challenges with their parameters. Pure.

export interface Challenge {
  /** Lower case: `bearer`. */
  scheme: string
  /** By name in lower case; the first of a name counts. */
  parameters: ReadonlyMap<string, string>
}

const MAX_HEADER = 8000
const TOKEN = String.raw`[\w!#$%&'*+.^\x60|~-]+`
/** A parameter, or else a scheme or a token68. Sticky, so that no text is looked at twice. */
const PARAMETER = new RegExp(String.raw`(${TOKEN})[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|(${TOKEN}))`, 'y')
const WORD = new RegExp(String.raw`[\w!#$%&'*+.^\x60|~/-]+=*`, 'y')
const SPACE = /[\s,]*/y

/** What cannot be read is passed over. */
export function challengesIn(header: string | null): Challenge[] {
  const text = (header ?? '').slice(0, MAX_HEADER)
  const challenges: { scheme: string; parameters: Map<string, string> }[] = []
  for (let at = 0; at < text.length;) {
    const [space = ''] = matchAt(SPACE, text, at) ?? []
    at += space.length
    const parameter = matchAt(PARAMETER, text, at)
    if (parameter) {
      const [whole, name = '', quoted, plain] = parameter
      const parameters = challenges.at(-1)?.parameters
      const key = name.toLowerCase()
      if (parameters?.has(key) === false) parameters.set(key, plain ?? (quoted ?? '').replaceAll(/\\(.)/g, '$1'))
      at += whole.length
      continue
    }
    const [word] = matchAt(WORD, text, at) ?? []
    if (word !== undefined) challenges.push({ scheme: word.toLowerCase(), parameters: new Map() })
    at += word?.length ?? 1
  }
  return challenges
}

/** Of the Bearer challenge (RFC 6750, section 3). */
export function bearerParameter(header: string | null, name: string): string | undefined {
  const found = challengesIn(header).filter(({ scheme }) => scheme === 'bearer')
  return found.map(({ parameters }) => parameters.get(name)).find((value) => value !== undefined)
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}
