// What importing a document costs, GitHub's or another: the heap of the built Worker's isolate while an admin imports it through the
// console, and the round trips to D1 of the same import. The budgets are in the design.
//   node scripts/measure-import.ts [--port 8787] [--document <file>]   or --document yaml for one of 40 MB with 16,000 operations
// With --interrupt the Worker is killed while it reads, and another one goes on.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { findForm } from '../e2e/local-access/html-form.ts'
import { createHttpBrowser, signIn } from '../e2e/local-access/http-browser.ts'
import { ADMIN } from '../e2e/local-access/identities.ts'
import { openDatabase, type RoundTrip } from '../server/db/database.ts'
import { largeYaml } from '../server/testing/large-documents.ts'
import { watchHeap } from './heap-usage.ts'
import { importDocument } from './import-document.ts'
import { openLocalD1 } from './local-d1.ts'
import { FURTHEST } from './ports.ts'
import { startStack } from './stack.ts'

const MIB = 1024 * 1024
const IMPORT_MS = 600_000
const SLUG = 'measured'

const { values: options } = parseArgs({
  options: {
    port: { type: 'string', default: '8787' },
    interrupt: { type: 'boolean', default: false },
    document: {
      type: 'string',
      default: createRequire(import.meta.url).resolve('@octokit/openapi/generated/api.github.com.json'),
    },
  },
})

const isYaml = options.document === 'yaml'
const fileName = isYaml ? 'large.yaml' : basename(options.document)
const bytes = isYaml ? Buffer.concat([...largeYaml({ operations: 16_000 })]) : await readFile(options.document)
console.log(`${fileName}: ${(bytes.byteLength / MIB).toFixed(1)} MiB`)
await measureHeap()
await measureDatabase()

async function measureHeap(): Promise<void> {
  const stateDir = await mkdtemp(join(tmpdir(), 'executor-measure-'))
  const port = Number(options.port)
  const inspectorPort = port + FURTHEST + 1
  const start = () =>
    startStack({ port, stateDir, inspectorPort, withSample: false, say: (line: string) => console.log(line) })
  let stack = await start()
  try {
    let browser = createHttpBrowser(stack.url)
    await signIn(browser, ADMIN.email, '/integrations/new')
    let heap = await watchHeap(inspectorPort)
    const atRest = heap.most()
    const form = new FormData()
    form.set('file', new File([bytes], fileName, { type: 'application/json' }))
    let page = await browser.submit('/integrations/new', form)
    if (page.status >= 400) {
      console.log(`refused: ${/id="source-error"[^>]*>([^<]*)/.exec(page.html)?.[1] ?? page.status}`)
      return
    }
    const address = page.url.pathname
    const shown: string[] = []
    let isInterrupted = !options.interrupt
    let most = 0
    for (const deadline = Date.now() + IMPORT_MS; page.html.includes('<progress'); await sleep(250)) {
      if (Date.now() > deadline) throw new Error(`The document was not read within ${IMPORT_MS / 1000} s.`)
      const progress = /[\d,]+ of [\d,]+ operations/.exec(page.html)?.[0]
      if (progress !== undefined && progress !== shown.at(-1)) shown.push(progress)
      if (progress !== undefined && !isInterrupted) {
        isInterrupted = true
        most = heap.most()
        heap.stop()
        await stack.stop()
        console.log(`killed at ${progress}`)
        stack = await start()
        browser = createHttpBrowser(stack.url)
        await signIn(browser, ADMIN.email, address)
        heap = await watchHeap(inspectorPort)
      }
      page = await browser.open(address)
    }
    const confirm = findForm(page.html, 'slug')
    if (confirm === undefined) throw new Error(`The console shows no preview: ${page.status} at ${page.url.href}`)
    const read = Math.max(most, heap.most())
    console.log(`progress: ${shown.join('; ') || 'read within the first answer'}`)
    const server = { server: 'other', baseUrl: 'https://api.example.com' }
    const done = await browser.submit(address, { ...confirm.values, ...server, method: '~none', slug: SLUG })
    if (!done.url.pathname.endsWith(SLUG)) throw new Error(`It was not imported: ${done.status} at ${done.url.href}`)
    const all = Math.max(read, heap.most())
    const { samples } = heap.stop()
    const sizes = [atRest, read, all].map((size) => `${(size / MIB).toFixed(1)} MiB`)
    console.log(
      `heap, most: ${sizes[0]} at rest, ${sizes[1]} up to the preview, ${sizes[2]} in all (${samples} samples)`,
    )
  } finally {
    await stack.stop()
    await rm(stateDir, { recursive: true, force: true })
  }
}

async function measureDatabase(): Promise<void> {
  const { d1, dispose } = await openLocalD1()
  try {
    const trips: RoundTrip[] = []
    const db = openDatabase(d1, { onQuery: (trip) => trips.push(trip) })
    const started = performance.now()
    await importDocument(db, { slug: SLUG, fileName, bytes })
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    const size = (await d1.prepare('SELECT 1').all()).meta.size_after
    const tools = await d1.prepare('SELECT sum(tool_count) AS tools FROM integrations').first<number>('tools')
    const statements = trips.reduce((sum, trip) => sum + trip.statements.length, 0)
    const rowsWritten = trips.reduce((sum, trip) => sum + trip.rowsWritten, 0)
    console.log(`D1: ${trips.length} round trips, ${statements} statements, ${rowsWritten} rows written, ${seconds} s`)
    console.log(`D1: ${tools} tools, ${((size ?? 0) / MIB).toFixed(1)} MiB`)
  } finally {
    await dispose()
  }
}
