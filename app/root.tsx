// The document around every page, who is signed in, and what is shown when something goes wrong.
import { isRouteErrorResponse, Links, Meta, Outlet, Scripts, ScrollRestoration, useRouteLoaderData } from 'react-router'
import type { ReactNode } from 'react'
import { appContext } from '../server/context.ts'
import { countPendingApprovals } from '../server/db/approvals.ts'
import type { Route } from './+types/root'
import './app.css'
import { whose } from './routes/may-see.ts'
import { ButtonLink } from './ui/button.tsx'
import { Page } from './ui/page.tsx'
import { Shell, type SignedIn } from './ui/shell.tsx'

export async function loader({ context }: Route.LoaderArgs) {
  const { db, id, principal } = context.get(appContext)
  const me: SignedIn =
    principal.kind === 'person'
      ? { name: principal.email, principal: principal.id, role: principal.isAdmin ? 'admin' : 'member' }
      : { name: principal.name, principal: principal.id, role: 'service' }
  return { me, requestId: id, waiting: await countPendingApprovals(db, whose(principal)) }
}

export const meta: Route.MetaFunction = () => [{ title: 'Executor' }]

export const links: Route.LinksFunction = () => [
  { rel: 'icon', href: '/favicon.svg', type: 'image/svg+xml' },
  { rel: 'alternate icon', href: '/favicon.ico', sizes: '32x32' },
]

export function Layout({ children }: { children: ReactNode }) {
  const data = useRouteLoaderData<typeof loader>('root')
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <Meta />
        <Links />
      </head>
      <body className="font-sans antialiased">
        <Shell me={data?.me} waiting={data?.waiting ?? 0}>
          {children}
        </Shell>
        <ScrollRestoration />
        <Scripts />
      </body>
    </html>
  )
}

export default function Root() {
  return <Outlet />
}

export function ErrorBoundary({ error }: Route.ErrorBoundaryProps) {
  const { title, message, isSurprise } = describe(error)
  const requestId = useRouteLoaderData<typeof loader>('root')?.requestId
  return (
    <>
      <title>{`${title} · Executor`}</title>
      <Page title={title} lead={message}>
        {isSurprise && requestId && (
          <p className="text-sm text-muted">
            The log has it as <span className="font-mono text-ink">{requestId}</span>
          </p>
        )}
        <ButtonLink to="/">Go home</ButtonLink>
      </Page>
    </>
  )
}

function describe(error: unknown): { title: string; message: string; isSurprise?: boolean } {
  if (isRouteErrorResponse(error)) {
    const said = typeof error.data === 'string' && error.data !== '' ? error.data : undefined
    if (error.status === 404) return { title: 'Not found', message: said ?? 'There is no page at this address.' }
    if (error.status === 403) return { title: 'Not allowed', message: said ?? 'Your role does not allow this.' }
    return { title: 'That did not work', message: said ?? `The answer was ${error.status} ${error.statusText}.` }
  }
  return {
    title: 'Something went wrong',
    message: 'This is a fault of Executor, not of what you did. Whoever runs it finds the cause in the log.',
    isSurprise: true,
  }
}
