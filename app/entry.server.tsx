// How a page becomes HTML. Streams: the shell goes out first, whatever it waits for follows.
import { renderToReadableStream } from 'react-dom/server'
import {
  type EntryContext,
  type HandleErrorFunction,
  isRouteErrorResponse,
  type RouterContextProvider,
  ServerRouter,
} from 'react-router'
import { appContext } from '../server/context.ts'

/** Data that a page waits for longer than this is given up, and the page shows its error. */
export const streamTimeout = 10_000

export default async function handleRequest(
  request: Request,
  status: number,
  headers: Headers,
  entry: EntryContext,
  context: RouterContextProvider,
): Promise<Response> {
  headers.set('content-type', 'text/html; charset=utf-8')
  if (request.method === 'HEAD') return new Response(null, { status, headers })

  const app = context.get(appContext)
  let isShellSent = false
  const body = await renderToReadableStream(<ServerRouter context={entry} url={request.url} nonce={app.nonce} />, {
    nonce: app.nonce,
    // A second more than the data, so that its error can still be rendered.
    signal: AbortSignal.any([request.signal, AbortSignal.timeout(streamTimeout + 1000)]),
    onError(error) {
      // Before the shell, the error also rejects, and is reported there.
      if (isShellSent && !request.signal.aborted) app.report(error)
    },
  })
  isShellSent = true
  return new Response(body, { status, headers })
}

/** Surprises in loaders, actions and rendering. What a route answers on purpose (404, 403) is none. */
export const handleError: HandleErrorFunction = (error, { request, context }) => {
  if (request.signal.aborted || (isRouteErrorResponse(error) && error.status < 500)) return
  context.get(appContext).report(error)
}
