import { Form, useNavigation } from 'react-router'
import { Button } from '../../ui/button.tsx'
import { errorFor, ErrorSummary, type FormError } from '../../ui/error-summary.tsx'
import { TextAreaField } from '../../ui/field.tsx'

/** Where the document is: one box for an address or the document itself, and a file. */
export function SourceForm({ errors, source = '' }: { errors?: FormError[]; source?: string }) {
  const isReading = useNavigation().formMethod === 'POST'
  return (
    <Form method="post" encType="multipart/form-data" className="max-w-2xl space-y-5">
      <ErrorSummary errors={errors} title="The document could not be read" />
      <TextAreaField
        name="source"
        label="Address or document"
        hint="The address of an OpenAPI document, or the document itself as JSON or YAML."
        placeholder="https://api.example.com/openapi.json"
        defaultValue={source}
        error={errorFor(errors, 'source')}
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
          accept=".json,.yaml,.yml,.gz,application/json,application/yaml"
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
  )
}
