// Who is calling, by the assertion that Access adds. The application trusts nothing else: not a header with an email in
// it, not a token for another application.
import { createRemoteJWKSet, jwtVerify } from 'jose'

export interface Assertions {
  /** The email address of the person; `service` for a service token, which is nobody; null when it does not hold. */
  read(assertion: string | undefined): Promise<{ kind: 'person'; email: string } | { kind: 'service' } | null>
}

export function createAssertions(options: { teamDomain: string; audience: string }): Assertions {
  const keys = createRemoteJWKSet(new URL('/cdn-cgi/access/certs', options.teamDomain), { cooldownDuration: 0 })
  const expected = {
    issuer: options.teamDomain,
    audience: options.audience,
    algorithms: ['RS256'],
    requiredClaims: ['exp'],
  }
  return {
    async read(assertion) {
      if (assertion === undefined) return null
      try {
        const { payload } = await jwtVerify(assertion, keys, expected)
        if (typeof payload.email === 'string' && payload.sub) return { kind: 'person', email: payload.email }
        return typeof payload.common_name === 'string' ? { kind: 'service' } : null
      } catch {
        return null
      }
    },
  }
}
