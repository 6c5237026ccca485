// `oidc-provider` with an API that takes its tokens, in one server. Of its two clients `rotating` gets a new refresh token
// each time, and loses its grant when an old one comes again; `lenient` keeps the one that it has.
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { Provider } from 'oidc-provider'
import { readForm, sendJson } from '../local-access/answer.ts'
import { createOauthStorage } from '../local-access/oauth-storage.ts'
import { close } from '../listen.ts'

export type ClientId = 'rotating' | 'lenient'

export interface AuthorizationServer {
  url: string
  /** Refresh tokens as they came, in order. */
  asked: string[]
  /** A status for the next request with that refresh token, instead of the answer. */
  failures: Map<string, number>
  /** Called with the refresh token when the answer is there and all but its end has been sent. */
  onAnswer: (refreshToken: string) => Promise<void>
  /** Calls that the API has answered, by access token. */
  served: Map<string, number>
  /** As if somebody had signed in. */
  signIn(client: ClientId): Promise<{ refreshToken: string; accessToken: string }>
  close(): Promise<void>
}

const SCOPE = 'openid offline_access'
const SUBJECT = 'somebody'

export async function startAuthorizationServer(port: number): Promise<AuthorizationServer> {
  const url = `http://localhost:${port}`
  const provider = createProvider(url)
  const answer = provider.callback()
  const state: Pick<AuthorizationServer, 'asked' | 'failures' | 'onAnswer' | 'served'> = {
    asked: [],
    failures: new Map(),
    onAnswer: () => Promise.resolve(),
    served: new Map(),
  }
  const server = createServer((request, response) => {
    const respond = async () => {
      if (request.url === '/items') {
        const token = request.headers.authorization?.replace('Bearer ', '') ?? ''
        const found = await provider.AccessToken.find(token)
        if (!found) return sendJson(response, 401, { message: 'Who are you?' })
        state.served.set(token, (state.served.get(token) ?? 0) + 1)
        return sendJson(response, 200, { account: found.accountId })
      }
      if (request.url === '/token') {
        const form = await readForm(request)
        const token = form.get('refresh_token') ?? ''
        state.asked.push(token)
        const status = state.failures.get(token)
        state.failures.delete(token)
        if (status !== undefined) return sendJson(response, status, { message: 'Not now' }, { 'retry-after': '1' })
        // The library takes a body that was read already.
        Object.assign(request, { body: Object.fromEntries(form) })
        holdEnd(response, () => state.onAnswer(token))
      }
      return answer(request, response)
    }
    respond().catch(() => response.destroy())
  })
  await once(server.listen(port, 'localhost'), 'listening')
  return Object.assign(state, {
    url,
    async signIn(clientId: ClientId) {
      const client = await provider.Client.find(clientId)
      if (!client) throw new Error(`There is no client ${clientId}.`)
      const grant = new provider.Grant({ accountId: SUBJECT, clientId })
      grant.addOIDCScope(SCOPE)
      const about = { accountId: SUBJECT, client, grantId: await grant.save(), scope: SCOPE, gty: 'authorization_code' }
      const refreshToken = await new provider.RefreshToken(about).save()
      return { refreshToken, accessToken: await new provider.AccessToken(about).save() }
    },
    close: () => close(server),
  })
}

function createProvider(url: string): Provider {
  const client = (id: ClientId) => ({
    client_id: id,
    token_endpoint_auth_method: 'none' as const,
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: ['http://localhost/oauth/callback'],
    application_type: 'native' as const,
  })
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return new Provider(url, {
    adapter: createOauthStorage(),
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }] },
    clients: [client('rotating'), client('lenient')],
    routes: { token: '/token' },
    scopes: ['openid', 'offline_access'],
    rotateRefreshToken: (context) => context.oidc.client?.clientId === 'rotating',
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    ttl: { AccessToken: 3600, RefreshToken: 86_400, Grant: 86_400, IdToken: 3600 },
    features: { devInteractions: { enabled: false } },
  })
}

/** Sends all but the last byte, and that one when `release` is done. */
function holdEnd(response: ServerResponse, release: () => Promise<void>): void {
  const end = response.end.bind(response)
  response.end = (body?: unknown) => {
    const bytes = Buffer.from(typeof body === 'string' || Buffer.isBuffer(body) ? body : '')
    response.write(bytes.subarray(0, -1))
    release().then(
      () => end(bytes.subarray(-1)),
      () => response.destroy(),
    )
    return response
  }
}
