// GraphQL: each field of the query and the mutation type is a tool, asked for alone, with a selection inside of it.
import type { Adapter, Discovered, Fetch, Position, Source } from '../adapter.ts'
import { callField, previewField } from './call.ts'
import { discoverFields } from './discover.ts'

export const graphQl: Adapter = {
  kind: 'graphql',
  async *discover(source: Source, _: Fetch, from?: Position): AsyncGenerator<Discovered> {
    yield* discoverFields(source, from)
  },
  preview: previewField,
  call: callField,
}
