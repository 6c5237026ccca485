// One look at one address: what is there, whether it is the document, and which other addresses it names.
import { isAccessRefusal } from '../net/access-refusal.ts'
import { type Outbound, OutboundError } from '../net/outbound.ts'
import { shorten } from '../integrations/json-value.ts'
import { isDocumentAddress, shownAddress } from './address.ts'
import { looksLike, PeekedBody } from './document-head.ts'
import { type DocumentLink, linksOfHeader, linksOfJson, linksOfPage, linksOfScript } from './document-links.ts'
import { DOCUMENT_TYPES, validatorsOf } from './document-source.ts'

/** Enough for what a document begins with, and little of what is none. */
const HEAD_BYTES = 4096
const PAGE_BYTES = 1024 * 1024

/** `outcome` says it in a list of what was looked at; `failure` as an answer to the person. */
export interface Look {
  outcome: string
  links: DocumentLink[]
  /** There, and open: read it or cancel it. `isSure`: it says itself that it describes an API. */
  found?: { body: PeekedBody; isSure: boolean; etag?: string; lastModified?: string }
  isPage?: boolean
  failure?: { code: string; message: string }
  /** Nothing else of this host is worth a request. */
  isHostLost?: boolean
}

/** Never rejects for anything that an upstream does; is over after `forMs`, but for the body of what was found. */
export async function lookAt(
  outbound: Outbound,
  { url: asked, tier, base }: DocumentLink,
  { maxBytes, forMs }: { maxBytes: number; forMs: number },
): Promise<Look> {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), forMs)
  try {
    const request = new Request(asked, { headers: { accept: DOCUMENT_TYPES }, signal: controller.signal })
    const response = await outbound.send(request, { maxBytes })
    const url = response.url || asked
    if (response.ok && response.body !== null) return await judge(response, response.body, { asked, url, tier, base })
    await response.body?.cancel().catch(() => {})
    if (isAccessRefusal(response)) return login(asked, 'the login page of Cloudflare Access')
    if (isLogin(asked, url)) return login(asked, loginPageOf(asked, url))
    return { ...refused(asked, response.status), links: linksOfHeader(response.headers.get('link') ?? '', url) }
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error
    const isSlow = controller.signal.aborted
    const message = isSlow ? `${new URL(asked).host} did not answer in time.` : error.message
    return {
      outcome: isSlow ? 'no answer in time' : error.message,
      links: [],
      failure: { code: isSlow ? 'timeout' : error.code, message },
      isHostLost: isSlow || /^(blocked_address|resolver_unavailable|unreachable|unresolvable)$/.test(error.code),
    }
  } finally {
    clearTimeout(timer)
  }
}

interface Place extends DocumentLink {
  asked: string
}

async function judge(response: Response, stream: ReadableStream<Uint8Array>, place: Place): Promise<Look> {
  const { asked, url, tier, base } = place
  const body = new PeekedBody(stream)
  const looks = looksLike(await body.text(HEAD_BYTES))
  if (looks === 'document') {
    return { outcome: 'an API description', links: [], found: { body, isSure: true, ...validatorsOf(response) } }
  }
  const isScript = looks !== 'html' && /\.m?js$/i.test(new URL(asked).pathname)
  const text = looks === 'html' || looks === 'json' || isScript ? await body.text(PAGE_BYTES) : ''
  const links = linksOfHeader(response.headers.get('link') ?? '', url)
  if (looks === 'html') {
    await body.cancel()
    links.push(...linksOfPage(text, url))
    const isForm = links.length === 0 && /<input\s[^<>]{0,500}type=["']?password/i.test(text)
    return isLogin(asked, url) || isForm ? login(asked, loginPageOf(asked, url)) : { ...page(asked, text), links }
  }
  links.push(...(isScript ? linksOfScript(text, base ?? url) : linksOfJson(parsed(text), base ?? url)))
  const outcome = isScript
    ? 'a script'
    : links.length > 0
      ? 'a list of documents'
      : `${looks.toUpperCase()}, but no API description`
  const mayBe = links.length === 0 && !isScript && (tier === 'given' || tier === 'named')
  if (mayBe) {
    const isSure = tier === 'given' && isDocumentAddress(new URL(asked))
    return { outcome: outcome.replace('TEXT', 'text'), links, found: { body, isSure, ...validatorsOf(response) } }
  }
  await body.cancel()
  return {
    outcome: outcome.replace('TEXT', 'text'),
    links,
    failure: noDocument(`${shownAddress(asked)} is no API description.`),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function refused(asked: string, status: number): Look {
  const isShut = status === 401 || status === 403
  const isPassing = status === 429 || status >= 500
  const advice = isShut
    ? ' It is not public: download it where you are signed in, and upload the file.'
    : isPassing
      ? ' Try again later, or download it and upload the file.'
      : ''
  const message = `${new URL(asked).host} answered ${status} instead of a document.${advice}`
  return { outcome: `answered ${status}`, links: [], failure: { code: isShut ? 'not_public' : 'bad_status', message } }
}

function page(asked: string, html: string): Look {
  const title = /<title[^<>]{0,200}>([^<]{1,200})/i.exec(html)?.[1]
  const named = title ? ` (“${shorten(title, 80)}”)` : ''
  const message = `${new URL(asked).host} shows a web page${named} that leads to no API description.`
  return { outcome: 'a web page', links: [], isPage: true, failure: noDocument(message) }
}

function noDocument(message: string) {
  const advice = 'Give the address of the OpenAPI document itself; it usually ends in .json or .yaml.'
  return { code: 'no_document', message: `${message} ${advice}` }
}

const LOGIN_HOST =
  /(^|\.)(cloudflareaccess\.com|okta(preview|-emea)?\.com|auth0\.com|onelogin\.com|pingone\.\w+|login\.microsoftonline\.com|accounts\.google\.com|amazoncognito\.com|signin\.aws\.amazon\.com)$/i
const LOGIN_PATH =
  /\/(log-?in|sign[-_]?in|sso|saml2?|oauth2?|authorize|auth\/realms|cdn-cgi\/access|session\/new)(\/|\.|$)/i

/** Whether a redirect ended where people sign in. */
function isLogin(asked: string, url: string): boolean {
  const [from, to] = [new URL(asked), new URL(url)]
  if (from.host === to.host && from.pathname === to.pathname) return false
  return LOGIN_HOST.test(to.hostname) || LOGIN_PATH.test(to.pathname)
}

function loginPageOf(asked: string, url: string): string {
  const [host, at] = [new URL(asked).host, new URL(url).host]
  return host === at ? 'a login page' : `the login page of ${at}`
}

function login(asked: string, where: string): Look {
  const message = `${new URL(asked).host} answers with ${where}, and Executor signs in nowhere to fetch a document. Download it in your browser and upload the file.`
  return { outcome: where, links: [], failure: { code: 'login', message }, isHostLost: true }
}
