// Tests a connection as a call would use it: with its credential where that may go, renewed when the upstream refuses it.
import { type ConnectionRow, findConnection } from '../db/connections.ts'
import { findIntegration, type IntegrationRow } from '../db/integrations.ts'
import type { Outbound } from '../net/outbound.ts'
import { openConnection } from './attach.ts'
import { sendsNothing } from './method.ts'
import { accountOf } from './oauth/identity.ts'
import { notRenewed } from './oauth/renew-tokens.ts'
import { isCredentialRefused, type NotOpened, type OpenDeps, openCredential } from './open-credential.ts'
import { type Health, type Probe, probeHealth } from './probe.ts'
import { orSignIn } from './used-health.ts'

export async function checkHealth(deps: OpenDeps, connection: ConnectionRow, probe?: Probe): Promise<Health> {
  const integration = await findIntegration(deps.db, connection.integrationId)
  if (!integration) return { health: 'failing', healthReason: 'The integration is gone.' }
  const { baseUrl } = integration
  const host = new URL(baseUrl).origin
  if (!sendsNothing(connection.method) && !connection.origins.includes(host)) {
    const healthReason = `The integration is at ${host} now, and the credential is for ${connection.origins.join(', ')} only.`
    return { health: 'failing', healthReason }
  }
  const health = await probeRenewed(deps, connection, { probe, baseUrl })
  if (!connection.method.forwards) return withAccount(deps, connection, integration, health)
  // Whoever tests it is not whose account it is: everybody has their own there.
  return { health: health.health, healthReason: health.healthReason }
}

async function probeRenewed(
  deps: OpenDeps,
  connection: ConnectionRow,
  { probe, baseUrl }: { probe: Probe | undefined; baseUrl: string },
): Promise<Health> {
  const opened = await openCredential(deps, connection)
  if (!opened.ok) return healthOfUnopened(opened)
  const { credential, renew } = opened
  let isRefused = false
  const outbound: Outbound = {
    async send(request, options) {
      const response = await deps.outbound.send(request, options)
      isRefused = credential !== null && isCredentialRefused(response, credential)
      return response
    },
  }
  const health = await probeHealth(outbound, credential, { probe, baseUrl, secrets: credential?.secrets ?? [] })
  if (!isRefused) return health
  if (renew === null) return orSignIn(connection, health)
  const renewed = await renew()
  if (!renewed.ok) return healthOfUnopened(renewed)
  const secrets = [...(credential?.secrets ?? []), ...(renewed.credential?.secrets ?? [])]
  return probeHealth(deps.outbound, renewed.credential, { probe, baseUrl, secrets })
}

/** Where no read of the API says whose account it is, the authorization server may: it has issued the token. */
async function withAccount(
  { db, vault, outbound }: OpenDeps,
  { id, oauth, identity }: ConnectionRow,
  { authMethods }: IntegrationRow,
  health: Health,
): Promise<Health> {
  const isAnswered = health.health !== 'untested' && (identity !== null || health.identity !== undefined)
  const isBroken = health.health === 'failing' || health.health === 'needs_sign_in'
  if (oauth?.server.userinfoEndpoint === undefined || isAnswered || isBroken) return health
  // As it is by now: the token may have been renewed.
  const row = await findConnection(db, id)
  const opened = row && (await openConnection(row, vault))
  const field = authMethods.find((method) => method.id === oauth.methodId)?.oauth?.field
  const accessToken = opened?.ok && field !== undefined ? opened.values.get(field) : undefined
  if (accessToken === undefined) return health
  const account = await accountOf(outbound, { server: oauth.server, accessToken })
  return {
    ...(account.isTaken ? { health: 'ok', healthReason: null } : health),
    ...(account.identity !== null && { identity: account.identity }),
  }
}

function healthOfUnopened({ reason, message }: NotOpened): Health {
  if (reason === 'needs_sign_in') return { health: reason, healthReason: message }
  return { health: 'failing', healthReason: reason === 'unavailable' ? notRenewed(message) : message }
}
