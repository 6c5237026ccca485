// Every request to the token endpoint, so that a test can count them and say what a client asked for. Secrets, codes
// and tokens are kept as digests only.
import { digest } from '../sample-api/ledger.ts'

export interface TokenRequest {
  number: number
  /** Epoch milliseconds. */
  at: number
  grantType: string
  clientId: string
  clientAuth: 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt' | 'none'
  scope: string | null
  resource: string[]
  /** First 12 hexadecimal digits of its SHA-256. */
  refreshToken: string | null
  hasVerifier: boolean
  /** Null while there is no answer, and for ever when it was lost on purpose. */
  status: number | null
  /** RFC 6749, section 5.2. */
  error: string | null
}

export interface TokenLedger {
  entries(): readonly TokenRequest[]
  record(form: URLSearchParams, authorization: string | undefined): TokenRequest
  clear(): void
}

const MAX_ENTRIES = 2_000

function clientOf(
  form: URLSearchParams,
  authorization: string | undefined,
): Pick<TokenRequest, 'clientId' | 'clientAuth'> {
  const basic = /^basic +(\S+)$/i.exec(authorization ?? '')?.[1]
  if (basic !== undefined) {
    const [id = ''] = Buffer.from(basic, 'base64').toString().split(':')
    return { clientId: decodeURIComponent(id), clientAuth: 'client_secret_basic' }
  }
  const clientId = form.get('client_id') ?? ''
  if (form.has('client_assertion')) return { clientId, clientAuth: 'private_key_jwt' }
  return { clientId, clientAuth: form.has('client_secret') ? 'client_secret_post' : 'none' }
}

export function createTokenLedger(): TokenLedger {
  let entries: TokenRequest[] = []
  let count = 0
  return {
    entries: () => entries,
    record(form, authorization) {
      const refreshToken = form.get('refresh_token')
      const entry: TokenRequest = {
        number: ++count,
        at: Date.now(),
        grantType: form.get('grant_type') ?? '',
        ...clientOf(form, authorization),
        scope: form.get('scope'),
        resource: form.getAll('resource'),
        refreshToken: refreshToken === null ? null : digest(refreshToken),
        hasVerifier: form.has('code_verifier'),
        status: null,
        error: null,
      }
      entries.push(entry)
      if (entries.length > MAX_ENTRIES) entries.shift()
      return entry
    },
    clear() {
      entries = []
      count = 0
    },
  }
}
