// Serves every answer of the table on a port of its own, so that no answer can be taken for the next one's.
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import type { TestProject } from 'vitest/node'
import { anyStatus, cases } from './table.ts'
import type { Answer } from './wire.ts'

export interface AnswerServers {
  /** By the name of the case. */
  ports: Record<string, number>
  stop: () => void
}

export async function serveAnswers(): Promise<AnswerServers> {
  const servers: Server[] = []
  const sockets = new Set<Socket>()
  const ports: Record<string, number> = {}
  for (const { name, answer } of [...cases, { name: 'any status', answer: anyStatus }]) {
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
    })
    ports[name] = await listen(server, answer)
    servers.push(server)
  }
  const stop = () => {
    for (const server of servers) server.close()
    for (const socket of sockets) socket.destroy()
  }
  return { ports, stop }
}

async function listen(server: Server, answer: Answer): Promise<number> {
  server.on('connection', (socket) => {
    let request = ''
    socket.setNoDelay(true)
    socket.on('error', () => socket.destroy())
    socket.on('data', (bytes) => {
      request += bytes.toString('latin1')
      if (!request.includes('\r\n\r\n')) return
      const [, path = ''] = request.split(' ')
      request = ''
      answer(socket, { path })
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return address.port
}

declare module 'vitest' {
  interface ProvidedContext {
    answerPorts: Record<string, number>
  }
}

/** For tests in workerd, which cannot listen. */
export default async function setUp({ provide }: TestProject): Promise<() => void> {
  const { ports, stop } = await serveAnswers()
  provide('answerPorts', ports)
  return stop
}
