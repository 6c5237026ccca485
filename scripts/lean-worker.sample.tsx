// What lean-worker.node.test.ts bundles: the packages that were cut, as the Worker uses them.
import { inputRequired, McpServer } from '@modelcontextprotocol/server'
import { and, desc, eq, inArray, like, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { Suspense, use, useEffect } from 'react'
import { transform as sucrase } from 'sucrase/dist/index.js'
import { renderToReadableStream } from 'react-dom/server'
import {
  createRequestHandler,
  data,
  Form,
  Link,
  Links,
  type LoaderFunctionArgs,
  Meta,
  NavLink,
  redirect,
  Scripts,
  ScrollRestoration,
  type ServerBuild,
  ServerRouter,
  useFetcher,
  useLoaderData,
  useNavigation,
  useRouteError,
  useSearchParams,
} from 'react-router'
import { z } from 'zod'
import * as schema from '../drizzle/schema.ts'
import type { Principal } from '../server/access/principal.ts'
import { canOpenLinks } from '../server/mcp/exchange.ts'
import { serveMcp } from '../server/mcp/serve.ts'
import { toolInput } from '../server/mcp/tool-input.ts'
import { compile } from '../server/sandbox/compile.ts'

export { compile, McpServer, z }
export * from './lean-worker.sample-server.ts'
export const transform = sucrase

const principal: Principal = {
  kind: 'person',
  id: 'person:ada@example.com',
  email: 'ada@example.com',
  subject: 'ada',
  groups: [],
  isAdmin: false,
}
const config = { secretKey: 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=' }
const text = (value: unknown) => ({ content: [{ type: 'text' as const, text: JSON.stringify(value) ?? '' }] })

/** A server with a tool that answers, one that asks for a link to be opened first, and one that fails. */
export async function answerMcp(request: Request): Promise<Response> {
  const body =
    request.method === 'POST'
      ? await request
          .clone()
          .json()
          .catch(() => undefined)
      : undefined
  return serveMcp(
    request,
    { principal, config },
    {
      body,
      server: { instructions: 'Try it.', capabilities: { tools: { listChanged: false } } },
      register(server, exchangeOf) {
        const fields = z.object({ text: z.string(), times: z.number().optional() })
        server.registerTool('echo', { inputSchema: toolInput(fields), annotations: { readOnlyHint: true } }, (input) =>
          text(input),
        )
        server.registerTool('ask', { title: 'Ask', inputSchema: toolInput(fields) }, async (input, context) => {
          const exchange = exchangeOf(context)
          const { state, responses, capabilities, clientName } = exchange
          if (!canOpenLinks(exchange) || state !== undefined)
            return text([input, state, responses, capabilities, clientName])
          const link = inputRequired.elicitUrl({ message: 'Open it', url: 'https://executor.test/approvals/1' })
          return inputRequired({ requestState: await exchange.keep({ asked: 1 }), inputRequests: { first: link } })
        })
        server.registerTool('fail', { inputSchema: toolInput(z.object({})) }, () => {
          throw new Error('no luck')
        })
      },
    },
  )
}

/** Never asked: statements are only written. */
const nobody: D1Database = {
  prepare: () => nothing(),
  batch: () => nothing(),
  exec: () => nothing(),
  withSession: () => nothing(),
  dump: () => nothing(),
}

function nothing(): never {
  throw new Error('no statement is sent')
}

export function statements(): unknown[] {
  const db = drizzle(nobody, { schema })
  const { audit, runs } = schema
  const some = db.select({ id: runs.id }).from(runs).where(eq(runs.state, 'waiting')).as('some')
  return [
    db
      .select()
      .from(runs)
      .where(and(eq(runs.id, 'run_1'), like(runs.code, '%x%')))
      .orderBy(desc(runs.startedAt))
      .limit(3),
    db
      .select({ n: sql<number>`count(*)`, id: some.id })
      .from(some)
      .leftJoin(audit, eq(audit.subject, some.id))
      .groupBy(some.id),
    db.delete(runs).where(inArray(runs.id, ['a', 'b'])),
    db.update(audit).set({ subject: 'x' }).where(eq(audit.sequence, 1)).returning(),
    db
      .select({ id: runs.id })
      .from(runs)
      .union(db.select({ id: audit.subject }).from(audit)),
  ].map((query) => query.toSQL())
}

const checked = z.object({
  a: z.union([z.email(), z.literal('x')]),
  b: z.array(z.number().int().max(1)).optional(),
  c: z.record(z.string(), z.string()).default({}),
})

export function check(value: unknown): unknown {
  const parsed = checked.safeParse(value)
  return parsed.success ? parsed.data : parsed.error.issues
}

function Late({ text }: { text: Promise<string> }) {
  return <p>{use(text)}</p>
}

function Page() {
  const { names, text, isThrown } = useLoaderData<typeof loader>()
  const [search, setSearch] = useSearchParams()
  const fetcher = useFetcher()
  useEffect(() => console.log('never on a server'))
  if (isThrown) throw new TypeError('while rendering')
  return (
    <html lang="en">
      <head>
        <Meta />
        <Links />
      </head>
      <body>
        {names.map((name) => (
          <Link key={name} to={`/${name}`} prefetch="intent">
            {name}
          </Link>
        ))}
        <Form method="post">
          <button type="submit">{useNavigation().state}</button>
        </Form>
        <NavLink to="/" end className={({ isActive }) => (isActive ? 'here' : '')} onClick={() => setSearch({})}>
          {search.get('q')}
        </NavLink>
        <fetcher.Form method="post" action="/other" encType="multipart/form-data">
          <select name="one" defaultValue="b">
            <option value="a">A {1}</option>
            <option value="b">B</option>
          </select>
          <textarea name="two" defaultValue={'a\n<b>'} readOnly />
          <input type="checkbox" name="three" defaultChecked disabled={fetcher.state !== 'idle'} />
        </fetcher.Form>
        <hr style={{ width: 1, marginTop: '2em' }} />
        <svg viewBox="0 0 1 1">
          <path d="M0 0" strokeWidth={2} />
        </svg>
        <Suspense fallback={<p>Wait</p>}>
          <Late text={text} />
        </Suspense>
        <ScrollRestoration nonce="n" />
        <Scripts nonce="n" />
      </body>
    </html>
  )
}

function loader({ request }: LoaderFunctionArgs) {
  const { searchParams } = new URL(request.url)
  if (searchParams.has('away')) throw redirect('/elsewhere', { headers: { 'x-why': 'asked' } })
  if (searchParams.has('gone')) throw data('gone', { status: 410 })
  if (searchParams.has('broken')) throw new Error('broken')
  const text = new Promise<string>((resolve, reject) => {
    setTimeout(() => (searchParams.has('fails') ? reject(new Error('too late')) : resolve('late')), 5)
  })
  // Who renders it waits for it, too.
  text.catch(() => {})
  return {
    names: ['a', 'b'],
    text,
    isThrown: searchParams.has('thrown'),
    at: new Date(0),
    later: new Map([['c', new Set([1n])]]),
    nothing: undefined,
  }
}

const routeModule: NonNullable<ServerBuild['routes'][string]>['module'] = {
  default: Page,
  loader,
  action: async ({ request }) => data({ given: [...(await request.formData())] }, { status: 422 }),
  meta: () => [{ title: 'Sample' }],
  ErrorBoundary: () => <p>{String(useRouteError())}</p>,
}

const serverBuild: ServerBuild = {
  entry: {
    module: {
      async default(request, status, headers, context) {
        const stream = await renderToReadableStream(<ServerRouter context={context} url={request.url} nonce="n" />, {
          onError: () => {},
        })
        headers.set('content-type', 'text/html')
        return new Response(stream, { status, headers })
      },
      handleError: () => {},
    },
  },
  routes: { root: { id: 'root', path: '', module: routeModule } },
  assets: {
    entry: { imports: [], module: '/entry.js' },
    routes: {
      root: {
        id: 'root',
        path: '',
        hasAction: true,
        hasLoader: true,
        hasClientAction: false,
        hasClientLoader: false,
        hasClientMiddleware: false,
        hasErrorBoundary: true,
        module: '/root.js',
        clientActionModule: undefined,
        clientLoaderModule: undefined,
        clientMiddlewareModule: undefined,
        hydrateFallbackModule: undefined,
      },
    },
    url: '/manifest.js',
    version: '1',
  },
  publicPath: '/',
  assetsBuildDirectory: '',
  future: {},
  ssr: true,
  isSpaMode: false,
  prerender: [],
  routeDiscovery: { mode: 'initial', manifestPath: '/__manifest' },
}

export const answerPage: (request: Request) => Promise<Response> = createRequestHandler(serverBuild, 'production')
