// What the Worker never runs of its packages, and so does not carry. Each cut says why nobody misses it and what it saves
// (KiB of gzip, of the whole). scripts/bundle-cuts-plugin.ts carries them out; it fails the build when a file or a
// passage is no longer where it was, as it may be after an upgrade.
import { ENGINE_CUTS } from './bundle-cuts-engine.ts'
import { GRAPHQL_CUTS } from './bundle-cuts-graphql.ts'
import { MCP_CLIENT_CUTS } from './bundle-cuts-mcp-client.ts'
import { MCP_CUTS } from './bundle-cuts-mcp.ts'
import { REACT_CUTS } from './bundle-cuts-react.ts'

export interface Cut {
  why: string
  saves: number
  /** Modules in whose place every export throws. Paths inside of node_modules. */
  leaveOut?: readonly string[]
  /** Modules that are written anew. */
  rewrite?: Readonly<Record<string, string>>
  /** Functions (`name`) and methods (`Owner.name`) that throw, and what only they need goes with them. */
  leaveOutFunctions?: Readonly<Record<string, readonly string[]>>
  /** Hooks that only make a handler for a browser: what they give throws when it is called. */
  leaveOutHandlers?: Readonly<Record<string, readonly string[]>>
  /** Passages, each of which must be found. */
  edit?: Readonly<Record<string, readonly (readonly [find: RegExp, put: string])[]>>
  /** What would need the rest: the build fails when code of ours has it, for tests run with whole packages. */
  refuse?: RegExp
}

const inFolder = (folder: string, paths: readonly string[]) => paths.map((path) => `${folder}/${path}`)

const SUCRASE: Cut = {
  why: 'Sucrase takes types out of an agent’s code, and nothing else is asked of it (compile.ts); its checker of options would be the largest part of what is left, so the options are checked in one line.',
  saves: 20,
  leaveOut: [
    ...inFolder('sucrase/dist/esm', [
      'CJSImportProcessor.js',
      'parser/plugins/flow.js',
      'parser/plugins/jsx/index.js',
      'transformers/CJSImportTransformer.js',
      'transformers/FlowTransformer.js',
      'transformers/JSXTransformer.js',
      'transformers/JestHoistTransformer.js',
      'transformers/NumericSeparatorTransformer.js',
      'transformers/OptionalCatchBindingTransformer.js',
      'transformers/OptionalChainingNullishTransformer.js',
      'transformers/ReactDisplayNameTransformer.js',
      'transformers/ReactHotLoaderTransformer.js',
      'identifyShadowedGlobals.js',
      'util/formatTokens.js',
      'util/getTSImportedNames.js',
    ]),
    // Makes a map from another map.
    '@jridgewell/trace-mapping/dist/trace-mapping.mjs',
  ],
  rewrite: {
    'sucrase/dist/esm/Options.js': `
      export function validateOptions({ transforms, disableESTransforms }) {
        if (transforms.join() !== 'typescript' || !disableESTransforms) {
          throw new Error('Of Sucrase only the transform "typescript" is in the bundle (scripts/bundle-cuts.ts).')
        }
      }`,
    // Programs with imports and exports are refused before (compile.ts), and nothing else is done here.
    'sucrase/dist/esm/transformers/ESMImportTransformer.js': `
      import Transformer from './Transformer'
      export default class extends Transformer {
        process() { return false }
      }`,
    // Helpers are for older JavaScript and for \`import x = require()\`, which compile.ts refuses.
    'sucrase/dist/esm/HelperManager.js': `
      export class HelperManager {
        getHelperName(name) { throw new Error('Sucrase’s helper ' + name + ' is not in the bundle (scripts/bundle-cuts.ts).') }
        emitHelpers() { return '' }
      }`,
  },
  edit: {
    // Which names are imported is asked to leave out imports of types.
    'sucrase/dist/esm/index.js': [
      [
        / else if \(options\.transforms\.includes\("typescript"\) && !options\.keepUnusedImports\) \{[\s\S]*?\n {2}\}/,
        '',
      ],
    ],
  },
}

const DRIZZLE_RELATIONS: Cut = {
  why: 'Queries by relations (`db.query.runs.findMany`) are for tests.',
  saves: 2.5,
  leaveOut: ['drizzle-orm/sqlite-core/query-builders/query.js'],
  rewrite: {
    'drizzle-orm/relations.js': `
      function leftOut() { throw new Error('Drizzle’s relations are not in the bundle (scripts/bundle-cuts.ts).') }
      class LeftOut { constructor() { leftOut() } }
      export const extractTablesRelationalConfig = () => ({ tables: {}, tableNamesMap: {} })
      export {
        LeftOut as Many, LeftOut as One, LeftOut as Relation, LeftOut as Relations, leftOut as createMany, leftOut as createOne,
        leftOut as createTableRelationsHelpers, leftOut as getOperators, leftOut as getOrderByOperators,
        leftOut as mapRelationalRow, leftOut as normalizeRelation, leftOut as relations,
      }`,
  },
  edit: { 'drizzle-orm/sqlite-core/dialect.js': [[/ {2}buildRelationalQuery\(\{[\s\S]*?\n {2}\}\n(?=\})/, '']] },
  refuse: /\.query\.\w+\.find(?:Many|First)\b/,
}

const DRIZZLE_UNUSED: Cut = {
  why: 'Migrations are applied by wrangler, and tables name their columns’ types.',
  saves: 0.7,
  leaveOut: ['drizzle-orm/sqlite-core/columns/all.js'],
  leaveOutFunctions: {
    'drizzle-orm/sqlite-core/dialect.js': ['SQLiteAsyncDialect.migrate', 'SQLiteSyncDialect.migrate'],
  },
  refuse: /\bsqliteTable\([^,]*, \(/,
}

const DRIZZLE_QUERIES: Cut = {
  why: 'No query is named in advance (`with`) or kept in a cache, nothing is inserted from a query, and D1 has batches in place of transactions.',
  saves: 0.9,
  leaveOutFunctions: {
    'drizzle-orm/d1/session.js': ['D1Transaction.transaction', 'SQLiteD1Session.transaction'],
    'drizzle-orm/sqlite-core/db.js': ['BaseSQLiteDatabase.with'],
    'drizzle-orm/sqlite-core/query-builders/insert.js': ['SQLiteInsertBuilder.select'],
  },
  edit: {
    'drizzle-orm/sqlite-core/db.js': [[/ {2}\$with = \([\s\S]*?\n {2}\};\n(?= {2}\$count)/, '']],
    'drizzle-orm/sqlite-core/session.js': [
      [
        /(?<=async queryWithCache\(queryString, params, query\) \{\n)[\s\S]*?(?=\n {2}\}\n {2}getQuery)/,
        `    try {
      return await query();
    } catch (e) {
      throw new DrizzleQueryError(queryString, params, e);
    }`,
      ],
    ],
  },
  refuse: /\b(?:db|tx|database)\.(?:transaction|with|\$with)\(|\$withCache\b|\.insert\(\w+\)\s*\.select\(/,
}

const YAML: Cut = {
  why: 'Where in a document something is wrong is said by our own reader, without a picture of the place.',
  saves: 0.4,
  edit: { 'js-yaml/dist/js-yaml.mjs': [[/(?<=^function makeSnippet\(.*\) \{)[\s\S]*?(?=^\})/m, 'return null']] },
  refuse: /\.snippet\b/,
}

export const CUTS: readonly Cut[] = [
  SUCRASE,
  ...MCP_CUTS,
  ...MCP_CLIENT_CUTS,
  DRIZZLE_RELATIONS,
  DRIZZLE_UNUSED,
  DRIZZLE_QUERIES,
  YAML,
  ...ENGINE_CUTS,
  ...GRAPHQL_CUTS,
  ...REACT_CUTS,
]
