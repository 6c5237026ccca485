// The sample company's application for its own people. It stands behind Access, and knows who calls by Access's assertion
// alone. `startSamplePeople` is all that others need.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { listenOnLoopback } from '../local-access/listen.ts'
import { createLedger, type Ledger } from '../sample-api/ledger.ts'
import { ok, problem, type Reply } from '../sample-api/reply.ts'
import { buildDocument } from './document.ts'
import { operations } from './operations.ts'
import { createPersonnel, type Personnel } from './staff.ts'
import { type Assertions, createAssertions } from './verify-assertion.ts'

export interface SamplePeopleOptions {
  /** Where it listens itself, without Access in front. */
  port: number
  /** The address behind Access that people and programs use. */
  publicUrl: string
  /** Access's issuer and keys. */
  teamDomain: string
  /** Access's tag of this application: an assertion for another one does not count. */
  audience: string
}

export interface SamplePeople {
  ledger: Ledger
  close(): Promise<void>
}

interface Application extends Pick<SamplePeopleOptions, 'publicUrl'> {
  personnel: Personnel
  ledger: Ledger
  assertions: Assertions
}

async function answer(application: Application, request: IncomingMessage, url: URL, body: string): Promise<Reply> {
  const { method, headers } = request
  if (url.pathname === '/openapi.json' && method === 'GET') return ok(buildDocument(application.publicUrl))
  const caller = await application.assertions.read(headers['cf-access-jwt-assertion']?.toString())
  if (!caller) return problem(401, 'There is no assertion of Access for this application.')
  if (caller.kind === 'service') return problem(403, 'A service token is nobody who works here.')
  const employee = application.personnel.employees.find(({ email }) => email === caller.email)
  if (!employee) return problem(403, `${caller.email} does not work here.`)

  const employeeId = /^\/salaries\/(\w+)$/.exec(url.pathname)?.[1] ?? ''
  const path = employeeId === '' ? url.pathname : '/salaries/{employee_id}'
  const operation = operations.find((one) => one.path === path && one.method === method)
  if (!operation) return problem(404, `There is nothing at ${method} ${url.pathname}.`)
  let input: unknown
  try {
    input = body === '' ? undefined : JSON.parse(body)
  } catch {
    return problem(400, 'The body is not JSON.')
  }
  return operation.handle({ caller: employee, personnel: application.personnel, employeeId, body: input })
}

/** What tests ask, on the port that Access does not cover. */
function forTests(application: Application, method: string | undefined, path: string): Reply {
  if (path === '/_ledger' && method === 'GET') return ok(application.ledger.entries())
  if (path === '/_reset' && method === 'POST') {
    application.personnel = createPersonnel()
    application.ledger.clear()
    return { status: 204 }
  }
  return problem(404, 'Tests may GET /_ledger and POST /_reset.')
}

function send(response: ServerResponse, { status, headers, body }: Reply): void {
  if (!body || !('json' in body)) return void response.writeHead(status, headers).end()
  const type = body.type ?? 'application/json'
  response.writeHead(status, { ...headers, 'content-type': type }).end(JSON.stringify(body.json))
}

async function handle(application: Application, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = 'GET', headers } = request
  const url = URL.parse(request.url ?? '/', application.publicUrl)
  const body = await text(request)
  if (url === null) return send(response, problem(400, 'The URL is not valid.'))
  // Access passes the request's own Host on; whoever asks for this port itself is a test.
  const isDirect = headers.host !== new URL(application.publicUrl).host
  if (isDirect && url.pathname.startsWith('/_')) return send(response, forTests(application, method, url.pathname))
  const entry = application.ledger.record({ method, url, headers, body: Buffer.from(body) })
  const reply = await answer(application, request, url, body)
  entry.status = reply.status
  send(response, reply)
}

export async function startSamplePeople(options: SamplePeopleOptions): Promise<SamplePeople> {
  const ledger = createLedger()
  const assertions = createAssertions(options)
  const application = { publicUrl: options.publicUrl, personnel: createPersonnel(), ledger, assertions }
  const close = await listenOnLoopback(
    (request, response) => {
      handle(application, request, response).catch((error: unknown) => {
        console.error('The sample company’s people application failed:', error)
        if (response.headersSent) response.destroy()
        else send(response, problem(500, 'The application has a bug.'))
      })
    },
    options.port,
    '127.0.0.1',
  )
  return { ledger, close }
}
