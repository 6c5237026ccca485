// How people connect to an integration: for admins, who add ways and hand out the link.
import { Form } from 'react-router'
import { Badge } from '../../ui/badge.tsx'
import { Button, ButtonLink } from '../../ui/button.tsx'
import { CodeBlock } from '../../ui/code-block.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Rows, Section } from '../../ui/page.tsx'
import { TextLink } from '../../ui/text-link.tsx'

export interface Way {
  id: string
  label: string
  isAdded: boolean
  /** Its token can be had by signing in. */
  canSignIn: boolean
}

interface WaysSectionProps {
  slug: string
  title: string
  ways: Way[]
  /** The page that connects it, on this deployment. */
  link: string
  /** Why a way was not removed. */
  problem?: string
}

export function WaysSection({ slug, title, ways, link, problem }: WaysSectionProps) {
  return (
    <Section
      id="ways"
      title="Ways to connect"
      lead="What people choose from when they connect."
      actions={<ButtonLink to={`/integrations/${slug}/methods/new`}>Add a way</ButtonLink>}
    >
      {problem !== undefined && <Notice tone="warning">{problem}</Notice>}
      <Rows>
        {ways.map((way) => (
          <li key={way.id} className="flex min-h-12 flex-wrap items-center gap-x-4 gap-y-1 px-5 py-2">
            <span className="min-w-0 flex-1 basis-56 wrap-anywhere">{way.label}</span>
            {way.canSignIn && (
              <TextLink
                className="py-2.5 text-sm"
                to={`/integrations/${slug}/app?method=${encodeURIComponent(way.id)}`}
              >
                App for sign-in<span className="sr-only"> of {way.label}</span>
              </TextLink>
            )}
            {way.isAdded ? <RemoveWay way={way} /> : <Badge>from the document</Badge>}
          </li>
        ))}
      </Rows>
      <CodeBlock
        label="Link for a colleague"
        caption={`Send this link to a colleague who should connect their ${title}`}
        text={link}
      />
    </Section>
  )
}

function RemoveWay({ way }: { way: Way }) {
  return (
    <Form method="post" action="#ways">
      <input type="hidden" name="way" value={way.id} />
      <Button weight="quiet" name="intent" value="remove-way">
        Remove<span className="sr-only"> {way.label}</span>
      </Button>
    </Form>
  )
}
