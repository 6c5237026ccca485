// Listening on this machine only, and stopping at once.
import { createServer, type RequestListener, type Server } from 'node:http'

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host }, () => resolve())
  })
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

/** `localhost` is either of two addresses, depending on the machine and on who asks. Resolves to what closes it. */
export async function listenOnLoopback(
  handler: RequestListener,
  port: number,
  host: 'localhost' | '127.0.0.1' = 'localhost',
): Promise<() => Promise<void>> {
  const servers = [createServer(handler)]
  await listen(servers[0]!, port, '127.0.0.1')
  if (host === 'localhost') {
    const v6 = createServer(handler)
    await listen(v6, port, '::1').then(
      () => servers.push(v6),
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'EADDRINUSE') throw error
      },
    )
  }
  return async () => void (await Promise.all(servers.map(closeServer)))
}
