// `@modelcontextprotocol/server-everything` as a child process, by either of its HTTP transports.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'

export interface Everything {
  url: string
  stop: () => Promise<void>
}

export async function startEverything(transport: 'streamableHttp' | 'sse'): Promise<Everything> {
  const port = await freePort()
  const packages = join(import.meta.dirname, '../../../node_modules')
  const script = join(packages, '@modelcontextprotocol/server-everything/dist/index.js')
  const child = spawn(process.execPath, [script, transport], {
    env: { PATH: process.env.PATH, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  await new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding('utf8')
    child.stderr.on('data', (text: string) => {
      said += text
      if (/running on port|listening on port/i.test(said)) resolve()
    })
    child.once('exit', () => reject(new Error(`server-everything ended: ${said}`)))
  })
  return {
    url: `http://127.0.0.1:${port}/${transport === 'sse' ? 'sse' : 'mcp'}`,
    stop: async () => {
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('A port was not given.')
  return address.port
}
