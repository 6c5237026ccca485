// OpenAPI 3.0, 3.1, 3.2 and Swagger 2.0: from a document to tools, and from a tool to an HTTP request.
import type { Adapter, Discovered, Fetch, Position, Source } from '../adapter.ts'
import { callOperation } from './call.ts'
import { discoverOperations } from './discover.ts'
import { previewOperation } from './preview.ts'
import { referredUrls } from './referred-urls.ts'

export const openApi: Adapter = {
  kind: 'openapi',
  references: referredUrls,
  async *discover(source: Source, _fetch: Fetch, from?: Position): AsyncGenerator<Discovered> {
    yield* discoverOperations(source, from)
  },
  preview: previewOperation,
  call: callOperation,
}
