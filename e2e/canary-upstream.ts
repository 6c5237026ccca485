// An API that shows whoever asks what it was sent, credential and all, in every way that an answer has room for.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { close, listen } from './listen.ts'

export interface CanaryUpstream {
  url: string
  /** All that came, headers and bodies, as text. */
  received: () => string
  close: () => Promise<void>
}

const MEBIBYTES = 5
const JSON_TYPE = { 'content-type': 'application/json' }

export async function startCanaryUpstream(): Promise<CanaryUpstream> {
  const received: string[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const { url = '/', headers } = request
    const sent = { url, authorization: headers.authorization ?? '' }
    received.push(JSON.stringify({ url, headers, body: Buffer.concat(chunks).toString() }))
    const echo = `You asked for ${sent.url} with ${sent.authorization}`
    response.setHeader('x-echo', echo)
    response.setHeader('link', `<${url}${url.includes('?') ? '&' : '?'}page=2>; rel="next"`)
    const end = (status: number, type: Record<string, string>, body: string | Buffer) =>
      response.writeHead(status, type).end(body)
    switch (url.split('?')[0]) {
      case '/echo':
      case '/write':
        return end(200, JSON_TYPE, JSON.stringify({ ...sent, [echo]: [echo], nested: { text: `{"a":"${echo}"}` } }))
      case '/long':
        // More than a row of the journal takes, and does not compress away.
        return end(200, JSON_TYPE, JSON.stringify(Array.from({ length: 2000 }, (_, index) => `${index} ${echo}`)))
      case '/text':
        return end(200, { 'content-type': 'text/plain' }, echo)
      case '/file':
        return end(200, { 'content-type': 'application/octet-stream' }, Buffer.from(`\0${echo}\0`))
      case '/huge':
        return end(200, JSON_TYPE, JSON.stringify([echo, 'x'.repeat(MEBIBYTES * 1024 * 1024), echo]))
      case '/refused':
        return end(422, JSON_TYPE, JSON.stringify({ message: echo, errors: [{ field: echo, message: echo }] }))
      case '/broken':
        return end(500, { 'content-type': 'text/html' }, `<h1>Error</h1><pre>${echo}</pre>`)
      case '/elsewhere':
        return response.writeHead(302, { location: `/echo${url.slice('/elsewhere'.length)}` }).end()
      case '/gone':
        return request.socket.destroy()
      case '/hook':
        return end(204, {}, '')
      default:
        return end(
          401,
          { ...JSON_TYPE, 'www-authenticate': `Bearer error="${sent.authorization}"` },
          JSON.stringify({ message: echo }),
        )
    }
  }
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  const port = await listen(server)
  return {
    url: `http://localhost:${port}`,
    received: () => received.join('\n'),
    close: () => close(server),
  }
}

const READS = ['echo', 'long', 'text', 'file', 'huge', 'refused', 'broken', 'elsewhere', 'gone', 'unknown']

export function canaryDocument(url: string): string {
  const responses = { 200: { description: 'ok' } }
  const get = (name: string) => ({ get: { operationId: `all/${name}`, summary: `Answer ${name}`, responses } })
  return JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'Canary', version: '1' },
    servers: [{ url }],
    paths: {
      ...Object.fromEntries(READS.map((name) => [`/${name}`, get(name)])),
      '/write': { post: { operationId: 'all/write', summary: 'Write something', responses } },
    },
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        query: { type: 'apiKey', in: 'query', name: 'api_key' },
        basic: { type: 'http', scheme: 'basic' },
      },
    },
    security: [{ bearer: [] }, { query: [] }, { basic: [] }],
  })
}

/** Calls everything there is through one connection, and lets everything be seen that comes of it. */
export function callEverything(connection: string): string {
  return `
    const seen = []
    const api = tools['canary@${connection}'].all
    for (const name of ${JSON.stringify(READS)}) {
      try {
        const answer = await api[name].raw({})
        const data = answer.data
        console.log(name, data)
        if (data && data.text) { seen.push(data.text().slice(0, 400)); emit(data) }
        else seen.push(name === 'long' ? { long: data } : answer)
      } catch (error) {
        console.log(String(error), error.message, error.details)
        seen.push({ name, message: error.message, code: error.code, details: error.details })
      }
    }
    return seen`
}
