// What a person clicks in the dashboard where the token may not do it, with the deployment's own names filled in.
import { CLIENT_METADATA_PATH, CLIENT_REDIRECT_URIS } from './access-application.ts'

export interface Place {
  accountId: string
  worker: string
  hostname: string
  /** What was found out already. */
  audience?: string
  teamDomain?: string
}

export interface Wishes {
  serviceToken?: string
  hasPublicMetadata?: boolean
}

export function manualSteps(place: Place, wishes: Wishes = {}): string {
  const { accountId, worker, hostname, audience = '<AUD tag>', teamDomain = '<team>.cloudflareaccess.com' } = place
  const sections = [
    `Open https://one.dash.cloudflare.com/${accountId}/access-controls/apps → Add an application → Self-hosted.
   Name: ${worker}
   Destination: Worker → ${worker}. Where that is not offered: Public hostname → ${hostname}, without a path, and
   *-${hostname} for previews.`,
    'Add a policy: Action Allow, Include → Emails (or Emails ending in), and whoever may sign in.',
    `Advanced settings → Managed OAuth: on. Allow localhost clients: on. Allow loopback clients: on. Allowed redirect URIs:
${CLIENT_REDIRECT_URIS.map((uri) => `     ${uri}`).join('\n')}`,
    ...(wishes.serviceToken === undefined
      ? []
      : [
          `Service credentials → Service Tokens → Create: ${wishes.serviceToken}. Copy the secret, it is shown once. In the application add a
   policy: Action Service Auth, Include → Service Token → ${wishes.serviceToken}.`,
        ]),
    ...(wishes.hasPublicMetadata
      ? [
          `Add a second application → Self-hosted → Public hostname ${hostname}, path ${CLIENT_METADATA_PATH.slice(1)}, with a policy: Action Bypass,
   Include → Everyone.`,
        ]
      : []),
    `Save. Copy the Application Audience (AUD) Tag from the application's Additional settings, and the team domain from Settings.
   Give both to the Worker; later plain deploys keep them:
     npx wrangler deploy --var ACCESS_AUD:${audience} --var ACCESS_TEAM_DOMAIN:${teamDomain}
   or write them into wrangler.jsonc: "vars": { "ACCESS_AUD": "…", "ACCESS_TEAM_DOMAIN": "…" }, and deploy again.`,
    `Check it: npm run doctor -- https://${hostname}`,
  ]
  return sections.map((text, index) => `${index + 1}. ${text}`).join('\n')
}
