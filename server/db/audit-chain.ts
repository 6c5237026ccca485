// The chain of audit records, without a database: each record's hash covers the hash of the one before, so that none can
// be changed, removed, moved or put in between without breaking every hash after it. Used by the Worker, and by
// scripts/audit-verify.ts on an export. What it cannot show: that somebody who may write to the database has made all the
// hashes anew. That shows when a hash noted earlier, somewhere else, is no longer in the chain.
import { sha256Hex } from './sha256.ts'

export interface AuditRecord {
  /** From 1, without gaps. */
  sequence: number
  at: number
  actor: string
  action: string
  subject: string
  /** JSON text of an object, as it is stored. */
  details: string
  hash: string | null
}

/** The last record that was deleted by age: what is left begins after it. */
export interface Anchor {
  sequence: number
  hash: string
}

/** Stands before the first record that ever was. */
export const START: Anchor = { sequence: 0, hash: '0'.repeat(64) }

export interface ChainProblem {
  /** Where: of the record, or of the first one that is missing. */
  sequence: number
  kind: 'missing' | 'changed' | 'unchained' | 'out_of_order'
  /** One sentence. */
  message: string
}

export interface Verification {
  isIntact: boolean
  /** Records that were read. */
  rows: number
  /** Sequences; null when there are no records. */
  first: number | null
  last: number | null
  /** Hash of the last record, or of the anchor when every record was deleted by age. */
  head: string
  /** The first `MOST_PROBLEMS`, in the order of the chain. */
  problems: ChainProblem[]
  problemCount: number
}

export const MOST_PROBLEMS = 20

/** SHA-256 in hexadecimal of a JSON list: the hash before, then the record's fields in this order. */
export async function hashRecord(previous: string, record: AuditRecord): Promise<string> {
  const { sequence, at, actor, action, subject, details } = record
  return sha256Hex(JSON.stringify([previous, sequence, at, actor, action, subject, details]))
}

/**
 * Reads records in the order of the chain and says everything that is wrong with them. `anchor`: what was deleted by
 * age, if anything was. `highest`: the highest sequence ever given, which shows what was cut off the end.
 */
export async function verifyChain(
  records: Iterable<AuditRecord> | AsyncIterable<AuditRecord>,
  { anchor, highest }: { anchor?: Anchor | null; highest?: number } = {},
): Promise<Verification> {
  const walk = new Walk(anchor ?? START)
  for await (const record of records) await walk.step(record)
  return walk.end(highest)
}

class Walk {
  /** Where the walk stands. Its hash is null when nobody can know it: the next record is then taken as it is. */
  #before: { sequence: number; hash: string | null }
  #head: string
  #rows = 0
  #first: number | null = null
  readonly #problems: ChainProblem[] = []
  #problemCount = 0

  constructor(anchor: Anchor) {
    this.#before = anchor
    this.#head = anchor.hash
  }

  async step(record: AuditRecord): Promise<void> {
    const { sequence, hash } = record
    const before = this.#before
    this.#rows++
    this.#first ??= sequence
    if (sequence <= before.sequence) {
      this.#say(sequence, 'out_of_order', `Record ${sequence} is out of place, after record ${before.sequence}.`)
      return
    }
    const isNext = sequence === before.sequence + 1
    if (!isNext) this.#sayMissing(before.sequence + 1, sequence - 1, this.#rows === 1 ? HEAD_IS_GONE : '')
    if (hash === null) {
      this.#say(sequence, 'unchained', `Record ${sequence} has no hash.`)
    } else if (isNext && before.hash !== null && (await hashRecord(before.hash, record)) !== hash) {
      this.#say(sequence, 'changed', `Record ${sequence} is not what was recorded: its hash is another.`)
    }
    this.#before = { sequence, hash }
    this.#head = hash ?? this.#head
  }

  end(highest: number | undefined): Verification {
    const { sequence } = this.#before
    if (highest !== undefined && highest > sequence) this.#sayMissing(sequence + 1, highest, TAIL_IS_GONE)
    return {
      isIntact: this.#problemCount === 0,
      rows: this.#rows,
      first: this.#first,
      last: this.#rows === 0 ? null : sequence,
      head: this.#head,
      problems: this.#problems,
      problemCount: this.#problemCount,
    }
  }

  #sayMissing(from: number, to: number, why: string): void {
    const which = from === to ? `Record ${from} is missing` : `Records ${from} to ${to} are missing`
    this.#say(from, 'missing', `${which}${why}.`)
  }

  #say(sequence: number, kind: ChainProblem['kind'], message: string): void {
    this.#problemCount++
    if (this.#problems.length < MOST_PROBLEMS) this.#problems.push({ sequence, kind, message })
  }
}

const HEAD_IS_GONE = ' at the beginning, without having been deleted by age'
const TAIL_IS_GONE = ' at the end'
