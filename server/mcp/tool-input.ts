// The input of a tool as the protocol wants it: something that checks, and a JSON Schema for agents. Zod writes that too,
// but what writes any schema is 6 KiB of the Worker's gzip, and our tools take fields of text and numbers only: so it is
// written here, and Zod's is left out of the bundle (scripts/lean-packages.ts).
import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server'
import { z } from 'zod'

/** Throws where the schema has what is not written here, rather than describe less than is checked. */
export function toolInput<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
): StandardSchemaWithJSON<z.input<typeof schema>, z.output<typeof schema>> {
  const json = jsonSchemaOf(schema)
  const { validate } = schema['~standard']
  return { '~standard': { version: 1, vendor: 'zod', validate, jsonSchema: { input: () => json, output: () => json } } }
}

function jsonSchemaOf(schema: z.ZodObject): Record<string, unknown> {
  const required: string[] = []
  const properties: Record<string, { type: string }> = {}
  for (const [name, field] of Object.entries(schema.shape)) {
    const inner = field instanceof z.ZodOptional ? field.unwrap() : field
    const isPlain = inner instanceof z.ZodString || inner instanceof z.ZodNumber
    const isDescribed = [field, inner].some(({ description }) => description !== undefined)
    if (!isPlain || isDescribed || inner.def.checks?.length) {
      throw new Error(`The field ${name} of a tool is more than text or a number.`)
    }
    properties[name] = { type: inner.type }
    if (inner === field) required.push(name)
  }
  const dialect = 'https://json-schema.org/draft/2020-12/schema'
  return { $schema: dialect, type: 'object', properties, ...(required.length > 0 && { required }) }
}
