// The schema of a body that is one field of the input, by its media type.
import type { JsonSchema } from '../../../drizzle/shapes.ts'
import { isRecord, own } from '../json-value.ts'
import { classOf, essenceOf } from './media-type.ts'
import type { ContentModel } from './operation-model.ts'
import type { SchemaCatalog } from './schema-catalog.ts'

export function contentSchema(content: ContentModel, catalog: SchemaCatalog): JsonSchema {
  const { mediaType, schema } = content
  const looked = catalog.look(schema)
  const type = own(looked, 'type')
  const isStructure = type === 'object' || type === 'array' || isRecord(own(looked, 'properties'))
  const translated = () => catalog.translate(schema, 'input')
  const text = { type: 'string', description: `The text, as ${mediaType}.` }
  switch (classOf(mediaType)) {
    case 'json':
      // The steps of JSON Patch are a list (RFC 6902), whatever the document says.
      return isStepList(mediaType) && type === 'object'
        ? { anyOf: [translated(), { type: 'array', items: { type: 'object' } }] }
        : translated()
    case 'lines': {
      const items = schema === undefined || type === 'string' ? {} : translated()
      const list = type === 'array' ? translated() : { type: 'array', items }
      return {
        anyOf: [list, { type: 'string' }],
        description: 'A list with a line of JSON for each item, or the text.',
      }
    }
    case 'text':
      // Every JSON text is YAML.
      return isStructure && /yaml/i.test(mediaType) ? { anyOf: [translated(), text] } : text
    case 'binary': {
      const bytes = { type: 'string', format: 'binary', description: `The content, as ${mediaType}.` }
      if (!/^(\*|application)\/\*$/.test(essenceOf(mediaType))) return bytes
      if (schema === undefined) return { description: 'The content: a file, text, or a value that is sent as JSON.' }
      return isStructure ? { anyOf: [translated(), bytes] } : bytes
    }
    default:
      // A form has fields, also where the document says nothing of it.
      return isRecord(looked) && Object.keys(looked).length > 0 ? translated() : { type: 'object' }
  }
}

/** JSON types that the whole body may have; empty when the document does not say. */
export function typesOf({ mediaType, schema }: ContentModel, catalog: SchemaCatalog): string[] {
  const types = [own(catalog.look(schema), 'type') ?? []].flat().filter((type) => typeof type === 'string')
  return types.length > 0 && isStepList(mediaType) ? [...types, 'array'] : types
}

/** Set for content that is text of bytes. */
export function contentEncodingOf(schema: unknown, catalog: SchemaCatalog): string | undefined {
  const name = own(catalog.look(schema), 'contentEncoding')
  return name === 'base64' || name === 'base64url' ? name : undefined
}

function isStepList(mediaType: string): boolean {
  return essenceOf(mediaType) === 'application/json-patch+json'
}
