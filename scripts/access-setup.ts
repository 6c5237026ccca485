// `npm run access:setup`: Cloudflare Access in front of the deployed Worker. docs/access.md explains it.
import { createInterface } from 'node:readline/promises'
import { parseArgs } from 'node:util'
import { parsePeople, type People } from './setup/access-application.ts'
import { setUpAccess } from './setup/access-steps.ts'
import { ROOT } from './root.ts'
import { runSetup } from './setup/run-setup.ts'
import { announce, SetupStop } from './setup/setup-steps.ts'

const { values } = parseArgs({
  options: {
    emails: { type: 'string', multiple: true, default: [] },
    domain: { type: 'string', multiple: true, default: [] },
    admins: { type: 'string' },
    'service-token': { type: 'string' },
    'new-secret': { type: 'boolean', default: false },
    'public-client-metadata': { type: 'boolean', default: false },
    url: { type: 'string' },
    wait: { type: 'string' },
  },
})

function understood(text: string): People {
  const parsed = parsePeople(text)
  if (!parsed.ok) throw new SetupStop(parsed.message)
  return parsed.people
}

async function ask(): Promise<People> {
  if (!process.stdin.isTTY) {
    throw new SetupStop('Say who may sign in: --emails you@example.com,them@example.com or --domain example.com')
  }
  const lines = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return understood(await lines.question('Who may sign in? Email addresses, or a domain such as example.com: '))
  } finally {
    lines.close()
  }
}

await runSetup(async () => {
  const named = [...values.emails, ...values.domain].join(',')
  const { url, audience, teamDomain, warnings } = await setUpAccess(announce(console.log), {
    root: ROOT,
    ask,
    isSecretRenewed: values['new-secret'],
    hasPublicMetadata: values['public-client-metadata'],
    showSecret: ({ clientId, clientSecret }) =>
      console.log(
        `\n  Shown this once, and kept nowhere. For the agent:\n    CF-Access-Client-Id: ${clientId}\n    CF-Access-Client-Secret: ${clientSecret}\n`,
      ),
    ...(named !== '' && { people: understood(named) }),
    ...(values.admins !== undefined && { admins: values.admins }),
    ...(values['service-token'] !== undefined && { serviceToken: values['service-token'] }),
    ...(values.url !== undefined && { url: values.url }),
    ...(values.wait !== undefined && { waitMs: Number(values.wait) * 1000 }),
  })
  for (const warning of warnings) console.log(`! ${warning}`)
  console.log(`
Executor is at ${url}, behind Access.
  ACCESS_AUD ${audience}
  ACCESS_TEAM_DOMAIN ${teamDomain}

Open it in a browser and sign in. docs/connect.md says how agents connect; npm run doctor -- ${url} checks it from outside.`)
})
