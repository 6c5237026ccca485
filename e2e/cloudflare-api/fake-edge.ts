// What somebody outside gets at the Worker's address: Access where an application covers it, else the Worker itself,
// else the page of an address that nobody has.
import { createServer } from 'node:http'
import { listOf, recordOf } from './answer.ts'
import type { FakeAccount, FakeWorker, Json } from './fake-account.ts'
import { close, listen } from '../listen.ts'

export interface FakeEdge {
  url: string
  /** Stands for the code of the Worker. A Worker that refuses everybody, unless set. */
  worker: (request: { method: string; url: string }, worker: FakeWorker) => Promise<EdgeAnswer>
  close(): Promise<void>
}

export interface EdgeAnswer {
  status: number
  headers?: Record<string, string>
  body?: string
}

const REFUSING: EdgeAnswer = { status: 401, headers: { 'www-authenticate': 'Bearer realm="Executor"' } }

export async function startFakeEdge(account: FakeAccount, name: string): Promise<FakeEdge> {
  const server = createServer((request, response) => {
    void (async () => {
      const { method = 'GET', url = '/' } = request
      const answer = await answerOf(account, name, edge, { method, url })
      response.writeHead(answer.status, answer.headers).end(answer.body)
    })()
  })
  const port = await listen(server)
  const edge: FakeEdge = {
    url: `http://127.0.0.1:${port}`,
    worker: async () => REFUSING,
    close: () => close(server),
  }
  return edge
}

async function answerOf(
  account: FakeAccount,
  name: string,
  edge: FakeEdge,
  request: { method: string; url: string },
): Promise<EdgeAnswer> {
  const worker = account.workers.find((one) => one.name === name)
  if (!worker?.onWorkersDev) return { status: 404, body: 'There is nothing here yet' }
  const application = account.applications.find((one) =>
    covers(one, worker, `${name}.${account.subdomain}.workers.dev`),
  )
  if (!application) return edge.worker(request, worker)
  const isOAuth = recordOf(application.oauth_configuration ?? {}).enabled === true
  if (isOAuth && request.url !== '/') {
    return {
      status: 401,
      headers: { 'www-authenticate': 'Bearer resource_metadata="/.well-known/oauth-protected-resource"' },
    }
  }
  return { status: 302, headers: { location: `https://${account.teamDomain}/cdn-cgi/access/login/${name}` } }
}

function covers({ destinations, domain }: Json, { tag }: FakeWorker, hostname: string): boolean {
  const all = listOf(destinations).map(recordOf)
  return domain === hostname || all.some(({ worker_id: worker, uri }) => worker === tag || uri === hostname)
}
