// The gallery: APIs that teams use, with the documents that their makers publish, or endpoints that describe themselves. Only what can be imported is listed.
export interface Preset {
  /** Suggested as the integration's. */
  slug: string
  title: string
  /** What one can do with it, in a few words. */
  about: string
  category: string
  kind: 'openapi' | 'google' | 'graphql'
  /** Several Discovery documents make one integration. Of GraphQL it is the endpoint. */
  urls: string[]
  /** Where calls go, when the document leaves that open: for the form, where people put in their own host. */
  baseUrl?: string
  /** What one must have at hand to connect, as a sentence. */
  needs: string
  /** Where one makes it. */
  keysUrl: string
  /** More words to find it by. */
  words: string
}

const ON_GITHUB = 'https://raw.githubusercontent.com/'

/**
 * slug | title | about | document, on GitHub where no scheme says otherwise | needs | where one makes that | words, and
 * the base URL where a document leaves it open. Endpoints of GraphQL stand in a table of their own. Text, because it is a third of the size of code.
 */
const OPENAPI = `
# Code and delivery
github | GitHub | Repositories, issues, pull requests, Actions | github/rest-api-description/main/descriptions/api.github.com/api.github.com.json | A fine-grained personal access token. | https://github.com/settings/personal-access-tokens | git code review ci
gitlab | GitLab | Projects, merge requests, pipelines | https://gitlab.com/gitlab-org/gitlab/-/raw/master/doc/api/openapi/openapi_v3.yaml | A personal or group access token. | https://gitlab.com/-/user_settings/personal_access_tokens | git code review ci | https://gitlab.com
bitbucket | Bitbucket | Repositories, pull requests, pipelines | https://dac-static.atlassian.com/cloud/bitbucket/swagger.v3.json | An Atlassian API token, used with your email. | https://id.atlassian.com/manage-profile/security/api-tokens | git atlassian code review
circleci | CircleCI | Pipelines, workflows, jobs | https://circleci.com/api/v2/openapi.json | A personal API token. | https://app.circleci.com/settings/user/tokens | ci builds
vercel | Vercel | Deployments, projects, domains | https://openapi.vercel.sh/ | An access token. | https://vercel.com/account/settings/tokens | hosting frontend
netlify | Netlify | Sites, deploys, DNS | netlify/open-api/master/swagger.yml | A personal access token. | https://app.netlify.com/user/applications | hosting frontend
render | Render | Services, deploys, databases | https://api-docs.render.com/openapi/render-public-api-1.json | An API key. | https://dashboard.render.com/settings#api-keys | hosting
fly | Fly.io | Machines, volumes, apps | https://docs.machines.dev/openapi.json | An access token, of the whole organisation or of one app. | https://fly.io/user/personal_access_tokens | hosting
launchdarkly | LaunchDarkly | Feature flags, segments, experiments | https://app.launchdarkly.com/api/v2/openapi.json | An API access token. | https://app.launchdarkly.com/settings/authorization | toggles
# Cloud and data
cloudflare | Cloudflare | DNS, Workers, R2, Zero Trust | cloudflare/api-schemas/main/openapi.json | An API token with the permissions that you want. | https://dash.cloudflare.com/profile/api-tokens | cdn firewall domains
digitalocean | DigitalOcean | Droplets, Kubernetes, databases | https://api-engineering.nyc3.cdn.digitaloceanspaces.com/spec-ci/DigitalOcean-public.v2.yaml | A personal access token. | https://cloud.digitalocean.com/account/api/tokens | servers vps
hetzner | Hetzner Cloud | Servers, networks, volumes | https://docs.hetzner.cloud/cloud.spec.json | An API token of a project. | https://console.hetzner.cloud/projects | vps
supabase | Supabase | Projects, databases, functions | https://api.supabase.com/api/v1-json | A personal access token. | https://supabase.com/dashboard/account/tokens | postgres | https://api.supabase.com
neon | Neon | Postgres projects and branches | https://neon.com/api_spec/release/v2.json | An API key. | https://console.neon.tech/app/settings/api-keys | database
dbt | dbt | Jobs, runs, environments | dbt-labs/dbt-cloud-openapi-spec/master/openapi-v2.yaml | A service token, and the address of your account. | https://docs.getdbt.com/docs/dbt-cloud-apis/service-tokens | warehouse analytics | https://cloud.getdbt.com
tailscale | Tailscale | Devices, access rules, keys | https://api.tailscale.com/api/v2?outputOpenapiSchema=true | An API access token. | https://login.tailscale.com/admin/settings/keys | vpn network
okta | Okta | Users, groups, applications | okta/okta-management-openapi-spec/master/dist/current/management-minimal.yaml | An API token, and the address of your organisation. | https://developer.okta.com/docs/guides/create-an-api-token/main/ | identity sso login | https://your-organisation.okta.com
workos | WorkOS | Single sign-on, directories, audit logs | workos/openapi-spec/main/spec/open-api-spec.yaml | An API key. | https://dashboard.workos.com/api-keys | identity sso login
clerk | Clerk | Users, sessions, organisations | clerk/openapi-specs/main/bapi/2025-11-10.yml | A secret key of your instance. | https://dashboard.clerk.com/last-active?path=api-keys | identity login
# Watching and alerting
sentry | Sentry | Issues, events, releases | getsentry/sentry-api-schema/main/openapi-derefed.json | An auth token, your own or an internal integration's. | https://sentry.io/settings/account/api/auth-tokens/ | errors crashes monitoring | https://sentry.io
datadog | Datadog | Logs, incidents, security, teams: version 2 | DataDog/datadog-api-client-python/master/.generator/schemas/v2/openapi.yaml | An API key and an application key. | https://app.datadoghq.com/organization-settings/api-keys | monitoring metrics observability | https://api.datadoghq.com
datadog_v1 | Datadog v1 | Monitors, dashboards, metrics, SLOs | DataDog/datadog-api-client-python/master/.generator/schemas/v1/openapi.yaml | An API key and an application key. | https://app.datadoghq.com/organization-settings/api-keys | monitoring observability | https://api.datadoghq.com
grafana | Grafana | Dashboards, alerts, data sources | grafana/grafana/main/public/openapi3.json | A service account token, and the address of your Grafana. | https://grafana.com/docs/grafana/latest/administration/service-accounts/ | monitoring observability | https://your-stack.grafana.net/api
pagerduty | PagerDuty | Incidents, schedules, services | PagerDuty/api-schema/main/reference/REST/openapiv3.json | A REST API key. | https://support.pagerduty.com/main/docs/api-access-keys | on call alerts monitoring
posthog | PostHog | Events, insights, feature flags | https://us.posthog.com/api/schema/ | A personal API key. | https://us.posthog.com/settings/user-api-keys | product analytics | https://us.posthog.com
# Work and documents
jira | Jira | Issues, projects, boards | https://dac-static.atlassian.com/cloud/jira/platform/swagger-v3.v3.json | An Atlassian API token, used with your email, and the address of your site. | https://id.atlassian.com/manage-profile/security/api-tokens | atlassian tickets tracker | https://your-domain.atlassian.net
confluence | Confluence | Pages, spaces, comments | https://dac-static.atlassian.com/cloud/confluence/openapi-v2.v3.json | An Atlassian API token, used with your email, and the address of your site. | https://id.atlassian.com/manage-profile/security/api-tokens | atlassian wiki | https://your-domain.atlassian.net/wiki/api/v2
trello | Trello | Boards, lists, cards | https://dac-static.atlassian.com/cloud/trello/swagger.v3.json | An API key and a token. | https://trello.com/power-ups/admin | atlassian kanban tasks
asana | Asana | Tasks, projects, portfolios | Asana/openapi/master/defs/asana_oas.yaml | A personal access token. | https://app.asana.com/0/my-apps | tracker
clickup | ClickUp | Tasks, lists, spaces | https://developer.clickup.com/openapi/clickup-api-v2-reference.json | A personal API token. | https://app.clickup.com/settings/apps | projects tracker
notion | Notion | Pages, databases, comments | https://developers.notion.com/openapi.json | The secret of an internal integration that your pages are shared with. | https://www.notion.so/profile/integrations | wiki notes | https://api.notion.com
coda | Coda | Docs, tables, rows | https://coda.io/apis/v1/openapi.json | An API token. | https://coda.io/account | wiki
figma | Figma | Files, comments, components | figma/rest-api-spec/main/openapi/openapi.yaml | A personal access token. | https://www.figma.com/settings | design
miro | Miro | Boards, items, members | miroapp/api-clients/main/packages/generator/spec.json | An access token of an app in your team. | https://miro.com/app/settings/user-profile/apps | whiteboard
box | Box | Files, folders, sharing | box/box-openapi/main/openapi.json | An access token of a custom app. | https://app.box.com/developers/console | storage documents
dropbox_sign | Dropbox Sign | Signature requests, templates | hellosign/hellosign-openapi/main/openapi.yaml | An API key. | https://app.hellosign.com/home/myAccount#api | hellosign contracts esignature
webflow | Webflow | Sites, CMS, forms | webflow/openapi-spec/main/openapi/v2.yml | An API token of a site. | https://webflow.com/dashboard | website
# Talking to each other
slack | Slack | Messages, channels, users | slackapi/slack-api-specs/master/web-api/slack_web_openapi_v2.json | A bot or user token of an app in your workspace. | https://api.slack.com/apps | chat
discord | Discord | Messages, channels, servers | discord/discord-api-spec/main/specs/openapi.json | A bot token. | https://discord.com/developers/applications | chat
zoom | Zoom Meetings | Meetings, recordings, registrants | https://developers.zoom.us/api-hub/meetings/methods/endpoints.json | An access token of a server-to-server OAuth app. | https://marketplace.zoom.us/user/build | video calls webinar | https://api.zoom.us/v2
twilio | Twilio | Text messages, calls, numbers | twilio/twilio-oai/main/spec/json/twilio_api_v2010.json | Your account SID and auth token, or an API key and its secret. | https://console.twilio.com/ | sms phone voice
sendgrid | SendGrid | Sending email | twilio/sendgrid-oai/main/spec/json/tsg_mail_v3.json | An API key. | https://app.sendgrid.com/settings/api_keys | twilio
resend | Resend | Emails, domains, audiences | resend/resend-openapi/main/resend.yaml | An API key. | https://resend.com/api-keys | mail
# Customers
hubspot | HubSpot CRM | Contacts, companies, deals and all other objects | HubSpot/HubSpot-public-api-spec-collection/main/PublicApiSpecs/CRM/Objects/Rollouts/424/v3/objects.json | The access token of a private app. | https://developers.hubspot.com/docs/guides/apps/private-apps/overview | sales marketing
pipedrive | Pipedrive | Deals, persons, activities | https://developers.pipedrive.com/docs/api/v1/openapi-v2.yaml | Your personal API token. | https://app.pipedrive.com/settings/api | sales crm
intercom | Intercom | Conversations, contacts, articles | intercom/Intercom-OpenAPI/main/descriptions/2.15/api.intercom.io.yaml | The access token of an app in your workspace. | https://app.intercom.com/a/apps/_/developer-hub | support chat helpdesk
zendesk | Zendesk | Tickets, users, organisations | https://developer.zendesk.com/zendesk/oas.yaml | An API token, used with your email, and the address of your account. | https://support.zendesk.com/hc/en-us/articles/4408889192858 | support helpdesk | https://your-subdomain.zendesk.com
front | Front | Conversations, messages, contacts | frontapp/front-api-specs/main/core-api/core-api.json | An API token. | https://dev.frontapp.com/docs/create-and-revoke-api-tokens | support inbox helpdesk
klaviyo | Klaviyo | Profiles, campaigns, flows | klaviyo/openapi/main/openapi/stable.json | A private API key. | https://www.klaviyo.com/settings/account/api-keys | marketing mail
mailchimp | Mailchimp | Audiences, campaigns, reports | https://api.mailchimp.com/schema/3.0/Swagger.json?expand | An API key; it ends in the name of your data centre. | https://admin.mailchimp.com/account/api/ | marketing newsletter | https://us1.api.mailchimp.com/3.0
x | X | Posts, users, lists | https://api.x.com/2/openapi.json | A bearer token of an app. | https://developer.x.com/en/portal/dashboard | twitter social
# Money
stripe | Stripe | Payments, customers, invoices, subscriptions | stripe/openapi/master/latest/openapi.spec3.json | A secret key, or better a restricted one. | https://dashboard.stripe.com/apikeys | billing
square | Square | Payments, orders, catalogue | square/connect-api-specification/master/api.json | An access token of an application. | https://developer.squareup.com/apps | shop
paddle | Paddle | Subscriptions, transactions, prices | PaddleHQ/paddle-openapi/main/v1/openapi.yaml | An API key. | https://vendors.paddle.com/authentication-v2 | payments billing
plaid | Plaid | Bank accounts, transactions, identity | plaid/plaid-openapi/master/2020-09-14.yml | A client id and a secret. | https://dashboard.plaid.com/developers/keys | banking
xero | Xero Accounting | Invoices, contacts, bank transactions | XeroAPI/Xero-OpenAPI/master/xero_accounting.yaml | An access token of an app. | https://developer.xero.com/app/manage | bookkeeping
# Models
openai | OpenAI | Responses, files, images, audio | openai/openai-openapi/master/openapi.yaml | An API key. | https://platform.openai.com/api-keys | ai llm gpt
mistral | Mistral AI | Chat, embeddings, OCR | https://docs.mistral.ai/openapi.yaml | An API key. | https://console.mistral.ai/api-keys | llm
hugging_face | Hugging Face Hub | Models, datasets, Spaces | https://huggingface.co/.well-known/openapi.json | An access token. | https://huggingface.co/settings/tokens | ai llm
replicate | Replicate | Predictions, models, trainings | https://api.replicate.com/openapi.json | An API token. | https://replicate.com/account/api-tokens | ai images
elevenlabs | ElevenLabs | Speech, voices, agents | https://api.elevenlabs.io/openapi.json | An API key. | https://elevenlabs.io/app/settings/api-keys | ai audio | https://api.elevenlabs.io
deepl | DeepL | Translation, glossaries | DeepLcom/openapi/main/openapi.yaml | An API key. | https://www.deepl.com/en/your-account/keys | languages
# Media
spotify | Spotify | Music, playlists, podcasts | https://developer.spotify.com/reference/web-api/open-api-schema.yaml | An access token of an app. | https://developer.spotify.com/dashboard | audio
vimeo | Vimeo | Videos, folders, live events | vimeo/openapi/master/api.yaml | An access token of an app. | https://developer.vimeo.com/apps | streaming
mux | Mux | Video assets, live streams, metrics | https://www.mux.com/api-spec.json | An access token id and its secret. | https://dashboard.mux.com/settings/access-tokens | streaming
`

const GRAPHQL = `
# GraphQL
github_graphql | GitHub GraphQL | Repositories, issues, projects, discussions, in one query | https://api.github.com/graphql | A personal access token; it also reads the schema. | https://github.com/settings/personal-access-tokens | git code review projects
gitlab_graphql | GitLab GraphQL | Projects, merge requests, work items | https://gitlab.com/api/graphql | A personal or group access token. | https://gitlab.com/-/user_settings/personal_access_tokens | git code review ci
linear | Linear | Issues, projects, cycles | https://api.linear.app/graphql | A personal API key, sent as it is in the header Authorization. | https://linear.app/settings/account/security | tickets tracker
monday | monday.com | Boards, items, updates | https://api.monday.com/v2 | A personal API token, sent as it is in the header Authorization. | https://developer.monday.com/api-reference/docs/authentication | projects tracker work
buildkite_graphql | Buildkite | Pipelines, builds, agents | https://graphql.buildkite.com/v1 | An API access token with access to GraphQL. | https://buildkite.com/user/api-access-tokens | ci builds
cloudflare_analytics | Cloudflare Analytics | Traffic, firewall events, Workers metrics | https://api.cloudflare.com/client/v4/graphql | An API token that may read analytics. | https://dash.cloudflare.com/profile/api-tokens | logs statistics
new_relic | New Relic | NRQL queries, entities, alerts: NerdGraph | https://api.newrelic.com/graphql | A user key, sent in the header API-Key. | https://one.newrelic.com/api-keys | monitoring observability
`

function readTable(table: string, kind: Preset['kind']): Preset[] {
  let category = ''
  return table.split('\n').flatMap((line): Preset[] => {
    if (line.startsWith('# ')) category = line.slice(2)
    const [slug = '', title = '', about = '', url, needs = '', keysUrl = '', words = '', baseUrl] = line.split(' | ')
    if (url === undefined) return []
    const urls = [url.startsWith('https:') ? url : ON_GITHUB + url]
    return [{ slug, title, about, category, kind, urls, needs, keysUrl, words, ...(baseUrl && { baseUrl }) }]
  })
}

const TOKEN_OF_GOOGLE = {
  kind: 'google',
  category: 'Google',
  needs: 'An OAuth access token with the scopes that you want; it lasts an hour.',
  keysUrl: 'https://developers.google.com/oauthplayground/',
} as const

/** `gmail v1`: at the API's own host. `@drive v3`: in the directory, where the older ones are. */
function google(slug: string, title: string, about: string, apis: string, words: string): Preset {
  const urls = apis.split(', ').map((api) => {
    const [name = '', version = ''] = api.split(' ')
    return name.startsWith('@')
      ? `https://www.googleapis.com/discovery/v1/apis/${name.slice(1)}/${version}/rest`
      : `https://${name}.googleapis.com/$discovery/rest?version=${version}`
  })
  return { ...TOKEN_OF_GOOGLE, slug, title, about, urls, words }
}

const TOKEN_OF_MICROSOFT = {
  kind: 'openapi',
  category: 'Microsoft',
  baseUrl: 'https://graph.microsoft.com/v1.0',
  needs: 'An access token of Microsoft Entra with the permissions that you want; it lasts about an hour.',
  keysUrl: 'https://developer.microsoft.com/graph/graph-explorer',
} as const

/** A workload of Microsoft Graph: all of it has eleven thousand operations. */
function graph(slug: string, title: string, about: string, workload: string, words: string): Preset {
  const url = `${ON_GITHUB}microsoftgraph/msgraph-sdk-powershell/main/openApiDocs/v1.0/${workload}.yml`
  return { ...TOKEN_OF_MICROSOFT, slug, title, about, urls: [url], words: `graph 365 office ${words}` }
}

export const PRESETS: readonly Preset[] = [
  ...readTable(OPENAPI, 'openapi'),
  ...readTable(GRAPHQL, 'graphql'),
  google(
    'google_workspace',
    'Google Workspace',
    'Gmail, Calendar, Drive, Docs, Sheets, Slides, Forms, Tasks, Contacts, Chat and Meet in one',
    'gmail v1, calendar-json v3, @drive v3, docs v1, sheets v4, slides v1, forms v1, tasks v1, people v1, chat v1, meet v2',
    'mail office documents',
  ),
  google('gmail', 'Gmail', 'Messages, drafts, labels', 'gmail v1', 'mail email'),
  google('google_calendar', 'Google Calendar', 'Events, calendars, free time', 'calendar-json v3', 'meetings'),
  google('google_drive', 'Google Drive', 'Files, folders, sharing', '@drive v3', 'storage documents'),
  google(
    'google_documents',
    'Google Docs, Sheets and Slides',
    'Text, tables and presentations',
    'docs v1, sheets v4, slides v1',
    'office spreadsheet',
  ),
  google(
    'google_admin',
    'Google Workspace Admin',
    'Users, groups, devices, reports',
    'admin directory_v1, admin reports_v1, groupssettings v1',
    'directory',
  ),
  google(
    'google_cloud',
    'Google Cloud',
    'Projects, storage, Cloud Run, GKE, SQL, Pub/Sub, logs, metrics, secrets',
    'cloudresourcemanager v3, storage v1, run v2, container v1, sqladmin v1, pubsub v1, logging v2, monitoring v3, secretmanager v1',
    'gcp kubernetes servers',
  ),
  google(
    'google_compute',
    'Google Compute Engine',
    'Virtual machines, disks, networks',
    '@compute v1',
    'gcp cloud servers',
  ),
  google('bigquery', 'BigQuery', 'Queries, datasets, tables', 'bigquery v2', 'gcp google warehouse sql'),
  google(
    'google_analytics',
    'Google Analytics and Search Console',
    'Reports, properties, search performance, tags',
    'analyticsdata v1beta, analyticsadmin v1beta, searchconsole v1, tagmanager v2',
    'seo website',
  ),
  google(
    'youtube',
    'YouTube',
    'Videos, channels, comments, statistics',
    '@youtube v3, youtubeanalytics v2',
    'google video',
  ),
  graph('outlook_mail', 'Outlook Mail', 'Messages, folders, rules', 'Mail', 'email exchange'),
  graph('outlook_calendar', 'Outlook Calendar', 'Events, calendars, free time', 'Calendar', 'exchange meetings'),
  graph('outlook_contacts', 'Outlook Contacts', 'Personal contacts and folders', 'PersonalContacts', 'people'),
  graph('onedrive', 'OneDrive', 'Files, folders, sharing, workbooks', 'Files', 'storage documents excel'),
  graph('sharepoint', 'SharePoint', 'Sites, lists, pages', 'Sites', 'intranet'),
  graph('teams', 'Microsoft Teams', 'Teams, channels, chats, messages', 'Teams', 'chat'),
  graph('online_meetings', 'Teams Meetings', 'Online meetings, calls, presence', 'CloudCommunications', 'video calls'),
  graph('planner', 'Microsoft Planner', 'Plans, buckets, tasks', 'Planner', 'kanban'),
  graph('onenote', 'OneNote', 'Notebooks, sections, pages', 'Notes', 'notes'),
  graph(
    'entra_users',
    'Microsoft 365 users',
    'People, managers, licences, to-do lists',
    'Users',
    'entra azure directory todo',
  ),
  graph('entra_groups', 'Microsoft 365 groups', 'Groups, members, owners', 'Groups', 'entra azure directory'),
  graph('intune', 'Microsoft Intune', 'Managed devices, compliance, configuration', 'DeviceManagement', 'mdm endpoint'),
]

export function findPreset(slug: string): Preset | undefined {
  return PRESETS.find((preset) => preset.slug === slug)
}

/** Those that a person may mean: every word begins one of the preset's. The title counts most. */
export function findPresets(presets: readonly Preset[], find: string): readonly Preset[] {
  const wanted = wordsOf(find)
  if (wanted.length === 0) return presets
  const fits = (text: string) => {
    const words = wordsOf(text)
    return wanted.every((word) => words.some((other) => other.startsWith(word)))
  }
  const found = presets.filter(({ slug, title, about, category, words }) =>
    fits(`${slug} ${title} ${about} ${category} ${words}`),
  )
  return [...found.filter(({ title }) => fits(title)), ...found.filter(({ title }) => !fits(title))]
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
}
