// What an endpoint says of itself, asked for without a credential or through a connection, is a document like any other.
import type { DocumentOrigin } from '../../../drizzle/shapes.ts'
import type { ForwardedPerson } from '../../connections/forwarded-person.ts'
import { openCredential } from '../../connections/open-credential.ts'
import type { Vault } from '../../connections/seal.ts'
import { findConnection } from '../../db/connections.ts'
import type { Fetch } from '../../integrations/adapter.ts'
import { describing } from '../../integrations/endpoints.ts'
import { onlyTo } from '../refuse-connection.ts'
import { openRequests } from '../send-requests.ts'
import { holdsSecret } from '../without-secrets.ts'
import type { GivenFile, ImportDeps } from './receive.ts'

export interface EndpointDeps extends ImportDeps {
  vault: Vault
  /** Executor's own. */
  origin?: string
  /** Whose request is being answered. */
  person?: ForwardedPerson
  waitUntil?: (work: Promise<unknown>) => void
}

export type EndpointOrigin = Extract<DocumentOrigin, { kind: 'endpoint' }>

export type FetchedEndpoint =
  | { ok: true; files: GivenFile[] }
  /** `needs_credential`: through a connection it may work. */
  | { ok: false; code: string; message: string }

interface Asker {
  integrationId?: string
  by: string
}

/** The largest endpoints take several seconds to describe themselves. */
const TIMEOUT_MS = 45_000
/** It is held whole, unlike a file. */
const MAX_BYTES = 24 * 1024 * 1024

/** Through the connection that the origin names, if it names one. */
export async function fetchEndpoint(
  deps: EndpointDeps,
  { protocol, url, connection }: EndpointOrigin,
  asker: Asker,
): Promise<FetchedEndpoint> {
  const described = describing(protocol)
  if (described === undefined) return refuse('not_supported', `Nothing here reads ${protocol} endpoints.`)
  const opened =
    connection === undefined ? { ok: true as const, ...openFetch(deps, null) } : await openFor(deps, connection, asker)
  if (!opened.ok) return opened
  const read = await described.read(url, opened.fetch)
  const strayed = opened.strayed()
  if (strayed !== undefined) {
    return refuse(
      'not_confirmed',
      `The connection is not confirmed for ${strayed}, so its credential does not go there.`,
    )
  }
  const secrets = opened.secrets()
  if (!read.ok) {
    const isShown = !holdsSecret(read.message, secrets)
    const { host } = new URL(url)
    const said = isShown ? inWords(read, `${host} does not show its ${described.what}`) : `${host} refused it.`
    return refuse(read.code, said)
  }
  // It would be shown to everybody who may use its tools.
  if (holdsSecret(read.bytes, secrets)) {
    return refuse('holds_credential', 'What it says of itself has the credential in it, so that it is not kept.')
  }
  return { ok: true, files: [{ url, chunks: [read.bytes] }] }
}

function inWords({ code, message }: { code: string; message: string }, said: string): string {
  if (code === 'unreachable') return message
  return `${said}${code === 'needs_credential' ? ' to who is not signed in' : ''}: ${message}`
}

function refuse(code: string, message: string) {
  return { ok: false, code, message } as const
}

const ELSE = 'Read it through another connection.'

/** A personal connection is used when its owner asks, and by nobody else. */
async function openFor(deps: EndpointDeps, id: string, { integrationId, by }: Asker) {
  const connection = await findConnection(deps.db, id)
  if (connection === undefined || connection.integrationId !== integrationId) {
    return refuse('no_connection', `The connection that it was read through is gone. ${ELSE}`)
  }
  const { owner, slug } = connection
  if (owner !== 'org' && owner !== by) {
    const message = `It was read through ${slug}, which is personal and used only when its owner asks. ${ELSE}`
    return refuse('personal_connection', message)
  }
  const person = deps.person?.id === by ? { person: deps.person } : {}
  const { person: _, ...rest } = deps
  const opened = await openCredential({ ...rest, ...person }, connection)
  if (!opened.ok) return refuse(opened.reason, `Through ${slug} it could not be read: ${opened.message}`)
  return { ok: true as const, ...openFetch(deps, opened) }
}

type Opened = Extract<Awaited<ReturnType<typeof openCredential>>, { ok: true }>

function openFetch({ outbound }: EndpointDeps, opened: Opened | null) {
  const credential = opened?.credential ?? null
  const requests = openRequests({
    outbound,
    ...(credential && { credential }),
    renew: opened?.renew ?? null,
    timeoutMs: TIMEOUT_MS,
    maxBytes: MAX_BYTES,
    isRead: true,
    beforeSend: () => {},
  })
  const pinned = credential && onlyTo(credential.origins, requests.fetch)
  const fetch: Fetch = pinned?.fetch ?? requests.fetch
  return {
    fetch,
    strayed: () => pinned?.strayed(),
    secrets: () => requests.credentials().flatMap((each) => each.secrets ?? []),
  }
}

const PROBING_MS = 8000

/** Requests that only look whether an endpoint is there: few bytes, little time together, no credential. */
export function probingFetch({ outbound }: Pick<ImportDeps, 'outbound'>): Fetch {
  const until = Date.now() + PROBING_MS
  return (request) => outbound.send(request, { maxBytes: 1024 * 1024, timeoutMs: Math.max(1, until - Date.now()) })
}
