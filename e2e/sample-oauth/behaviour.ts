// How the server behaves, as a test may change it while it runs.
import { z } from 'zod'

/**
 * What becomes of a request to the token endpoint instead of its answer. `lost` answers nobody, after the tokens were
 * issued: what a client sees that is cut off between the answer and its own storage. `slow` answers late.
 */
const TokenFailure = z.union([z.int().min(400).max(599), z.enum(['html', 'lost', 'slow'])])
export type TokenFailure = z.infer<typeof TokenFailure>

const Behaviour = z.strictObject({
  /** Of the next requests to the token endpoint, one each. */
  tokenFailures: z.array(TokenFailure).max(1000),
  accessTokenSeconds: z.int().min(1).max(86_400),
  /** Every refresh token is good for once; a second use ends the grant. Off: it stays the same. */
  rotates: z.boolean(),
  /** Which forms of its metadata it has: RFC 8414, and OpenID Connect Discovery. */
  metadata: z.array(z.enum(['oauth', 'openid'])),
  /** Lets clients register by themselves (RFC 7591). */
  registration: z.boolean(),
})
export type Behaviour = z.infer<typeof Behaviour>
export const BehaviourChange = Behaviour.partial()

export function usualBehaviour(): Behaviour {
  return {
    tokenFailures: [],
    accessTokenSeconds: 600,
    rotates: true,
    metadata: ['oauth', 'openid'],
    registration: true,
  }
}
