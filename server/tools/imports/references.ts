// Files that an import's documents refer to: fetched like everything else that leaves, stored with the documents, and
// from then on read from there, so that a revision is made of the same bytes from its first operation to its last.
import { type Progress, recordProgress } from '../../db/imports.ts'
import type { Adapter, Source } from '../../integrations/adapter.ts'
import { DocumentError } from '../../integrations/document-error.ts'
import { OutboundError } from '../../net/outbound.ts'
import { BlockStore, type ImportDeps, type Received, sourceOf } from './receive.ts'

const MOST_FILES = 200
const MAX_FILE_BYTES = 16 * 1024 * 1024
const FETCH_MS = 20_000
const AT_ONCE = 4

/** The source with the files that it refers to: fetched, stored, and remembered, those too that could not be had. */
export async function withReferences(
  { db, outbound }: ImportDeps,
  adapter: Adapter,
  { attempt, files, blocks, progress }: Received & { progress: Progress },
  given: Source,
): Promise<Source> {
  let source = given
  const store = new BlockStore(db, { importId: attempt.importId, files, blocks })
  for (;;) {
    const known = new Set(store.files.map(({ url }) => url))
    const missing = (adapter.references?.(source) ?? []).filter((url) => !known.has(url))
    if (missing.length === 0) break
    for (let at = 0; at < missing.length; at += AT_ONCE) {
      const answers = missing.slice(at, at + AT_ONCE).map(async (url) => ({ url, answer: await get(outbound, url) }))
      for (const { url, answer } of await Promise.all(answers)) {
        if (store.files.length >= MOST_FILES) store.miss(url, `More than ${MOST_FILES} files are not read.`)
        else await keep(store, url, answer)
      }
    }
    source = sourceOf(store.files, store.blocks)
  }
  if (source === given) return given
  await store.flush()
  await recordProgress(db, attempt, { ...progress, files: store.files }, Date.now())
  return source
}

async function keep(store: BlockStore, url: string, answer: Response | string): Promise<void> {
  if (typeof answer === 'string') return store.miss(url, answer)
  try {
    await store.take('referenced', { url, chunks: answer.body ?? [] }, MAX_FILE_BYTES)
  } catch (error) {
    if (!(error instanceof DocumentError || error instanceof OutboundError)) throw error
    store.miss(url, error.message)
  }
}

/** The answer, or why there is none. */
async function get(outbound: ImportDeps['outbound'], url: string): Promise<Response | string> {
  try {
    const response = await outbound.send(new Request(url), { maxBytes: MAX_FILE_BYTES, timeoutMs: FETCH_MS })
    if (response.ok && response.body !== null) return response
    await response.body?.cancel()
    return `${new URL(url).host} answered ${response.status}.`
  } catch (error) {
    if (error instanceof OutboundError) return error.message
    throw error
  }
}
