// The sample company's authorization server. `startSampleOauth` is all that others need.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type Provider from 'oidc-provider'
import { sendJson } from '../local-access/answer.ts'
import { listenOnLoopback } from '../local-access/listen.ts'
import { type Behaviour, BehaviourChange, usualBehaviour } from './behaviour.ts'
import { createProvider } from './provider.ts'
import { answerSignIn, SIGN_IN } from './sign-in.ts'
import { createTokenLedger, type TokenLedger } from './token-ledger.ts'

export interface SampleOauthOptions {
  port: number
  /** Identifier of the API that tokens are for: `http://localhost:8790`. */
  resource: string
  /** Of the app that is set up by hand. */
  redirectUris: readonly string[]
  /** A file that keeps clients and tokens over a restart. */
  storagePath?: string
}

export interface SampleOauth {
  /** The issuer: `http://localhost:<port>`. */
  url: string
  ledger: TokenLedger
  close(): Promise<void>
}

interface Site {
  provider: Provider
  resource: string
  answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>
  behaviour: Behaviour
  ledger: TokenLedger
  /** Ids of the grants that tokens were issued under, by account. */
  grants: Map<string, Set<string>>
}

const METADATA: Record<string, Behaviour['metadata'][number]> = {
  '/.well-known/oauth-authorization-server': 'oauth',
  '/.well-known/openid-configuration': 'openid',
}

/** Ends every grant of an account: its access and refresh tokens with it. */
async function revoke({ provider, grants }: Site, accountId: string): Promise<void> {
  for (const id of grants.get(accountId) ?? []) {
    await provider.AccessToken.revokeByGrantId(id)
    await provider.RefreshToken.revokeByGrantId(id)
    await (await provider.Grant.find(id))?.destroy()
  }
  grants.delete(accountId)
}

/** What tests ask. None of it is there for a page: forms cannot send JSON, and nothing is allowed across origins. */
async function forTests(site: Site, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const asked = `${request.method} ${url.pathname}`
  if (request.headers.origin !== undefined) return sendJson(response, 403, { error: 'forbidden' })
  if (asked === 'GET /_ledger') return sendJson(response, 200, site.ledger.entries())
  if (asked === 'GET /_behaviour') return sendJson(response, 200, site.behaviour)
  if (asked === 'PATCH /_behaviour') {
    const change = BehaviourChange.safeParse(JSON.parse((await text(request)) || '{}'))
    if (!change.success) return sendJson(response, 400, { error: 'bad_request', issues: change.error.issues })
    Object.assign(site.behaviour, change.data)
    return sendJson(response, 200, site.behaviour)
  }
  if (asked === 'POST /_reset') {
    Object.assign(site.behaviour, usualBehaviour())
    site.ledger.clear()
    return void response.writeHead(204).end()
  }
  const account = /^DELETE \/_grants\/(\w+)$/.exec(asked)?.[1]
  if (account !== undefined) {
    await revoke(site, account)
    return void response.writeHead(204).end()
  }
  sendJson(response, 404, {
    error: 'not_found',
    message: 'Tests may GET /_ledger, GET or PATCH /_behaviour, DELETE /_grants/<account>, and POST /_reset.',
  })
}

async function answer(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { origin, host } = new URL(site.provider.issuer)
  const url = URL.parse((request.url ?? '/').replace(/^[/\\]{2,}/, '/'), origin)
  if (url === null || request.headers.host !== host) {
    return sendJson(response, 421, { error: 'misdirected', message: `This is ${origin}.` })
  }
  if (url.pathname.startsWith('/_')) return forTests(site, request, response, url)
  if (url.pathname.startsWith(`${SIGN_IN}/`)) return answerSignIn(site, request, response)
  const form = METADATA[url.pathname]
  if (form !== undefined) {
    if (!site.behaviour.metadata.includes(form)) return sendJson(response, 404, { error: 'not_found' })
    request.url = '/.well-known/openid-configuration'
  }
  return site.answer(request, response)
}

function rememberGrants(provider: Provider): Map<string, Set<string>> {
  const grants = new Map<string, Set<string>>()
  provider.on('grant.success', ({ oidc }) => {
    const grant = oidc.entities.Grant
    if (!grant?.accountId || !grant.jti) return
    grants.set(grant.accountId, (grants.get(grant.accountId) ?? new Set()).add(grant.jti))
  })
  return grants
}

export async function startSampleOauth(options: SampleOauthOptions): Promise<SampleOauth> {
  const { port, ...rest } = options
  const issuer = `http://localhost:${port}`
  const behaviour = usualBehaviour()
  const ledger = createTokenLedger()
  const provider = createProvider({ ...rest, issuer }, () => behaviour, ledger)
  const grants = rememberGrants(provider)
  const site: Site = { provider, resource: options.resource, answer: provider.callback(), behaviour, ledger, grants }
  const close = await listenOnLoopback((request, response) => {
    answer(site, request, response).catch((error: unknown) => {
      console.error('The sample company’s sign-in failed:', error)
      if (response.headersSent) response.destroy()
      else sendJson(response, 500, { error: 'server_error' })
    })
  }, port)
  return { url: issuer, ledger, close }
}
