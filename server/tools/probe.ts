// How a connection is tested: the most harmless call that its integration offers, which is a read that needs no input,
// and best one that says who is signed in.
import type { AuthMethod } from '../../drizzle/shapes.ts'
import { sendsNothing } from '../connections/method.ts'
import type { Probe } from '../connections/probe.ts'
import type { Database } from '../db/database.ts'
import { findIntegration } from '../db/integrations.ts'
import { listPolicies } from '../db/policies.ts'
import { listReadsWithoutInput } from '../db/tools.ts'
import { isRecord, own } from '../integrations/json-value.ts'
import { adapterFor } from '../integrations/registry.ts'
import { decide } from '../policies/decide.ts'
import { callContext, fieldRulesOf } from './call-context.ts'
import { suitabilityOf, takesNoCredential } from './suitable-method.ts'

/**
 * For a connection that signs in with `method`. Undefined when nothing is harmless enough: no such tool, or none that the
 * policies allow without asking and that shows something of the credential.
 */
export async function probeFor(db: Database, integrationId: string, method: AuthMethod): Promise<Probe | undefined> {
  const integration = await findIntegration(db, integrationId)
  if (!integration) return undefined
  const { slug, revision, baseUrl, kind, authMethods } = integration
  const [tools, rules] = await Promise.all([listReadsWithoutInput(db, { integrationId, revision }), listPolicies(db)])
  const allowed = tools.filter(
    (tool) =>
      decide({ rules, tool: { integration: slug, name: tool.name, effect: 'read' } }).action === 'allow' &&
      suitabilityOf(tool, authMethods, method).isSuitable &&
      (sendsNothing(method) || !takesNoCredential(tool, authMethods, method)),
  )
  const ofPerson = allowed.find(isAtOwnPath) ?? allowed.find(({ name }) => saysWhoIsSignedIn(name))
  const tool = ofPerson ?? allowed[0]
  const adapter = adapterFor(kind)
  if (!tool || !adapter) return undefined
  return async (fetch) => {
    const fieldRules = fieldRulesOf(rules, slug)
    const context = callContext(db, { integration, connection: null, fieldRules })
    const result = await adapter.call({ ...tool, baseUrl }, {}, fetch, context)
    if (result.ok) {
      const identity = ofPerson && identityIn(result.data)
      return { status: result.status, ...(identity !== undefined && { identity }) }
    }
    const { code, status = null } = result.error
    // GraphQL says it with any status.
    return { status: code === 'unauthorized' ? 401 : status, message: result.error.message }
  }
}

/** `GET /user`. Asked before names: GitHub's `apps.getAuthenticated` refuses the tokens that people have. */
function isAtOwnPath({ operation }: { operation: string }): boolean {
  return /\/(me|user|whoami|self|current[-_]?user|user[-_]?info)\/?$/i.test(operation)
}

function saysWhoIsSignedIn(name: string): boolean {
  const leaf = name.split('.').at(-1) ?? ''
  return /^(get_?)?(me|whoami|self|myself|current_?user|authenticated(_?user)?|user_?info|viewer)$/i.test(leaf)
}

/** As APIs call it, what tells accounts apart before what people are called. */
const NAMES = [
  'email',
  'login',
  'username',
  'user_name',
  'userName',
  'preferred_username',
  'userPrincipalName',
  'emailAddress',
  'email_address',
  'mail',
  'handle',
  'displayName',
  'display_name',
  'fullName',
  'full_name',
  'name',
]
const AROUND = ['user', 'viewer', 'me', 'currentUser', 'current_user', 'account', 'profile', 'data', 'result']
const DEEPEST = 3

/** Untrusted text, as the upstream wrote it. */
function identityIn(data: unknown, depth = 1): string | undefined {
  if (!isRecord(data)) return undefined
  const name = NAMES.map((member) => own(data, member)).find(
    (value) => typeof value === 'string' && value.trim() !== '',
  )
  if (typeof name === 'string') return name
  if (depth === DEEPEST) return undefined
  return AROUND.map((member) => identityIn(own(data, member), depth + 1)).find((found) => found !== undefined)
}
