// A form with files as the parameters of an operation: https://github.com/jaydenseric/graphql-multipart-request-spec
import type { IncomingHttpHeaders } from 'node:http'
import { z } from 'zod'
import type { RequestParams } from 'graphql-http'

const Operations = z.object({
  query: z.string(),
  operationName: z.string().nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
})
/** By the name of the file's part. */
const Paths = z.record(z.string(), z.array(z.string()))

export function isMultipart({ 'content-type': type = '' }: IncomingHttpHeaders): boolean {
  return /^multipart\/form-data\b/i.test(type)
}

/** Throws for what is no such form. */
export async function readMultipart(bytes: Buffer, headers: IncomingHttpHeaders): Promise<RequestParams> {
  // A page of somebody else may send a form, but no header like these (CSRF).
  if (!headers['apollo-require-preflight'] && !headers['graphql-require-preflight']) {
    throw new Error('A form needs the header graphql-require-preflight or apollo-require-preflight')
  }
  const type = headers['content-type'] ?? ''
  const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': type } }).formData()
  const names = [...form.keys()]
  if (names[0] !== 'operations' || names[1] !== 'map') throw new Error('operations and map come first in the form')
  const { variables, ...operation } = Operations.parse(readJson(form, 'operations'))
  const root = { variables: variables ?? {} }
  for (const [name, paths] of Object.entries(Paths.parse(readJson(form, 'map')))) {
    const file = form.get(name)
    if (!(file instanceof File)) throw new Error(`The form has no file ${name}`)
    for (const path of paths) putFile(root, path, file)
  }
  return { query: operation.query, operationName: operation.operationName, variables: root.variables }
}

function readJson(form: FormData, name: string): unknown {
  const text = form.get(name)
  if (typeof text !== 'string') throw new Error(`${name} is no text`)
  return JSON.parse(text)
}

/** `variables.input.files.0`, where the value has null. */
function putFile(root: object, path: string, file: File): void {
  const keys = path.split('.')
  const last = keys.pop() ?? ''
  let target: unknown = root
  for (const key of keys) target = own(target, key)
  if (typeof target !== 'object' || target === null || own(target, last) !== null) {
    throw new Error(`There is no null at ${path}`)
  }
  Object.assign(target, { [last]: file })
}

function own(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined
}
