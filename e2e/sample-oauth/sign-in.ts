// The two pages a person walks through: who they are, and what the client may do. Nothing is remembered between them
// but what the second form says.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type Provider from 'oidc-provider'
import { isSameOrigin, readForm, sendPage } from '../local-access/answer.ts'
import { ACCOUNTS } from './accounts.ts'
import { SCOPES } from './clients.ts'
import { accountPage, consentPage, noticePage } from './pages.ts'

export const SIGN_IN = '/sign-in'
const OPENID_SCOPES = new Set(['openid', 'email', 'profile', 'offline_access'])

function wordsOf(value: unknown): string[] {
  return typeof value === 'string' ? value.split(' ').filter(Boolean) : []
}

export async function answerSignIn(
  { provider, resource }: { provider: Provider; resource: string },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const interaction = await provider.interactionDetails(request, response).catch(() => null)
  if (!interaction) {
    return sendPage(
      response,
      400,
      noticePage('Nothing to sign in to', 'This has expired. Start again where you came from.'),
    )
  }
  const { params } = interaction
  const clientId = String(params.client_id)
  const clientName = (await provider.Client.find(clientId))?.clientName ?? clientId
  if (request.method !== 'POST') return sendPage(response, 200, accountPage(clientName, ACCOUNTS))
  if (!isSameOrigin(request, new URL(provider.issuer).origin)) {
    return sendPage(response, 403, noticePage('Not from here', 'The answer has to come from the page itself.'))
  }

  const form = await readForm(request)
  if (form.get('decision') === 'deny') {
    const denied = { error: 'access_denied', error_description: 'The person said no.' }
    return provider.interactionFinished(request, response, denied)
  }
  const account = ACCOUNTS.find(({ id }) => id === form.get('account'))
  if (!account) return sendPage(response, 200, accountPage(clientName, ACCOUNTS))
  const asked = wordsOf(params.scope)
  const scopes = Object.entries(SCOPES).filter(([name]) => asked.includes(name))
  if (form.get('decision') !== 'allow') return sendPage(response, 200, consentPage({ clientName, account, scopes }))

  const grant = new provider.Grant({ accountId: account.id, clientId })
  grant.addOIDCScope(asked.filter((scope) => OPENID_SCOPES.has(scope)).join(' '))
  const allowed = scopes.map(([name]) => name).filter((name) => form.getAll('scope').includes(name))
  const resources = params.resource === undefined ? [resource] : [params.resource].flat().map(String)
  for (const one of resources) grant.addResourceScope(one, allowed.join(' '))
  const login = { accountId: account.id, remember: false }
  await provider.interactionFinished(request, response, { login, consent: { grantId: await grant.save() } })
}
