// `npm run audit:verify -- <file.jsonl>`: verifies the chain of an audit that was exported as JSON Lines, without
// Executor and without its database. With `--expect <hash>` the chain must also have the hash that was noted earlier.
import { open } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import type { AuditRecord, Verification } from '../server/db/audit-chain.ts'
import { verifyChain } from '../server/db/audit-chain.ts'
import { type ExportHeader, parseHeader, parseRecord } from '../server/db/audit-export.ts'

/** What is wrong with the file itself, or with how it was asked for. */
class Refusal extends Error {}

const USAGE = 'Say which file to verify: npm run audit:verify -- executor-audit.jsonl [--expect <hash>]'

async function main(): Promise<void> {
  const { file, expect } = readArguments()
  const opened = await open(file)
  try {
    await verify(opened.readLines()[Symbol.asyncIterator](), expect)
  } finally {
    await opened.close()
  }
}

async function verify(lines: AsyncIterator<string>, expect: string | undefined): Promise<void> {
  const header = await readHeader(lines)
  const noted: Noted | undefined = expect === undefined ? undefined : { hash: expect, sequence: null }
  if (noted && (header.anchor?.hash ?? '') === noted.hash) noted.sequence = header.anchor?.sequence ?? 0
  const found = await verifyChain(readRecords(lines, noted), header)
  const said = report(found, header)
  for (const line of said) console.log(line)
  if (noted) console.log(sayNoted(noted, found))
  if (!found.isIntact || noted?.sequence === null) process.exitCode = 1
}

function readArguments(): { file: string; expect: string | undefined } {
  try {
    const { values, positionals } = parseArgs({ options: { expect: { type: 'string' } }, allowPositionals: true })
    const [file, ...others] = positionals
    if (file === undefined || others.length > 0) throw new Refusal(USAGE)
    const expect = values.expect?.trim().toLowerCase()
    if (expect !== undefined && !/^[0-9a-f]{64}$/.test(expect)) {
      throw new Refusal('--expect takes the hash that was noted: 64 hexadecimal digits.')
    }
    return { file, expect }
  } catch (error) {
    throw error instanceof Refusal ? error : new Refusal(USAGE)
  }
}

async function readHeader(lines: AsyncIterator<string>): Promise<ExportHeader> {
  const first = await lines.next()
  const header = parseHeader(first.done ? '' : first.value)
  if (!header.ok) throw new Refusal(header.message)
  if (header.value.filter !== null) {
    const filter = JSON.stringify(header.value.filter)
    throw new Refusal(`This export is filtered (${filter}), so records are missing in between. Export everything.`)
  }
  return header.value
}

interface Noted {
  hash: string
  /** Where the hash was found. */
  sequence: number | null
}

async function* readRecords(lines: AsyncIterator<string>, noted: Noted | undefined): AsyncGenerator<AuditRecord> {
  for (let number = 2; ; number++) {
    const line = await lines.next()
    if (line.done) return
    if (line.value === '') continue
    const record = parseRecord(line.value)
    if (!record.ok) throw new Refusal(`Line ${number} ${record.message}.`)
    if (noted?.hash === record.value.hash) noted.sequence = record.value.sequence
    yield record.value
  }
}

function report({ isIntact, rows, first, last, head, problems, problemCount }: Verification, header: ExportHeader) {
  const range = first === null ? '' : `, from ${first} to ${last}`
  return [
    isIntact ? 'The chain holds.' : 'The chain is broken:',
    ...problems.map(({ message }) => `  ${message}`),
    ...(problemCount > problems.length ? [`  … and ${problemCount - problems.length} more places.`] : []),
    `Records: ${rows}${range}`,
    ...(header.anchor ? [`Deleted by age: up to ${header.anchor.sequence}`] : []),
    `Hash of the last record: ${head}`,
  ]
}

function sayNoted({ hash, sequence }: Noted, { last }: Verification): string {
  if (sequence === null) return `The hash that was noted is not in this chain: ${hash}`
  const more = (last ?? sequence) - sequence
  return `The hash that was noted is that of record ${sequence}; ${more} came after it.`
}

try {
  await main()
} catch (error) {
  const isOurs = error instanceof Refusal
  const isFile = error instanceof Error && 'code' in error
  if (!isOurs && !isFile) throw error
  console.error(error.message)
  process.exitCode = 1
}
