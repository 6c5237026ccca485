// `npm run deploy:setup`: from a clone to a Worker in a Cloudflare account. docs/deploy.md explains it.
import { parseArgs } from 'node:util'
import { manualSteps } from './setup/access-by-hand.ts'
import { deploy, type Deployment } from './setup/deploy-steps.ts'
import { ROOT } from './root.ts'
import { runSetup } from './setup/run-setup.ts'
import { announce } from './setup/setup-steps.ts'

const { values } = parseArgs({
  options: { url: { type: 'string' }, 'key-is-lost': { type: 'boolean', default: false }, wait: { type: 'string' } },
})

function whatIsLeft({ login, config, url, variables }: Deployment): string {
  const { ACCESS_AUD: audience, ACCESS_TEAM_DOMAIN: teamDomain } = variables
  if (audience && teamDomain) {
    return `Executor is deployed at ${url}, behind Access of ${teamDomain}.\n\nnpm run doctor -- ${url}   checks it from outside.`
  }
  const hostname = new URL(url).hostname
  return `Executor is deployed at ${url}, and lets nobody in yet. One step is left: the Access application in front of it.

Either, with an API token that may (docs/access.md):

  npm run access:setup -- --emails you@example.com

or by hand:

${manualSteps({ accountId: login.account.id, worker: config.name, hostname })}`
}

await runSetup(async () => {
  const deployment = await deploy(announce(console.log), {
    root: ROOT,
    isKeyLost: values['key-is-lost'],
    ...(values.url !== undefined && { url: values.url }),
    ...(values.wait !== undefined && { waitMs: Number(values.wait) * 1000 }),
  })
  console.log(`\n${whatIsLeft(deployment)}`)
})
