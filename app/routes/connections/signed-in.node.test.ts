import { expect, test } from 'vitest'
import type { AuthMethod, OAuthGrant } from '../../../drizzle/shapes.ts'
import { signedInOf } from './signed-in.ts'

const WAY: AuthMethod = {
  id: 'login',
  label: 'Login',
  fields: [{ name: 'token', label: 'Token', isSecret: true }],
  placements: [{ in: 'header', name: 'Authorization', template: 'Bearer {token}' }],
  oauth: { field: 'token', flows: [], issuer: 'https://login.acme.test/tenant' },
}
const GRANT: OAuthGrant = {
  grant: 'authorization_code',
  methodId: 'login',
  client: 'cli_1',
  server: { issuer: 'https://login.acme.test/tenant', sendsIssuer: false, acceptsMetadataDocument: false },
  scopesRequested: ['read', 'write'],
  scopesGranted: ['read'],
  canRefresh: false,
  obtainedAt: 1,
}

function shown(wanted: string[], oauth: OAuthGrant | null = GRANT, authMethods = [WAY]) {
  return signedInOf({ authMethods }, { oauth, identity: 'ada@acme.test', tokenExpiresAt: 5 }, wanted)
}

test('what was granted, what was not, and where', () => {
  expect(shown([])).toMatchObject({
    isObtained: true,
    server: 'login.acme.test',
    scopes: ['read'],
    missing: ['write'],
    isRenewed: false,
    endsAt: 5,
  })
})

test('more is asked for once, and not what it has', () => {
  expect(shown(['read', 'admin', 'admin']).stepUp).toEqual(['admin'])
})

test('nothing more can be asked for where nobody signed in, or the way to is gone', () => {
  expect(shown(['admin'], null)).toMatchObject({ stepUp: [], canSignIn: false, isObtained: false })
  expect(shown(['admin'], GRANT, [])).toMatchObject({ stepUp: [], canSignIn: false, isObtained: true })
})
