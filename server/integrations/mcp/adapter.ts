// MCP servers: from what a server lists to tools, and from a tool to one request of the protocol.
import type { Adapter, Discovered, Fetch, Position, Source } from '../adapter.ts'
import { callMcp, previewMcp } from './call.ts'
import { discoverTools } from './discover.ts'

export const mcp: Adapter = {
  kind: 'mcp',
  async *discover(source: Source, _: Fetch, from?: Position): AsyncGenerator<Discovered> {
    yield* discoverTools(source, from)
  },
  preview: previewMcp,
  call: callMcp,
}
