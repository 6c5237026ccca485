// What the Worker never runs of its packages, and so does not carry. Each cut says why nobody misses it and what it saves
// (KiB of gzip, of the whole). scripts/bundle-cuts-plugin.ts carries them out; it fails the build when a file or a
// passage is no longer where it was, as it may be after an upgrade.

export interface Cut {
  why: string
  saves: number
  /** Modules in whose place every export throws. Paths inside of node_modules. */
  leaveOut?: readonly string[]
  /** Modules that are written anew. */
  rewrite?: Readonly<Record<string, string>>
  /** Passages, each of which must be found. */
  edit?: Readonly<Record<string, readonly (readonly [find: RegExp, put: string])[]>>
  /** What would need the rest: the build fails when code of ours has it, for tests run with whole packages. */
  refuse?: RegExp
}

const inFolder = (folder: string, paths: readonly string[]) => paths.map((path) => `${folder}/${path}`)

const SUCRASE: Cut = {
  why: 'Sucrase takes types out of an agent’s code, and nothing else is asked of it (compile.ts); its checker of options would be the largest part of what is left, so the options are checked in one line.',
  saves: 18,
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
      'util/formatTokens.js',
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
    // Helpers are for older JavaScript and for \`import x = require()\`, which compile.ts refuses.
    'sucrase/dist/esm/HelperManager.js': `
      export class HelperManager {
        getHelperName(name) { throw new Error('Sucrase’s helper ' + name + ' is not in the bundle (scripts/bundle-cuts.ts).') }
        emitHelpers() { return '' }
      }`,
  },
}

const MCP_VALIDATOR: Cut = {
  why: 'The SDK checks forms that a person filled in with a validator of JSON Schema of its own. We ask for no forms, only for links to be opened.',
  saves: 6.1,
  rewrite: {
    '@modelcontextprotocol/server/dist/cfWorkerProvider-hgYAfIZf.mjs': `
      class NoValidator {
        getValidator() { throw new Error('The SDK’s JSON Schema validator is not in the bundle (scripts/bundle-cuts.ts).') }
      }
      export { NoValidator as t }`,
  },
  refuse: /\b(?:fromJsonSchema|elicitInput|jsonSchemaValidator)\b/,
}

const MCP_TYPES: Cut = {
  why: 'The SDK offers a check for every type of the protocol, beside the ones it uses itself. exchange.ts uses one.',
  saves: 4.5,
  edit: {
    '@modelcontextprotocol/server/dist/src-DdvbAHrR.mjs': [
      [
        /for \(const key of SPEC_SCHEMA_KEYS\) register\(key, schemas_exports\[key\]\);/,
        'register("ClientCapabilitiesSchema", ClientCapabilitiesSchema);',
      ],
      [/for \(const \[key, schema\] of Object\.entries\(authSchemas\)\) register\(key, schema\);/, ''],
    ],
  },
  refuse: /\bspecTypeSchemas\b\s*(?:\.(?!ClientCapabilities\b)|\[)|\bisSpecType\b/,
}

const ZOD_JSON_SCHEMA: Cut = {
  why: 'Zod writes any schema as JSON Schema. Ours are written by server/mcp/tool-input.ts.',
  saves: 6.2,
  leaveOut: ['zod/v4/core/json-schema-processors.js'],
  rewrite: {
    // Every schema is handed a method, when it is asked for its `~standard`.
    'zod/v4/core/to-json-schema.js': `
      function leftOut() { throw new Error('Zod’s JSON Schema is not in the bundle (scripts/bundle-cuts.ts).') }
      export const createStandardJSONSchemaMethod = () => leftOut
      export {
        leftOut as createToJSONSchemaMethod, leftOut as extractDefs, leftOut as finalize, leftOut as handleUnrepresentable,
        leftOut as initializeContext, leftOut as process, leftOut as processSchema,
      }`,
  },
  refuse: /\btoJSONSchema\b/,
}

const ZOD_EVAL: Cut = {
  why: 'Zod compiles a schema to code where code from strings may run. In a Worker it may not.',
  saves: 1,
  edit: {
    'zod/v4/classic/schemas.js': [[/core\.\$ZodObjectJIT\.init\(inst, def\)/, 'core.$ZodObject.init(inst, def)']],
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

const ROUTER: Cut = {
  why: 'React Router’s instrumentation, which we do not use, and its reading of loader data, which browsers do.',
  saves: 1.5,
  leaveOut: inFolder('react-router/dist/production', [
    'lib/router/instrumentation.js',
    'vendor/turbo-stream-v2/unflatten.js',
  ]),
  // Names for developer tools, which also keep components in the bundle that nobody uses.
  edit: { 'react-router/dist/production/lib/dom/lib.js': [[/^\w+\.displayName = .*;$/gm, '']] },
  refuse: /\binstrumentations\b/,
}

const YAML: Cut = {
  why: 'YAML is only read: no document is made of values or written, and no tokens are put together again. Keys that are collections become text, so most of its writing stays.',
  saves: 1,
  leaveOut: inFolder('yaml/browser/dist', [
    'doc/applyReviver.js',
    'doc/createNode.js',
    'parse/cst-scalar.js',
    'parse/cst-stringify.js',
    'parse/cst-visit.js',
    'stringify/stringifyDocument.js',
  ]),
  refuse: /\b(?:createNode|createPair|CST)\b/,
}

const JSX: Cut = {
  why: 'Nothing is lost: as an import by name, every element of our pages names its function with one letter.',
  saves: 0.8,
  rewrite: {
    'react/jsx-runtime.js': `
      import runtime from './cjs/react-jsx-runtime.production.js'
      export const { Fragment, jsx, jsxs } = runtime`,
  },
}

export const CUTS: readonly Cut[] = [
  SUCRASE,
  MCP_VALIDATOR,
  MCP_TYPES,
  ZOD_JSON_SCHEMA,
  ZOD_EVAL,
  DRIZZLE_RELATIONS,
  ROUTER,
  YAML,
  JSX,
]
