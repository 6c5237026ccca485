// How the documents of an integration are kept up to date.
import { Form, Link, useNavigation } from 'react-router'
import type { DocumentOrigin } from '../../../drizzle/shapes.ts'
import { Button, ButtonLink } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Section } from '../../ui/page.tsx'
import { Time } from '../../ui/time.tsx'

interface WaitingVersionProps {
  id: string
  isRead: boolean
  /** Another choice of the operations of the version in force. */
  isSame: boolean
  /** No version is in force. */
  isFirst: boolean
  /** What it says of itself: `schema`. */
  what: string
}

/** A version of the document that nobody has decided on. */
export function WaitingVersion({ id, isRead, isSame, isFirst, what: said }: WaitingVersionProps) {
  const what = isFirst ? `Its ${said}` : isSame ? 'Another choice of operations' : 'A new version of the document'
  return (
    <Notice tone="warning">
      {what} {isRead ? 'waits for you' : 'is being read'}.{' '}
      <Link to={`/integrations/imports/${id}#main`} className="font-medium text-accent underline underline-offset-4">
        {!isRead ? 'See how far' : isFirst ? 'See what it becomes' : 'See what it changes'}
      </Link>
    </Notice>
  )
}

interface UpdateSectionProps {
  /** What the last check found, when somebody has just asked for it. */
  isUnchanged: boolean
  integration: { slug: string; origin: DocumentOrigin; checkedAt: number | null; checkError: string | null }
  /** Whether its operations can be chosen again. */
  hasDocument: boolean
  now: number
}

export function UpdateSection({ integration, isUnchanged, hasDocument, now }: UpdateSectionProps) {
  const { slug, origin, checkedAt, checkError } = integration
  const intent = useNavigation().formData?.get('intent')
  const isFetched = 'url' in origin || origin.kind === 'bundle'
  return (
    <Section
      id="document"
      title="Document"
      lead={
        isFetched
          ? 'It is asked for again once a day. A new version is used when you have seen what it changes.'
          : 'Give a new version of it whenever there is one. It is used when you have seen what it changes.'
      }
    >
      {checkError !== null && (
        <Notice tone="danger">
          <p className="font-medium">The last check failed, and the version in force stays</p>
          <p>{checkError}</p>
        </Notice>
      )}
      {isUnchanged && checkError === null && <Notice>The document has not changed.</Notice>}
      {checkedAt !== null && isFetched && (
        <p className="text-sm text-muted">
          Last checked <Time at={checkedAt} now={now} />.
        </p>
      )}
      <Form method="post" className="flex flex-wrap gap-3">
        {isFetched && (
          <Button name="intent" value="refresh" disabled={intent === 'refresh'}>
            {intent === 'refresh' ? 'Checking…' : 'Check for a new version'}
          </Button>
        )}
        {/* Also for a document that has moved. */}
        <ButtonLink to={`/integrations/new?for=${slug}`}>Give a new version</ButtonLink>
        {hasDocument && (
          <Button name="intent" value="choose" disabled={intent === 'choose'}>
            {intent === 'choose' ? 'Reading…' : 'Choose operations'}
          </Button>
        )}
      </Form>
    </Section>
  )
}
