import type { StandardSchemaV1 } from '@modelcontextprotocol/client'

/** Results are read part by part, so that one which is not as the protocol has it does not take the others with it. */
export const anyResult: StandardSchemaV1<unknown, unknown> = {
  '~standard': { version: 1, vendor: 'executor', validate: (value) => ({ value }) },
}
