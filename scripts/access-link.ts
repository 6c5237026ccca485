// `npm run access:link`: Executor may call an application behind Access as the signed-in person. docs/linked-apps.md
// explains it.
import { createInterface } from 'node:readline/promises'
import { parseArgs } from 'node:util'
import { ROOT } from './root.ts'
import { isWay } from './setup/access-link-plan.ts'
import { linkAccess } from './setup/access-link-steps.ts'
import { runSetup } from './setup/run-setup.ts'
import { announce, SetupStop } from './setup/setup-steps.ts'

const OPTIONS = {
  app: { type: 'string' },
  way: { type: 'string', default: 'forward' },
  'saas-app': { type: 'string' },
  account: { type: 'string' },
  url: { type: 'string' },
  apply: { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
} as const

async function confirm(): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new SetupStop('Nothing was written. There is nobody to ask: add --yes when the above is right.')
  const lines = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return /^y(es)?$/i.test((await lines.question('Write this? [y/N] ')).trim())
  } finally {
    lines.close()
  }
}

function originOf(text: string): string {
  const url = URL.parse(text)
  if (url && /^https?:$/.test(url.protocol)) return url.origin
  throw new SetupStop(`--url is Executor's own address, such as https://executor.example.com, and not "${text}".`)
}

await runSetup(async () => {
  const { values } = parseArgs({ options: OPTIONS })
  const { app, way, account, url } = values
  if (app === undefined || app === '') {
    throw new SetupStop('Say which application Executor should call: --app wiki.example.com, or its URL, or its id.')
  }
  if (!isWay(way))
    throw new SetupStop(`--way is forward or oidc, and not "${way}". docs/linked-apps.md says which one fits.`)
  if (way === 'forward' && values['saas-app'] !== undefined) throw new SetupStop('--saas-app goes with --way oidc.')
  if (account !== undefined) process.env.CLOUDFLARE_ACCOUNT_ID = account
  await linkAccess(announce(console.log), {
    root: ROOT,
    app,
    way,
    isApplied: values.apply,
    say: console.log,
    confirm: values.yes ? async () => true : confirm,
    showSecret: ({ clientId, clientSecret }) =>
      console.log(
        `\n  Shown this once, and kept nowhere. For Executor, in the last step:\n    Client ID: ${clientId}\n    Client secret: ${clientSecret}\n`,
      ),
    ...(values['saas-app'] !== undefined && { saasApp: values['saas-app'] }),
    ...(url !== undefined && { url: originOf(url) }),
  })
})
