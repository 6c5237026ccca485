// Asks a server for the code that a person enters on another device (RFC 8628, section 3.1).
import { deviceAuthorizationRequest } from 'oauth4webapi'
import type { AuthorizationServer, DeviceAuthorization } from '../../../drizzle/shapes.ts'
import type { OAuthClientRow } from '../../db/oauth-clients.ts'
import { OutboundError } from '../../net/outbound.ts'
import { openClient } from './client-secrets.ts'
import type { OAuthDeps } from './deps.ts'
import { endpointOf } from './endpoint.ts'
import { said, saidError } from './said.ts'
import { jsonObjectIn } from './json-object.ts'
import { sendingTo, serverOf } from './speak.ts'

export type DeviceAsked =
  | { ok: true; deviceCode: string; device: DeviceAuthorization; expiresInMs: number }
  | { ok: false; message: string }

const INTERVAL_SECONDS = 5
const LONGEST_INTERVAL_SECONDS = 60
const LONGEST_SECONDS = 30 * 60

export async function authorizeDevice(
  { vault, outbound }: OAuthDeps,
  asked: { server: AuthorizationServer; client: OAuthClientRow; scopes: readonly string[]; resource: string | null },
): Promise<DeviceAsked> {
  const { server, client, scopes, resource } = asked
  const url = endpointOf(server.deviceAuthorizationEndpoint)
  if (!url) return { ok: false, message: 'The server has no device authorization endpoint.' }
  const opened = await openClient(client, vault)
  if (!opened.ok) return opened
  const parameters = {
    ...(scopes.length > 0 && { scope: scopes.join(' ') }),
    ...(resource !== null && { resource }),
  }
  try {
    const options = sendingTo({ outbound }, url.href)
    const response = await deviceAuthorizationRequest(serverOf(server), opened.client, opened.auth, parameters, options)
    const body = jsonObjectIn(await response.text())
    if (response.status !== 200 || !body || body.device_code === undefined) {
      const words =
        body?.error === undefined ? '' : `: ${saidError(body.error, body.error_description, opened.secrets)}`
      return { ok: false, message: `${url.host} refused (${response.status})${words}.` }
    }
    return read(body, url.host)
  } catch (error) {
    if (error instanceof OutboundError) return { ok: false, message: error.message }
    throw error
  }
}

/** Section 3.2. */
function read(body: Record<string, unknown>, host: string): DeviceAsked {
  const { device_code: deviceCode, user_code: userCode, expires_in: expiresIn, interval } = body
  // Google says `verification_url`.
  const verification = endpointOf(body.verification_uri ?? body.verification_url)
  const complete = endpointOf(body.verification_uri_complete)
  if (typeof deviceCode !== 'string' || typeof userCode !== 'string' || said(userCode) === '' || !verification) {
    return { ok: false, message: `The answer of ${host} has no code, or no https address to enter it at (RFC 8628).` }
  }
  if (typeof expiresIn !== 'number' || !(expiresIn > 0)) {
    return { ok: false, message: `The answer of ${host} does not say how long its code lasts (RFC 8628, section 3.2).` }
  }
  const asked = typeof interval === 'number' && interval > 0 ? interval : INTERVAL_SECONDS
  return {
    ok: true,
    deviceCode,
    device: {
      userCode: said(userCode),
      verificationUri: verification.href,
      ...(complete && { verificationUriComplete: complete.href }),
      intervalSeconds: Math.min(Math.ceil(asked), LONGEST_INTERVAL_SECONDS),
    },
    expiresInMs: Math.min(expiresIn, LONGEST_SECONDS) * 1000,
  }
}
