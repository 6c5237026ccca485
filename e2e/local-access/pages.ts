// What people see of the local Access, and of other sign-ins of the local stack: complete pages without script, good on a phone, in both themes.
import type { Identity } from './identities.ts'

const STYLE = `
:root { color-scheme: light dark; --ground: #f6f6f7; --card: #fff; --line: #dcdce0; --ink: #1c1c20; --quiet: #62626c; --accent: #2457d6; --hover: #f1f4fd }
@media (prefers-color-scheme: dark) { :root { --ground: #131316; --card: #1c1c21; --line: #36363e; --ink: #ededf0; --quiet: #a2a2ad; --accent: #8fb0ff; --hover: #23283a } }
* { box-sizing: border-box; margin: 0 }
body { min-height: 100dvh; display: grid; place-items: center; padding: 1rem; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif }
main { width: min(100%, 26rem); padding: 2rem 1.5rem; background: var(--card); border: 1px solid var(--line); border-radius: .75rem }
h1 { font-size: 1.25rem; line-height: 1.3; margin-bottom: .5rem; overflow-wrap: anywhere }
p { color: var(--quiet); margin-bottom: 1.25rem; overflow-wrap: anywhere }
form { display: grid; gap: .75rem }
button, a.button { display: block; width: 100%; min-height: 3rem; padding: .6rem 1rem; border: 1px solid var(--line); border-radius: .5rem; background: none; color: inherit; font: inherit; text-align: left; text-decoration: none; cursor: pointer }
button:hover, a.button:hover { background: var(--hover); border-color: var(--accent) }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
button strong { display: block; overflow-wrap: anywhere }
button small, footer { color: var(--quiet); font-size: .875rem }
button.plain { text-align: center }
button.primary { background: var(--accent); border-color: var(--accent); color: var(--card); text-align: center; font-weight: 600 }
footer { margin-top: 1.5rem }
label { display: flex; gap: .75rem; align-items: center; min-height: 2.75rem }
label small { color: var(--quiet) }
input:not([type=hidden]) { font: inherit; accent-color: var(--accent) }
input[type=text] { width: 100%; min-height: 3rem; padding: .6rem 1rem; border: 1px solid var(--line); border-radius: .5rem; background: none; color: inherit; margin-bottom: .75rem }
code { font-size: .9em }`

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

export interface Site {
  /** Stands behind every title. */
  name: string
  footer: string
}

const ACCESS: Site = {
  name: 'Local Access',
  footer: 'This is the local stand-in for Cloudflare Access. A deployment has your company’s sign-in here.',
}

export function page(title: string, body: string, { name, footer }: Site = ACCESS): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · ${escapeHtml(name)}</title>
<style>${STYLE}</style>
</head>
<body><main>
${body}
<footer>${escapeHtml(footer)}</footer>
</main></body>
</html>
`
}

/** One button a person; `redirectUrl` is where they land, already checked to be on this origin. */
export function loginPage(options: {
  action: string
  redirectUrl: string
  application: string
  identities: readonly Identity[]
}): string {
  const buttons = options.identities
    .map(
      ({ email, name, groups }) =>
        `<button name="email" value="${escapeHtml(email)}"><strong>${escapeHtml(email)}</strong><small>${escapeHtml(name)} · ${escapeHtml(groups.join(', '))}</small></button>`,
    )
    .join('\n')
  return page(
    'Sign in',
    `<h1>Sign in to ${escapeHtml(options.application)}</h1>
<p>Choose who you want to be.</p>
<form method="post" action="${escapeHtml(options.action)}">
<input type="hidden" name="redirect_url" value="${escapeHtml(options.redirectUrl)}">
${buttons}
</form>`,
  )
}

export function consentPage(options: { clientName: string; redirectHost: string; email: string }): string {
  return page(
    'Allow access',
    `<h1>Allow ${escapeHtml(options.clientName)} to use Executor as you?</h1>
<p>You are signed in as <strong>${escapeHtml(options.email)}</strong>. The answer goes to <strong>${escapeHtml(options.redirectHost)}</strong>.</p>
<form method="post">
<button class="primary" name="decision" value="allow">Allow</button>
<button class="plain" name="decision" value="deny">Deny</button>
</form>`,
  )
}

export function messagePage(options: { title: string; text: string; link?: { href: string; label: string } }): string {
  const link = options.link
    ? `<a class="button" href="${escapeHtml(options.link.href)}">${escapeHtml(options.link.label)}</a>`
    : ''
  return page(options.title, `<h1>${escapeHtml(options.title)}</h1>\n<p>${escapeHtml(options.text)}</p>\n${link}`)
}
