// What an operation is called: dotted JavaScript identifiers, made from its operationId, or from its path and method.
// The same operation always gets the same name; two operations may wish for the same one, which the catalog resolves.

export interface NamedOperation {
  operationId: string
  tags: readonly string[]
  path: string
  /** Upper case. */
  method: string
  /** Whether the answer is, or holds, a list: tells `people.list` from `me.get`. */
  answersList: boolean
}

/** What the sandbox, promises and objects use themselves: a tool of that name would be hidden or misread. */
const RESERVED = new Set(
  (
    'raw pages then catch finally toString toLocaleString toJSON valueOf constructor prototype __proto__ ' +
    'hasOwnProperty isPrototypeOf propertyIsEnumerable apply call bind'
  ).split(' '),
)
const VERBS: Record<string, string> = { POST: 'create', PUT: 'replace', PATCH: 'update' }
const MAX_SEGMENT = 64

export function suggestName(operation: NamedOperation): string {
  const segments = fromOperationId(operation) ?? fromPath(operation)
  const kept: string[][] = []
  for (const words of segments) {
    const before = kept.at(-1)
    const fresh = before ? withoutPrefix(words, before) : words
    if (fresh.length > 0) kept.push(fresh)
  }
  return (kept.length > 0 ? kept : [[operation.method.toLowerCase()]]).map(identifier).join('.')
}

function fromOperationId({ operationId, tags, path }: NamedOperation): string[][] | null {
  const parts = operationId
    .split(/[/.:#\\|]+/)
    .map(wordsOf)
    .filter((words) => words.length > 0)
  if (parts.length === 0) return null
  if (parts.length > 1) return parts
  const words = parts[0] ?? []
  const group = (tags[0] ?? '')
    .split(/[/.:#\\|]+/)
    .map(wordsOf)
    .filter((part) => part.length > 0)
  const groups = group.length > 0 ? group : [wordsOf(staticSegments(path)[0] ?? '')]
  // `pets_list` and `PetsController_findAll`: what stands before the separator names the group again.
  const [prefix = '', ...others] = operationId.split(/[_\s-]+/)
  const stem = wordsOf(prefix.replace(/(Controller|Resource|Api)$/, ''))
  const isRepeated = groups.length === 1 && others.length > 0 && isSameNoun(stem, groups[0] ?? [])
  const rest = isRepeated ? wordsOf(others.join('_')) : withoutPrefix(words, groups.flat())
  return [...groups, rest]
}

function fromPath({ path, method, answersList }: NamedOperation): string[][] {
  const segments = path.split(/[?#]/)[0]?.split('/').filter(Boolean) ?? []
  const endsInVariable = (segments.at(-1) ?? '').startsWith('{')
  const read = endsInVariable || !answersList ? 'get' : 'list'
  const verb = method === 'GET' ? read : (VERBS[method] ?? method.toLowerCase())
  // `/#Action=Create`: what tells such operations apart stands behind the `#`.
  const fragment = wordsOf(path.split('#')[1] ?? '')
  return [...staticSegments(path).map(wordsOf), ...(fragment.length > 0 ? [fragment] : []), [verb]]
}

/** The parts of a path that are neither variables nor version or `api` prefixes. */
function staticSegments(path: string): string[] {
  const segments = (path.split('#')[0] ?? '').split('/').filter(Boolean)
  const named = segments.filter((segment) => !/^\{[^}]*\}$/.test(segment))
  const isPrefix = (segment: string) => /^(api|rest|v?\d+(\.\d+)*([a-z]+\d*)?|\d{4}-\d\d-\d\d)$/i.test(segment)
  const kept = named.filter((segment) => !isPrefix(segment))
  return kept.length > 0 ? kept : named
}

/** `listURLs-for_org` → list, URLs, for, org. Diacritics are dropped, other letters of any script are kept. */
export function wordsOf(text: string): string[] {
  return text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
    .replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
}

function withoutPrefix(words: string[], prefix: string[]): string[] {
  const repeats = prefix.length > 0 && prefix.every((word, index) => words[index]?.toLowerCase() === word.toLowerCase())
  return repeats && words.length > prefix.length ? words.slice(prefix.length) : words
}

function isSameNoun(a: string[], b: string[]): boolean {
  const singular = (words: string[]) =>
    words
      .join('')
      .toLowerCase()
      .replace(/(e?s)$/, '')
  return a.length > 0 && singular(a) === singular(b)
}

export function identifier(words: string[]): string {
  const [first = '', ...rest] = words
  return safeIdentifier(
    [decapitalized(first), ...rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1))].join(''),
  )
}

/** What is left of a name when it has to be an identifier, of no more than 64 characters, that hides nothing. */
export function safeIdentifier(name: string): string {
  const cut = Array.from(name.replaceAll(/[^\p{ID_Continue}$]/gu, ''))
    .slice(0, MAX_SEGMENT)
    .join('')
  const safe = /^[\p{ID_Start}$_]/u.test(cut) ? cut : `_${cut}`
  return RESERVED.has(safe) ? `${safe}_` : safe
}

/** `GetUser` → `getUser`, `URL` → `url`. */
function decapitalized(word: string): string {
  return word === word.toUpperCase() ? word.toLowerCase() : word.charAt(0).toLowerCase() + word.slice(1)
}
