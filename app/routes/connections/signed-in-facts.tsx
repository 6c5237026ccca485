import { Fact } from '../../ui/page.tsx'
import { Time } from '../../ui/time.tsx'
import type { SignedIn } from './signed-in.ts'

/** Facts of the sign-in that a connection's token came by. */
export function SignedInFacts({
  isObtained,
  server,
  endsAt,
  isRenewed,
  scopes,
  missing,
  extra,
  now,
}: SignedIn & { now: number }) {
  return (
    <>
      <Fact name="Signed in at">{server && <span className="font-mono text-sm">{server}</span>}</Fact>
      <Fact name="Token">
        {endsAt !== null && (
          <>
            {endsAt <= now ? 'ended' : 'ends'} <Time at={endsAt} now={now} />
            {isRenewed ? ', and is renewed by itself' : isObtained && ', and cannot be renewed without you'}
          </>
        )}
      </Fact>
      <Fact name="Scopes">{scopes.length > 0 && <Scopes scopes={scopes} />}</Fact>
      <Fact name="Asked for, not granted">{missing.length > 0 && <Scopes scopes={missing} />}</Fact>
      <Fact name="Granted besides">{extra.length > 0 && <Scopes scopes={extra} />}</Fact>
    </>
  )
}

/** Some servers grant hundreds. */
const SHOWN = 12

export function Scopes({ scopes }: { scopes: readonly string[] }) {
  const first = scopes.slice(0, SHOWN)
  const rest = scopes.slice(SHOWN)
  return (
    <>
      <span className="font-mono text-sm wrap-anywhere">{first.join(' ')}</span>
      {rest.length > 0 && (
        <details>
          <summary className="text-sm text-muted">{rest.length} more</summary>
          <span className="font-mono text-sm wrap-anywhere">{rest.join(' ')}</span>
        </details>
      )}
    </>
  )
}
