// The MCP SDK's client, of which server/integrations/mcp asks little. The core that it has in common with the server is the
// server's (bundle-share.ts), and so are the cuts of that.
import type { Cut } from './bundle-cuts.ts'

const MCP = '@modelcontextprotocol/client/dist'
const CLIENT = `${MCP}/public-CvV4ZHkX.mjs`
const TRANSPORTS = `${MCP}/index.mjs`

const CLIENT_VALIDATOR: Cut = {
  why: 'Like the server, the client has a validator of JSON Schema. Ours is given one that is never asked (session.ts).',
  saves: 5.8,
  rewrite: {
    [`${MCP}/cfWorkerProvider-l7BFVI5n.mjs`]: `
      class NoValidator {
        constructor() { throw new Error('The SDK’s JSON Schema validator is not in the bundle (scripts/bundle-cuts-mcp-client.ts).') }
      }
      export { NoValidator as t }`,
  },
  refuse: /\bnew Client\((?![\s\S]*\bjsonSchemaValidator:)/,
}

const CLIENT_SIGN_IN: Cut = {
  why: 'The client can sign in by itself. Whoever asks it for something hands it a `fetch` that brings the credential (server/connections).',
  saves: 7.8,
  leaveOutFunctions: {
    [TRANSPORTS]: ['SSEClientTransport.finishAuth', 'StreamableHTTPClientTransport.finishAuth'],
  },
  edit: {
    [TRANSPORTS]: [
      [
        /\t\tif \(isOAuthClientProvider\(opts\?\.authProvider\)\) \{[\s\S]*?\n\t\t\} else this\._authProvider = opts\?\.authProvider;\n/g,
        '',
      ],
      [/(?:response\.status|event\.code) === 401 && this\._authProvider\b/g, 'false'],
      [/\tif \(typeof AbortSignal\.any === "function"\) (return .*)\n[\s\S]*?\n(?=\}\n)/, '\t$1\n'],
      [
        /\t\tlet token;\n\t\ttry \{\n\t\t\ttoken = await this\._authProvider\?\.token\(\);[\s\S]*?\n\t\tif \(token\) .*\n/g,
        '',
      ],
      // After what a transport does that is told to throw.
      [
        /\t\tif \(!this\._oauthProvider\) throw new InsufficientScopeError[\s\S]*?(?=\n\t\}\n)/,
        '\t\tleftOut("_stepUpAuthorize")',
      ],
      [
        /(?<=const fetchImpl = this\._redirects\()eventSourceFetch \? .* : (?=this\._fetch \?\? fetch)/,
        'eventSourceFetch ?? ',
      ],
    ],
  },
  refuse:
    /\bauthProvider:|\bonInsufficientScope: '(?!throw)|\bnew StreamableHTTPClientTransport\((?![\s\S]*\bonInsufficientScope:)/,
}

const CLIENT_UNUSED: Cut = {
  why: 'Of what servers offer, results are read as they come (`request` with a schema of our own), one page at a time, and nothing is kept: tools are called by their definitions, and no list is kept to find one in.',
  saves: 4.4,
  leaveOutFunctions: {
    [CLIENT]: [
      'negotiateStdioViaSibling',
      'readStdioServerParams',
      ...[
        '_compileOutputValidator',
        '_excludeInvalidXMcpHeaderTools',
        '_freshness',
        '_listAllPages',
        '_readResource',
        '_serveFromCache',
        '_setupListChangedHandler',
        '_setupListChangedHandlers',
        '_walkPages',
        'assertCapabilityForMethod',
        'complete',
        'discover',
        'getPrompt',
        'listPrompts',
        'listResourceTemplates',
        'listResources',
        'listTools',
        'listen',
        'ping',
        'readResource',
        'sendRootsListChanged',
        'setLoggingLevel',
        'subscribeResource',
        'unsubscribeResource',
      ].map((name) => `Client.${name}`),
    ],
  },
  edit: {
    [CLIENT]: [
      // Nothing is subscribed to.
      [/\t_onresponse\(response\) \{[\s\S]*?\n\t\}\n/, ''],
      [/\t_onclose\(\) \{[\s\S]*?\n\t\}\n/, ''],
      [/\t_onnotification\(raw, extra\) \{[\s\S]*?\n\t\}\n/, ''],
      [/\t\tif \(this\._listenState\.size > 0\) \{[\s\S]*?\n\t\t\}\n/, ''],
      [/\t\tthis\._listenState\.clear\(\);\n\t\tfor .*\n\t\tthis\._listChangedDebounceTimers\.clear\(\);\n/, ''],
      [/\tstatic \{\n\t\tclientInternals\.[\s\S]*?\n\t\}\n/, ''],
      [
        /(?<=this\._cache = )new ClientResponseCache\(.*\)(?=;\n)/,
        '{ setServerIdentity() {}, resetForReconnect() {} }',
      ],
      [/\t\tif \(options\?\.listChanged\) .*\n/, ''],
      // Only sampling.
      [/\t\tif \(method === "sampling\/createMessage"\) return async[\s\S]*?\n\t\t\};\n(?=\t\treturn handler;)/, ''],
      [/\t\tif \(this\._listChangedConfig\) \{\n[\s\S]*?\n\t\t\}\n(?=\t\}\n)/, ''],
      [/\t\tif \(this\._listChangedConfig\) try \{[\s\S]*?\n\t\t\}\n(?=\t\}\n)/, ''],
      [
        /\t\tlet compiled = [\s\S]*?\n\t\tassertCompiled\(\);\n(?=\t\tlet result;)/,
        '\t\tif (options?.toolDefinition === void 0 || options.toolDefinition.outputSchema) leftOut("Client.callTool without a definition, or with a schema of results");\n',
      ],
      [
        /(?<=\} catch \(error\) \{\n)\t\t\tconst isHeaderMismatch[\s\S]*?(?=\n\t\t\}\n\t\tconst validator)/,
        '\t\t\tthrow error;',
      ],
      [/\t\tconst validator = compiled[\s\S]*?(?=\t\treturn result;)/, ''],
      [/override \?\? await this\._cache\.toolDefinition\(name\)/, 'override'],
    ],
  },
  refuse:
    /\.(?:getPrompt|list(?:Prompts|ResourceTemplates|Resources|Tools)|readResource|sendRootsListChanged|setLoggingLevel|(?:un)?subscribeResource)\(|\.callTool\((?![\s\S]*\btoolDefinition\b)|\b(?:responseCacheStore|cachePartition)\b/,
}

export const MCP_CLIENT_CUTS: readonly Cut[] = [CLIENT_VALIDATOR, CLIENT_SIGN_IN, CLIENT_UNUSED]
