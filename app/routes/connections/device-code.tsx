// A code that is typed at another device (RFC 8628, section 3.3), large enough to be read across a desk.
import { ButtonLink } from '../../ui/button.tsx'
import { Card } from '../../ui/page.tsx'
import { Time } from '../../ui/time.tsx'

export interface DeviceCodeProps {
  title: string
  userCode: string
  verificationUri: string
  /** The same; null where nobody can be led there. */
  link: string | null
  /** With the code in it; null where the server has none. */
  complete: string | null
  endsAt: number
  now: number
  cancel: string
}

export function DeviceCode({ title, userCode, verificationUri, link, complete, endsAt, now, cancel }: DeviceCodeProps) {
  return (
    <div className="space-y-6">
      <Card>
        <ol className="list-decimal space-y-5 pl-5 marker:text-muted">
          <li className="space-y-1 pl-1">
            <p>On any device, open</p>
            <p>
              {link === null ? (
                <span className="font-mono wrap-anywhere">{verificationUri}</span>
              ) : (
                <a
                  href={link}
                  target="_blank"
                  rel="noreferrer"
                  className="font-mono wrap-anywhere text-accent underline underline-offset-4"
                >
                  {verificationUri}
                </a>
              )}
            </p>
          </li>
          <li className="space-y-1 pl-1">
            <p>Sign in there, and enter this code:</p>
            <p className="font-mono text-3xl font-semibold tracking-widest wrap-anywhere select-all sm:text-4xl">
              {userCode}
            </p>
          </li>
        </ol>
      </Card>
      {complete !== null && (
        <p>
          On this device:{' '}
          <a href={complete} target="_blank" rel="noreferrer" className="text-accent underline underline-offset-4">
            open it with the code filled in
          </a>
          . Check that it shows the same code.
        </p>
      )}
      <p className="text-muted">
        This page goes on by itself when you have signed in with {title}. The code ends <Time at={endsAt} now={now} />.
      </p>
      <ButtonLink to={cancel}>Cancel</ButtonLink>
    </div>
  )
}
