// Answers that the local Access gives itself, and the few things it reads of a request.
import type { IncomingMessage, ServerResponse } from 'node:http'

const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  // No form-action: the answer to a consent goes on to the client's own address.
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
}

export function sendPage(
  response: ServerResponse,
  status: number,
  html: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { ...PAGE_HEADERS, ...headers }).end(html)
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response
    .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers })
    .end(JSON.stringify(body))
}

export function redirect(
  response: ServerResponse,
  status: 302 | 303 | 307,
  location: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { location, 'cache-control': 'no-store', ...headers }).end()
}

/** Whether a browser asks for a page that a person will look at; scripts, images and other programs are not that. */
export function isNavigation(request: IncomingMessage): boolean {
  // Node's fetch sends a mode too; only browsers say where the answer goes.
  if (request.headers['sec-fetch-dest'] !== undefined) return request.headers['sec-fetch-mode'] === 'navigate'
  return request.headers.accept?.includes('text/html') ?? false
}

/** Whether a form was posted by one of our own pages, as far as the browser tells. */
export function isSameOrigin(request: IncomingMessage, origin: string): boolean {
  const site = request.headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false
  return request.headers.origin === undefined || request.headers.origin === origin
}

/** The value of one cookie, as sent. */
export function readCookie(request: IncomingMessage, name: string): string | undefined {
  for (const pair of request.headers.cookie?.split(';') ?? []) {
    const [key, ...value] = pair.split('=')
    if (key?.trim() === name) return value.join('=').trim()
  }
  return undefined
}

/** A cookie header without the cookies named; undefined when nothing is left. */
export function withoutCookies(header: string | undefined, names: readonly string[]): string | undefined {
  const kept = (header?.split(';') ?? []).filter((pair) => !names.includes(pair.split('=')[0]?.trim() ?? ''))
  return kept.length > 0 ? kept.map((pair) => pair.trim()).join('; ') : undefined
}

const FORM_LIMIT_BYTES = 64 * 1024

export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size <= FORM_LIMIT_BYTES) chunks.push(chunk)
  }
  return new URLSearchParams(size <= FORM_LIMIT_BYTES ? Buffer.concat(chunks).toString() : '')
}
