// Which adapter speaks what.
import type { IntegrationKind } from '../../drizzle/shapes.ts'
import type { Adapter, Source } from './adapter.ts'
import { DocumentError } from './document-error.ts'
import { openApi } from './openapi/adapter.ts'
import { detectOpenApi } from './openapi/detect.ts'

export function adapterFor(kind: IntegrationKind): Adapter | undefined {
  return kind === 'openapi' ? openApi : undefined
}

export type Detection = { ok: true; kind: IntegrationKind } | { ok: false; code: string; message: string }

/** What a document is, by a look at its outline; the refusal says what was found instead. */
export function detectKind(source: Source): Detection {
  try {
    detectOpenApi(source)
    return { ok: true, kind: 'openapi' }
  } catch (error) {
    if (error instanceof DocumentError) return { ok: false, code: error.code, message: error.message }
    throw error
  }
}
