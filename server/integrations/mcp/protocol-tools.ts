// What a server has beside its tools, as tools that read: its resources, its prompts, and what completes their arguments.
import type { JsonSchema } from '../../../drizzle/shapes.ts'
import { own } from '../json-value.ts'
import type { McpMethod } from './binding.ts'

export interface ProtocolTool {
  method: McpMethod
  /** In code. */
  name: string
  description: string
  input: JsonSchema
  output: JsonSchema
}

const text = { type: 'string' }
const cursor: JsonSchema = { type: 'object', properties: { cursor: { ...text, description: 'Of the page before.' } } }
const uri = { ...text, description: 'As resources.list has it, or made from a template.' }
const argumentTexts = { type: 'object', additionalProperties: text }

const TOOLS: (ProtocolTool & { capability: string })[] = [
  {
    capability: 'resources',
    method: 'resources/read',
    name: 'resources.read',
    description: 'Reads a resource of the server. What is binary comes as a file.',
    input: object({ uri }, ['uri']),
    output: list('contents', { uri: text, mimeType: text, text, file: { ...text, format: 'binary' } }, ['uri']),
  },
  {
    capability: 'resources',
    method: 'resources/list',
    name: 'resources.list',
    description: 'Lists the resources of the server.',
    input: cursor,
    output: list('resources', { uri: text, name: text, title: text, description: text, mimeType: text }, [
      'uri',
      'name',
    ]),
  },
  {
    capability: 'resources',
    method: 'resources/templates/list',
    name: 'resources.templates',
    description: 'Lists the templates (RFC 6570) that URIs of resources are made from.',
    input: cursor,
    output: list('resourceTemplates', { uriTemplate: text, name: text, title: text, description: text }, [
      'uriTemplate',
    ]),
  },
  {
    capability: 'prompts',
    method: 'prompts/get',
    name: 'prompts.get',
    description: 'Gets a prompt of the server, with its arguments filled in.',
    input: object({ name: text, arguments: argumentTexts }, ['name']),
    output: list('messages', { role: text, content: {} }, ['role', 'content']),
  },
  {
    capability: 'prompts',
    method: 'prompts/list',
    name: 'prompts.list',
    description: 'Lists the prompts of the server and their arguments.',
    input: cursor,
    output: list('prompts', { name: text, title: text, description: text, arguments: { type: 'array' } }, ['name']),
  },
  {
    capability: 'completions',
    method: 'completion/complete',
    name: 'complete',
    description: 'Values that complete an argument of a prompt, or a variable of a resource template.',
    input: object(
      {
        ref: {
          anyOf: [
            object({ type: { const: 'ref/prompt' }, name: text }, ['type', 'name']),
            object({ type: { const: 'ref/resource' }, uri: text }, ['type', 'uri']),
          ],
        },
        argument: object({ name: text, value: text }, ['name', 'value']),
        context: object({ arguments: argumentTexts }, []),
      },
      ['ref', 'argument'],
    ),
    output: object(
      { values: { type: 'array', items: text }, total: { type: 'integer' }, hasMore: { type: 'boolean' } },
      ['values'],
    ),
  },
]

export function protocolTools(capabilities: unknown): ProtocolTool[] {
  return TOOLS.filter(({ capability }) => own(capabilities, capability) !== undefined)
}

function object(properties: Record<string, JsonSchema>, required: string[]): JsonSchema {
  return { type: 'object', properties, ...(required.length > 0 && { required }) }
}

function list(name: string, properties: Record<string, JsonSchema>, required: string[]): JsonSchema {
  return object({ [name]: { type: 'array', items: object(properties, required) }, nextCursor: text }, [name])
}
