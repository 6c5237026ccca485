// What somebody sees whom the door does not let in, or whose request failed: a page for browsers, a problem
// (RFC 9457) for programs. Self-contained: it must look right when nothing else of the console may be served.
import type { Surface } from './guard.ts'

export interface Answer {
  status: number
  /** Stable snake_case, for programs. */
  code: string
  title: string
  /** Sentences for people, one paragraph each. */
  paragraphs: readonly string[]
  /** Finds the entry in the log. */
  id: string
  /** Shown as a list under the paragraphs. */
  items?: readonly string[]
  /** What to do, in paragraphs under the list. */
  next?: readonly string[]
  /** A way on, for the page. */
  link?: { href: string; text: string }
}

export function respond(
  answer: Answer,
  { surface, nonce, headers }: { surface: Surface; nonce: string; headers?: Record<string, string> },
): Response {
  if (surface === 'page') {
    return new Response(pageOf(answer, nonce), {
      status: answer.status,
      headers: { 'content-type': 'text/html; charset=utf-8', ...headers },
    })
  }
  const { status, code, title, id, items, paragraphs, next = [] } = answer
  const detail = [...paragraphs, ...next].join(' ')
  const problem = { title, status, detail, code, id, ...(items && { errors: items }) }
  const type = surface === 'api' ? 'application/problem+json' : 'application/json'
  return new Response(JSON.stringify(problem), { status, headers: { 'content-type': type, ...headers } })
}

// The console's palette (app/app.css), which cannot be loaded here.
const STYLE = `
:root { color-scheme: light dark; --ink: #1b1b19; --muted: #5b5b55; --line: #e3e3df; --canvas: #fbfbfa; --surface: #fff;
  --accent: #0b6656 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ecece9; --muted: #a7aaa6; --line: #2d2f2d; --canvas: #131413; --surface: #1a1b1a; --accent: #62cfb8 }
}
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: clamp(.75rem, 4vw, 1.5rem); background: var(--canvas);
  color: var(--ink); font: 1rem/1.6 system-ui, sans-serif }
main { width: 100%; max-width: 34rem; padding: clamp(1.25rem, 6vw, 2rem); border: 1px solid var(--line); border-radius: .75rem; background: var(--surface) }
h1 { margin: 0 0 .75rem; font-size: 1.375rem; line-height: 1.3 }
p { margin: 0 0 .75rem } ul { margin: 0 0 1rem; padding-left: 1.25rem } li { margin-bottom: .5rem }
p, li, code { overflow-wrap: anywhere } small { color: var(--muted) }
code { display: inline-block; max-width: 100%; font: .875em/1.5 ui-monospace, monospace }
a { display: inline-block; padding: .625rem 0; color: var(--accent) }
`

function pageOf({ title, paragraphs, items = [], next = [], link, id }: Answer, nonce: string): string {
  const list = items.map((item) => `<li>${marked(item)}</li>`).join('')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)} · Executor</title>
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
${paragraphs.map((text) => `<p>${marked(text)}</p>`).join('\n')}
${list && `<ul>${list}</ul>`}
${next.map((text) => `<p>${marked(text)}</p>`).join('\n')}
${link ? `<p><a href="${escaped(link.href)}">${escaped(link.text)}</a></p>` : ''}
<small>Reference <code>${escaped(id)}</code></small>
</main>
</body>
</html>
`
}

/** Commands in backticks and names of variables look like what is typed. */
function marked(text: string): string {
  return escaped(text).replace(/`([^`]+)`|\b[A-Z]+(?:_[A-Z]+)+\b/g, (name, command?: string) => {
    return `<code>${command ?? name}</code>`
  })
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}
