// Whose account the setup commands work in: the token from the environment or from `wrangler login`, and the one
// account that it opens or that was named.
import { z } from 'zod'
import { CLOUDFLARE_API, type CloudflareApi, createCloudflareApi, isFault } from './cloudflare-api.ts'
import { runWrangler } from './remote-wrangler.ts'
import { SetupStop } from './setup-steps.ts'

export interface Account {
  id: string
  /** Undefined when the token may not read it. */
  name?: string
}

export interface Login {
  api: CloudflareApi
  account: Account
}

const LOGIN_HINT = `Log in with \`npx wrangler login\`, or make an API token at https://dash.cloudflare.com/profile/api-tokens
with the account permissions Workers Scripts: Edit, D1: Edit and Account Settings: Read, and give it as CLOUDFLARE_API_TOKEN.`

const accountShape = z.object({ id: z.string(), name: z.string() })

/** `configured` is the account_id of wrangler.jsonc. Throws a SetupStop when there is no login or no single account. */
export async function logIn(root: string, configured: string | undefined): Promise<Login> {
  const headers = await credentials(root)
  const baseUrl = process.env.CLOUDFLARE_API_BASE_URL ?? CLOUDFLARE_API
  const api = createCloudflareApi({ headers, baseUrl })
  const wanted = process.env.CLOUDFLARE_ACCOUNT_ID || configured
  try {
    return { api, account: wanted ? await namedAccount(api, wanted) : await onlyAccount(api) }
  } catch (error) {
    if (!isFault(error, 'unauthenticated')) throw error
    throw new SetupStop(`Cloudflare does not accept the login: ${error.message}\n${LOGIN_HINT}`)
  }
}

async function credentials(root: string): Promise<Record<string, string>> {
  const token = process.env.CLOUDFLARE_API_TOKEN
  if (token) return { authorization: `Bearer ${token}` }
  const { ok, output } = await runWrangler(['auth', 'token', '--json'], { root })
  const json = /\{[\s\S]*\}/.exec(output)?.[0]
  const shape = z.union([
    z.object({ token: z.string() }),
    z.object({ type: z.literal('api_key'), key: z.string(), email: z.string() }),
  ])
  const parsed = ok && json !== undefined ? shape.safeParse(JSON.parse(json)) : undefined
  if (!parsed?.success) throw new SetupStop(`You are not logged in to Cloudflare.\n${LOGIN_HINT}`)
  if ('token' in parsed.data) return { authorization: `Bearer ${parsed.data.token}` }
  return { 'x-auth-key': parsed.data.key, 'x-auth-email': parsed.data.email }
}

async function namedAccount(api: CloudflareApi, id: string): Promise<Account> {
  try {
    return await api.get(`/accounts/${id}`, accountShape)
  } catch (error) {
    // Deploying needs no right to read the account's settings.
    if (isFault(error, 'forbidden')) return { id }
    if (isFault(error, 'not_found', 'refused'))
      throw new SetupStop(
        `This login has no account ${id}. Check CLOUDFLARE_ACCOUNT_ID, or account_id in wrangler.jsonc.`,
      )
    throw error
  }
}

async function onlyAccount(api: CloudflareApi): Promise<Account> {
  const accounts = await api.list('/accounts', accountShape)
  const [account] = accounts
  if (!account) {
    throw new SetupStop(
      'This token sees no account. Give it the permission Account Settings: Read, or name the account: CLOUDFLARE_ACCOUNT_ID=<id> npm run deploy:setup',
    )
  }
  if (accounts.length === 1) return account
  const lines = accounts.map(({ id, name }) => `  CLOUDFLARE_ACCOUNT_ID=${id}   # ${name}`)
  throw new SetupStop(
    `This login has ${accounts.length} accounts. Say which one by putting one of these before the command:\n${lines.join('\n')}`,
  )
}
