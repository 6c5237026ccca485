// The endpoint as the conformance suite meets it. The suite cannot sign in, so that each request is given a token, and
// passes the product's own door with it. `/mcp` is the product's endpoint; `/mcp/suite` has the tools that the suite
// knows by name, on the same protocol code.
import quickjs from '../../../node_modules/.cache/executor/quickjs.wasm'
import { createDoor, type Door } from '../../access/door.ts'
import { createVerifier } from '../../access/verify.ts'
import { createVault } from '../../connections/seal.ts'
import { openDatabase } from '../../db/database.ts'
import { handleMcp } from '../../mcp/handler.ts'
import { jsonBody, serveMcp } from '../../mcp/serve.ts'
import { createOutbound } from '../../net/outbound.ts'
import { createEngine } from '../../sandbox/engine.ts'
import { AUDIENCE, createTestAccess, TEAM_DOMAIN, type TestAccess } from '../access.ts'
import { registerSuite } from './suite.ts'

const secretKey = 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY='

/** Its lists never change, and nobody could be told: without sessions there is nobody to tell. */
const capabilities = { tools: { listChanged: false }, prompts: { listChanged: false } }

let access: TestAccess | undefined
let door: Door | undefined

export default {
  async fetch(request, env, execution) {
    access ??= await createTestAccess()
    door ??= openDoor(access)
    const signed = new Request(request)
    signed.headers.set('cf-access-jwt-assertion', await access.sign())
    return door(signed, async ({ principal, report }) => {
      const { origin, pathname } = new URL(request.url)
      const deps = {
        db: openDatabase(env.DB),
        principal,
        config: { secretKey },
        outbound: createOutbound({ allowLocalNetwork: false }),
        vault: createVault({ key: secretKey }),
        engine: createEngine(quickjs),
        origin,
        report,
        waitUntil: (work: Promise<unknown>) => execution.waitUntil(work),
      }
      if (pathname !== '/mcp/suite') return handleMcp(signed, deps)
      return serveMcp(signed, deps, { body: await jsonBody(signed), server: { capabilities }, register: registerSuite })
    })
  },
} satisfies ExportedHandler<Env>

function openDoor(access: TestAccess): Door {
  const fetch = (request: Request) => access.fetch(request)
  const verify = createVerifier({ teamDomain: TEAM_DOMAIN, audiences: [AUDIENCE], fetch })
  const roles = { adminEmails: [], adminGroups: [] }
  // What is refused is what the suite asks about, and it is told.
  return createDoor({ ok: true, verify, roles, loginOrigin: TEAM_DOMAIN.origin }, () => {})
}
