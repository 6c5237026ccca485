// An app of one's own at an authorization server, for those that know no clients but the ones registered by hand.
// Admins enter it, and go on with the sign-in that led here; members see whom to ask.
import { data, redirect } from 'react-router'
import type { AuthMethod, ClientAuthMethod, OAuthFlow } from '../../../drizzle/shapes.ts'
import { redirectUriOf } from '../../../server/access/client-metadata.ts'
import { findOwnApp, removeOwnApp, saveOwnApp } from '../../../server/connections/oauth/clients.ts'
import { scopesIn } from '../../../server/connections/oauth/scopes.ts'
import { type AppContext, appContext } from '../../../server/context.ts'
import { findConnection } from '../../../server/db/connections.ts'
import { findIntegrationBySlug, type IntegrationRow } from '../../../server/db/integrations.ts'
import { ButtonLink } from '../../ui/button.tsx'
import { CodeBlock } from '../../ui/code-block.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import { FilterLinks } from '../../ui/filter-links.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Empty, Page, Section } from '../../ui/page.tsx'
import { refuseMember } from '../admin-only.ts'
import { beginFrom, type WantedSignIn } from '../connections/begin.ts'
import { canSignIn } from '../connections/sign-in-choices.ts'
import { formText } from '../form.ts'
import type { Route } from './+types/app'
import { type AppValues, OwnAppForm } from './own-app-form.tsx'

const NOTICES: Record<string, string> = { saved: 'The app is saved.', removed: 'The app is removed.' }

export async function loader({ context, params, request }: Route.LoaderArgs) {
  const app = context.get(appContext)
  const integration = await findAny(app, params.slug)
  const search = new URL(request.url).searchParams
  const methods = integration.authMethods.filter(canSignIn)
  const method = methods.find(({ id }) => id === search.get('method')) ?? methods[0]
  const { isAdmin } = app.principal
  const client = isAdmin && method ? await findOwnApp(app, { integration, method }) : undefined
  return {
    isAdmin,
    /** Where it is known who the admins are. */
    admins: isAdmin ? [] : app.config.adminEmails,
    /** Of this page without the sign-in that led here, which is not an admin's to finish. */
    forAdmins: `${app.origin}/integrations/${integration.slug}/app${method ? `?method=${encodeURIComponent(method.id)}` : ''}`,
    integration: { slug: integration.slug, title: integration.title },
    methods: methods.map(({ id, label }) => ({ id, label })),
    method: method && { id: method.id, label: method.label },
    redirectUri: redirectUriOf(app.origin),
    isNeeded: search.has('grant'),
    notice: Object.hasOwn(NOTICES, search.get('notice') ?? '') ? NOTICES[search.get('notice') ?? ''] : undefined,
    client: client && {
      clientId: client.clientId,
      authMethod: client.authMethod,
      hasSecret: client.sealed !== null && client.publicKey === null,
      publicKey: client.publicKey && JSON.stringify(client.publicKey, null, 2),
    },
  }
}

async function findAny({ db }: AppContext, slug: string): Promise<IntegrationRow> {
  const integration = await findIntegrationBySlug(db, slug)
  if (!integration) throw data(`There is no integration ${slug}.`, { status: 404 })
  return integration
}

export async function action({ context, params, request }: Route.ActionArgs) {
  const app = context.get(appContext)
  const refusal = refuseMember(app.principal, 'enter an app for sign-in')
  if (refusal) throw refusal
  const integration = await findAny(app, params.slug)
  const search = new URL(request.url).searchParams
  const form = await request.formData()
  const method = integration.authMethods.filter(canSignIn).find(({ id }) => id === formText(form, 'app-method'))
  if (!method) throw data('This way to sign in is gone.', { status: 404 })
  if (formText(form, 'intent') === 'remove') {
    const client = await findOwnApp(app, { integration, method })
    if (client) await removeOwnApp(app, client)
    return redirect(`/integrations/${integration.slug}/app?method=${encodeURIComponent(method.id)}&notice=removed#main`)
  }
  const values = { clientId: formText(form, 'clientId'), authMethod: formText(form, 'authMethod') }
  const saved = await saveOwnApp(app, {
    integration,
    method,
    clientId: values.clientId,
    clientSecret: formText(form, 'clientSecret'),
    authMethod: authMethodOf(values.authMethod),
  })
  if (!saved.ok) {
    const { field, message } = saved
    const isTyped = field === 'clientId' || field === 'clientSecret' || field === 'authMethod'
    return data({ errors: [{ ...(isTyped && { field }), message }], values }, { status: 422 })
  }
  const wanted = await wantedOf(app, { integration, method, search })
  // A key has to be registered at the provider before anybody can sign in with it.
  if (wanted === null || saved.client.publicKey !== null) {
    search.set('method', method.id)
    search.set('notice', 'saved')
    return redirect(`/integrations/${integration.slug}/app?${search}#main`)
  }
  const begun = await beginFrom(app, wanted)
  return begun.ok
    ? begun.response
    : data({ errors: begun.errors.map(({ message }) => ({ message })), values }, { status: 422 })
}

function authMethodOf(text: string): ClientAuthMethod {
  return text === 'client_secret_post' || text === 'none' || text === 'private_key_jwt' ? text : 'client_secret_basic'
}

const GRANTS = ['authorization_code', 'device_code', 'client_credentials'] as const

/** The sign-in that led here, as begin.ts wrote it into the address; null when none did. */
async function wantedOf(
  app: AppContext,
  { integration, method, search }: { integration: IntegrationRow; method: AuthMethod; search: URLSearchParams },
): Promise<WantedSignIn | null> {
  const grant: OAuthFlow['grant'] | undefined = GRANTS.find((one) => one === search.get('grant'))
  if (grant === undefined) return null
  const renew = search.get('renew')
  const connection = renew === null ? undefined : await findConnection(app.db, renew)
  const scopes = scopesIn(search.get('scope') ?? '')
  const { owner, slug } = { owner: search.get('owner') ?? '', slug: search.get('connection') ?? '' }
  return {
    integration,
    method,
    grant,
    owner,
    slug,
    ...(connection && { connection }),
    ...(scopes.length > 0 && { scopes }),
  }
}

export const meta: Route.MetaFunction = ({ loaderData }) => [
  { title: `App for sign-in · ${loaderData?.integration.title ?? 'Integration'} · Executor` },
]

export default function App({ loaderData, actionData }: Route.ComponentProps) {
  const { integration, isAdmin, methods, method, client, isNeeded } = loaderData
  const parent = { to: `/integrations/${integration.slug}`, label: integration.title }
  if (!isAdmin) return <AskAdmin {...loaderData} />
  if (method === undefined) {
    return (
      <Page title="App for sign-in" parent={parent}>
        <Empty
          title="Nothing here signs in with OAuth"
          action={<ButtonLink to={`/integrations/${integration.slug}/methods/new`}>Add a way to connect</ButtonLink>}
        >
          Its connections are made with tokens, keys or passwords that people enter.
        </Empty>
      </Page>
    )
  }
  const values: AppValues = actionData?.values ?? {
    clientId: client?.clientId ?? '',
    authMethod: client?.authMethod ?? 'client_secret_basic',
  }
  return (
    <Page
      title="App for sign-in"
      parent={parent}
      lead={
        isNeeded
          ? `${integration.title} only lets apps sign people in that were registered there. Register one, and enter it here once for everyone.`
          : `As which app people sign in to ${integration.title}. Without one, Executor introduces itself where the provider allows that.`
      }
    >
      {loaderData.notice && <Notice>{loaderData.notice}</Notice>}
      {methods.length > 1 && (
        <FilterLinks
          label="Way to sign in"
          links={methods.map(({ id, label }) => ({
            to: `/integrations/${integration.slug}/app?method=${encodeURIComponent(id)}`,
            label,
            isCurrent: id === method.id,
          }))}
        />
      )}
      {client?.publicKey && <PublicKey text={client.publicKey} isNeeded={isNeeded} />}
      <Section title="1. Register it there" lead="As a web application, with this redirect URI, exactly as it stands:">
        <CodeBlock label="Redirect URI" text={loaderData.redirectUri} />
      </Section>
      <Section title="2. Enter it here">
        <OwnAppForm
          key={method.id}
          method={method.id}
          values={values}
          hasSecret={client?.hasSecret ?? false}
          isNeeded={isNeeded}
          errors={actionData?.errors}
        />
      </Section>
      {client && (
        <Confirm label="Remove this app" confirm="Remove app" intent="remove" values={{ 'app-method': method.id }}>
          Connections that signed in with it have to sign in again once their tokens end. Its secret is deleted and
          cannot be brought back.
        </Confirm>
      )}
    </Page>
  )
}

function PublicKey({ text, isNeeded }: { text: string; isNeeded: boolean }) {
  return (
    <Section
      title="Public key"
      lead={`Register this JWK with the app there${isNeeded ? ', then save once more to sign in' : ''}. The private half is sealed here and never leaves.`}
    >
      <CodeBlock label="Public key (JWK)" text={text} />
    </Section>
  )
}

type Data = Route.ComponentProps['loaderData']

function AskAdmin({ integration, admins, forAdmins }: Data) {
  return (
    <Page
      title={`${integration.title} needs an admin first`}
      parent={{ to: '/connections', label: 'Connections' }}
      lead="People can sign in once an admin has entered an app for it. That is done once, for everyone."
    >
      <Section
        title="Ask an admin"
        lead={
          admins.length === 0 ? (
            'Send this address to an admin of Executor. It leads to the right place.'
          ) : (
            <>
              Send this address to <span className="font-medium text-ink">{admins.join(' or ')}</span>. It leads to the
              right place.
            </>
          )
        }
      >
        <CodeBlock label="Address for an admin" text={forAdmins} />
      </Section>
      <ButtonLink to={`/connections/new?integration=${integration.slug}`}>Choose another way</ButtonLink>
    </Page>
  )
}
