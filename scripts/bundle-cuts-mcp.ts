// The MCP SDK's server and the core that its client has too (bundle-share.ts), and Zod, which they bring.
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
  refuse: /\b(?:fromJsonSchema|elicitInput)\(|new Client\((?![\s\S]*jsonSchemaValidator:)/,
}

const MCP_TYPES: Cut = {
  why: 'The SDK offers a check for every type of the protocol, beside the ones it uses itself. exchange.ts uses one, and the client another.',
  saves: 4.5,
  edit: {
    [`${MCP}/src-DdvbAHrR.mjs`]: [
      [
        /for \(const key of SPEC_SCHEMA_KEYS\) register\(key, schemas_exports\[key\]\);/,
        'register("ClientCapabilitiesSchema", ClientCapabilitiesSchema); register("ImplementationSchema", ImplementationSchema);',
      ],
      [/for \(const \[key, schema\] of Object\.entries\(authSchemas\)\) register\(key, schema\);/, ''],
    ],
  },
  refuse: /\bspecTypeSchemas\b\s*(?:\.(?!ClientCapabilities\b)|\[)|\bisSpecType\b/,
}

const MCP_SERVER: Cut = {
  why: 'Our server has tools and nothing else, no sessions, and sends no requests to clients (serve.ts), and our client answers questions for a person and no others: whatever has no handler is refused before a schema is asked. Most of it is schemas: fewSchemas (bundle-rewrites.ts) drops those that are not asked for then.',
  saves: 7.5,
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
    [`${MCP}/src-DdvbAHrR.mjs`]: ['normalizeElicitInputParams'],
  },
  edit: {
    [`${MCP}/mcp-oHn3ureC.mjs`]: [[/\bvalidateAndWarnToolName\(name\);/, '']],
    [`${MCP}/src-DdvbAHrR.mjs`]: [
      // Schemas of what can be received, and of what is checked before it is sent.
      [
        /(?<=\trequestSchemas: \{)[^}]*/,
        'ping: s.PingRequestSchema, initialize: s.InitializeRequestSchema, "tools/call": s.CallToolRequestSchema, "tools/list": s.ListToolsRequestSchema, "elicitation/create": s.ElicitRequestSchema',
      ],
      [
        /(?<=\tnotificationSchemas: \{)[^}]*/,
        '"notifications/cancelled": s.CancelledNotificationSchema, "notifications/progress": s.ProgressNotificationSchema, "notifications/initialized": s.InitializedNotificationSchema',
      ],
      [
        /(?<=\tresultSchemas: \{)[^}]*/,
        'initialize: s.InitializeResultSchema, "tools/call": s.CallToolResultWireSchema, "elicitation/create": s.ElicitResultSchema',
      ],
      [
        /(?<=const dispatchRequestSchemas = \{)[\s\S]*?(?=\n\t\};)/,
        '"tools/call": dispatchRequest("tools/call", callToolParamsShape), "tools/list": dispatchRequest("tools/list", paginatedParamsShape), "server/discover": dispatchRequest("server/discover", {}), "subscriptions/listen": dispatchRequest("subscriptions/listen", subscriptionsListenParamsShape)',
      ],
      [/,\n\t\t"tools\/list": liftedResult\([\s\S]*?(?=,\n\t\t"server\/discover": liftedResult\()/, ''],
      [
        /(?<=const notificationSchemas2026 = \{)[^}]*/,
        '"notifications/cancelled": CancelledNotificationSchema$1, "notifications/progress": ProgressNotificationSchema$1',
      ],
      // Whether a question of the newer era is known is asked before its schema.
      [/\(method\) => getInputRequestSchema2026\(method\) !== void 0/, 'isInputRequestMethod2026'],
      [/\t\t\t"sampling\/createMessage": z\.object\(\{[\s\S]*?\}\)\n(?=\t\t\},\n\t\tresponse)/, ''],
      [/(?<=\t\tresponse: \{\n\t\t\t"elicitation\/create": s\.ElicitResultSchema),[^}]*/, ''],
      // Checks of forms that a server asks for.
      [/(?<=\nconst ROOT_KEYS = )[^;]*/, 'undefined'],
      [/(?<=\nconst PROPERTY_KEYS_BY_TYPE = )[^;]*/, 'undefined'],
      [/(?<=\nconst SUPPORTED_STRING_FORMATS = )[^;]*/, 'undefined'],
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

/** Wherever it is read. */
const always = (property: string, value = 'undefined'): [RegExp, string] => [
  new RegExp(`\\bthis\\.${property}\\b(?! = )`, 'g'),
  value,
]

const MCP_OPTIONS: Cut = {
  why: 'Options of the SDK’s server that serve.ts does not set: sessions, kept events, answers as JSON alone, lists of hosts, limits of arguments, scopes of tools, logging, and changes of what is listed, of which clients could be told.',
  saves: 3.9,
  edit: {
    [`${MCP}/index.mjs`]: [
      always('_eventStore'),
      always('_enableJsonResponse', 'false'),
      always('_enableDnsRebindingProtection', 'false'),
      always('sessionIdGenerator'),
      always('sessionId'),
      [
        /\t\t\tlet scopeChallengeResponse;[\s\S]*?\n\t\t\tif \(scopeChallengeResponse\) return scopeChallengeResponse;\n/,
        '',
      ],
      [
        /\t\tif \(route\.messageKind === "request" && product instanceof McpServer\) try \{[\s\S]*?\n\t\t\}\n(?=\t\tassertNotServing)/,
        '',
      ],
      [
        /\t\t\tconst required = requiredClientCapabilitiesForRequest\([\s\S]*?\n\t\t\t\}\n(?=\t\t\}\n\t\tconst product)/,
        '',
      ],
      [
        /const \{ legacy, onerror, responseMode \} = options;/,
        'const onerror = undefined, responseMode = undefined; if (Object.keys(options).length > 0) leftOut("an option of createMcpHandler");',
      ],
      [/\tif \(typeof legacy === "function"\) throw .*\n/, ''],
      [/legacy === "reject" \? void 0 : /, ''],
      [/legacyHandler !== void 0/g, 'true'],
      [
        /const bus = options\.bus \?\? new InMemoryServerEventBus\(reportError\);\n\tconst notify = createServerNotifier\(bus\);/,
        'const bus = undefined, notify = undefined;',
      ],
    ],
    [`${MCP}/listenRouter-Bartj63y.mjs`]: [
      [
        /(?<=if \(Object\.keys\(honored\)\.length === 0\) \{[\s\S]*?\n\t\t\t\t\}\n)[\s\S]*?\n(?=\t\t\t\},\n\t\t\tcancel\(\) \{)/,
        '\t\t\t\tthrow new Error("Changes of lists are not in the bundle (scripts/bundle-cuts-mcp.ts).")\n',
      ],
    ],
    [`${MCP}/src-DdvbAHrR.mjs`]: [
      // Wraps schemas of results.
      [
        /\t\tif \(method !== "tools\/list"\) return result;\n[\s\S]*?(?=\n\t\},\n\tencodeErrorCode)/,
        '\t\treturn result;',
      ],
      [/else if \(std\.vendor === "zod"\) \{[\s\S]*?\n\t\} (?=else throw)/, ''],
      [/\tif \(io === "output"\) \{[\s\S]*?\n\t\}\n(?=\tif \(result\.type !== void 0 && )/, ''],
      // What that package does, in one expression.
      [/(?<=var import_content_type = ).*(?=;\n)/, 'undefined'],
      [
        /\bimport_content_type\.parse\(header\)\.type/,
        String.raw`/^\s*([!#$%&'*+.^_\x60|~0-9A-Za-z-]+\/[!#$%&'*+.^_\x60|~0-9A-Za-z-]+)\s*(?:; *[!#$%&'*+.^_\x60|~0-9A-Za-z-]+ *= *(?:"(?:[\v \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\v\x20-\xff])*"|[!#$%&'*+.^_\x60|~0-9A-Za-z-]+) *)*$/.exec(header)[1].toLowerCase()`.replaceAll(
          '$',
          '$$$$',
        ),
      ],
    ],
    [`${MCP}/mcp-oHn3ureC.mjs`]: [
      [/normalizeRawShapeSchema\((\w+)\)/g, '$1'],
      [
        /(?<=scopeChallenge, _meta \} = config;)/,
        'if (outputSchema || scopeChallenge) leftOut("an option of registerTool");',
      ],
      [/(?<=\tassertNotificationCapability\(method\) \{)[\s\S]*?(?=\n\t\}\n)/, ''],
      [/(?<=\tassertRequestHandlerCapability\(method\) \{)[\s\S]*?(?=\n\t\}\n)/, ''],
      always('_maxToolInputElements'),
      [/\t\tthis\._maxToolInputElements = .*\n/, ''],
      [/(?<=\t\t\tupdate: \(updates\) => )\{[\s\S]*?\n\t\t\t\}(?=\n\t\t\};)/, 'leftOut("update of a tool")'],
      [/\t\tif \(supportsScopeChallengeResolver\(transport\)\).*\n/, ''],
      [/\tresolveScopeChallenge = [\s\S]*?\n\t\};\n/, ''],
      [/(?<=\t\t\t\tlog: )\(level, data, logger\) => \{[\s\S]*?\n\t\t\t\t\}(?=,\n)/, '() => leftOut("log")'],
      [/\t_loggingLevels = [\s\S]*?\n\t\};\n/, ''],
      [/\t\t\t\tawait this\.validateToolOutput\(.*\n/, ''],
      [/(?<=\t\t\t\treturn this\.server\.projectCallToolResult\(result, )tool\.outputSchemaJson/, 'undefined'],
      [/\t\t\tget outputSchemaJson\(\) \{[\s\S]*?\n\t\t\t\},\n\t\t\tset outputSchemaJson[\s\S]*?\n\t\t\t\},\n/, ''],
      [/\t\t\tif \(tool\.outputSchema\) toolDefinition\.outputSchema = .*\n/, ''],
    ],
  },
  refuse:
    /\bWebStandardStreamableHTTPServerTransport\b|\b(?:scopeChallenge|maxToolInputElements)\b|\blistChanged: true\b/,
}

export const MCP_CUTS: readonly Cut[] = [
  MCP_VALIDATOR,
  MCP_TYPES,
  MCP_SERVER,
  MCP_OPTIONS,
  ZOD_JSON_SCHEMA,
  ZOD_EVAL,
  ZOD_UNUSED,
]
