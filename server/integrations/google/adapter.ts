// Google Discovery documents, one or several: each method is an HTTP operation, with content, scopes and names of its own.
import type { Adapter, Discovered, Fetch, Position, Source } from '../adapter.ts'
import { callMethod, previewMethod } from './call.ts'
import { discoverMethods } from './discover.ts'

export const google: Adapter = {
  kind: 'google',
  async *discover(source: Source, _: Fetch, from?: Position): AsyncGenerator<Discovered> {
    yield* discoverMethods(source, from)
  },
  preview: previewMethod,
  call: callMethod,
}
