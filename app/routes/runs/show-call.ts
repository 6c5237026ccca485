import type { CallNotes, JsonSchema, ToolErrorShape } from '../../../drizzle/shapes.ts'
import type { RunRecord } from '../../../server/db/run-record.ts'
import type { SecretSchemas } from '../../../server/db/secret-schemas.ts'
import { hiddenTexts, hideTexts } from '../../../server/runs/hide-texts.ts'
import { readValue } from '../../../server/runs/journal-text.ts'
import { type Hiding, redact } from '../../../server/runs/redact.ts'
import { callCode } from './call-code.ts'
import { readable, type ReadableText } from './readable.ts'
import type { CallTexts } from './whole-values.ts'

type RecordedCall = RunRecord['calls'][number]

/** Without a text it is too long to be shown unasked. */
export type Shown = ReadableText | { text: null; isWhole: false }

const TOO_LONG: Shown = { text: null, isWhole: false }

/**
 * A call without its secrets. `whole` has its texts when this call was asked for; otherwise the short ones that came
 * with the record are shown.
 */
export function showCall(
  call: RecordedCall,
  whole: CallTexts | undefined,
  hiding: Hiding,
  secrets: SecretSchemas | undefined,
) {
  const texts = whole ?? call
  const definitions = secrets?.definitions ?? {}
  const hideInput = { ...hiding, schema: secrets?.input ?? true, definitions }
  const given = texts.arguments === null || texts.arguments === '' ? undefined : readJournal(texts.arguments)
  const input = given === undefined ? undefined : redact(given, hideInput)
  const { kind, number, address, tool, effect, state, decision, because, connection, connectionId } = call
  return {
    number,
    kind,
    /** As the program wrote it; empty for what is no tool. */
    address,
    tool,
    effect,
    state,
    decision,
    because,
    /** Null when it went through none, or the connection is gone. */
    connection:
      connection === null || connectionId === null
        ? null
        : { id: connectionId, address: `${tool.split('.')[0]}@${connection}` },
    /** Null while it goes on. */
    tookMs: call.settledAt === null ? null : call.settledAt - call.startedAt,
    arguments: input === undefined ? TOO_LONG : readable(input, whole ? 'all' : 'beginning'),
    /** To make the same call again. */
    code: input === undefined ? null : callCode(call, input),
    message: call.message,
    notes: call.notes && given !== undefined ? shownNotes(call.notes, hiddenTexts(given, input)) : null,
    ...answerOf(call, texts, whole !== undefined, {
      ...hiding,
      definitions,
      schema: secrets?.output ?? true,
      next: hideInput.schema,
    }),
  }
}

/** What the upstream said, without what is secret of the input: it may repeat it. */
function shownNotes({ progress, logs, left }: CallNotes, hidden: readonly string[]) {
  const hide = (text: string) => hideTexts(text, hidden)
  const of = progress?.total === undefined ? '' : ` of ${progress.total}`
  return {
    progress: progress && `${progress.progress}${of}${progress.message ? `: ${hide(progress.message)}` : ''}`,
    log: [
      ...(left > 0 ? [`… ${left} lines before these`] : []),
      ...logs.map(({ level, text }) => `${level.padEnd(7)} ${hide(text)}`),
    ].join('\n'),
  }
}

/** `status` is the upstream's. No answer while there is none. */
function answerOf(
  { kind, state }: RecordedCall,
  { result, error }: Pick<CallTexts, 'result' | 'error'>,
  isWhole: boolean,
  hiding: Hiding & { /** Of the input of the next page. */ next: JsonSchema },
): { answer: Shown | null; status: number | null } {
  const wanted = isWhole ? 'all' : 'beginning'
  if (state !== 'succeeded' && state !== 'failed') return { answer: null, status: null }
  if (state === 'failed') {
    if (error === null) return { answer: TOO_LONG, status: null }
    const { details, status }: ToolErrorShape = JSON.parse(error)
    const shown = details === undefined ? null : readable(redact(details, hiding), wanted)
    return { answer: shown, status: status ?? null }
  }
  if (result === null) return { answer: TOO_LONG, status: null }
  const properties = { data: hiding.schema ?? true, next: hiding.next }
  const value = redact(readJournal(result), { ...hiding, schema: { properties } })
  if (kind !== 'tool' || !isResponse(value)) return { answer: readable(value, wanted), status: null }
  // Headers are for those who ask.
  return { answer: readable(isWhole ? value : value.data, wanted), status: value.status }
}

function isResponse(value: unknown): value is { status: number; data: unknown } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'data' in value &&
    'status' in value &&
    typeof value.status === 'number'
  )
}

/** The value of a journal's text; the text itself when it is none. */
export function readJournal(text: string): unknown {
  try {
    return readValue(text)
  } catch {
    return text
  }
}
