import { expect, test } from 'vitest'
import { z } from 'zod'
import { toolInput } from './tool-input.ts'

const target = 'draft-2020-12'

test.each([
  z.object({ run: z.string() }),
  z.object({ query: z.string().optional(), limit: z.number().optional() }),
  z.object({ code: z.string(), page: z.number(), cursor: z.string().optional() }),
])('agents get the JSON Schema that Zod would write', (schema: z.ZodObject) => {
  const { jsonSchema } = toolInput(schema)['~standard']
  expect(jsonSchema.input({ target })).toEqual(z.toJSONSchema(schema, { io: 'input', target }))
})

test.each([
  z.object({ code: z.string().min(1) }),
  z.object({ page: z.number().int() }),
  z.object({ code: z.string().describe('TypeScript') }),
  z.object({ code: z.string().describe('TypeScript').optional() }),
  z.object({ tags: z.array(z.string()) }),
  z.object({ code: z.string().default('1') }),
  z.object({ code: z.string().nullable() }),
])('a field that would be described as less than it is is refused', (schema: z.ZodObject) => {
  expect(() => toolInput(schema)).toThrow('is more than text or a number')
})

test('what is checked is what Zod checks', async () => {
  const { validate } = toolInput(z.object({ run: z.string() }))['~standard']
  expect(await validate({ run: 'run_1', more: 1 })).toEqual({ value: { run: 'run_1' } })
  expect(await validate({ run: 1 })).toMatchObject({ issues: [{ path: ['run'], expected: 'string' }] })
})
