// What a document would become, and the one form that imports it and connects it.
import { Form, useNavigation } from 'react-router'
import type { AuthMethod, DocumentOrigin, ImportPreview, IntegrationKind } from '../../../drizzle/shapes.ts'
import { EffectBadge } from '../../ui/badge.tsx'
import { Button, ButtonLink } from '../../ui/button.tsx'
import { errorFor, ErrorSummary, type FormError } from '../../ui/error-summary.tsx'
import { TextField } from '../../ui/field.tsx'
import { Card, Fact, Facts, Section } from '../../ui/page.tsx'
import { ConnectFields, type ConnectValues } from '../connections/connect-fields.tsx'
import { SkippedList } from './skipped-list.tsx'

export const KINDS: Record<IntegrationKind, string> = {
  openapi: 'OpenAPI',
  google: 'Google Discovery',
  graphql: 'GraphQL',
  mcp: 'MCP server',
}

export interface ImportValues {
  slug: string
  title: string
  baseUrl: string
  connect: ConnectValues
}

interface ImportFormProps {
  importId: string
  origin: DocumentOrigin
  preview: ImportPreview
  /** What the connection may be made with. */
  methods: AuthMethod[]
  values: ImportValues
  errors?: FormError[]
}

export function ImportForm({ importId, origin, preview, methods, values, errors }: ImportFormProps) {
  const isImporting = useNavigation().formMethod === 'POST'
  return (
    <>
      <PreviewFacts origin={origin} preview={preview} />
      {preview.skippedCount > 0 && <SkippedList skipped={preview.skipped} count={preview.skippedCount} />}
      <Form method="post" id="import" action="#import" className="max-w-2xl space-y-10">
        <ErrorSummary errors={errors} title="The import has not started" />
        <input type="hidden" name="import" value={importId} />
        <Section title="Name it">
          <div className="space-y-5">
            <TextField
              name="title"
              label="Title"
              defaultValue={values.title}
              error={errorFor(errors, 'title')}
              required
            />
            <TextField
              name="slug"
              label="Slug"
              hint={`Code uses it: tools.${preview.suggestedSlug || 'example'}. It cannot change later.`}
              defaultValue={values.slug}
              error={errorFor(errors, 'slug')}
              autoCapitalize="none"
              required
              isMono
            />
            <BaseUrl servers={preview.servers} value={values.baseUrl} error={errorFor(errors, 'baseUrl')} />
          </div>
        </Section>
        <Connect methods={methods} values={values.connect} errors={errors} />
        <div className="flex flex-wrap gap-3">
          <Button weight="primary" disabled={isImporting}>
            {isImporting ? 'Starting…' : `Import ${preview.operationCount.toLocaleString('en')} operations`}
          </Button>
          <ButtonLink to="/integrations/new">Use another document</ButtonLink>
        </div>
      </Form>
    </>
  )
}

function Connect({ methods, values, errors }: { methods: AuthMethod[]; values: ConnectValues; errors?: FormError[] }) {
  const asksForNothing = methods.every((method) => method.fields.length === 0)
  const fields = (
    <div className="space-y-5">
      <ConnectFields methods={methods} isAdmin canSkip={!asksForNothing} values={values} errors={errors} />
    </div>
  )
  if (!asksForNothing) {
    return (
      <Section title="Connect it" lead="In the same step. Secrets are sealed and never shown again.">
        {fields}
      </Section>
    )
  }
  return (
    <Section title="Connect it" lead="The document asks for no credential: importing it connects it for everyone.">
      <details open={errors !== undefined} className="rounded-xl border border-line bg-surface">
        <summary className="disclosure rounded-xl px-5 py-3 text-sm font-medium">
          Send a credential all the same
        </summary>
        <div className="border-t border-line p-5">{fields}</div>
      </details>
    </Section>
  )
}

function PreviewFacts({ origin, preview }: Pick<ImportFormProps, 'origin' | 'preview'>) {
  const { kind, version, operationCount, effects, groups, servers, description, documentBytes } = preview
  return (
    <Card>
      <Facts>
        <Fact name="Kind">{KINDS[kind]}</Fact>
        <Fact name="Version">{version}</Fact>
        <Fact name="From">
          <Origin origin={origin} />
        </Fact>
        <Fact name="Size">{size(documentBytes)}</Fact>
        <Fact name="Operations">{operationCount.toLocaleString('en')}</Fact>
        <Fact name="Effects">
          <span className="flex flex-wrap gap-x-4 gap-y-1">
            {(['read', 'write', 'destructive'] as const).map((effect) => (
              <span key={effect} className="inline-flex items-center gap-2">
                {effects[effect].toLocaleString('en')} <EffectBadge effect={effect} />
              </span>
            ))}
          </span>
        </Fact>
        <Fact name="Servers">
          {servers.length > 1 && <span className="font-mono text-sm">{servers.join(', ')}</span>}
        </Fact>
        <Fact name="Groups">
          <Groups groups={groups} />
        </Fact>
        <Fact name="Description">
          {description && <p className="line-clamp-4 text-sm text-muted">{description}</p>}
        </Fact>
      </Facts>
    </Card>
  )
}

/** `134 KiB`, `12.4 MiB`. */
function size(bytes: number): string {
  return bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}

export function Origin({ origin }: { origin: DocumentOrigin }) {
  if (origin.kind === 'url') return <span className="font-mono text-sm">{origin.url}</span>
  return origin.kind === 'paste' ? 'a pasted document' : `the file ${origin.fileName}`
}

const GROUPS_SHOWN = 12

function Groups({ groups }: { groups: ImportPreview['groups'] }) {
  const shown = groups.slice(0, GROUPS_SHOWN)
  const rest = groups.slice(GROUPS_SHOWN)
  return (
    <>
      <GroupList groups={shown} />
      {rest.length > 0 && (
        <details className="mt-1">
          <summary className="flex min-h-11 items-center text-sm text-accent sm:min-h-8">
            {rest.length} more groups
          </summary>
          <GroupList groups={rest} />
        </details>
      )}
    </>
  )
}

function GroupList({ groups }: { groups: ImportPreview['groups'] }) {
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 text-sm">
      {groups.map(({ name, count }) => (
        <li key={name}>
          <span className="font-mono">{name}</span> <span className="text-muted">{count}</span>
        </li>
      ))}
    </ul>
  )
}

function BaseUrl({ servers, value, error }: { servers: string[]; value: string; error?: string }) {
  const hint =
    servers.length === 0
      ? 'The document names no server: give the address that its paths follow.'
      : 'Where calls go. Paths of the document follow it.'
  return (
    <>
      <TextField
        type="url"
        name="baseUrl"
        label="Base URL"
        hint={hint}
        placeholder="https://api.example.com/v1"
        defaultValue={value}
        error={error}
        list={servers.length > 1 ? 'servers' : undefined}
        required
        isMono
      />
      {servers.length > 1 && (
        <datalist id="servers">
          {servers.map((server) => (
            <option key={server}>{server}</option>
          ))}
        </datalist>
      )}
    </>
  )
}
