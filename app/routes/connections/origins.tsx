// Where a credential goes, and where it does not go yet.
import { Form } from 'react-router'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'

/** `api.github.com, uploads.github.com`: the scheme is said where it is not https. */
export function Origins({ origins }: { origins: readonly string[] }) {
  const shown = origins.map((origin) => origin.replace(/^https:\/\//, ''))
  return <span className="font-mono text-sm wrap-anywhere">{shown.join(', ')}</span>
}

interface NewOriginsProps {
  /** Of the integration. */
  title: string
  confirmed: string[]
  /** Where its calls go too, and the credential does not. */
  added: string[]
  /** Its base URL is among them: nearly every call goes there. */
  hasMoved: boolean
  mayConfirm: boolean
}

export function NewOrigins({ title, confirmed, added, hasMoved, mayConfirm }: NewOriginsProps) {
  return (
    <Notice tone="warning">
      <p className="font-medium">
        {hasMoved ? `${title} has moved to another host` : `${title} sends some calls to other hosts`}
      </p>
      <p>
        The credential goes to <Origins origins={confirmed} /> only. Calls to <Origins origins={added} /> fail until{' '}
        {mayConfirm ? 'you confirm' : 'the owner of this connection confirms'} that it may go there
        {hasMoved ? ' instead.' : ' too.'}
      </p>
      {mayConfirm && (
        <Form method="post" className="mt-3">
          {/* What was shown is what is confirmed, should the integration change meanwhile. */}
          {added.map((origin) => (
            <input key={origin} type="hidden" name="origin" value={origin} />
          ))}
          <Button name="intent" value="origins">
            Send the credential there
          </Button>
        </Form>
      )}
    </Notice>
  )
}
