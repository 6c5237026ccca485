// How a connection is, and in one click what repairs it.
import { Form } from 'react-router'
import { type Health, HealthBadge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Card } from '../../ui/page.tsx'
import { Time } from '../../ui/time.tsx'
import { Scopes } from './signed-in-facts.tsx'

interface HealthCardProps {
  health: Health
  reason: string | null
  checkedAt: number | null
  /** Whose account it is, as the upstream says. */
  identity: string | null
  now: number
  mayChange: boolean
  canSignIn: boolean
}

export function HealthCard({ health, reason, checkedAt, identity, now, mayChange, canSignIn }: HealthCardProps) {
  const needsPerson = health === 'needs_sign_in' || health === 'failing' || health === 'expiring'
  return (
    <Card tone={health === 'failing' || health === 'needs_sign_in' ? 'danger' : 'plain'}>
      <div className="flex flex-wrap items-center justify-between gap-4">
        <div className="min-w-0 flex-1 basis-64 space-y-1">
          <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <HealthBadge health={health} />
            <span className="text-sm text-muted">
              {checkedAt === null ? (
                'never tested'
              ) : (
                <>
                  tested <Time at={checkedAt} now={now} />
                </>
              )}
            </span>
          </p>
          {identity && (
            <p className="text-[0.9375rem] wrap-anywhere">
              Signed in as <span className="font-medium">{identity}</span>
            </p>
          )}
          {reason && <p className="text-[0.9375rem] wrap-anywhere">{reason}</p>}
        </div>
        {mayChange && (
          <Form method="post" className="flex flex-wrap gap-3">
            {canSignIn && (
              <Button weight={needsPerson ? 'primary' : 'secondary'} name="intent" value="sign-in">
                Sign in again
              </Button>
            )}
            <Button name="intent" value="test">
              Test now
            </Button>
          </Form>
        )}
      </div>
    </Card>
  )
}

/** A call was refused for want of scopes (RFC 6750, section 3.1), and led here. */
export function StepUp({ scopes }: { scopes: string[] }) {
  return (
    <Notice tone="warning">
      <p className="font-medium">A call needs more than this connection may do</p>
      <p>
        It asks for <Scopes scopes={scopes} />. Allow that only if you know the call.
      </p>
      <Form method="post" className="mt-3">
        <input type="hidden" name="scope" value={scopes.join(' ')} />
        <Button weight="primary" name="intent" value="sign-in">
          Sign in and allow it
        </Button>
      </Form>
    </Notice>
  )
}
