// graphql-js, of which the Worker reads text and no more (server/integrations/graphql).
import type { Cut } from './bundle-cuts.ts'

const ERRORS: Cut = {
  why: 'Of an error only the message is read, not where in a text it was; and nobody traces the parser.',
  saves: 1.2,
  rewrite: {
    'graphql/error/GraphQLError.mjs': `
      export class GraphQLError extends Error {
        constructor(message) {
          super(message)
          this.name = 'GraphQLError'
        }
      }`,
    'graphql/diagnostics.mjs': `
      export const parseChannel = undefined
      export const shouldTrace = () => false`,
  },
  refuse: /\bGraphQLError\b|\bnoLocation: false\b/,
}

const PARSER: Cut = {
  why: 'No fragment takes arguments yet, and nothing is named by coordinates. Text is written by write-selection.ts.',
  saves: 0.2,
  leaveOutFunctions: {
    'graphql/language/parser.mjs': [
      'Parser.parseFragmentArgument',
      'Parser.parseFragmentArguments',
      'Parser.parseSchemaCoordinate',
    ],
  },
  refuse:
    /\bfrom ['"]graphql(?:['"]|\/(?:execution|type|validation)\b|\/language\/(?:printer|visitor)\b)|\bparseSchemaCoordinate\b|\bexperimentalFragmentArguments\b/,
}

export const GRAPHQL_CUTS: readonly Cut[] = [ERRORS, PARSER]
