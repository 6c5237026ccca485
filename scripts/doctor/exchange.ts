// One request of the doctor and what came back: the only place that reaches the network.

export interface Answer {
  status: number
  /** Names in lower case. */
  headers: Record<string, string>
  /** The first part of it. */
  body: string
}

/** `name` is what a person reads: `POST /mcp`. */
export type Exchange = { name: string; url: string } & ({ answer: Answer } | { failure: string })

export interface Ask {
  name?: string
  method?: 'GET' | 'POST'
  url: string
  headers?: Record<string, string>
  body?: string
}

const TIMEOUT_MS = 15_000
const KEPT_BYTES = 256 * 1024

/** Redirects are not followed: where they lead is what the doctor wants to see. */
export async function exchange({ name, method = 'GET', url, headers = {}, body }: Ask): Promise<Exchange> {
  const about = { name: name ?? `${method} ${url}`, url }
  try {
    const response = await fetch(url, {
      method,
      headers: { 'user-agent': 'executor-doctor', ...headers },
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body !== undefined && { body }),
    })
    const text = await readStart(response)
    return { ...about, answer: { status: response.status, headers: Object.fromEntries(response.headers), body: text } }
  } catch (error) {
    return { ...about, failure: explainFailure(error) }
  }
}

/** An event stream may stay open: what came by then is enough. */
async function readStart(response: Response): Promise<string> {
  if (!response.body) return ''
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body) {
    text += decoder.decode(chunk, { stream: true })
    const isEvent = response.headers.get('content-type')?.startsWith('text/event-stream') && text.includes('\n\n')
    if (isEvent || text.length > KEPT_BYTES) break
  }
  return text.slice(0, KEPT_BYTES)
}

const REASONS: readonly [pattern: RegExp, sentence: string][] = [
  [/ENOTFOUND|EAI_AGAIN/, 'the name does not resolve'],
  [/ECONNREFUSED/, 'nothing listens at this address'],
  [/ECONNRESET|UND_ERR_SOCKET|EPIPE/, 'the connection was closed without an answer'],
  [/TimeoutError|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT/, `no answer within ${TIMEOUT_MS / 1000} s`],
  [/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS|EPROTO|SSL/, 'the TLS certificate or handshake was refused'],
  [/EHOSTUNREACH|ENETUNREACH/, 'there is no way to this address'],
]

function explainFailure(error: unknown): string {
  const texts: string[] = []
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    texts.push(cause.name, 'code' in cause ? String(cause.code) : '', cause.message)
    if (cause instanceof AggregateError) texts.push(...cause.errors.map(String))
  }
  const all = texts.join(' ')
  return REASONS.find(([pattern]) => pattern.test(all))?.[1] ?? texts.filter(Boolean).at(-1) ?? String(error)
}
