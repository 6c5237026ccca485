// The three kinds of request body that the API takes, each with its description and its reader.
import { z } from 'zod'
import { jsonSchema, objectSchema } from './json-schema.ts'
import { problem, type Reply } from './reply.ts'

export interface BodyFormat<T> {
  contentType: string
  description: string
  /** As it stands in the document. */
  schema: unknown
  example?: unknown
  read: (bytes: Buffer, contentType: string) => Promise<BodyReading<T>>
}

export type BodyReading<T> = { ok: true; value: T } | { ok: false; error: z.ZodError } | { ok: false; reply: Reply }

export interface Upload {
  bytes: Uint8Array
  contentType: string
  fileName: string
}

/** `application/json`, or any `+json` type. */
export function jsonBody<T>(schema: z.ZodType<T>, example: unknown): BodyFormat<T> {
  return {
    contentType: 'application/json',
    description: 'The fields, as JSON.',
    schema: schemaOrReference(schema),
    example,
    read: async (bytes, contentType) => {
      if (!/^application\/(?:[\w.-]+\+)?json\b/i.test(contentType)) return unsupported('application/json', contentType)
      const parsed = parseJson(bytes.toString('utf8'))
      if (!parsed.ok) return { ok: false, reply: problem(400, `The body is not valid JSON: ${parsed.message}.`) }
      const { success, data, error } = schema.safeParse(parsed.value)
      return success ? { ok: true, value: data } : { ok: false, error }
    },
  }
}

/** Any bytes, with the type that they are sent as. */
export function binaryBody(description: string): BodyFormat<Upload> {
  return {
    contentType: '*/*',
    description,
    schema: { type: 'string', format: 'binary' },
    read: async (bytes, contentType) => {
      if (bytes.byteLength === 0)
        return { ok: false, reply: problem(422, 'The body is empty; send the bytes of the file.') }
      return { ok: true, value: { bytes, contentType: contentType || 'application/octet-stream', fileName: '' } }
    },
  }
}

/** `multipart/form-data` with one file in the part `file`, and text fields. */
export function formBody<S extends z.ZodRawShape>(
  fields: S,
  description: string,
): BodyFormat<{ file: Upload; fields: z.output<z.ZodObject<S>> }> {
  const schema = z.strictObject(fields)
  const { properties, required } = objectSchema(schema)
  const fileSchema = { type: 'string', format: 'binary', description: 'The file, with its name and type.' }
  return {
    contentType: 'multipart/form-data',
    description,
    schema: { type: 'object', properties: { file: fileSchema, ...properties }, required: ['file', ...required] },
    read: async (bytes, contentType) => {
      if (!/^multipart\/form-data\b/i.test(contentType)) return unsupported('multipart/form-data', contentType)
      const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': contentType } })
        .formData()
        .catch(() => null)
      if (form === null) return { ok: false, reply: problem(400, 'The body is not valid multipart/form-data.') }
      const { file, ...texts } = Object.fromEntries(form)
      if (!(file instanceof File))
        return { ok: false, reply: problem(422, 'body.file is required, and must be a file.') }
      const { success, data, error } = schema.safeParse(texts)
      if (!success) return { ok: false, error }
      const upload = { bytes: new Uint8Array(await file.arrayBuffer()), contentType: file.type, fileName: file.name }
      return { ok: true, value: { file: upload, fields: data } }
    },
  }
}

/** A reference when the schema has an id of its own, the whole schema otherwise. */
export function schemaOrReference(schema: z.ZodType): unknown {
  const id = z.globalRegistry.get(schema)?.id
  return id === undefined ? jsonSchema(schema) : { $ref: `#/components/schemas/${id}` }
}

function unsupported(wanted: string, got: string): { ok: false; reply: Reply } {
  const detail = `The body must be sent as ${wanted}${got ? `, not ${got}` : ', and it has no Content-Type'}.`
  return { ok: false, reply: problem(415, detail) }
}

function parseJson(text: string): { ok: true; value: unknown } | { ok: false; message: string } {
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) }
  }
}
