// What an agent's client holds after Managed OAuth: an opaque access token of the person who allowed it.
import { createHash, randomBytes } from 'node:crypto'
import { createHttpBrowser, signIn } from './local-access/http-browser.ts'
import type { Identity } from './local-access/identities.ts'

const REDIRECT = 'http://localhost:33418/callback'
const OAUTH = '/cdn-cgi/access/oauth'

/** Registers a client, lets `email` sign in and allow it, and exchanges the code. */
export async function oauthToken(origin: string, { email }: Identity): Promise<string> {
  const registered = await fetch(`${origin}${OAUTH}/registration`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ client_name: 'e2e', redirect_uris: [REDIRECT], token_endpoint_auth_method: 'none' }),
  })
  const { client_id: clientId }: { client_id: string } = await registered.json()
  const verifier = randomBytes(32).toString('base64url')
  const common = { client_id: clientId, redirect_uri: REDIRECT, resource: `${origin}/mcp` }
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  const wanted = { ...common, response_type: 'code', code_challenge: challenge, code_challenge_method: 'S256' }

  const browser = createHttpBrowser(origin)
  await signIn(browser, email)
  const consent = await browser.open(`${OAUTH}/authorization?${new URLSearchParams(wanted)}`)
  const { url } = await browser.submit(consent.url.pathname, { decision: 'allow' })
  const code = url.searchParams.get('code') ?? ''
  const exchange = { ...common, grant_type: 'authorization_code', code, code_verifier: verifier }
  const tokens = await fetch(`${origin}${OAUTH}/token`, { method: 'POST', body: new URLSearchParams(exchange) })
  const { access_token: token }: { access_token?: string } = await tokens.json()
  if (token === undefined) throw new Error(`Access gave ${email} no token: ${tokens.status}`)
  return token
}
