import { answerHealth } from '../../../server/api/health.ts'
import { appContext } from '../../../server/context.ts'
import type { Route } from './+types/health'

export function loader({ context }: Route.LoaderArgs): Promise<Response> {
  return answerHealth(context.get(appContext))
}
