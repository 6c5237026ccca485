// graphql-js, of which the Worker reads and writes text and no more (server/integrations/graphql).
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

const SDL: Cut = {
  why: 'SDL is read, not written. Whoever prints it finds its nodes unknown.',
  saves: 0.8,
  edit: {
    'graphql/language/ast.mjs': [[/^ {4}SchemaDefinition: \[[\s\S]*?(?=^\};)/m, '']],
    'graphql/language/printer.mjs': [[/^ {4}SchemaDefinition: \([\s\S]*?(?=^\};)/m, '']],
  },
  leaveOutFunctions: {
    'graphql/language/parser.mjs': [
      'Parser.parseFragmentArgument',
      'Parser.parseFragmentArguments',
      'Parser.parseSchemaCoordinate',
    ],
  },
  refuse:
    /\bfrom ['"]graphql(?:['"]|\/(?:execution|type|validation)\b)|\bparseSchemaCoordinate\b|\bexperimentalFragmentArguments\b/,
}

export const GRAPHQL_CUTS: readonly Cut[] = [ERRORS, SDL]
