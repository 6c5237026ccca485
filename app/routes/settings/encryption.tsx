import { Form, redirect } from 'react-router'
import { listUnopenable, rotateSecrets } from '../../../server/connections/rewrap.ts'
import { appContext } from '../../../server/context.ts'
import { countSealed, findRotation } from '../../../server/db/sealed.ts'
import { Button } from '../../ui/button.tsx'
import { CodeBlock } from '../../ui/code-block.tsx'
import { Live } from '../../ui/live.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Card, Empty, Fact, Facts, Page, Section } from '../../ui/page.tsx'
import { Time } from '../../ui/time.tsx'
import { refuseMember } from '../admin-only.ts'
import { principalName } from '../principal-name.ts'
import type { Route } from './+types/encryption'
import { KeySteps } from './key-steps.tsx'
import { UnopenableList } from './unopenable-list.tsx'

const HERE = '/settings/encryption'
const LISTED = 50
/** What somebody waits for; cron does the rest. */
const SEAL_FOR_MS = 5000
const LOOK_EVERY_MS = 5000

export async function loader({ context, request }: Route.LoaderArgs) {
  const { db, vault, principal } = context.get(appContext)
  const refusal = refuseMember(principal, 'see how secrets are sealed')
  if (refusal) throw refusal
  const keys = await vault.keyIds()
  const [counts, rotation, unopenable] = await Promise.all([
    countSealed(db, keys),
    findRotation(db, keys),
    listUnopenable({ db, vault }, LISTED),
  ])
  const search = new URL(request.url).searchParams
  return {
    now: Date.now(),
    keys,
    counts,
    rotation: rotation && { startedAt: rotation.startedAt, startedBy: principalName(rotation.startedBy) },
    unopenable: unopenable.map((one) => ({ ...one, owner: one.owner === 'org' ? null : principalName(one.owner) })),
    /** What the last click has sealed. */
    sealed: /^\d+$/.test(search.get('sealed') ?? '') ? Number(search.get('sealed')) : null,
  }
}

export async function action({ context }: Route.ActionArgs) {
  const { db, vault, principal } = context.get(appContext)
  const refusal = refuseMember(principal, 'seal secrets again')
  if (refusal) throw refusal
  const rotated = await rotateSecrets({ db, vault }, { by: principal.id, until: Date.now() + SEAL_FOR_MS })
  return redirect(`${HERE}?sealed=${rotated?.renewed ?? 0}#main`)
}

export const meta: Route.MetaFunction = () => [{ title: 'Encryption · Executor' }]

type Data = Route.ComponentProps['loaderData']

export default function Encryption({ loaderData }: Route.ComponentProps) {
  const { counts, keys, unopenable } = loaderData
  const broken = unopenable.filter(({ reason }) => reason === 'damaged').length
  const left = Math.max(0, counts.previous - broken)
  return (
    <Page
      title="Encryption"
      lead="Credentials, app secrets and the webhook are stored sealed, with a key that only the Worker has."
      parent={{ to: '/settings', label: 'Settings' }}
    >
      <Said {...loaderData} left={left} />
      <Keys {...loaderData} />
      {keys.previous !== null && left > 0 && <SealAgain {...loaderData} left={left} />}
      {counts.current + counts.previous + counts.other === 0 && (
        <Empty title="Nothing is sealed yet">
          The first connection with a secret is the first that this key seals.
        </Empty>
      )}
      {unopenable.length > 0 && <UnopenableList unopenable={unopenable} most={LISTED} />}
      {keys.previous === null && <KeySteps />}
    </Page>
  )
}

function Said({ sealed, keys, left }: Data & { left: number }) {
  const isDone = keys.previous !== null && left === 0
  if (sealed === null && !isDone) return null
  return (
    <Notice>
      {sealed !== null && <p>{sealedSentence(sealed)}</p>}
      {isDone && (
        <div className="space-y-3">
          <p>Nothing needs the previous key any more. Remove it from the Worker to finish.</p>
          <CodeBlock label="Remove the previous key" text="npx wrangler secret delete EXECUTOR_SECRET_KEY_PREVIOUS" />
        </div>
      )}
    </Notice>
  )
}

function sealedSentence(sealed: number): string {
  if (sealed === 0) return 'Nothing more could be sealed again.'
  return sealed === 1 ? '1 secret was sealed again.' : `${sealed.toLocaleString('en')} secrets were sealed again.`
}

function Keys({ keys, counts }: Data) {
  return (
    <Card>
      <Facts>
        <Fact name="Key in use">
          <KeyId id={keys.current} /> <Sealed count={counts.current} />
        </Fact>
        <Fact name="Previous key">
          {keys.previous !== null && (
            <>
              <KeyId id={keys.previous} /> <Sealed count={counts.previous} />
            </>
          )}
        </Fact>
        <Fact name="Another key">{counts.other > 0 && <Sealed count={counts.other} />}</Fact>
        <Fact name="How">AES-256-GCM, each bound to its row and owner: moved, changed or cut, it does not open</Fact>
      </Facts>
    </Card>
  )
}

/** A name for a key, derived from it one way. */
function KeyId({ id }: { id: string }) {
  return <code className="font-mono text-[0.8125rem]">{id}</code>
}

function Sealed({ count }: { count: number }) {
  return (
    <span className="text-muted">{count === 1 ? 'seals 1 secret' : `seals ${count.toLocaleString('en')} secrets`}</span>
  )
}

function SealAgain({ counts, rotation, left, now }: Data & { left: number }) {
  const all = counts.current + left
  return (
    <Section
      title="Seal again"
      lead="With the key in use, so that the previous one can be removed. Calls go on meanwhile."
    >
      <Card>
        <div className="space-y-4">
          <div className="space-y-2">
            <p id="sealed-so-far" className="tabular-nums">
              {counts.current.toLocaleString('en')} of {all.toLocaleString('en')} secrets are sealed with the key in use
            </p>
            <progress
              className="progress-bar h-2 w-full"
              value={counts.current}
              max={all}
              aria-labelledby="sealed-so-far"
            />
            <p className="text-sm text-muted">
              {rotation ? (
                <>
                  Begun <Time at={rotation.startedAt} now={now} /> by {rotation.startedBy}. It goes on by itself, a part
                  every minute.
                </>
              ) : (
                'It begins by itself within a minute.'
              )}
            </p>
          </div>
          <Form method="post" replace preventScrollReset>
            <Button weight="primary">{rotation ? 'Go on now' : 'Seal again now'}</Button>
          </Form>
        </div>
        <Live everyMs={LOOK_EVERY_MS} />
      </Card>
    </Section>
  )
}
