// `/audit/export`: the audit as a file, with the filters of the page. It is read and sent page by page, so that any
// number of records fits in memory.
import { data } from 'react-router'
import { appContext } from '../../../server/context.ts'
import type { AuditRow } from '../../../server/db/audit.ts'
import { CSV_HEADER, csvRow, headerLine, recordLine } from '../../../server/db/audit-export.ts'
import {
  AUDIT_GROUPS,
  type AuditBounds,
  type AuditFilter,
  chainedBounds,
  readAudit,
} from '../../../server/db/audit-list.ts'
import { refuseMember } from '../admin-only.ts'
import type { Route } from './+types/export'
import { readAuditSearch } from './audit-search.ts'

interface Format {
  contentType: string
  before: (bounds: AuditBounds, filter: AuditFilter) => string
  line: (record: AuditRow) => string
}

const FORMATS: Record<string, Format> = {
  jsonl: { contentType: 'application/x-ndjson; charset=utf-8', before: headerLine, line: recordLine },
  csv: { contentType: 'text/csv; charset=utf-8; header=present', before: () => CSV_HEADER, line: csvRow },
}

/** Characters that are sent at once. */
const CHUNK = 64 * 1024

export async function loader({ context, request }: Route.LoaderArgs): Promise<Response> {
  const { db, principal, report } = context.get(appContext)
  const refusal = refuseMember(principal, 'export the audit')
  if (refusal) throw refusal
  const search = new URL(request.url).searchParams
  const name = search.get('format') ?? 'jsonl'
  const format = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined
  if (!format) throw data('An export has the format jsonl or csv.', { status: 400 })
  const { filter } = readAuditSearch(search, AUDIT_GROUPS)
  const bounds = await chainedBounds(db)
  const records = readAudit(db, filter, { through: bounds.highest })
  const fileName = `executor-audit-${new Date().toISOString().slice(0, 10)}.${name}`
  return new Response(streamOf(format.before(bounds, filter), records, format.line, report), {
    headers: {
      'content-type': format.contentType,
      'content-disposition': `attachment; filename="${fileName}"`,
      'cache-control': 'no-store',
    },
  })
}

function streamOf(
  before: string,
  records: AsyncGenerator<AuditRow>,
  line: (record: AuditRow) => string,
  report: (error: unknown) => void,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let text = before
  return new ReadableStream({
    async pull(controller) {
      try {
        for (;;) {
          const { done, value } = await records.next()
          if (!done) text += line(value)
          if (!done && text.length < CHUNK) continue
          if (text !== '') controller.enqueue(encoder.encode(text))
          text = ''
          if (done) controller.close()
          return
        }
      } catch (error) {
        report(error)
        controller.error(error)
      }
    },
    async cancel() {
      await records.return(undefined)
    },
  })
}
