// The import rule of docs/architecture.md, as a pure function: a folder imports only from lower floors and from itself,
// never sideways, never up. `scripts/import-rule.node.test.ts` holds the whole tree against it.

export interface SourceFile {
  /** Path from the root, with forward slashes. */
  path: string
  text: string
}

/** The floors, lowest first. Folders of one floor do not know each other. */
const FLOORS: readonly (readonly string[])[] = [
  ['drizzle', 'server/access', 'server/net', 'server/policies', 'server/sandbox', 'app/ui'],
  ['server/db'],
  ['server/integrations', 'server/connections'],
  ['server/tools'],
  ['server/runs'],
  ['server/mcp', 'server/api'],
  ['app/routes'],
]

/** Folders that import nothing of ours at all. */
const PURE: ReadonlySet<string> = new Set(['server/policies', 'server/sandbox'])

/** The wiring, and which places may import each piece of it (`app` stands for everything in app/ but app/ui). */
const WIRING: Readonly<Record<string, readonly string[]>> = {
  'server/worker.ts': [],
  'server/context.ts': ['server/worker.ts', 'app'],
  'server/env.ts': ['server/worker.ts', 'server/context.ts'],
}

/** One sentence for every import that breaks the rule. */
export function violationsOf(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) =>
    importsOf(file).flatMap((target) => {
      const reason = refusal(file.path, target)
      return reason === undefined ? [] : [`${file.path} imports ${target}: ${reason}`]
    }),
  )
}

function refusal(from: string, to: string): string | undefined {
  const [fromTop, toTop] = [topOf(from), topOf(to)]
  if (isTestCode(to) && !isTestCode(from) && fromTop !== 'scripts') return 'only tests and scripts import test code'
  if (fromTop === 'server' && toTop === 'app') return 'server never imports app'
  if (fromTop === 'e2e' && (toTop === 'app' || toTop === 'server')) return 'e2e sees the product from outside only'
  if ((fromTop === 'server' || fromTop === 'app') && (toTop === 'e2e' || toTop === 'scripts'))
    return 'the product does not depend on its tools'
  const [fromPlace, toPlace] = [placeOf(from), placeOf(to)]
  if (fromPlace === 'app/ui' && (toTop === 'server' || toTop === 'drizzle')) return 'app/ui never imports server'
  if (isTestCode(from) || fromTop === 'scripts' || fromTop === 'e2e') return undefined
  if (to in WIRING)
    return WIRING[to]?.some((who) => who === from || who === fromTop)
      ? undefined
      : 'wiring is imported by the door and by app only'
  if (fromPlace === undefined || toPlace === undefined || fromPlace === toPlace) return undefined
  if (PURE.has(fromPlace)) return `${fromPlace} is pure and imports nothing of ours`
  const [fromFloor, toFloor] = [floorOf(fromPlace), floorOf(toPlace)]
  if (toFloor > fromFloor) return `${toPlace} is on floor ${toFloor}, above ${fromPlace} on floor ${fromFloor}`
  if (toFloor === fromFloor) return `${toPlace} and ${fromPlace} are on floor ${fromFloor} and do not know each other`
  return undefined
}

/** Paths from the root of everything of ours that a file imports; packages are left out. */
function importsOf(file: SourceFile): string[] {
  const code = file.text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
  const specifiers = /\b(?:from|import)\s*\(?\s*['"](\.{1,2}\/[^'"]+)['"]/g
  return [...code.matchAll(specifiers)].map((match) => resolvePath(file.path, match[1] ?? ''))
}

function resolvePath(from: string, specifier: string): string {
  const parts = from.split('/').slice(0, -1)
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}

const topOf = (path: string): string => path.split('/')[0] ?? ''

const isTestCode = (path: string): boolean => path.startsWith('server/testing/') || /\.(test|spec)\.tsx?$/.test(path)

/** The folder of the floors that a path lies in; undefined for wiring (`server/worker.ts`, `app/root.tsx`). */
const placeOf = (path: string): string | undefined => FLOORS.flat().find((folder) => path.startsWith(`${folder}/`))

const floorOf = (place: string): number => FLOORS.findIndex((folders) => folders.includes(place))
