import { useEffect, useRef } from 'react'
import { Form, useNavigation } from 'react-router'
import { Button, ButtonLink } from '../../ui/button.tsx'
import { ErrorSummary, type FormError } from '../../ui/error-summary.tsx'
import { TextAreaField } from '../../ui/field.tsx'
import { Rows, Section } from '../../ui/page.tsx'
import type { Named } from './take-endpoint.ts'

interface SourceFormProps {
  errors?: FormError[]
  source?: string
  /** Where a document was looked for. */
  tried?: { url: string; outcome: string }[]
  /** What was found, when a person has to choose, the likeliest first. */
  several?: Named[]
  /** The integration that a new version is given for. */
  version?: string
}

/** What describes the API: one box for an address, a command or the document itself, and a file. */
export function SourceForm({ errors, source = '', tried = [], several, version }: SourceFormProps) {
  const { formMethod, formData } = useNavigation()
  const isReading = formMethod === 'POST' && formData?.has('file')
  return (
    <>
      {several && !errors && <Several documents={several} version={version} />}
      <Form method="post" encType="multipart/form-data" className="max-w-2xl space-y-5">
        <ErrorSummary errors={errors} title="The document could not be read" />
        {errors && tried.length > 1 && <TriedList tried={tried} />}
        {version !== undefined && <input type="hidden" name="for" value={version} />}
        <TextAreaField
          name="source"
          label="Address or document"
          hint="The address of an API, of its documentation, its OpenAPI document, its GraphQL endpoint or an MCP server, a curl command, or the document itself."
          placeholder="api.example.com"
          defaultValue={source}
          autoCapitalize="none"
          isMono
        />
        <div className="space-y-1.5">
          <label htmlFor="file" className="block text-sm font-medium">
            Or a file
          </label>
          <input
            type="file"
            id="file"
            name="file"
            accept=".json,.yaml,.yml,.graphql,.graphqls,.gql,.gz,application/json,application/yaml"
            className="block w-full cursor-pointer rounded-lg border border-dashed border-control bg-surface p-2 text-sm file:mr-4 file:min-h-9 file:cursor-pointer file:rounded-md file:border-0 file:bg-sunken file:px-3 file:text-sm file:font-medium file:text-ink"
          />
        </div>
        <div className="flex flex-wrap items-center gap-4">
          <Button weight="primary" disabled={isReading}>
            {isReading ? 'Reading the document…' : 'Preview'}
          </Button>
          <p className="text-sm text-muted">Agents see nothing of it until you import it.</p>
        </div>
      </Form>
      {several && errors && <Several documents={several} version={version} isGuess />}
    </>
  )
}

interface SeveralProps {
  documents: Named[]
  version: string | undefined
  /** That strangers are refused there is all that speaks for them. */
  isGuess?: boolean
}

function Several({ documents, version, isGuess = false }: SeveralProps) {
  const { formData } = useNavigation()
  const chosen = documents.find(({ url }) => url === formData?.get('source'))
  const first = useRef<HTMLButtonElement>(null)
  // Whoever does not see that there is something new above the form.
  useEffect(() => first.current?.focus(), [])
  const shown = isGuess
    ? { title: 'It may be an MCP server', lead: 'What is there refuses strangers as MCP servers do.' }
    : {
        title: `${documents.length} APIs were found`,
        lead: 'Each becomes an integration of its own. The likeliest is the first.',
      }
  return (
    <Section id="several" {...shown}>
      <Form method="post" encType="multipart/form-data">
        {version !== undefined && <input type="hidden" name="for" value={version} />}
        <Rows>
          {documents.map(({ url, label, to }, index) => (
            <li key={url} className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 px-5 py-3">
              <span className="min-w-0 flex-1 basis-60">
                {label !== undefined && <span className="block font-medium wrap-anywhere">{label}</span>}
                <span className="block font-mono text-sm wrap-anywhere text-muted">{url}</span>
              </span>
              {to === undefined ? (
                <Button
                  name="source"
                  value={url}
                  weight={index === 0 ? 'primary' : 'secondary'}
                  ref={index === 0 ? first : undefined}
                  disabled={chosen !== undefined}
                  aria-label={`Preview ${label ?? url}`}
                >
                  {chosen?.url === url ? 'Reading…' : 'Preview'}
                </Button>
              ) : (
                <ButtonLink to={`${to}#main`} aria-label={`Connect first: ${label ?? url}`}>
                  Connect first
                </ButtonLink>
              )}
            </li>
          ))}
        </Rows>
      </Form>
    </Section>
  )
}

function TriedList({ tried }: { tried: { url: string; outcome: string }[] }) {
  return (
    <details className="rounded-xl border border-line bg-surface">
      <summary className="disclosure rounded-xl px-5 py-3 text-sm font-medium">
        {tried.length} places were looked at
      </summary>
      <ul className="space-y-2 border-t border-line px-5 py-4 text-sm">
        {tried.map(({ url, outcome }) => (
          <li key={url} className="wrap-anywhere">
            <span className="font-mono">{url}</span> <span className="block text-muted">{outcome}</span>
          </li>
        ))}
      </ul>
    </details>
  )
}
