// The first step of an import: the bytes of its documents come in as a stream and are stored in compressed blocks, so
// that a document of any size takes the memory of one block. Nothing of it is read yet, except what it is.
import type { DocumentFile, DocumentOrigin, Validators } from '../../../drizzle/shapes.ts'
import type { Database } from '../../db/database.ts'
import { type DocumentPart, insertDocumentParts, PARTS_BYTES } from '../../db/documents.ts'
import { newId } from '../../db/id.ts'
import {
  abandonStaleImports,
  type Attempt,
  cancelOpenImports,
  insertImport,
  setReceived,
  withdrawImport,
} from '../../db/imports.ts'
import { DocumentError } from '../../integrations/document-error.ts'
import { PackedBytes, packBlocks } from '../../integrations/packed-bytes.ts'
import { detectKind } from '../../integrations/registry.ts'
import { type Outbound, OutboundError } from '../../net/outbound.ts'

export const MAX_DOCUMENT_BYTES = 64 * 1024 * 1024
/** Of all files of an import together. */
const MAX_IMPORT_BYTES = 96 * 1024 * 1024

/** An import that nobody has looked at for so long is given up. */
const ABANDONED_AFTER_MS = 24 * 60 * 60_000
/** Compressed bytes that one round trip stores. */
const TRIP_BYTES = 4 * PARTS_BYTES

export interface ImportDeps {
  db: Database
  outbound: Outbound
}

export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/** A document as it was given. */
export interface GivenFile {
  url?: string
  chunks: Chunks
}

export interface GivenDocuments {
  origin: DocumentOrigin
  files: Iterable<GivenFile> | AsyncIterable<GivenFile>
  by: string
  /** Of a document that is to be read again. */
  integrationId?: string
  validators?: Omit<Validators, 'hash'>
  maxBytes?: number
}

/** What `readImport` goes on with, without asking the database for it. */
export interface Received {
  attempt: Attempt
  files: DocumentFile[]
  /** Compressed, by file. */
  blocks: Uint8Array[][]
}

export type Receipt = { ok: true; received: Received } | { ok: false; code: string; message: string }

/** `isSame` is asked once all bytes are there, with their hash: true ends the import as if it had not begun. */
export async function receiveDocuments(
  { db }: Pick<ImportDeps, 'db'>,
  given: GivenDocuments,
  isSame: (hash: string) => boolean = () => false,
): Promise<Receipt> {
  const store = new BlockStore(db, given)
  try {
    for await (const file of given.files) await store.take('document', file, given.maxBytes ?? MAX_DOCUMENT_BYTES)
    const validators = { ...given.validators, hash: await store.hash() }
    if (isSame(validators.hash)) {
      await store.withdraw()
      return { ok: false, code: 'not_changed', message: 'The document has not changed.' }
    }
    const detected = detectKind(sourceOf(store.files, store.blocks))
    if (!detected.ok) {
      await store.withdraw()
      return detected
    }
    return { ok: true, received: await store.finish(validators) }
  } catch (error) {
    await store.withdraw()
    if (error instanceof DocumentError || error instanceof OutboundError) {
      return { ok: false, code: error.code, message: error.message }
    }
    throw error
  }
}

/** The files as an adapter reads them. */
export function sourceOf(files: readonly DocumentFile[], blocks: readonly Uint8Array[][]) {
  const of = (wanted: DocumentFile['role']) =>
    files.flatMap(({ role, url, bytes, error }, index) =>
      role !== wanted || error !== undefined
        ? []
        : [{ ...(url !== undefined && { url }), bytes: new PackedBytes(blocks[index] ?? [], bytes) }],
    )
  return { documents: of('document'), referenced: of('referenced') }
}

/** Collects blocks and stores them, a few in each round trip; the first one makes the import's row. */
export class BlockStore {
  readonly files: DocumentFile[] = []
  readonly blocks: Uint8Array[][] = []
  readonly #db: Database
  readonly #importId: string
  readonly #new: Pick<GivenDocuments, 'origin' | 'by' | 'integrationId'> | null
  readonly #integrationId: string
  #revision = 0
  #waiting: DocumentPart[] = []
  #waitingBytes = 0
  #totalBytes = 0

  /** `of` an import that is there already, or of a new one. */
  constructor(db: Database, of: GivenDocuments | { importId: string; files: DocumentFile[]; blocks: Uint8Array[][] }) {
    this.#db = db
    if ('importId' in of) {
      this.#importId = of.importId
      this.#new = null
      this.#integrationId = ''
      this.files.push(...of.files)
      this.blocks.push(...of.blocks)
      this.#totalBytes = of.files.reduce((sum, { bytes }) => sum + bytes, 0)
    } else {
      this.#importId = newId('imp')
      this.#new = of
      this.#integrationId = of.integrationId ?? newId('int')
    }
  }

  async take(role: DocumentFile['role'], { url, chunks }: GivenFile, maxBytes: number): Promise<void> {
    const file = this.files.length
    const blocks: Uint8Array[] = []
    let bytes = 0
    for await (const block of packBlocks(chunks, {
      maxBytes: Math.min(maxBytes, MAX_IMPORT_BYTES - this.#totalBytes),
    })) {
      bytes += block.rawLength
      this.#waiting.push({ file, part: blocks.length, bytes: block.bytes })
      this.#waitingBytes += block.bytes.byteLength
      blocks.push(block.bytes)
      if (this.#waitingBytes > TRIP_BYTES) await this.flush()
    }
    this.#totalBytes += bytes
    this.files.push({ role, bytes, ...(url !== undefined && { url }) })
    this.blocks.push(blocks)
  }

  /** A file that could not be fetched. */
  miss(url: string, error: string): void {
    this.files.push({ role: 'referenced', url, bytes: 0, error: error.slice(0, 500) })
    this.blocks.push([])
  }

  /** SHA-256 of everything, in hexadecimal. */
  async hash(): Promise<string> {
    const digests: Uint8Array[] = []
    for (const block of this.blocks.flat()) {
      digests.push(new Uint8Array(await crypto.subtle.digest('SHA-256', Uint8Array.from(block))))
    }
    return Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.concat(digests))).toString('hex')
  }

  async flush(): Promise<void> {
    await this.#store([])
  }

  /** Stores what is left; from here on the import may be read, and the one who stored it is the one who reads. */
  async finish(validators: Validators | null): Promise<Received> {
    const attempt = { importId: this.#importId, integrationId: this.#integrationId, revision: 0, attempt: newAttempt() }
    await this.#store([setReceived(this.#db, attempt, { files: this.files, validators, now: Date.now() })])
    return { attempt: { ...attempt, revision: this.#revision }, files: this.files, blocks: this.blocks }
  }

  /** As if the import had not begun. */
  async withdraw(): Promise<void> {
    if (this.#revision === 0) return
    await this.#db.batch([...withdrawImport(this.#db, this.#importId)])
  }

  async #store(last: ReturnType<typeof setReceived>[]): Promise<void> {
    const parts = this.#taken().map((group) => insertDocumentParts(this.#db, this.#importId, group))
    if (this.#new === null || this.#revision > 0) {
      const [first, ...rest] = [...parts, ...last]
      if (first !== undefined) await this.#db.batch([first, ...rest])
      return
    }
    const { origin, by: createdBy, integrationId } = this.#new
    const now = Date.now()
    const row = { id: this.#importId, integrationId: this.#integrationId, origin, createdBy, createdAt: now }
    const [[inserted]] = await this.#db.batch([
      insertImport(this.#db, { ...row, state: 'receiving', updatedAt: now }),
      ...abandonStaleImports(this.#db, now - ABANDONED_AFTER_MS, now),
      ...(integrationId === undefined ? [] : [cancelOpenImports(this.#db, integrationId, this.#importId, now)]),
      ...parts,
      ...last,
    ])
    this.#revision = inserted?.revision ?? 0
  }

  /** What waits to be stored, in groups that fit a statement each. */
  #taken(): DocumentPart[][] {
    const groups: DocumentPart[][] = []
    let room = 0
    for (const part of this.#waiting) {
      if (part.bytes.byteLength > room) {
        groups.push([])
        room = PARTS_BYTES
      }
      groups.at(-1)?.push(part)
      room -= part.bytes.byteLength
    }
    this.#waiting = []
    this.#waitingBytes = 0
    return groups
  }
}

export function newAttempt(): number {
  return (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) || 1
}
