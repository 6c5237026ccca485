// An endpoint that describes itself to those who are signed in: through which connection it is read.
import { Form, useNavigation } from 'react-router'
import { Button, ButtonLink } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Section } from '../../ui/page.tsx'

interface ReadThroughProps {
  /** What it says of itself: `schema`. */
  what: string
  isAdmin: boolean
  connections: { id: string; slug: string; isMine: boolean }[]
  connectLink: string
  /** Why it could not be read just now. */
  problem?: string
  /** 0 while nothing is in force. */
  revision: number
}

export function ReadThrough({ what, isAdmin, connections, connectLink, problem, revision }: ReadThroughProps) {
  const isInForce = revision > 0
  const reading = useNavigation().formData?.get('connection')
  const lead = isInForce
    ? `The ${what} could not be read again, and the one in force stays. Read it through a connection that works.`
    : connections.length === 0
      ? `Connect it, then read its ${what}, which is shown only to who is signed in. Agents do not see it until then.`
      : `It is connected, and its ${what} is read next. You see what it becomes before agents do.`
  return (
    <Section id="read" title={isInForce ? 'Read again' : 'Not read yet'} lead={lead}>
      {problem !== undefined && (
        <Notice tone="danger">
          <p className="font-medium">The {what} could not be read</p>
          <p className="wrap-anywhere">{problem}</p>
        </Notice>
      )}
      {!isAdmin && connections.length > 0 && <p className="text-muted">An admin reads it.</p>}
      {isAdmin && (
        <Form method="post" action="#read" className="flex flex-wrap gap-3">
          <input type="hidden" name="intent" value="read" />
          {connections.map(({ id, slug, isMine }, index) => (
            <Button
              key={id}
              name="connection"
              value={id}
              weight={index === 0 ? 'primary' : 'secondary'}
              disabled={typeof reading === 'string'}
            >
              {reading === id ? 'Reading…' : `Read the ${what} through ${slug}${isMine ? ' (yours)' : ''}`}
            </Button>
          ))}
        </Form>
      )}
      {connections.length === 0 && <ButtonLink to={connectLink}>Connect it</ButtonLink>}
    </Section>
  )
}
