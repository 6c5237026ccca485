// How an endpoint is signed in to: no GraphQL schema says it. Nearly all take a bearer token, and some take none.
import type { AuthMethod } from '../../../drizzle/shapes.ts'

export const AUTH_METHODS: readonly AuthMethod[] = [
  {
    id: 'bearer',
    label: 'Access token',
    description: 'Sent as a bearer token. A GraphQL schema does not say how to sign in; most endpoints take it so.',
    fields: [{ name: 'token', label: 'Token', isSecret: true }],
    placements: [{ in: 'header', name: 'Authorization', template: 'Bearer {token}' }],
  },
  { id: 'none', label: 'No credential', fields: [], placements: [] },
]
