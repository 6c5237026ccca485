// What an import is made of, in a few facts.
import type { DocumentOrigin, Effect, ImportPreview, IntegrationKind, Skipped } from '../../../drizzle/shapes.ts'
import { EffectBadge } from '../../ui/badge.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Card, Fact, Facts } from '../../ui/page.tsx'
import { SkippedList } from './skipped-list.tsx'

export const KINDS: Record<IntegrationKind, string> = {
  openapi: 'OpenAPI',
  google: 'Google Discovery',
  graphql: 'GraphQL',
  mcp: 'MCP server',
}

/** An import that was read, as its page shows it. */
export interface ReadImport {
  origin: DocumentOrigin
  preview: ImportPreview
  bytes: number
  /** Files that the document refers to and that could not be had. */
  missing: Skipped[]
  skipped: Skipped[]
  skippedCount: number
}

interface ImportFactsProps {
  row: ReadImport
  effects: { effect: Effect; count: number }[]
  otherOrigins: { origin: string; count: number }[]
}

export function ImportFacts({ row, effects, otherOrigins }: ImportFactsProps) {
  const { kind, version, operationCount, description } = row.preview
  const toolCount = effects.reduce((sum, { count }) => sum + count, 0)
  const about = [KINDS[kind], version && `version ${version}`, size(row.bytes)].filter(Boolean).join(', ')
  return (
    <>
      <Card>
        <Facts>
          <Fact name="Document">{about}</Fact>
          <Fact name="From">
            <Origin origin={row.origin} />
          </Fact>
          <Fact name="Operations">
            <span className="flex flex-wrap gap-x-4 gap-y-1">
              {operationCount.toLocaleString('en')} in all
              {effects.map(({ effect, count }) => (
                <span key={effect} className="inline-flex items-center gap-2">
                  {count.toLocaleString('en')} <EffectBadge effect={effect} />
                </span>
              ))}
              {toolCount < operationCount && <span>{(operationCount - toolCount).toLocaleString('en')} skipped</span>}
            </span>
          </Fact>
          <Fact name="Also calls">
            {otherOrigins.length > 0 && (
              <ul>
                {otherOrigins.map(({ origin, count }) => (
                  <li key={origin}>
                    <span className="font-mono text-sm">{origin}</span>{' '}
                    <span className="text-sm text-muted">
                      {count.toLocaleString('en')} {count === 1 ? 'operation' : 'operations'}
                    </span>
                  </li>
                ))}
              </ul>
            )}
          </Fact>
          <Fact name="Description">
            {description.trim() !== '' && <span className="line-clamp-3 text-sm text-muted">{plain(description)}</span>}
          </Fact>
        </Facts>
      </Card>
      {row.missing.length > 0 && (
        <Notice tone="warning">
          <p className="font-medium">
            {row.missing.length === 1 ? 'A file' : 'Files'} that the document refers to could not be read
          </p>
          <ul className="mt-1 space-y-1 text-sm">
            {row.missing.map(({ place, reason }) => (
              <li key={place}>
                <span className="font-mono">{place}</span>
                <span className="block">{reason}</span>
              </li>
            ))}
          </ul>
        </Notice>
      )}
      {row.skippedCount > 0 && <SkippedList skipped={row.skipped} count={row.skippedCount} />}
    </>
  )
}

/** Three lines have no room for headings, lists and empty lines. */
function plain(markdown: string): string {
  return markdown
    .replaceAll(/^#+\s.*$|^\s*[-*]\s+|[`*]/gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
}

/** `134 KiB`, `12.4 MiB`. */
export function size(bytes: number): string {
  return bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}

/** In a sentence. */
export function originText(origin: DocumentOrigin): string {
  if ('url' in origin) return origin.url
  if (origin.kind === 'bundle') return `${origin.urls.length} documents`
  return origin.kind === 'paste' ? 'a pasted document' : `the file ${origin.fileName}`
}

export function Origin({ origin }: { origin: DocumentOrigin }) {
  if ('url' in origin) return <span className="font-mono text-sm">{origin.url}</span>
  if (origin.kind !== 'bundle') return originText(origin)
  return (
    <ul className="font-mono text-sm">
      {origin.urls.map((url) => (
        <li key={url}>{url}</li>
      ))}
    </ul>
  )
}
