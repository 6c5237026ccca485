// What an admin gave in the one box: an address, a pasted document, or an uploaded file. Read as a stream.
import { fetchDocument } from '../../../server/tools/document-source.ts'
import { type ImportDeps, type PreviewResult, previewDocument } from '../../../server/tools/import.ts'
import { type Part, readParts } from './multipart.ts'

const LONGEST_ADDRESS = 2048
/** Of what was pasted, to be shown again: more than that was hardly typed. */
const LONGEST_SHOWN_BYTES = 64 * 1024

/** `source` is what the box held, for the form to show again; empty when that was too long. */
export type TakenDocument = { result: PreviewResult; source: string }

export async function takeDocument(deps: ImportDeps, request: Request, by: string): Promise<TakenDocument> {
  for await (const part of readParts(request)) {
    if (part.name === 'source') {
      const { start, rest } = await peek(part)
      const text = start.toString('utf8').trim()
      if (text === '') continue
      if (isAddress(text)) return { source: text, result: await previewAddress(deps, text, by) }
      const pasted = keepShown(joined(start, rest))
      const result = await previewDocument(deps, { origin: { kind: 'paste' }, chunks: pasted.chunks(), by })
      return { source: pasted.shown(), result }
    }
    if (part.name === 'file' && part.fileName) {
      const origin = { kind: 'upload', fileName: part.fileName } as const
      return { source: '', result: await previewDocument(deps, { origin, chunks: part.chunks, by }) }
    }
  }
  const message = 'Give an address, paste a document, or choose a file.'
  return { source: '', result: { ok: false, code: 'nothing_given', message } }
}

async function previewAddress(deps: ImportDeps, address: string, by: string): Promise<PreviewResult> {
  const fetched = await fetchDocument(deps, address)
  if (!fetched.ok) return fetched
  return previewDocument(deps, { origin: { kind: 'url', url: fetched.url }, chunks: fetched.chunks, by })
}

/** One line without spaces or brackets: no document is that, and every address is, with or without `https://`. */
function isAddress(text: string): boolean {
  return text.length < LONGEST_ADDRESS && (/^https?:\/\/\S+$/i.test(text) || !/[\s{}<>[\]]/.test(text))
}

/** Enough of a part to tell what it is; `rest` goes on after `start`. */
async function peek(part: Part): Promise<{ start: Buffer; rest: AsyncIterator<Uint8Array> }> {
  const rest = part.chunks[Symbol.asyncIterator]()
  const seen: Uint8Array[] = []
  let length = 0
  while (length < LONGEST_ADDRESS) {
    const { done, value } = await rest.next()
    if (done) break
    seen.push(value)
    length += value.length
  }
  return { start: Buffer.concat(seen), rest }
}

async function* joined(start: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield start
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
}

/** Passes a text on, and keeps it while it is short enough to be shown again. */
function keepShown(text: AsyncIterable<Uint8Array>): {
  chunks: () => AsyncGenerator<Uint8Array>
  shown: () => string
} {
  const kept: Uint8Array[] = []
  let length = 0
  return {
    async *chunks() {
      for await (const chunk of text) {
        length += chunk.length
        if (length <= LONGEST_SHOWN_BYTES) kept.push(chunk)
        yield chunk
      }
    },
    shown: () => (length <= LONGEST_SHOWN_BYTES ? Buffer.concat(kept).toString('utf8') : ''),
  }
}
