import { Fact, Facts, Rows } from '../../ui/page.tsx'
import { TextLink } from '../../ui/text-link.tsx'
import { Time } from '../../ui/time.tsx'
import type { Sentence } from './wording.ts'

export interface ShownRecord extends Sentence {
  sequence: number
  at: number
  /** In full, in UTC. */
  time: string
  actor: string
  action: string
  subject: string
  details: { name: string; value: string }[]
  hash: string | null
}

/** Each opens to everything that is stored. */
export function RecordList({ records, now }: { records: ShownRecord[]; now: number }) {
  return (
    <Rows>
      {records.map((record) => (
        <li key={record.sequence}>
          <details>
            <summary className="disclosure gap-x-3 rounded-xl px-5 py-3 hover:bg-sunken">
              <span className="min-w-0 flex-1 space-y-0.5">
                <span className="block items-baseline gap-x-4 sm:flex">
                  <span className="block min-w-0 flex-1 text-[0.9375rem] wrap-anywhere">
                    <span className="font-medium">{record.who}</span> {record.did}{' '}
                    {record.what !== '' && <span className="font-mono text-sm">{record.what}</span>}
                  </span>
                  <span className="block shrink-0 text-sm text-muted">
                    <Time at={record.at} now={now} />
                  </span>
                </span>
                {record.details.length > 0 && (
                  <span className="line-clamp-2 text-sm text-muted wrap-anywhere">
                    {record.details.map(({ name, value }) => `${name}: ${value}`).join(' · ')}
                  </span>
                )}
              </span>
            </summary>
            <div className="px-5 pt-3 pb-5">
              <RecordFacts record={record} />
            </div>
          </details>
        </li>
      ))}
    </Rows>
  )
}

const RUN_ID = /^run_[0-9a-z]{26}$/

function RecordFacts({ record }: { record: ShownRecord }) {
  return (
    <Facts>
      <Fact name="Record">{record.sequence}</Fact>
      <Fact name="Time">{record.time}</Fact>
      <Fact name="Who">
        <Mono text={record.actor} />
      </Fact>
      <Fact name="Action">
        <Mono text={record.action} />
      </Fact>
      <Fact name="Subject">
        <Mono text={record.subject} />
      </Fact>
      {record.details.map(({ name, value }) => (
        <Fact key={name} name={name}>
          {RUN_ID.test(value) ? <TextLink to={`/runs/${value}`}>{value}</TextLink> : value}
        </Fact>
      ))}
      <Fact name="Hash">
        {record.hash === null ? 'It is chained within a few minutes' : <Mono text={record.hash} />}
      </Fact>
    </Facts>
  )
}

function Mono({ text }: { text: string }) {
  return <span className="font-mono text-sm">{text}</span>
}
