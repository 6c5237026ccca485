import { expect, test } from 'vitest'
import type { OAuthGrant } from '../../drizzle/shapes.ts'
import { scopeDifferences, shownHealth } from './shown-health.ts'

const NOW = Date.UTC(2026, 5, 1)
const DAY = 86_400_000

function grant(changes: Partial<OAuthGrant> = {}): OAuthGrant {
  return {
    grant: 'authorization_code',
    methodId: 'login',
    client: 'cli_1',
    server: { issuer: 'https://login.example.com', sendsIssuer: false, acceptsMetadataDocument: false },
    scopesRequested: ['read', 'write'],
    scopesGranted: null,
    canRefresh: false,
    obtainedAt: NOW - DAY,
    ...changes,
  }
}

function stateOf(changes: Partial<Parameters<typeof shownHealth>[0]>) {
  return shownHealth({ health: 'ok', healthReason: null, tokenExpiresAt: null, oauth: grant(), ...changes }, NOW)
}

test.each<[string, Parameters<typeof stateOf>[0], string]>([
  ['without an end', {}, 'ok'],
  ['eight days before its end', { tokenExpiresAt: NOW + 8 * DAY }, 'ok'],
  ['exactly a week before its end', { tokenExpiresAt: NOW + 7 * DAY }, 'expiring'],
  ['a second before its end', { tokenExpiresAt: NOW + 1000 }, 'expiring'],
  ['at its end', { tokenExpiresAt: NOW }, 'needs_sign_in'],
  ['never tested, a day before its end', { health: 'untested', tokenExpiresAt: NOW + DAY }, 'expiring'],
  ['that can be renewed, after its end', { tokenExpiresAt: NOW - DAY, oauth: grant({ canRefresh: true }) }, 'ok'],
  [
    'of a client that asks for itself, after its end',
    { tokenExpiresAt: NOW - DAY, oauth: grant({ grant: 'client_credentials' }) },
    'ok',
  ],
  ['that was typed, after its end', { tokenExpiresAt: NOW - DAY, oauth: null }, 'needs_sign_in'],
])('a connection whose token worked, %s', (_, changes, health) => {
  expect(stateOf(changes).health).toBe(health)
})

test.each(['failing', 'needs_sign_in'] as const)('what is %s stays so, with the reason that was found', (health) => {
  const known = { health, healthReason: 'The API refused the credential (401).' }
  expect(stateOf({ ...known, tokenExpiresAt: NOW + DAY })).toEqual({ health, reason: known.healthReason })
  expect(stateOf({ ...known, tokenExpiresAt: NOW - DAY })).toEqual({ health, reason: known.healthReason })
})

test('the reason says what to do', () => {
  expect(stateOf({ tokenExpiresAt: NOW + DAY }).reason).toContain('Sign in again')
  expect(stateOf({ tokenExpiresAt: NOW + DAY, oauth: null }).reason).toContain('Enter another one')
})

const differences = (changes: Partial<OAuthGrant>, identity: string | null = null) =>
  scopeDifferences({ oauth: grant(changes), identity })

test('scopes that were asked for and not granted are told from those that came by themselves', () => {
  expect(differences({ scopesGranted: ['read', 'profile'] })).toEqual({ missing: ['write'], extra: ['profile'] })
  expect(differences({ scopesGranted: [] })).toEqual({ missing: ['read', 'write'], extra: [] })
})

test('a server that does not say what it granted has granted what was asked for', () => {
  expect(differences({})).toEqual({ missing: [], extra: [] })
  expect(scopeDifferences({ oauth: null, identity: null })).toEqual({ missing: [], extra: [] })
})

test('what a scope of the sign-in is for shows that it was granted', () => {
  const asked = { scopesRequested: ['read', 'openid', 'email', 'offline_access'], scopesGranted: ['read'] }
  expect(differences({ ...asked, canRefresh: true }, 'ada@example.com').missing).toEqual([])
  expect(differences({ ...asked, canRefresh: false }, 'ada@example.com').missing).toEqual(['offline_access'])
  expect(differences({ ...asked, canRefresh: true }).missing).toEqual(['openid', 'email'])
})
