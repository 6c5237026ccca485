import { CodeBlock } from '../../ui/code-block.tsx'
import { Notice } from '../../ui/notice.tsx'

export interface ShownVerification {
  isIntact: boolean
  rows: number
  first: number | null
  last: number | null
  head: string
  /** The last record that was deleted by age, if any was. */
  trimmedTo: number | null
  problems: { sequence: number; message: string }[]
  problemCount: number
}

export function VerificationNotice({ found }: { found: ShownVerification }) {
  const { isIntact, rows, problems, problemCount, head } = found
  if (rows === 0 && isIntact) return <Notice>There is nothing to verify: {nothing(found)}</Notice>
  return (
    <Notice tone={isIntact ? 'done' : 'danger'}>
      <div className="space-y-3">
        <p className="font-medium">{isIntact ? 'The chain holds' : 'The chain is broken'}</p>
        {!isIntact && (
          <ul className="list-disc space-y-1 pl-5">
            {problems.map(({ sequence, message }) => (
              <li key={`${sequence} ${message}`}>{message}</li>
            ))}
            {problemCount > problems.length && <li>… and {problemCount - problems.length} more places.</li>}
          </ul>
        )}
        <p>
          {range(found)} {trimmed(found)}
        </p>
        <CodeBlock label="Hash of the last record" caption="Hash of the last record" text={head} />
        {isIntact && (
          <p className="text-sm text-muted">
            Note this hash somewhere else. As long as a later export has it, nothing up to here was rewritten.
          </p>
        )}
      </div>
    </Notice>
  )
}

function range({ rows, first, last }: ShownVerification): string {
  const count = `${rows.toLocaleString('en')} ${rows === 1 ? 'record was' : 'records were'} read`
  return rows === 0 ? `${count}.` : `${count}, from ${first} to ${last}.`
}

function trimmed({ trimmedTo }: ShownVerification): string {
  return trimmedTo === null ? '' : `Those up to ${trimmedTo} were deleted by age.`
}

function nothing({ trimmedTo }: ShownVerification): string {
  return trimmedTo === null ? 'nothing has been recorded yet.' : `the records up to ${trimmedTo} were deleted by age.`
}
