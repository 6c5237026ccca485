// The form that makes an integration of what was read, and connects it.
import { useState } from 'react'
import { Form, useLocation } from 'react-router'
import { errorFor, ErrorSummary, type FormError } from '../../ui/error-summary.tsx'
import { TextField } from '../../ui/field.tsx'
import { Section } from '../../ui/page.tsx'
import { ConnectFields, type ConnectValues } from '../connections/connect-fields.tsx'
import type { ConnectOffer } from '../connections/connect-methods.ts'
import { Decide, DefaultButton, IMPORT_FORM } from './decide.tsx'
import { ImportFacts, type ReadImport } from './import-facts.tsx'
import { importView } from './import-view.ts'
import type { Chooser } from './load-chooser.ts'
import { NeededCredential } from './needed-credential.tsx'
import { OperationChooser } from './operation-chooser.tsx'
import { type ImportValues, ServerField } from './server-field.tsx'

interface ImportFormProps {
  row: ReadImport
  chooser: Chooser
  /** What the connection may be made with. */
  offer: ConnectOffer
  /** What one must have at hand to connect one of the gallery, and where one makes it. */
  needs?: { text: string; url: string }
  values: ImportValues
  errors?: FormError[]
}

export function ImportForm({ row, chooser, offer, needs, values: given, errors }: ImportFormProps) {
  // What was typed stands in the fields themselves, whatever is chosen above meanwhile.
  const [values] = useState(given)
  const { search } = useLocation()
  const { preview } = row
  return (
    <>
      <ImportFacts row={row} effects={chooser.effects} otherOrigins={chooser.otherOrigins} />
      <DefaultButton />
      <OperationChooser {...chooser} />
      <Form
        method="post"
        id={IMPORT_FORM}
        action={importView(search, {}, `#${IMPORT_FORM}`)}
        className="max-w-2xl space-y-10"
      >
        <ErrorSummary errors={errors} title="Nothing was imported" />
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
            <ServerField servers={preview.servers} values={values} errors={errors} />
          </div>
        </Section>
        <Connect offer={offer} needs={needs} values={values.connect} errors={errors} />
        <Decide label={`Import ${operations(chooser.chosenCount)}`} busy="Importing…" cancel="Do not import this" />
      </Form>
    </>
  )
}

function operations(count: number): string {
  return `${count.toLocaleString('en')} ${count === 1 ? 'operation' : 'operations'}`
}

interface ConnectProps extends Pick<ImportFormProps, 'offer' | 'needs' | 'errors'> {
  values: ConnectValues
}

function Connect({ offer, needs, values, errors }: ConnectProps) {
  const asksForNothing = offer.methods.every((method) => method.fields.length === 0)
  const fields = (
    <div className="space-y-5">
      <ConnectFields offer={offer} isAdmin canSkip={!asksForNothing} values={values} errors={errors} />
    </div>
  )
  if (!asksForNothing) {
    return (
      <Section title="Connect it" lead="In the same step. Secrets are sealed and never shown again.">
        {needs && <NeededCredential {...needs} />}
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
