// An admin at the console by HTTP alone, for what a journey needs before its own subject begins, and for requests that no
// browser would make.
import { setTimeout as sleep } from 'node:timers/promises'
import { findForm } from './local-access/html-form.ts'
import { createHttpBrowser, type HttpBrowser, type Page, signIn } from './local-access/http-browser.ts'
import { ADMIN, type Identity } from './local-access/identities.ts'

const IMPORT_MS = 30_000
export const NEW_INTEGRATION = '/integrations/new'

/** What somebody reads on a page. */
export function wordsOf(html: string): string {
  const text = html.replace(/<(script|style)\b[\s\S]*?<\/\1>|<[^>]+>/g, ' ').replace(/\s+/g, ' ')
  const entities: Record<string, string> = { quot: '"', '#x27': "'", lt: '<', gt: '>', amp: '&' }
  return text.replace(/&(quot|#x27|lt|gt|amp);/g, (_, name: string) => entities[name] ?? '').trim()
}

export async function openConsole(origin: string, { email }: Identity = ADMIN): Promise<HttpBrowser> {
  const browser = createHttpBrowser(origin)
  await signIn(browser, email)
  return browser
}

/** The header by which Access knows this person's browser. */
export async function signInCookie(origin: string, { email }: Identity): Promise<string> {
  const body = new URLSearchParams({ email, redirect_url: '/' })
  const login = new URL('/cdn-cgi/access/login', origin)
  const response = await fetch(login, { method: 'POST', headers: { origin }, body, redirect: 'manual' })
  const [cookie = ''] = (response.headers.get('set-cookie') ?? '').split(';')
  if (!cookie.startsWith('CF_Authorization=')) throw new Error(`Access did not sign ${email} in.`)
  return cookie
}

/** Gives a document the way the form does: an address or a pasted document, or a file. */
export function giveDocument(browser: HttpBrowser, document: string | File): Promise<Page> {
  const form = new FormData()
  form.set('source', typeof document === 'string' ? document : '')
  form.set('file', typeof document === 'string' ? new File([], '') : document)
  return browser.submit(NEW_INTEGRATION, form)
}

/** Imports a document as `slug`, without a connection unless `fields` has one. */
export async function addIntegration(
  browser: HttpBrowser,
  document: string | File,
  fields: Record<string, string> & { slug: string },
): Promise<void> {
  let preview = await giveDocument(browser, document)
  for (const deadline = Date.now() + IMPORT_MS; preview.html.includes('<progress'); await sleep(100)) {
    if (Date.now() > deadline) throw new Error(`${fields.slug} was not read within ${IMPORT_MS / 1000} s.`)
    preview = await browser.open(preview.url.pathname)
  }
  const form = findForm(preview.html, 'slug')
  if (!form) throw new Error(`There is no preview: ${preview.status} ${wordsOf(preview.html)}`)
  const server = fields.baseUrl === undefined ? (form.values.server ?? '') : 'other'
  const sent = { ...form.values, server, method: '~none', ...fields }
  const page = await browser.submit(preview.url.pathname, sent)
  if (page.status !== 200) throw new Error(`There is no import: ${page.status} ${wordsOf(page.html)}`)
}

/** Connects it for everyone, with the secret that the form asks for first. */
export async function addConnection(
  browser: HttpBrowser,
  integration: string,
  connection: string,
  secret: string,
): Promise<void> {
  const address = `/connections/new?integration=${integration}`
  const form = findForm((await browser.open(address)).html, 'connection')
  if (!form) throw new Error(`There is no form that connects ${integration}.`)
  const [field = ''] = form.secrets
  const method = field.replace(/^field\.(.+)\.\w+$/, '$1')
  const fields = { ...form.values, connection, method, [field]: secret }
  const page = await browser.submit(address, fields)
  if (!page.url.pathname.startsWith('/connections/con_')) throw new Error(`Not connected: ${wordsOf(page.html)}`)
}

export async function removeIntegration(browser: HttpBrowser, slug: string): Promise<void> {
  await browser.submit(`/integrations/${slug}`, { intent: 'remove' })
}

export async function addRule(browser: HttpBrowser, pattern: string, action: string): Promise<void> {
  const page = await browser.submit('/policies', { pattern, action, note: '', intent: 'save' })
  if (page.status !== 200) throw new Error(`The rule was not added: ${wordsOf(page.html)}`)
}

export async function removeRule(browser: HttpBrowser, pattern: string): Promise<void> {
  const { html } = await browser.open('/policies')
  const links = html.matchAll(/<a\b[^>]*href="(\/policies\/[^"#?]+)"[^>]*>([^<]*)<\/a>/g)
  for (const [, href = '', text] of links) if (text === pattern) await browser.submit(href, { intent: 'remove' })
}
