// `/mcp`: every method of it is the protocol's own business.
import { appContext } from '../../server/context.ts'
import { handleMcp } from '../../server/mcp/handler.ts'
import type { Route } from './+types/mcp'

export function loader({ request, context }: Route.LoaderArgs): Promise<Response> {
  return handleMcp(request, context.get(appContext))
}

export const action = loader
