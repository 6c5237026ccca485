// `/connect/last-seen`: when the last agent was seen, as a number. What an open page asks every two seconds.
import { appContext } from '../../../server/context.ts'
import { lastSeenClient } from '../../../server/db/clients.ts'
import type { Route } from './+types/last-seen'
import { clientView } from './client-view.ts'

export async function loader({ context }: Route.LoaderArgs): Promise<Response> {
  const { db, principal } = context.get(appContext)
  const at = await lastSeenClient(db, clientView(principal))
  return new Response(String(at), { headers: { 'content-type': 'text/plain; charset=utf-8' } })
}
