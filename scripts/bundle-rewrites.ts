// The Worker's bundle, made smaller without leaving anything out: what can be known when it is built is not carried as
// something to find out when it starts. What each saves is in KiB of gzip.
import { createRequire } from 'node:module'
import { type ESTree, minifySync, parseSync, type Plugin } from 'vite'
import { PRELUDE_WEB } from '../server/sandbox/prelude-web.ts'
import { PRELUDE } from '../server/sandbox/prelude.ts'

const require = createRequire(import.meta.url)

/**
 * The constants of Sucrase's parser as the numbers they are (3.0): they come as objects of all names and all numbers, of
 * which no name can be dropped. Only the ES modules of the package are written so that this can be seen in their text.
 */
export function inlineSucraseEnums(): Plugin {
  const enums = new Map([
    ['charCodes', enumOf('parser/util/charcodes.js', 'charCodes')],
    ['ContextualKeyword', enumOf('parser/tokenizer/keywords.js', 'ContextualKeyword')],
    ['TokenType', enumOf('parser/tokenizer/types.js', 'TokenType')],
    // How nearly every module calls TokenType.
    ['tt', enumOf('parser/tokenizer/types.js', 'TokenType')],
  ])
  const uses = new RegExp(`\\b(${[...enums.keys()].join('|')})(?:\\.(\\w+)|\\['(\\w+)'\\])`, 'g')
  const definition =
    /export var (charCodes|ContextualKeyword|TokenType); \(function \(\1\) \{[\s\S]*?\}\)\(\1 \|\| \(\1 = \{\}\)\);/
  return {
    name: 'executor:inline-sucrase-enums',
    enforce: 'pre',
    applyToEnvironment: isWorker,
    transform(code, id) {
      if (!/\/sucrase\/dist\/esm\/|\/server\/sandbox\/compile\.ts$/.test(id)) return undefined
      // The name stays, as it is imported everywhere; a use that was missed fails at once.
      const numbers = code
        .replace(definition, 'export const $1 = undefined;')
        .replace(uses, (use, name, member, quoted) => {
          const value = enums.get(name)?.[member ?? quoted]
          if (value === undefined) this.error(`${id} uses ${use}, which is not known.`)
          return String(value)
        })
      return numbers === code ? undefined : { code: numbers }
    },
  }
}

/** Sucrase's table of keywords, made of the keywords when the Worker starts (1.8): it comes as nine thousand numbers. */
export function smallKeywordTable(): Plugin {
  return {
    name: 'executor:small-keyword-table',
    enforce: 'pre',
    applyToEnvironment: isWorker,
    load(id) {
      if (!id.endsWith('/sucrase/dist/esm/parser/tokenizer/readWordTree.js')) return undefined
      const { READ_WORD_TREE: table } = require('sucrase/dist/parser/tokenizer/readWordTree.js')
      const keywords = keywordsOf(table)
      if (makeKeywordTable(keywords).join() !== table.join()) this.error('The table of keywords comes out differently.')
      return `${String(makeKeywordTable)}\nexport const READ_WORD_TREE = makeKeywordTable(${JSON.stringify(keywords)})`
    },
  }
}

/** `abstract 2,accessor 4` in the order of the alphabet. A node is what its word means, or -1, and where each letter leads. */
function keywordsOf(table: Int32Array, node = 0, word = ''): string {
  const own = table[node] === -1 ? [] : [`${word} ${table[node]}`]
  const longer = Array.from('abcdefghijklmnopqrstuvwxyz', (letter, index) => {
    const next = table[node + index + 1] ?? -1
    return next === -1 ? '' : keywordsOf(table, next, word + letter)
  })
  return [...own, ...longer].filter((text) => text !== '').join()
}

/** Its text goes into the bundle: it uses nothing from outside. */
function makeKeywordTable(keywords: string): Int32Array {
  const table: number[] = []
  const add = () => table.push(...Array.from({ length: 27 }, () => -1)) - 27
  add()
  for (const entry of keywords.split(',')) {
    const [word = '', value] = entry.split(' ')
    let node = 0
    for (const letter of word) {
      const link = node + letter.charCodeAt(0) - 96
      if (table[link] === -1) table[link] = add()
      node = table[link] ?? 0
    }
    table[node] = Number(value)
  }
  return Int32Array.from(table)
}

/** The sandbox's prelude without comments, spaces and long names (2.8); every new interpreter reads it, too. */
export function smallPrelude(): Plugin {
  const texts = [
    { file: '/server/sandbox/prelude.ts', name: 'PRELUDE', text: PRELUDE },
    { file: '/server/sandbox/prelude-web.ts', name: 'PRELUDE_WEB', text: PRELUDE_WEB },
  ]
  return {
    name: 'executor:small-prelude',
    enforce: 'pre',
    applyToEnvironment: isWorker,
    transform(_, id) {
      const found = texts.find(({ file }) => id.endsWith(file))
      if (!found) return undefined
      // Programs see names of functions and classes. Nothing is compressed: it would do the same in other steps.
      const options = { module: false, compress: false, mangle: { keepNames: true } } as const
      const { code, errors } = minifySync(`${found.name}.js`, found.text, options)
      if (errors[0]) this.error(`${found.name}: ${errors[0].message}`)
      return { code: `export const ${found.name} = ${JSON.stringify(code)}` }
    },
  }
}

/** Whose declarations have no effect but their value, and of which kind those are that a bundler takes to have one. */
const PURE = [
  { path: /\/@modelcontextprotocol\/core\/dist\/(?:schemas|auth)-[^/]+\.mjs$/, types: ['CallExpression'] },
  // Classes that stamp themselves.
  {
    path: /\/@modelcontextprotocol\/(?:client|server)\/dist\/(?:src|mcp|public)-[^/]+\.mjs$/,
    types: ['ClassExpression'],
  },
  { path: /\/js-yaml\/dist\/js-yaml\.mjs$/, types: ['CallExpression', 'NewExpression', 'ObjectExpression'] },
  { path: /\/react-router\/dist\/production\/lib\/components\.js$/, types: ['ClassExpression'] },
]

/** Schemas and classes of the MCP SDK and tags of js-yaml as expressions of which the unused ones can be dropped (7.5). */
export function pureDeclarations(): Plugin {
  return {
    name: 'executor:pure-declarations',
    enforce: 'pre',
    applyToEnvironment: isWorker,
    transform(code, id) {
      const pure = PURE.find(({ path }) => path.test(id))
      if (!pure) return undefined
      let changed = code
      for (const statement of parseSync(id, code).program.body.toReversed()) {
        if (statement.type !== 'VariableDeclaration') continue
        for (const { init } of statement.declarations.toReversed()) {
          if (!init || !pure.types.includes(init.type)) continue
          const value = changed.slice(init.start, init.end)
          changed = `${changed.slice(0, init.start)}/* @__PURE__ */ (() => (${value}))()${changed.slice(init.end)}`
        }
      }
      return { code: changed }
    },
  }
}

/**
 * Of the MCP SDK's schemas of each revision of the protocol, which are made together when the Worker starts, those that
 * something asks for (4.5, of what MCP_SERVER in bundle-cuts-mcp.ts saves: few are asked for after it).
 */
export function fewSchemas(): Plugin {
  return {
    name: 'executor:few-schemas',
    enforce: 'pre',
    applyToEnvironment: isWorker,
    transform(code, id) {
      if (!/\/@modelcontextprotocol\/server\/dist\/src-[^/]+\.mjs$/.test(id)) return undefined
      const { body: statements } = parseSync(id, code).program
      // `function buildSchemas2025() { return memo$1 ??= build$1(); }`
      const makers = Array.from(code.matchAll(/\bfunction (buildSchemas\d+)\(\) \{\s*return \S+ \?\?= (\S+)\(\)/g))
      if (makers.length !== 2) this.error(`${id} makes ${makers.length} sets of schemas, not two.`)
      let few = code
      for (const [, getter, maker] of makers.toReversed()) {
        const texts = statements.map(({ start, end }) => code.slice(start, end))
        const asking = texts.filter((text) => text.includes(`${getter}()`)).join('\n')
        const asked = new Set(Array.from(asking.matchAll(/\b(?:s|buildSchemas\d+\(\))\.(\w+)/g), ([, name]) => name))
        for (const statement of statements) {
          if (statement.type !== 'FunctionDeclaration' || statement.id?.name !== maker || !statement.body) continue
          const { start, end, body } = statement.body
          few = `${few.slice(0, start)}{${schemasAsked(code, body, asked)}}${few.slice(end)}`
        }
      }
      return { code: few }
    },
  }
}

/** Nothing but schemas is made there, and functions that make them: what nobody names has no effect. */
function schemasAsked(code: string, body: readonly ESTree.Statement[], asked: ReadonlySet<string | undefined>): string {
  const textOf = ({ start, end }: ESTree.Span) => code.slice(start, end)
  const last = body.at(-1)
  if (last?.type !== 'ReturnStatement' || last.argument?.type !== 'ObjectExpression') throw new Error(NOT_AS_BEFORE)
  const given = last.argument.properties.filter((property) => asked.has(/^\w+/.exec(textOf(property))?.[0]))
  const answer = `return {${given.map(textOf).join()}}`

  const parts = body.slice(0, -1).map((statement) => ({ text: textOf(statement), names: namesOf(statement) }))
  const kept = new Set<(typeof parts)[number]>()
  const seen = new Set(words(answer))
  for (let before = -1; before < kept.size;) {
    before = kept.size
    for (const part of parts) {
      if (kept.has(part) || !part.names.some((name) => seen.has(name))) continue
      kept.add(part)
      // Also those in its texts and comments: then more is kept than needed.
      for (const word of words(part.text)) seen.add(word)
    }
  }
  return [...parts.flatMap((part) => (kept.has(part) ? part.text : [])), answer].join('\n')
}

const NOT_AS_BEFORE = 'The MCP SDK makes its schemas in another way: see fewSchemas (scripts/bundle-rewrites.ts).'

function namesOf(statement: ESTree.Statement): string[] {
  if (statement.type === 'FunctionDeclaration' && statement.id) return [statement.id.name]
  if (statement.type !== 'VariableDeclaration') throw new Error(NOT_AS_BEFORE)
  return statement.declarations.map(({ id }) => {
    if (id.type !== 'Identifier') throw new Error(NOT_AS_BEFORE)
    return id.name
  })
}

function words(code: string): string[] {
  return code.match(/[\w$]+/g) ?? []
}

/** One character above U+00FF, and the engine keeps two bytes for each of the bundle, for as long as the Worker lives. */
export function oneByteBundle(): Plugin {
  return {
    name: 'executor:one-byte-bundle',
    applyToEnvironment: isWorker,
    generateBundle(_, bundle) {
      for (const output of Object.values(bundle)) {
        if (output.type !== 'chunk') continue
        output.code = output.code.replaceAll(
          /[^\0-\xff]/g,
          (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
        )
      }
    },
  }
}

function isWorker({ name }: { name: string }): boolean {
  return name === 'ssr'
}

function enumOf(file: string, name: string): Record<string, number> {
  return require(`sucrase/dist/${file}`)[name]
}
