// Failures on demand, as simulate.ts has them for the OpenAPI API: by the status of the answer, or by its errors alone,
// as GraphQL servers do.
import { codeOf, type Context, refusal } from './context.ts'

const MAX_WAIT_MS = 120_000

export interface ErrorArguments {
  status: number
  retryAfter?: number | null
  inBody: boolean
}

export function simulateError({ status, retryAfter, inBody }: ErrorArguments, { http }: Context): never {
  if (status < 400 || status > 599) throw refusal('BAD_USER_INPUT', 'status must be from 400 to 599.')
  if (status === 429 || status === 503) http.headers['retry-after'] = String(retryAfter ?? 2)
  if (!inBody) http.status = status
  throw refusal(codeOf(status), `You asked for a ${status}, and here it is.`)
}

export function simulateFlaky({ key, failures }: { key: string; failures?: number | null }, context: Context): boolean {
  const failed = context.store.failures.get(key) ?? 0
  if (failed >= (failures ?? 2)) return true
  context.store.failures.set(key, failed + 1)
  return simulateError({ status: 503, retryAfter: 0, inBody: false }, context)
}

export async function simulateSlow({ ms }: { ms?: number | null }): Promise<boolean> {
  await new Promise((resolve) => setTimeout(resolve, Math.min(ms ?? 3000, MAX_WAIT_MS)).unref())
  return true
}
