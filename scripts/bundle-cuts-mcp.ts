// The MCP SDK's server, and Zod, which it brings.
import type { Cut } from './bundle-cuts.ts'

const MCP = '@modelcontextprotocol/server/dist'

const MCP_VALIDATOR: Cut = {
  why: 'The SDK checks forms that a person filled in with a validator of JSON Schema of its own. We ask for no forms, only for links to be opened.',
  saves: 6.1,
  rewrite: {
    [`${MCP}/cfWorkerProvider-hgYAfIZf.mjs`]: `
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
    [`${MCP}/src-DdvbAHrR.mjs`]: [
      [
        /for \(const key of SPEC_SCHEMA_KEYS\) register\(key, schemas_exports\[key\]\);/,
        'register("ClientCapabilitiesSchema", ClientCapabilitiesSchema);',
      ],
      [/for \(const \[key, schema\] of Object\.entries\(authSchemas\)\) register\(key, schema\);/, ''],
    ],
  },
  refuse: /\bspecTypeSchemas\b\s*(?:\.(?!ClientCapabilities\b)|\[)|\bisSpecType\b/,
}

const MCP_SERVER: Cut = {
  why: 'Our server has tools and nothing else, no sessions, and sends no requests to clients (serve.ts): whatever it has no handler for is refused before a schema is asked. Most of it is schemas: fewSchemas (bundle-rewrites.ts) drops those that are not asked for then.',
  saves: 11.4,
  leaveOutFunctions: {
    [`${MCP}/mcp-oHn3ureC.mjs`]: [
      'LegacyInputRequiredShim.fulfill',
      'LegacyInputRequiredShim._dispatchLeg',
      'McpServer._createRegisteredPrompt',
      'McpServer._createRegisteredResource',
      'McpServer._createRegisteredResourceTemplate',
      'McpServer.handlePromptCompletion',
      'McpServer.handleResourceCompletion',
      'McpServer.registerPrompt',
      'McpServer.registerResource',
      'McpServer.setCompletionRequestHandler',
      'McpServer.setPromptRequestHandlers',
      'McpServer.setResourceRequestHandlers',
      'Server._assertPushApiInServedEra',
      'Server._legacyInputRequiredShim',
      'Server._registerLoggingHandler',
      'Server._sendElicitationLeg',
      'Server.assertCapabilityForMethod',
      'Server.createElicitationCompletionNotifier',
      'Server.createMessage',
      'Server.elicitInput',
      'Server.listRoots',
      'Server.ping',
      'Server.sendLoggingMessage',
      'createScopeChallengeResponse',
      'validateScopeChallenge',
    ],
    [`${MCP}/index.mjs`]: [
      'WebStandardStreamableHTTPServerTransport.handleDeleteRequest',
      'WebStandardStreamableHTTPServerTransport.handleGetRequest',
      'WebStandardStreamableHTTPServerTransport.replayEvents',
    ],
    [`${MCP}/src-DdvbAHrR.mjs`]: [
      'ProtocolError.fromError',
      'Protocol._requestWithSchemaViaCodec',
      'Protocol._resetTimeout',
      'Protocol.request',
      'codecResultValidator',
      'getWireResultSchemas',
      'inputSchemaMaps',
      'normalizeElicitInputParams',
      'rev2025Codec.decodeResult',
      'rev2026Codec.decodeResult',
    ],
  },
  edit: {
    [`${MCP}/mcp-oHn3ureC.mjs`]: [[/\bvalidateAndWarnToolName\(name\);/, '']],
    [`${MCP}/src-DdvbAHrR.mjs`]: [
      // Schemas of what can be received, and of the one result that is checked before it is sent.
      [
        /(?<=\trequestSchemas: \{)[^}]*/,
        'ping: s.PingRequestSchema, initialize: s.InitializeRequestSchema, "tools/call": s.CallToolRequestSchema, "tools/list": s.ListToolsRequestSchema',
      ],
      [
        /(?<=\tnotificationSchemas: \{)[^}]*/,
        '"notifications/cancelled": s.CancelledNotificationSchema, "notifications/progress": s.ProgressNotificationSchema, "notifications/initialized": s.InitializedNotificationSchema',
      ],
      [/(?<=\tresultSchemas: \{)[^}]*/, '"tools/call": s.CallToolResultWireSchema'],
      [
        /(?<=const dispatchRequestSchemas = \{)[\s\S]*?(?=\n\t\};)/,
        '"tools/call": dispatchRequest("tools/call", callToolParamsShape), "tools/list": dispatchRequest("tools/list", paginatedParamsShape), "server/discover": dispatchRequest("server/discover", {}), "subscriptions/listen": dispatchRequest("subscriptions/listen", subscriptionsListenParamsShape)',
      ],
      [/(?<=const dispatchResultSchemas = \{[\s\S]*?\}\)),[\s\S]*?(?=\n\t\};)/, ''],
      [
        /(?<=const notificationSchemas2026 = \{)[^}]*/,
        '"notifications/cancelled": CancelledNotificationSchema$1, "notifications/progress": ProgressNotificationSchema$1',
      ],
      [/\twarmInputSchemaMaps2026\(\);\n\twarmWireResultSchemas2026\(\);\n/, ''],
      [/(?<=samplingResultVariant: )\(\(hasTools, raw\) => \{[\s\S]*?\}\)/, '() => NOT_IN_ERA$1'],
    ],
  },
  refuse:
    /\b(?:registerResource|registerPrompt|completable|createMessage|listRoots|elicitInput|sendLoggingMessage|requestSampling|scopeChallenge)\b|\bmcpReq\.send\b/,
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

const ZOD_METHODS = `
  email jwt emoji guid uuid uuidv4 uuidv6 uuidv7 nanoid cuid cuid2 ulid base64 base64url xid ksuid ipv4 ipv6 cidrv4
  cidrv6 e164 datetime date time duration regex includes endsWith length nonempty lowercase uppercase normalize
  toLowerCase toUpperCase slugify gt gte lt lte safe positive negative nonpositive multipleOf step finite with brand
  register overwrite exactOptional nonoptional and prefault readonly array nullish isOptional isNullable apply
  parseAsync safeParseAsync encode decode encodeAsync decodeAsync safeEncode safeDecode safeEncodeAsync
  safeDecodeAsync keyof passthrough safeExtend omit partial exactPartial required`
  .trim()
  .split(/\s+/)
  .join('|')

const ZOD_UNUSED: Cut = {
  why: 'Methods of Zod’s schemas that neither we nor the MCP SDK call, and its care for values that contain themselves, which JSON cannot.',
  saves: 5.2,
  edit: {
    'zod/v4/classic/schemas.js': [
      [
        new RegExp(
          `^ {4}(?:async )?(?:${ZOD_METHODS})(?:\\(.*\\)|: (?:async )?function \\w+\\(.*\\)) \\{\\n(?: {5}.*\\n)*? {4}\\},\\n`,
          'gm',
        ),
        '',
      ],
      [/(?<=function _ensureDefaultMemoizer\(\) \{)[\s\S]*?(?=^\})/m, ''],
    ],
  },
  refuse: new RegExp(`\\bfrom ['"]zod['"][\\s\\S]*\\)\\s*\\.(?:${ZOD_METHODS})\\(`),
}

export const MCP_CUTS: readonly Cut[] = [MCP_VALIDATOR, MCP_TYPES, MCP_SERVER, ZOD_JSON_SCHEMA, ZOD_EVAL, ZOD_UNUSED]
