// The edge of the setup commands: what went wrong becomes a message with what to do next, and an exit code.
import { CloudflareError } from './cloudflare-api.ts'
import { SetupStop } from './setup-steps.ts'

const NEXT: Record<CloudflareError['fault'], string> = {
  unauthenticated:
    'The login is not valid any more. Log in again with `npx wrangler login`, or give another CLOUDFLARE_API_TOKEN.',
  forbidden:
    'The login may not do this. Give the API token the permission for it, at https://dash.cloudflare.com/profile/api-tokens (docs/deploy.md lists them), and run the command again.',
  not_found: 'Something was removed meanwhile. Run the command again.',
  unreachable:
    'Cloudflare does not answer as it should: https://www.cloudflarestatus.com says whether others see it too. Nothing that was done is lost; run the command again later.',
  refused: 'Cloudflare did not accept the request. Its reason is above.',
}

export async function runSetup(work: () => Promise<void>): Promise<void> {
  const end = () => process.exit(1)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end)
  process.on('disconnect', end)
  try {
    await work()
    process.exit(0)
  } catch (error) {
    console.error(`\n✘ ${explain(error)}`)
    process.exit(1)
  }
}

export function explain(error: unknown): string {
  if (error instanceof CloudflareError) return `${error.message}\n\n${NEXT[error.fault]}`
  if (error instanceof SetupStop) return error.message
  return error instanceof Error ? error.message : String(error)
}
