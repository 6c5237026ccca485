// Adding an integration begins with what it is: one box for anything, and a gallery.
import { data, redirect } from 'react-router'
import { appContext } from '../../../server/context.ts'
import { findIntegrationBySlug } from '../../../server/db/integrations.ts'
import type { FormError } from '../../ui/error-summary.tsx'
import { Page } from '../../ui/page.tsx'
import { refuseMember } from '../admin-only.ts'
import { formText } from '../form.ts'
import type { Route } from './+types/new'
import { Gallery } from './gallery.tsx'
import { findPreset, loadPresets, type Preset } from './presets.ts'
import { SourceForm } from './source-form.tsx'
import { takeDocument, takePreset } from './take-document.ts'
import type { BegunEndpoint, Named } from './take-endpoint.ts'

export async function loader({ context, request }: Route.LoaderArgs) {
  const app = context.get(appContext)
  const { db, principal } = app
  const refusal = refuseMember(principal, 'add integrations')
  if (refusal) throw refusal
  const search = new URL(request.url).searchParams
  const version = search.get('for')
  const integration = version === null ? undefined : await findIntegrationBySlug(db, version)
  return {
    find: search.get('find')?.slice(0, 100) ?? '',
    version: integration && { slug: integration.slug, title: integration.title },
    presets: integration ? [] : (await loadPresets(app)).map(shownPreset),
  }
}

export async function action({ context, request }: Route.ActionArgs) {
  const app = context.get(appContext)
  const refusal = refuseMember(app.principal, 'add integrations')
  if (refusal) throw refusal
  const isDocument = request.headers.get('content-type')?.startsWith('multipart/form-data')
  if (isDocument) {
    const { source, result, several, tried } = await takeDocument(app, request, app.principal.id)
    if (result === null) return data({ errors: undefined, source, tried, several })
    return answer(result, { source, tried, several })
  }
  const preset = formText(await request.formData(), 'preset')
  const begun = await takePreset(app, await findPreset(app, preset), app.principal.id)
  return answer(begun, { source: '', tried: [], preset })
}

function shownPreset({ slug, title, about, category, needs, keysUrl, words }: Preset) {
  return { slug, title, about, category, needs, keysUrl, words }
}

/** `tried`: where a document was looked for. */
interface Given {
  source: string
  tried: { url: string; outcome: string }[]
  several?: Named[] | undefined
  preset?: string
}

function answer(result: BegunEndpoint, { source, tried, several, preset }: Given) {
  const search = preset === undefined ? '' : `?preset=${preset}`
  if (result.ok) return redirect(`/integrations/imports/${result.importId}${search}#main`)
  if (result.connectFirst !== undefined) return redirect(`${result.connectFirst}#main`)
  const errors: FormError[] = [{ message: result.message }]
  return data({ errors, source, tried, several }, { status: 422 })
}

export const meta: Route.MetaFunction = () => [{ title: 'Add an integration · Executor' }]

export default function NewIntegration({ loaderData, actionData }: Route.ComponentProps) {
  const { version, find, presets } = loaderData
  return (
    <Page
      title={version ? `A new version of ${version.title}` : 'Add an integration'}
      parent={
        version
          ? { to: `/integrations/${version.slug}`, label: version.title }
          : { to: '/integrations', label: 'Integrations' }
      }
      lead="Executor reads what describes an API and shows what it would become, before anything is imported."
    >
      <SourceForm
        errors={actionData?.errors}
        source={actionData?.source}
        tried={actionData?.tried}
        several={actionData?.several}
        version={version?.slug}
      />
      {!version && <Gallery find={find} presets={presets} />}
    </Page>
  )
}
