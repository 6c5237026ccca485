// The rest of a link as clicks and as JSON, where the token may not do it, with everything that is known by then.
import { type Application, names } from './access-application.ts'
import { described, linkName, linkPolicy, uidOf, type Way } from './access-link-plan.ts'
import { SCOPES } from './access-link-saas.ts'

export interface LinkPlace {
  accountId: string
  worker: string
  way: Way
  /** What `--app` says. */
  asked: string
  /** Where Access for SaaS sends people back to. */
  callback: string
  /** Whose tokens are accepted: Executor's application, or the one for OIDC. */
  source?: Application
  upstream?: Application
  /** The reusable policy, once it is there. */
  policyId?: string
  /** A policy of the application's own, in place of a reusable one. */
  isOwnPolicy?: boolean
}

export function linkByHand(place: LinkPlace): string {
  const { accountId, worker, way, asked, source, upstream, policyId, isOwnPolicy = false } = place
  const appUid = source
    ? uidOf(source)
    : way === 'forward'
      ? "<id of Executor's application>"
      : '<id of the SaaS application>'
  const sourceName = source
    ? described(source)
    : way === 'forward'
      ? "Executor's application"
      : 'the application of step 1'
  const target = upstream ? described(upstream) : `the application over ${asked}`
  const name = linkName(worker, way)
  const body = JSON.stringify(linkPolicy(worker, way, appUid))
  const api = `/accounts/${accountId}/access`
  const sections = [
    ...(way === 'oidc' && !source ? [saasByHand(place)] : []),
    ...(policyId === undefined && !isOwnPolicy
      ? [
          `Open https://one.dash.cloudflare.com/${accountId}/access-controls/policies → Add a policy.
   Name: ${name}. Action: Service Auth.
   Include → Linked App Token → ${sourceName}. Save.
   In the API: POST ${api}/policies
   ${body}`,
        ]
      : []),
    isOwnPolicy
      ? `Open https://one.dash.cloudflare.com/${accountId}/access-controls/apps
   → ${target} → Policies → Add a policy.
   Name: ${name}. Action: Service Auth. Include → Linked App Token → ${sourceName}. Save the application.
   In the API: POST ${api}/apps/${upstream?.id ?? '<id>'}/policies
   ${body}`
      : `Open https://one.dash.cloudflare.com/${accountId}/access-controls/apps
   → ${target} → Policies → Select existing policies
   → ${name}${policyId === undefined ? '' : ` (${policyId})`}. Save the application.
   In the API: GET ${api}/apps/${upstream?.id ?? '<id>'},
   and PUT the same JSON back, whole, with one entry more in "policies":
   { "id": "${policyId ?? '<id of the policy>'}", "precedence": <the next number> }`,
  ]
  return sections.map((text, index) => `${index + 1}. ${text}`).join('\n')
}

function saasByHand({ accountId, worker, callback }: LinkPlace): string {
  return `Open https://one.dash.cloudflare.com/${accountId}/access-controls/apps
   → Add an application → SaaS → OIDC. Name: ${names(worker).oidc}.
   Redirect URL: ${callback}. Scopes: ${SCOPES.join(', ')}. PKCE: on. Advanced settings → Refresh tokens: on.
   Policies: whoever may sign in to Executor. Copy the Client ID, the Client secret and the Issuer; then save.`
}
