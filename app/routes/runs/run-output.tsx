import { CodeBlock } from '../../ui/code-block.tsx'
import { Section } from '../../ui/page.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import type { LoadedRun, Wanted } from './load-run.ts'
import { isOpen } from './run-state.tsx'

/** What came out of a run: its result, what it emitted on the way, and its logs. */
export function RunOutput({ run, wanted }: { run: LoadedRun['run']; wanted: Wanted }) {
  return (
    <>
      <Section title="Result" id="result">
        {run.result === null ? (
          <p className="text-muted">{noResult(run.state)}</p>
        ) : (
          <Value name="Result" part="result" shown={run.result} isAsked={wanted === 'result'} />
        )}
      </Section>
      {run.emitted !== null && (
        <Section title="Emitted" id="emitted">
          <Value name="Emitted" part="emitted" shown={run.emitted} isAsked={wanted === 'emitted'} />
        </Section>
      )}
      {run.logs !== '' && (
        <Section title="Logs">
          <CodeBlock label="Logs" text={run.logs} isTall />
        </Section>
      )}
    </>
  )
}

function noResult(state: LoadedRun['run']['state']): string {
  if (isOpen(state)) return 'The run has not ended yet.'
  return state === 'succeeded' ? 'The program returned nothing.' : 'The run ended before it returned anything.'
}

interface ValueProps {
  name: string
  part: 'result' | 'emitted'
  shown: NonNullable<LoadedRun['run']['result']>
  /** Shown as far as a page goes already. */
  isAsked: boolean
}

function Value({ name, part, shown, isAsked }: ValueProps) {
  return (
    <div className="space-y-1.5">
      {shown.text !== null && <CodeBlock label={name} caption="JSON" text={shown.text} isTall />}
      {!shown.isWhole && !isAsked && (
        <p className="text-sm">
          {shown.text === null && 'It is too long to be shown here unasked. '}
          <TextLink to={`?show=${part}#${part}`} preventScrollReset>
            Show more of it
          </TextLink>
        </p>
      )}
    </div>
  )
}
