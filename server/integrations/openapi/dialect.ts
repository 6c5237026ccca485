// Which language a document is written in, or why it is none that can be imported.
import { DocumentError } from '../document-error.ts'
import type { DocumentIndex } from './document-index.ts'
import { describeLookAlike } from './look-alike.ts'
import { isKnownDialect } from './schema-translation.ts'

/** `2` is Swagger 2.0, `3.0` OpenAPI 3.0, `3.1` OpenAPI 3.1 and what follows it (JSON Schema 2020-12). */
export type Dialect = '2' | '3.0' | '3.1'

export function dialectOf(index: DocumentIndex): Dialect {
  const swagger = versionText(index.get(['swagger']))
  const openapi = versionText(index.get(['openapi']))
  if (!swagger && !openapi) {
    throw new DocumentError('not_openapi', `This is not an OpenAPI document. ${describeLookAlike(index)}`)
  }
  const dialect = /^2(\.0)*$/.test(swagger)
    ? '2'
    : /^3(\.0|$)/.test(openapi)
      ? '3.0'
      : /^3\.[12]\b/.test(openapi)
        ? '3.1'
        : null
  if (dialect === null) {
    const found = openapi ? `OpenAPI ${openapi}` : `Swagger ${swagger}`
    const message = `The document says it is ${found}; Swagger 2.0 and OpenAPI 3.0, 3.1 and 3.2 can be imported.`
    throw new DocumentError('unsupported_version', message)
  }
  if (index.keys(['paths']).length === 0) {
    const onlyWebhooks = index.keys(['webhooks']).length > 0
    const reason = onlyWebhooks
      ? 'only webhooks, which the API sends and nobody can call'
      : 'no paths, so there is nothing to call'
    throw new DocumentError('no_paths', `The OpenAPI document has ${reason}.`)
  }
  return dialect
}

/** Schemas in a language that is not known are read as JSON Schema 2020-12, and an admin should know. */
export function reportSchemaDialect(index: DocumentIndex, report: (place: string, reason: string) => void): void {
  const dialect = index.get(['jsonSchemaDialect'])
  if (dialect === undefined || (typeof dialect === 'string' && isKnownDialect(dialect.trim()))) return
  const shown = JSON.stringify(dialect).slice(0, 200)
  report('#/jsonSchemaDialect', `The dialect of JSON Schema ${shown} is not known; schemas are read as 2020-12.`)
}

/** YAML reads `openapi: 3.1` and `swagger: 2.0` as numbers. */
function versionText(value: unknown): string {
  return typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : ''
}
