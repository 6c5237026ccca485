// The MCP SDK's client and its server each bring the core that they have in common. The Worker has it once: what a file of
// the client declares as one of the server does is taken from there.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type ESTree, parseSync, type Plugin, Visitor } from 'vite'

const CORE = /\/@modelcontextprotocol\/(?:client|server)\/dist\/src-[^/]+\.mjs$/
const NOT_AS_BEFORE = 'The MCP SDK’s client and server have other cores than before: see scripts/bundle-share.ts.'

/** 24 KiB, with what the cuts take out of one core only; and an error of the one is an error of the other. */
export function shareMcpCore(): Plugin {
  let shared: { client: string; server: string } | undefined
  return {
    name: 'executor:share-mcp-core',
    enforce: 'pre',
    applyToEnvironment: ({ name }) => name === 'ssr',
    load(id) {
      if (!CORE.test(id)) return undefined
      const packages = join(dirname(id), '../..')
      shared ??= shareCore(coreOf(packages, 'client'), coreOf(packages, 'server'))
      return shared[id.includes('/client/dist/') ? 'client' : 'server']
    },
  }
}

function coreOf(packages: string, name: string): string {
  const folder = join(packages, name, 'dist')
  const [file, more] = readdirSync(folder).filter((entry) => /^src-[^.]+\.mjs$/.test(entry))
  if (file === undefined || more !== undefined) throw new Error(NOT_AS_BEFORE)
  return join(folder, file)
}

/** What both files are in the bundle. Throws when something that both declare could not be shared. */
export function shareCore(clientPath: string, serverPath: string): { client: string; server: string } {
  const client = readModule(clientPath)
  const server = readModule(serverPath)
  const pairs = pairsOf(client, server)
  const known = new Set(Array.from(server.declared.keys(), bareName))
  const isSame = isSameIn(client, server, (name, other) => pairs.get(name) === other)
  for (const name of client.declared.keys()) {
    const isMissed = !pairs.has(name) && known.has(bareName(name))
    if (isMissed) throw new Error(`${NOT_AS_BEFORE} ${name} differs.`)
  }
  // The server's file has done the same by then.
  for (const effect of client.effects) {
    if (!server.effects.some((other) => isSame(effect, other))) throw new Error(NOT_AS_BEFORE)
  }
  const taken = [...client.declared].flatMap(([name, piece]) => (pairs.has(name) ? piece : []))
  let code = client.code
  for (const { start, end } of [...taken, ...client.effects].toSorted((a, b) => b.start - a.start)) {
    code = code.slice(0, start) + code.slice(end)
  }
  const imports = Array.from(pairs, ([name, other]) => `core_${other} as ${name}`)
  const exports = Array.from(new Set(pairs.values()), (other) => `${other} as core_${other}`)
  return {
    client: `import { ${imports.join(', ')} } from ${JSON.stringify(serverPath)}\n${code}`,
    server: `${server.code}\nexport { ${exports.join(', ')} }`,
  }
}

/** A statement: its text, without comments, and the names of the module that stand between the parts of it. */
interface Piece extends ESTree.Span {
  isFunction: boolean
  parts: string[]
  names: string[]
}

interface Module {
  code: string
  declared: Map<string, Piece>
  /** From where, and under which name there. Of a file beside it, its text is what says from where. */
  imported: Map<string, string>
  effects: Piece[]
}

/** Which of the client's names is which of the server's. */
function pairsOf(client: Module, server: Module): Map<string, string> {
  const others = (name: string) => [...server.declared.keys()].filter((other) => bareName(other) === bareName(name))
  // All that may be the same, less what is not, as long as that makes more things different.
  const open = new Map(Array.from(client.declared.keys(), (name) => [name, new Set(others(name))]))
  const isSame = isSameIn(client, server, (name, other) => open.get(name)?.has(other) ?? false)
  for (let isDone = false; !isDone;) {
    isDone = true
    for (const [name, candidates] of open) {
      for (const other of candidates) {
        if (isSame(client.declared.get(name), server.declared.get(other))) continue
        candidates.delete(other)
        isDone = false
      }
    }
    // Functions that are the same do the same. Anything else may be changed, and then one is not another.
    for (const [name, candidates] of isDone ? open : []) {
      if (candidates.size < 2 || client.declared.get(name)?.isFunction) continue
      open.set(name, new Set(candidates.has(name) ? [name] : []))
      isDone = false
    }
  }
  return new Map([...open].flatMap(([name, [other]]) => (other === undefined ? [] : [[name, other]])))
}

/** `isPair` is asked of names that the modules declare. */
function isSameIn(client: Module, server: Module, isPair: (name: string, other: string) => boolean) {
  const isSameName = (name: string, other: string | undefined) => {
    if (other === undefined) return false
    const from = client.imported.get(name)
    return from === undefined ? isPair(name, other) : from === server.imported.get(other)
  }
  return (one: Piece | undefined, other: Piece | undefined) =>
    one?.isFunction === other?.isFunction &&
    one?.parts.join('\0') === other?.parts.join('\0') &&
    one?.names.every((name, index) => isSameName(name, other?.names[index])) === true
}

function readModule(path: string): Module {
  const code = readFileSync(path, 'utf8')
  const { program, comments, errors } = parseSync(basename(path), code)
  if (errors[0]) throw new Error(`${path}: ${errors[0].message}`)
  let bare = code
  for (const { start, end } of comments) bare = `${bare.slice(0, start)}${' '.repeat(end - start)}${bare.slice(end)}`
  const imported = new Map<string, string>()
  const statements: { name: string | null; statement: ESTree.Statement }[] = []
  for (const statement of program.body) {
    if (statement.type === 'ImportDeclaration') {
      for (const [name, from] of importsOf(statement, dirname(path))) imported.set(name, from)
    } else if (statement.type !== 'ExportNamedDeclaration') {
      statements.push({ name: declaredName(statement), statement })
    } else if (statement.declaration || statement.source) throw new Error(NOT_AS_BEFORE)
  }
  const known = new Set([...imported.keys(), ...statements.map(({ name }) => name)])
  const uses = identifiersOf(program).filter(({ name }) => known.has(name))
  const declared = new Map<string, Piece>()
  const effects: Piece[] = []
  for (const { name, statement } of statements) {
    const { start, end, type } = statement
    const names = uses.filter((use) => use.start >= start && use.end <= end)
    const ends = [start, ...names.map((use) => use.end)]
    const parts = ends.map((from, index) => bare.slice(from, names[index]?.start ?? end).replaceAll(/\s+/g, ' '))
    const piece = { start, end, isFunction: type === 'FunctionDeclaration', parts, names: names.map((use) => use.name) }
    if (name === null) effects.push(piece)
    else declared.set(name, piece)
  }
  return { code, declared, imported, effects }
}

function importsOf({ source, specifiers }: ESTree.ImportDeclaration, folder: string): [name: string, from: string][] {
  const { value } = source
  // Named by their content, which ends with the name of their map.
  const from = value.startsWith('.') ? readFileSync(join(folder, value), 'utf8').replace(/\n\/\/# .*\s*$/, '') : value
  return specifiers.map((specifier) => {
    const { type, local } = specifier
    const given = type === 'ImportSpecifier' && 'name' in specifier.imported ? specifier.imported.name : type
    return [local.name, `${given} ${from}`]
  })
}

/** Null for a statement that only does something. */
function declaredName(statement: ESTree.Statement): string | null {
  if (statement.type === 'FunctionDeclaration' || statement.type === 'ClassDeclaration')
    return statement.id?.name ?? null
  if (statement.type !== 'VariableDeclaration') return null
  const [one, more] = statement.declarations
  if (one?.id.type !== 'Identifier' || more) throw new Error(NOT_AS_BEFORE)
  return one.id.name
}

/** In the order of the text, without names of properties. */
function identifiersOf(program: ESTree.Program): { name: string; start: number; end: number }[] {
  const found = new Map<number, { name: string; start: number; end: number }>()
  const keys = new Set<number>()
  const key = (node: { computed: boolean; shorthand?: boolean; key: ESTree.Span }) => {
    if (!node.computed && !node.shorthand) keys.add(node.key.start)
  }
  new Visitor({
    Identifier: ({ name, start, end }) => found.set(start, { name, start, end }),
    MemberExpression: ({ computed, property }) => !computed && keys.add(property.start),
    Property: key,
    MethodDefinition: key,
    PropertyDefinition: key,
  }).visit(program)
  return [...found.values()].filter(({ start }) => !keys.has(start)).toSorted((a, b) => a.start - b.start)
}

/** A bundler gives the second of a name a number. */
function bareName(name: string): string {
  return name.replace(/\$\d+$/, '')
}
