// What a test asks of the local Access and nobody else may: which applications are linked. On a port of its own, never
// on an address that people, agents or applications use.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { sendJson } from './answer.ts'

export interface Links {
  /** `app_uid` of every application that the policy of `application` takes tokens of; undefined for an unknown one. */
  read(application: string): readonly string[] | undefined
  write(application: string, linkedApps: readonly string[]): void
}

const HOW = 'GET /_links/<application>, and PUT a JSON list of app_uids to change it.'

function parseList(body: string): string[] | null {
  try {
    const list: unknown = JSON.parse(body)
    return Array.isArray(list) && list.every((entry) => typeof entry === 'string') ? list : null
  } catch {
    return null
  }
}

/** PUT is preflighted and nothing here allows it, so no page in a browser changes a link. */
export async function answerControl(links: Links, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const application = /^\/_links\/([\w-]+)$/.exec(request.url ?? '')?.[1] ?? ''
  const linked = links.read(application)
  if (linked === undefined) return sendJson(response, 404, { error: 'not_found', message: HOW })
  if (request.headers.origin !== undefined) return sendJson(response, 403, { error: 'forbidden', message: HOW })
  if (request.method === 'PUT') {
    const list = parseList(await text(request))
    if (list === null) return sendJson(response, 400, { error: 'bad_request', message: HOW })
    links.write(application, list)
  } else if (request.method !== 'GET') {
    return sendJson(response, 405, { error: 'method_not_allowed', message: HOW }, { allow: 'GET, PUT' })
  }
  sendJson(response, 200, links.read(application))
}
