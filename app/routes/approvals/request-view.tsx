import { CodeBlock } from '../../ui/code-block.tsx'
import type { ShownRequest } from './load-approval.ts'

/** The exact request, all of it but the credential. `of` tells several apart for screen readers. */
export function RequestView({ request, of = '' }: { request: ShownRequest | null; of?: string }) {
  if (request === null) {
    return (
      <p className="text-sm text-muted">
        The request cannot be shown: the tool or its connection has changed since. The arguments are below.
      </p>
    )
  }
  const { method, url, headers, body } = request
  const head = [`${method} ${url}`, ...headers.map(([name, value]) => `${name}: ${value}`)].join('\n')
  return (
    <div className="space-y-3">
      <CodeBlock label={`Request${of}`} caption="Request, without the credential" text={head} isTall />
      {body === null ? (
        <p className="text-sm text-muted">It has no body.</p>
      ) : (
        <CodeBlock label={`Body${of}`} caption="Body" text={body} isTall />
      )}
    </div>
  )
}
