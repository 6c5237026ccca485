// Connects the sample company the way an admin does: signs in at Access and fills in the console's forms. Nothing is
// written past the console, so that the first thing a newcomer sees has been made like everything after it.
import { setTimeout as sleep } from 'node:timers/promises'
import { findForm } from '../e2e/local-access/html-form.ts'
import { createHttpBrowser, type HttpBrowser, type Page, signIn } from '../e2e/local-access/http-browser.ts'
import { ADMIN } from '../e2e/local-access/identities.ts'
import { SAMPLE_API_KEY } from '../e2e/sample-api/credentials.ts'

const IMPORT_MS = 60_000
const NEW = '/integrations/new'
/** What programs write: `tools.northwind.tickets.list()`. */
const SLUG = 'northwind'

function expectPage(page: Page, what: string): Page {
  if (page.status === 200) return page
  const text = page.html.replace(/<(script|style)\b[\s\S]*?<\/\1>|<[^>]+>/g, ' ').replace(/\s+/g, ' ')
  throw new Error(`${what} answered ${page.status} at ${page.url.href}: ${text.trim().slice(0, 500)}`)
}

/** The fields of the confirming form under our short name, with the key in the first method that takes just one secret. */
function fillIn(html: string): Record<string, string> {
  const form = findForm(html, 'slug')
  if (!form) throw new Error('The console shows no form that imports the sample.')
  const methodOf = (name: string) => /^field\.(.+)\.[^.]+$/.exec(name)?.[1]
  const secret = form.secrets.find((name) => /bearer/i.test(methodOf(name) ?? '')) ?? form.secrets[0] ?? ''
  return { ...form.values, slug: SLUG, method: methodOf(secret) ?? '', [secret]: SAMPLE_API_KEY }
}

/** The page of the import, once the document is read. */
async function waitForPreview(browser: HttpBrowser, first: Page): Promise<Page> {
  let page = first
  for (const deadline = Date.now() + IMPORT_MS; page.html.includes('<progress'); await sleep(200)) {
    if (Date.now() > deadline) throw new Error(`The sample was not read within ${IMPORT_MS / 1000} s.`)
    page = expectPage(await browser.open(page.url.pathname), 'The preview of the sample')
  }
  return page
}

/** Does nothing when there is an integration already. */
export async function connectSample(options: {
  url: string
  sampleUrl: string
  say: (line: string) => void
}): Promise<void> {
  const browser = createHttpBrowser(options.url)
  const list = expectPage(await signIn(browser, ADMIN.email, '/integrations'), 'The list of integrations')
  if (/href="\/integrations\/(?!new\b|imports\/)[\w-]/.test(list.html)) return

  options.say('Connecting the sample company through the console …')
  const source = new FormData()
  source.set('source', `${options.sampleUrl}/openapi.json`)
  const first = expectPage(await browser.submit(NEW, source), 'The preview of the sample')
  const preview = await waitForPreview(browser, first)
  const detail = expectPage(
    await browser.submit(preview.url.pathname, fillIn(preview.html)),
    'The import of the sample',
  )
  if (!detail.url.pathname.startsWith(`/integrations/${SLUG}`)) {
    throw new Error(`The sample could not be connected: ${detail.url.searchParams.get('problem') ?? detail.url.href}`)
  }
}
