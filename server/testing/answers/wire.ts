// How the answers of the table are written to a socket.
import type { Socket } from 'node:net'

/** Writes one answer to a request that has been read. */
export type Answer = (socket: Socket, request: { path: string }) => void

export type HeaderList = Record<string, string | number>

export function head(status: number | string, headers: HeaderList = {}): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status}${typeof status === 'number' ? ' Reason' : ''}\r\n${lines.join('')}\r\n`
}

/** An answer that keeps every promise: its length is right, and the connection ends with it. */
export function whole(status: number, headers: HeaderList, body: string | Uint8Array = ''): Answer {
  const bytes = Buffer.from(body)
  return pieces(head(status, { ...headers, 'content-length': bytes.length, connection: 'close' }), bytes)
}

/** What it is given, and the end. */
export function pieces(...parts: (string | Uint8Array)[]): Answer {
  return (socket) => {
    for (const part of parts) socket.write(part)
    socket.end()
  }
}

/** The parts, and then silence. */
export function silence(...parts: string[]): Answer {
  return (socket) => {
    for (const part of parts) socket.write(part)
  }
}

/** The beginning, and then `next` again and again, as fast as it is taken or every `everyMs`, until nobody listens. */
export function endless(beginning: string, next: () => string | Uint8Array, everyMs = 0): Answer {
  return (socket) => {
    socket.write(beginning)
    const go = () => {
      if (socket.destroyed) return
      const hasRoom = socket.write(next())
      if (everyMs > 0) setTimeout(go, everyMs)
      else if (hasRoom) setImmediate(go)
      else socket.once('drain', go)
    }
    go()
  }
}

export function chunk(body: string | Uint8Array): Buffer {
  const bytes = Buffer.from(body)
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
}

export const LAST_CHUNK = '0\r\n\r\n'
