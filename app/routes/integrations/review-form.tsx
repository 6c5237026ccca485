// A new version of a document beside the one in force: what it adds, changes and removes, and where else it goes. Or the
// same version with another choice of operations.
import { Form, Link, useLocation } from 'react-router'
import { Address } from '../../ui/address.tsx'
import { errorFor, ErrorSummary, type FormError } from '../../ui/error-summary.tsx'
import { FilterLinks } from '../../ui/filter-links.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Empty, Rows, Section } from '../../ui/page.tsx'
import { Pagination } from '../../ui/pagination.tsx'
import { Decide, DefaultButton, IMPORT_FORM } from './decide.tsx'
import { ImportFacts, type ReadImport } from './import-facts.tsx'
import { importView } from './import-view.ts'
import type { Chooser } from './load-chooser.ts'
import type { Review } from './load-review.ts'
import { OperationChooser } from './operation-chooser.tsx'

const TITLES = { changed: 'Changed', added: 'Added', removed: 'Removed' }
const LEADS = {
  changed: 'Agents see the new form from then on. Rules about these tools stay.',
  added: 'Reads are allowed and everything else asks, unless a rule says otherwise.',
  removed: 'Calls to them fail and say so. Their names are never given to other operations.',
}

interface ReviewFormProps {
  row: ReadImport
  chooser: Chooser
  review: Review
  errors?: FormError[]
}

export function ReviewForm({ row, chooser, review, errors }: ReviewFormProps) {
  const { search } = useLocation()
  const chooserSection = <OperationChooser {...chooser} />
  return (
    <>
      <DefaultButton />
      {review.isSame && chooserSection}
      {!review.isSame && <ImportFacts row={row} effects={chooser.effects} otherOrigins={chooser.otherOrigins} />}
      {review.said !== null && (
        <Notice tone="warning">
          <p className="font-medium">The server says something else of itself, which agents read</p>
          <p className="whitespace-pre-line wrap-anywhere">{review.said || 'Nothing any more.'}</p>
        </Notice>
      )}
      <Changes {...review} search={search} />
      {!review.isSame && chooserSection}
      <Form
        method="post"
        id={IMPORT_FORM}
        action={importView(search, {}, `#${IMPORT_FORM}`)}
        className="max-w-2xl space-y-6"
      >
        <ErrorSummary errors={errors} title="Nothing was changed" />
        {review.servers.length > 0 && <OtherServers {...review} />}
        {review.origins.length > 0 && <NewOrigins origins={review.origins} error={errorFor(errors, 'origin')} />}
        <Decide
          label={review.isSame ? 'Use this choice' : 'Use this version'}
          busy="Updating…"
          cancel={review.isSame ? 'Leave it as it is' : 'Keep the version in force'}
        />
      </Form>
    </>
  )
}

function OtherServers({ slug, servers, baseUrl }: Review) {
  return (
    <Notice tone="warning">
      <p className="font-medium">The document names another server</p>
      <p>
        {servers.slice(0, 3).join(', ')}. Calls go to <span className="font-mono text-sm">{baseUrl}</span> until you{' '}
        <Link to={`/integrations/${slug}#edit`} className="text-accent underline underline-offset-4">
          change the base URL
        </Link>
        .
      </p>
    </Notice>
  )
}

function NewOrigins({ origins, error }: { origins: string[]; error?: string }) {
  return (
    <fieldset id="origin" className="space-y-2" aria-describedby={error ? 'origin-error' : undefined}>
      <legend className="text-sm font-medium">Calls go to new places</legend>
      <p className="text-sm text-muted">
        Confirm each that belongs to this API. Connections of the organisation send their credentials there too; for
        personal ones their owners are asked.
      </p>
      {error && (
        <p id="origin-error" className="text-sm font-medium text-danger">
          {error}
        </p>
      )}
      {origins.map((origin) => (
        <label key={origin} className="flex min-h-11 items-center gap-3 sm:min-h-8">
          <input type="checkbox" name="origin" value={origin} className="size-4 shrink-0 accent-accent" />
          <span className="font-mono text-sm wrap-anywhere">{origin}</span>
        </label>
      ))}
    </fieldset>
  )
}

function Changes({ slug, isSame, counts, shown, entries, next, isFirstPage, search }: Review & { search: string }) {
  const total = counts.added + counts.changed + counts.removed
  if (total === 0) {
    return (
      <Section id="changes" title="What changes">
        <Empty title="No tool changes">
          {isSame ? 'The choice is the one in force.' : 'Only words, or parts that no tool uses, are different.'}
        </Empty>
      </Section>
    )
  }
  const at = (way: string, from?: number) =>
    importView(search, { show: way, from: from === undefined ? undefined : String(from) }, '#changes')
  const links = (['changed', 'added', 'removed'] as const).map((way) => ({
    to: at(way),
    label: TITLES[way],
    count: counts[way],
    isCurrent: way === shown,
  }))
  return (
    <Section id="changes" title="What changes" lead={LEADS[shown]}>
      <FilterLinks label="Kinds of change" links={links} />
      {entries.length === 0 ? (
        <Empty title={`Nothing is ${shown}`} />
      ) : (
        <Rows>
          {entries.map(({ name, words }) => (
            <li key={name} className="space-y-1 px-5 py-2.5">
              {shown === 'added' ? (
                <Address text={name} />
              ) : (
                <Link
                  to={`/tools/${slug}.${name}`}
                  className="-my-2 inline-block py-2.5 text-sm text-accent hover:underline"
                >
                  <Address text={name} />
                </Link>
              )}
              {words.length > 0 && (
                <ul className="list-disc space-y-0.5 pl-5 text-sm wrap-anywhere">
                  {words.map((word) => (
                    <li key={word}>{word}</li>
                  ))}
                </ul>
              )}
            </li>
          ))}
        </Rows>
      )}
      <Pagination first={isFirstPage ? undefined : at(shown)} next={next === null ? undefined : at(shown, next)} />
    </Section>
  )
}
