import { CodeBlock } from '../../ui/code-block.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Section } from '../../ui/page.tsx'
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
    <Section id="replay" title="Replay">
      <Notice tone={TONES[replay.state]}>{replay.sentence}</Notice>
      <p className="text-sm text-muted">
        {replay.steps.toLocaleString('en')} steps, all answers from the record. No upstream was asked.
      </p>
      <CodeBlock label="Outcome of the replay" caption="Outcome" text={replay.outcome.text} />
      {replay.logs !== '' && <CodeBlock label="Logs of the replay" caption="Logs" text={replay.logs} />}
    </Section>
  )
}
