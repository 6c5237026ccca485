// What a person, or an importer that was given this address, finds at `/`.
import { SAMPLE_API_KEY, SAMPLE_BASIC_PASSWORD, SAMPLE_BASIC_USER } from './credentials.ts'
import type { Operation } from './operation.ts'

export function docsPage(operations: readonly Operation[]): string {
  const rows = operations.map(
    ({ method, path, id, summary }) =>
      `<tr><td><code>${method.toUpperCase()} ${path}</code><td><code>${id}</code><td>${escape(summary)}`,
  )
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Northwind Robotics API</title>
<link rel="service-desc" type="application/json" href="/openapi.json">
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color-scheme: light dark }
  table { border-collapse: collapse; width: 100% } td { padding: .25rem .75rem .25rem 0; vertical-align: top }
</style>
<h1>Northwind Robotics API</h1>
<p>A sample company with ${operations.length} operations. Its description is an OpenAPI 3.1 document:
<a href="/openapi.json">openapi.json</a>, and the same as <a href="/openapi.yaml">openapi.yaml</a>. The same company speaks GraphQL at <code>/graphql</code>,
and MCP at <code>/mcp</code>.</p>
<p>Send <code>Authorization: Bearer ${SAMPLE_API_KEY}</code>, or <code>?api_key=${SAMPLE_API_KEY}</code>, or HTTP Basic with
<code>${SAMPLE_BASIC_USER}</code> and <code>${SAMPLE_BASIC_PASSWORD}</code>.</p>
<table>
${rows.join('\n')}
</table>
</html>
`
}

export function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
