// An endpoint that describes itself only to who is signed in: it is named first, then connected, then read.
import { data, Form, redirect } from 'react-router'
import { appContext } from '../../../server/context.ts'
import { listSlugs } from '../../../server/db/integrations.ts'
import { describing } from '../../../server/integrations/endpoints.ts'
import { shownAddress } from '../../../server/tools/address.ts'
import { suggestSlug } from '../../../server/tools/import-fields.ts'
import { addUnread } from '../../../server/tools/imports/begin-endpoint.ts'
import { Button, ButtonLink } from '../../ui/button.tsx'
import { errorFor, ErrorSummary, type FormError } from '../../ui/error-summary.tsx'
import { TextField } from '../../ui/field.tsx'
import { Page } from '../../ui/page.tsx'
import { refuseMember } from '../admin-only.ts'
import { formText } from '../form.ts'
import type { Route } from './+types/endpoint'
import { NeededCredential } from './needed-credential.tsx'
import { findPreset } from './presets.ts'

export async function loader({ context, request }: Route.LoaderArgs) {
  const app = context.get(appContext)
  const { db, principal } = app
  const refusal = refuseMember(principal, 'add integrations')
  if (refusal) throw refusal
  const { url, name, what } = readAddress(request)
  const preset = await findPreset(app, new URL(request.url).searchParams.get('preset'))
  const taken = new Set((await listSlugs(db)).map(({ slug }) => slug))
  const isFree = preset && !taken.has(preset.slug)
  return {
    address: shownAddress(url),
    name,
    what,
    needs: preset && { text: preset.needs, url: preset.keysUrl },
    values: {
      title: preset?.title ?? url.hostname,
      slug: isFree ? preset.slug : suggestSlug('', url.href, taken),
    },
  }
}

export async function action({ context, request }: Route.ActionArgs) {
  const { db, principal } = context.get(appContext)
  const refusal = refuseMember(principal, 'add integrations')
  if (refusal) throw refusal
  const { url, protocol } = readAddress(request)
  const form = await request.formData()
  const values = { title: formText(form, 'title'), slug: formText(form, 'slug') }
  const origin = { kind: 'endpoint' as const, protocol, url: url.href }
  const added = await addUnread({ db }, { ...values, origin, by: principal.id })
  if (added.ok) return redirect(`/connections/new?integration=${added.integration.slug}#main`)
  const field = added.field === 'slug' || added.field === 'title' ? { field: added.field } : {}
  const errors: FormError[] = [{ ...field, message: added.message }]
  return data({ errors, values }, { status: 422 })
}

/** Of the page's own address. Throws when it is not one that can be read. */
function readAddress(request: Request) {
  const search = new URL(request.url).searchParams
  const url = URL.parse(search.get('url') ?? '')
  const described = describing(search.get('protocol') ?? '')
  const isPlain = url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
  if (!isPlain || described === undefined) throw data('Give the address again.', { status: 404 })
  return { url, ...described }
}

export const meta: Route.MetaFunction = () => [{ title: 'Add an integration · Executor' }]

export default function Endpoint({ loaderData, actionData }: Route.ComponentProps) {
  const { address, name, what, needs } = loaderData
  const values = actionData?.values ?? loaderData.values
  const errors = actionData?.errors
  return (
    <Page
      title={name}
      parent={{ to: '/integrations/new', label: 'Add an integration' }}
      lead={`It shows its ${what} only to who is signed in. Name it, connect it, and then that is read. Agents see nothing of it before you have seen what it becomes.`}
    >
      <Form method="post" className="max-w-2xl space-y-5">
        <ErrorSummary errors={errors} title="Nothing was added" />
        <p className="font-mono text-sm wrap-anywhere">{address}</p>
        {needs && <NeededCredential {...needs} />}
        <TextField name="title" label="Title" defaultValue={values.title} error={errorFor(errors, 'title')} required />
        <TextField
          name="slug"
          label="Slug"
          hint={`Code uses it: tools.${loaderData.values.slug}. It cannot change later.`}
          defaultValue={values.slug}
          error={errorFor(errors, 'slug')}
          autoCapitalize="none"
          required
          isMono
        />
        <div className="flex flex-wrap gap-3">
          <Button weight="primary">Add and connect</Button>
          <ButtonLink to="/integrations/new">Do not add this</ButtonLink>
        </div>
      </Form>
    </Page>
  )
}
