// A server that reads bytes from a socket: what a call puts on the wire, without another library's idea of it.
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

export interface RawRequest {
  /** `GET /a?b=c HTTP/1.1` */
  line: string
  method: string
  /** The path with its query, as it came. */
  target: string
  /** The value of a header, undefined when it is absent; of several, joined with `|`. */
  header(name: string): string | undefined
  /** One character a byte. */
  body: string
}

export class RawUpstream {
  readonly #server: Server
  #requests: RawRequest[] = []
  origin = ''

  constructor() {
    this.#server = createServer((socket) => {
      let bytes = ''
      socket.setEncoding('latin1')
      socket.on('error', () => socket.destroy())
      socket.on('data', (chunk) => {
        bytes += String(chunk)
        const request = readRequest(bytes)
        if (request === null) return
        this.#requests.push(request)
        socket.end(
          'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}',
        )
      })
    })
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    this.origin = `http://127.0.0.1:${address.port}`
  }

  close(): void {
    this.#server.close()
  }

  /** What came since the last time. */
  taken(): RawRequest[] {
    const requests = this.#requests
    this.#requests = []
    return requests
  }
}

/** Null while there is more to come. */
function readRequest(bytes: string): RawRequest | null {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return null
  const [line = '', ...headers] = bytes.slice(0, end).split('\r\n')
  const [method = '', target = ''] = line.split(' ')
  const header = (name: string) => {
    const found = headers.filter((one) => one.toLowerCase().startsWith(`${name.toLowerCase()}:`))
    return found.length === 0 ? undefined : found.map((one) => one.slice(name.length + 1).trim()).join('|')
  }
  const body = bytes.slice(end + 4)
  if (header('transfer-encoding') !== undefined) throw new Error('a body in chunks')
  return body.length < Number(header('content-length') ?? 0) ? null : { line, method, target, header, body }
}
