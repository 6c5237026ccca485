// OpenAPI 3.0, 3.1 and Swagger 2.0: from a document to tools, and from a tool to an HTTP request.
import type { Adapter, Discovered, Source } from '../adapter.ts'
import { callOperation } from './call.ts'
import { discoverOperations } from './discover.ts'
import { previewOperation } from './preview.ts'

export const openApi: Adapter = {
  kind: 'openapi',
  async *discover(source: Source): AsyncGenerator<Discovered> {
    yield* discoverOperations(source)
  },
  preview: previewOperation,
  call: callOperation,
}
