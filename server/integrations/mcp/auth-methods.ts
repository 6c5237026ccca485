// How an MCP server is signed in to: with a token, which is had by signing in where the server says (RFC 9728).
import type { AuthMethod } from '../../../drizzle/shapes.ts'

export function authMethodsOf(url: string): AuthMethod[] {
  const { protocol, hostname } = new URL(url)
  const isLoopback = ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
  return [
    {
      id: 'bearer',
      label: 'Access token',
      description: 'Sent as a bearer token. Signing in gets one, where the server offers that.',
      fields: [{ name: 'token', label: 'Token', isSecret: true }],
      placements: [{ in: 'header', name: 'Authorization', template: 'Bearer {token}' }],
      // Where to sign in is asked of the server (RFC 9728).
      ...((protocol === 'https:' || isLoopback) && { oauth: { field: 'token', flows: [], resourceUrl: url } }),
    },
    { id: 'none', label: 'No credential', fields: [], placements: [] },
  ]
}
