// One import: how far reading is, then what was read and what may become of it.
import { data, redirect } from 'react-router'
import { type AppContext, appContext } from '../../../server/context.ts'
import { findImport, type ImportRow, READING_STALLS_AFTER_MS } from '../../../server/db/imports.ts'
import { findIntegration, findIntegrationBySlug, type IntegrationRow } from '../../../server/db/integrations.ts'
import { addIntegration, cancelReading, updateIntegrationFrom } from '../../../server/tools/imports/confirm.ts'
import { importMethods } from '../../../server/tools/imports/import-methods.ts'
import { goOn } from '../../../server/tools/imports/refresh.ts'
import type { FormError } from '../../ui/error-summary.tsx'
import { ButtonLink } from '../../ui/button.tsx'
import { Live } from '../../ui/live.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Page } from '../../ui/page.tsx'
import { refuseMember } from '../admin-only.ts'
import { beginFrom } from '../connections/begin.ts'
import { readConnectForm } from '../connections/connect-form.ts'
import { connectOffer } from '../connections/connect-methods.ts'
import { findSignIn } from '../connections/sign-in-choices.ts'
import { formText } from '../form.ts'
import type { Route } from './+types/import'
import { connectImported, testReader } from './connect-imported.ts'
import { ImportForm } from './import-form.tsx'
import { ImportProgress } from './import-progress.tsx'
import { readImportForm, suggestedValues } from './import-values.ts'
import { choose, countChosen, keepPage, loadChooser } from './load-chooser.ts'
import { loadReview } from './load-review.ts'
import { findPreset } from './presets.ts'
import { ReviewForm } from './review-form.tsx'

const ASK_EVERY_MS = 1_000
const SKIPPED_SHOWN = 200

export async function loader({ context, params, request }: Route.LoaderArgs) {
  const app = context.get(appContext)
  const { row, integration } = await findAll(app, params.id)
  if (row.state === 'done' && integration) throw redirect(`/integrations/${integration.slug}#main`)
  if (isLeft(row)) app.waitUntil(goOn(app, row.id))
  const { id, state, done, origin, error, files, preview } = row
  const shown = {
    id,
    state,
    done,
    origin,
    error,
    preview,
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    missing: files.flatMap(({ url, error: reason }) => (reason === undefined ? [] : [{ place: url ?? '', reason }])),
    skipped: row.skipped.slice(0, SKIPPED_SHOWN),
    skippedCount: row.skippedCount,
  }
  const parent = integration && {
    slug: integration.slug,
    title: integration.title,
    isFirst: integration.revision === 0,
  }
  if (state !== 'read' || preview === null) return { row: shown, parent, found: null }
  const search = new URL(request.url).searchParams
  const [chooser, review] = await Promise.all([
    loadChooser(app.db, row, search),
    integration ? loadReview(app.db, integration, row, search) : null,
  ])
  const preset = await findPreset(app, search.get('preset'))
  const isTaken = preset && (await findIntegrationBySlug(app.db, preset.slug)) !== undefined
  const authMethods = importMethods({ origin, preview })
  const offer = connectOffer({ authMethods, title: preset?.title ?? preview.title }, true)
  const suggested = suggestedValues(
    preview,
    offer.methods,
    preset && { ...preset, ...(isTaken && { slug: undefined }) },
  )
  // A server that lists its tools to strangers mostly lets them call them too.
  const method = preview.kind === 'mcp' ? 'none' : offer.method
  const values = { ...suggested, connect: { ...suggested.connect, method } }
  const needs = preset && { text: preset.needs, url: preset.keysUrl }
  return { row: shown, parent, found: { chooser, review, offer, values, needs } }
}

/** Throws the refusal, or that there is no such import. */
async function findAll(app: AppContext, id: string) {
  const refusal = refuseMember(app.principal, 'add integrations')
  if (refusal) throw refusal
  const row = await findImport(app.db, id)
  if (row === undefined) throw data('This import is gone. Give the document again.', { status: 404 })
  return { row, integration: await findIntegration(app.db, row.integrationId) }
}

/** Nobody reads: whoever looks at the page goes on. */
function isLeft({ state, attempt, updatedAt }: ImportRow): boolean {
  return state === 'reading' && (attempt === 0 || updatedAt < Date.now() - READING_STALLS_AFTER_MS)
}

export async function action({ context, params, request }: Route.ActionArgs) {
  const app = context.get(appContext)
  const { row, integration } = await findAll(app, params.id)
  const form = await request.formData()
  const intent = formText(form, 'intent')
  if (intent === 'cancel') {
    await cancelReading(app, row.id)
    return redirect(integration ? `/integrations/${integration.slug}#main` : '/integrations/new#main')
  }
  if (intent.startsWith('choose')) {
    await choose(app.db, row, form, new URL(request.url).searchParams)
    // Shown again, with what was typed. To script the answer is that the choice is kept.
    return data({ errors: undefined, values: formOf(row, form).values })
  }
  await keepPage(app.db, row, form)
  if ((await countChosen(app.db, row)) === 0) {
    return refuse([{ field: 'operations', message: 'Choose at least one operation.' }], formOf(row, form).values)
  }
  return integration ? update(app, row, integration, form) : add(app, row, form)
}

function formOf(row: ImportRow, form: FormData) {
  const { origin, preview } = row
  const authMethods = preview ? importMethods({ origin, preview }) : []
  const { methods, others } = connectOffer({ authMethods, title: '' }, true)
  const all = preview ? [...methods, ...others] : []
  return { ...readImportForm(form, preview?.servers ?? [], all), methods: all, authMethods }
}

async function update(app: AppContext, row: ImportRow, integration: IntegrationRow, form: FormData) {
  const origins = form.getAll('origin').filter((origin) => typeof origin === 'string')
  const updated = await updateIntegrationFrom(app, { importId: row.id, origins, by: app.principal.id })
  if (updated.ok) {
    const reader = row.origin.kind === 'endpoint' ? row.origin.connection : undefined
    if (integration.revision === 0 && reader) app.waitUntil(testReader(app, integration.id, reader))
    return redirect(`/integrations/${integration.slug}?notice=updated#main`)
  }
  const field = updated.field === 'origins' ? 'origin' : undefined
  return refuse([{ ...(field && { field }), message: updated.message }])
}

/** One step: the connection's fields are read first, so that nothing is imported when one of them is missing. */
async function add(app: AppContext, row: ImportRow, form: FormData) {
  const { values, baseUrl, errors, methods, authMethods } = formOf(row, form)
  const signIn = findSignIn(authMethods, values.connect.method)
  const connect = signIn ? { ok: true as const, method: null } : readConnectForm(form, methods)
  if (!connect.ok) errors.push(...connect.errors)
  if (!connect.ok || errors.length > 0) return refuse(errors, values)
  const { slug, title } = values
  const added = await addIntegration(app, { importId: row.id, slug, title, baseUrl, by: app.principal.id })
  if (!added.ok) {
    const field = added.field === 'import' ? undefined : added.field
    return refuse([{ ...(field && { field }), message: added.message }], values)
  }
  if (signIn) {
    const { owner, slug: connection } = values.connect
    const begun = await beginFrom(app, { integration: added.integration, ...signIn, owner, slug: connection })
    if (begun.ok) return begun.response
  }
  const isConnected = !signIn && (await connectImported(app, added.integration, connect, values.connect))
  return redirect(
    isConnected
      ? `/integrations/${added.integration.slug}#main`
      : `/connections/new?integration=${added.integration.slug}&problem=not_saved#main`,
  )
}

function refuse(errors: FormError[], values?: ReturnType<typeof readImportForm>['values']) {
  return data({ errors, values }, { status: 422 })
}

export const meta: Route.MetaFunction = ({ loaderData }) => [
  { title: `${loaderData?.row.preview?.title ?? 'Import'} · Executor` },
]

export default function Import({ loaderData, actionData }: Route.ComponentProps) {
  const { row, parent: integration, found } = loaderData
  const { preview } = row
  const parent = integration
    ? { to: `/integrations/${integration.slug}`, label: integration.title }
    : { to: '/integrations', label: 'Integrations' }
  if (found === null || preview === null) {
    const isReading = row.state === 'reading' || row.state === 'receiving'
    return (
      <Page title={preview?.title ?? 'A document'} parent={parent}>
        {isReading && <Live everyMs={ASK_EVERY_MS} />}
        {isReading ? <ImportProgress {...row} /> : <Ended {...row} slug={integration?.slug} />}
      </Page>
    )
  }
  const { chooser, review, offer, values, needs } = found
  if (integration && review) {
    return (
      <Page
        title={titleOfReview(integration, review.isSame)}
        parent={parent}
        lead={
          review.isSame
            ? 'Agents see the other choice when you use it.'
            : 'Nothing of it is in force yet: this is what would change.'
        }
      >
        <ReviewForm
          key={row.id}
          row={{ ...row, preview }}
          chooser={chooser}
          review={review}
          errors={actionData?.errors}
        />
      </Page>
    )
  }
  return (
    <Page
      title={preview.title}
      parent={parent}
      lead="This is what the document would become. Agents see nothing of it yet."
    >
      <ImportForm
        key={row.id}
        row={{ ...row, preview }}
        chooser={chooser}
        offer={offer}
        needs={needs}
        values={actionData?.values ?? values}
        errors={actionData?.errors}
      />
    </Page>
  )
}

function titleOfReview({ title, isFirst }: { title: string; isFirst: boolean }, isSame: boolean): string {
  if (isSame) return `Operations of ${title}`
  return isFirst ? `What ${title} can do` : `A new version of ${title}`
}

function Ended({ state, error, slug }: { state: ImportRow['state']; error: string | null; slug: string | undefined }) {
  const isFailed = state === 'failed'
  return (
    <>
      <Notice tone={isFailed ? 'danger' : 'warning'}>
        <p className="font-medium">{isFailed ? 'The document could not be read' : 'This import was cancelled'}</p>
        <p>{error ?? 'Nothing of it was kept.'}</p>
      </Notice>
      <ButtonLink to={slug === undefined ? '/integrations/new' : `/integrations/new?for=${slug}`}>
        Give a document
      </ButtonLink>
    </>
  )
}
