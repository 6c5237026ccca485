// What people see of the sample company's sign-in: complete pages without script.
import { escapeHtml, page, type Site } from '../local-access/pages.ts'
import type { Account } from './accounts.ts'

const SITE: Site = {
  name: 'Northwind Robotics',
  footer: 'This is the sign-in of a sample company that does not exist.',
}

export function accountPage(clientName: string, accounts: readonly Account[]): string {
  const buttons = accounts.map(
    ({ id, name, email, title }) =>
      `<button name="account" value="${escapeHtml(id)}"><strong>${escapeHtml(email)}</strong><small>${escapeHtml(name)} · ${escapeHtml(title)}</small></button>`,
  )
  return page(
    'Sign in',
    `<h1>Sign in to Northwind Robotics</h1>
<p>${escapeHtml(clientName)} wants to use your account. Choose who you want to be.</p>
<form method="post">
${buttons.join('\n')}
<button class="plain" name="decision" value="deny">Cancel</button>
</form>`,
    SITE,
  )
}

export function consentPage(options: {
  clientName: string
  account: Account
  /** Name to what it lets a client do. */
  scopes: readonly (readonly [name: string, description: string])[]
}): string {
  const { clientName, account, scopes } = options
  const boxes = scopes.map(
    ([name, description]) =>
      `<label><input type="checkbox" name="scope" value="${escapeHtml(name)}" checked><span>${escapeHtml(description)} <small><code>${escapeHtml(name)}</code></small></span></label>`,
  )
  return page(
    'Allow access',
    `<h1>Allow ${escapeHtml(clientName)} to act as you?</h1>
<p>You are <strong>${escapeHtml(account.email)}</strong>. Take away what it should not be able to do.</p>
<form method="post">
<input type="hidden" name="account" value="${escapeHtml(account.id)}">
${boxes.join('\n')}
<button class="primary" name="decision" value="allow">Allow</button>
<button class="plain" name="decision" value="deny">Deny</button>
</form>`,
    SITE,
  )
}

/** `form` is the library's own, without a button. */
export function deviceCodePage(form: string, problem: string | null): string {
  const text = problem ?? 'Type in the code that the other device shows.'
  return page(
    'Connect a device',
    `<h1>Connect a device</h1>\n<p>${escapeHtml(text)}</p>\n${form}
<button class="primary" type="submit" form="op.deviceInputForm">Continue</button>`,
    SITE,
  )
}

export function deviceConfirmPage(form: string, clientName: string, userCode: string): string {
  return page(
    'Connect a device',
    `<h1>Is this the code on the other device?</h1>
<p><strong>${escapeHtml(userCode)}</strong></p>
<p>${escapeHtml(clientName)} asks. If you did not start this, cancel it.</p>
${form}
<button class="primary" type="submit" form="op.deviceConfirmForm">Yes, continue</button>
<button class="plain" type="submit" form="op.deviceConfirmForm" name="abort" value="yes">Cancel</button>`,
    SITE,
  )
}

export function noticePage(title: string, text: string): string {
  return page(title, `<h1>${escapeHtml(title)}</h1>\n<p>${escapeHtml(text)}</p>`, SITE)
}
