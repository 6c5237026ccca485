// Which adapter speaks what.
import type { IntegrationKind } from '../../drizzle/shapes.ts'
import type { Adapter, Source } from './adapter.ts'
import { DocumentError } from './document-error.ts'
import { graphQl } from './graphql/adapter.ts'
import { detectGraphQl } from './graphql/detect.ts'
import { google } from './google/adapter.ts'
import { detectGoogle } from './google/detect.ts'
import { mcp } from './mcp/adapter.ts'
import { detectMcp } from './mcp/catalog-document.ts'
import { openApi } from './openapi/adapter.ts'
import { detectOpenApi } from './openapi/detect.ts'

const ADAPTERS: readonly Adapter[] = [openApi, google, graphQl, mcp]

export function adapterFor(kind: IntegrationKind): Adapter | undefined {
  return ADAPTERS.find((adapter) => adapter.kind === kind)
}

export type Detection = { ok: true; kind: IntegrationKind } | { ok: false; code: string; message: string }

/** What a source is, by a look at the outline of its documents; the refusal says what was found instead. */
export function detectKind(source: Source): Detection {
  try {
    const [first] = source.documents
    if (first && detectGoogle(first)) return { ok: true, kind: 'google' }
    if (first && detectMcp(first)) return { ok: true, kind: 'mcp' }
    if (first && detectGraphQl(first)) return { ok: true, kind: 'graphql' }
    for (const document of source.documents) detectOpenApi(document)
    return { ok: true, kind: 'openapi' }
  } catch (error) {
    if (error instanceof DocumentError) return { ok: false, code: error.code, message: error.message }
    throw error
  }
}
