// How a connection is tested: the most harmless call that its integration offers, which is a read that needs no input,
// and best one that says who is signed in.
import type { AuthMethod } from '../../drizzle/shapes.ts'
import type { Probe } from '../connections/probe.ts'
import type { Database } from '../db/database.ts'
import { findIntegration } from '../db/integrations.ts'
import { listPolicies } from '../db/policies.ts'
import { listReadsWithoutInput } from '../db/tools.ts'
import { adapterFor } from '../integrations/registry.ts'
import { decide } from '../policies/decide.ts'
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
      (method.placements.length === 0 || !takesNoCredential(tool, authMethods, method)),
  )
  const tool = allowed.find(isAtOwnPath) ?? allowed.find(({ name }) => saysWhoIsSignedIn(name)) ?? allowed[0]
  const adapter = adapterFor(kind)
  if (!tool || !adapter) return undefined
  return async (fetch) => {
    const result = await adapter.call({ ...tool, baseUrl }, {}, fetch)
    if (result.ok) return { status: result.status }
    return { status: result.error.status ?? null, message: result.error.message }
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
