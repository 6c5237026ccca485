// Every address of the Worker, in one table. /healthz and static files are answered before the router (server/worker.ts).
import { index, route, type RouteConfig } from '@react-router/dev/routes'

export default [
  index('routes/home/home.tsx'),
  route('connect', 'routes/connect/connect.tsx'),
  route('connect/last-seen', 'routes/connect/last-seen.ts'),
  route('integrations', 'routes/integrations/list.tsx'),
  route('integrations/new', 'routes/integrations/new.tsx'),
  route('integrations/:slug', 'routes/integrations/detail.tsx'),
  route('connections', 'routes/connections/list.tsx'),
  route('connections/new', 'routes/connections/new.tsx'),
  route('connections/:id', 'routes/connections/detail.tsx'),
  route('tools', 'routes/tools/list.tsx'),
  route('tools/:address', 'routes/tools/detail.tsx'),
  route('policies', 'routes/policies/list.tsx'),
  route('policies/:id', 'routes/policies/detail.tsx'),
  route('runs', 'routes/runs/list.tsx'),
  route('runs/:id', 'routes/runs/detail.tsx'),
  route('api/health', 'routes/api/health.ts'),
  route('mcp', 'routes/mcp.ts'),
  route('*', 'routes/not-found.tsx'),
] satisfies RouteConfig
