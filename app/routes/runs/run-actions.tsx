import { Form, useLocation } from 'react-router'
import { Button } from '../../ui/button.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import { Section } from '../../ui/page.tsx'
import { ReplayReport, type ShownReplay } from './replay-report.tsx'

interface RunActionsProps {
  isOpen: boolean
  /** Who looks. */
  me: string
  /** What came of a replay that was just asked for. */
  replay?: ShownReplay
}

/** What can be done with a run, by whoever may see it. */
export function RunActions({ isOpen, me, replay }: RunActionsProps) {
  const { pathname } = useLocation()
  return (
    <Section title="What you can do">
      <div className="grid gap-4 sm:grid-cols-2">
        <Action
          intent="replay"
          // The answer is a page of its own without JavaScript: the fragment brings the report into view.
          action={`${pathname}#replay`}
          label="Replay"
          text="Runs the program again on what was recorded. Nothing is sent and nothing is changed."
        />
        <Action
          intent="again"
          label="Run again"
          text={`Starts a new run of the same code, as ${me}: with your connections and your rights. Its calls are real.`}
        />
      </div>
      {replay && <ReplayReport replay={replay} />}
      {isOpen ? (
        <Confirm label="Cancel this run" confirm="Cancel run" intent="cancel">
          Nothing further is sent. What was sent stays sent, and questions about this run are closed.
        </Confirm>
      ) : (
        <Confirm label="Delete this run" confirm="Delete run" intent="delete">
          Its code, calls, answers and output are deleted, and cannot be brought back. What the run did stays done.
        </Confirm>
      )}
    </Section>
  )
}

function Action(props: { intent: string; label: string; text: string; action?: string }) {
  return (
    <Form
      method="post"
      action={props.action}
      className="flex flex-col items-start gap-3 rounded-xl border border-line bg-surface p-5"
    >
      <Button name="intent" value={props.intent}>
        {props.label}
      </Button>
      <p className="text-sm text-muted">{props.text}</p>
    </Form>
  )
}
