import { CodeBlock } from '../../ui/code-block.tsx'
import { Notice } from '../../ui/notice.tsx'
import type { ReadableText } from './readable.ts'

export interface ShownReplay {
  state: 'same' | 'different' | 'incomplete'
  sentence: string
  /** How much the program computed, in the sandbox's own count. */
  steps: number
  logs: string
  /** What the program came to, this time. */
  outcome: ReadableText
}

const TONES = { same: 'done', different: 'danger', incomplete: 'warning' } as const

export function ReplayReport({ replay }: { replay: ShownReplay }) {
  return (
    <section id="replay" aria-labelledby="replayed" className="space-y-3">
      <h3 id="replayed" className="font-semibold">
        What the replay came to
      </h3>
      <Notice tone={TONES[replay.state]}>{replay.sentence}</Notice>
      <p className="text-sm text-muted">
        {replay.steps.toLocaleString('en')} steps, all answers from the record. No upstream was asked.
      </p>
      <CodeBlock label="Outcome of the replay" caption="Outcome" text={replay.outcome.text} />
      {replay.logs !== '' && <CodeBlock label="Logs of the replay" caption="Logs" text={replay.logs} />}
    </section>
  )
}
