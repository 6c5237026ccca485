// The OpenAPI document. It names no security scheme: signing in is Access's business, as with many an internal application.
import { z } from 'zod'
import { type Operation, operations } from './operations.ts'

function jsonOf(schema: z.ZodType, io: 'input' | 'output') {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io })
  return { 'application/json': { schema: rest } }
}

function describe({ id, path, summary, description, answer, body }: Operation) {
  const parameter = { name: 'employee_id', in: 'path', required: true, schema: { type: 'string' } }
  return {
    operationId: id,
    tags: [id.split('/')[0]],
    summary,
    description,
    ...(path.includes('{') && { parameters: [{ ...parameter, description: 'For example `emp_02`.' }] }),
    ...(body && { requestBody: { required: true, content: jsonOf(body, 'input') } }),
    responses: { [answer.status]: { description: 'As asked.', content: jsonOf(answer.schema, 'output') } },
  }
}

export function buildDocument(serverUrl: string) {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const operation of operations) {
    ;(paths[operation.path] ??= {})[operation.method.toLowerCase()] = describe(operation)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Northwind People',
      version: '2026-10-01',
      description: 'Payslips, time off and colleagues of the sample company. Everybody sees what is theirs.',
    },
    servers: [{ url: serverUrl }],
    paths,
  }
}
