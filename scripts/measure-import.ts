// What importing GitHub's document costs: the heap of the built Worker's isolate while an admin imports it through the
// console, and the round trips to D1 of the same import. The budgets are in the design.
//   node scripts/measure-import.ts [--port 8787] [--document <file>]
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
import { watchHeap } from './heap-usage.ts'
import { importDocument } from './import-document.ts'
import { openLocalD1 } from './local-d1.ts'
import { startStack } from './stack.ts'

const MIB = 1024 * 1024
const IMPORT_MS = 120_000
const SLUG = 'measured'

const { values: options } = parseArgs({
  options: {
    port: { type: 'string', default: '8787' },
    document: {
      type: 'string',
      default: createRequire(import.meta.url).resolve('@octokit/openapi/generated/api.github.com.json'),
    },
  },
})

const fileName = basename(options.document)
const bytes = await readFile(options.document)
console.log(`${fileName}: ${(bytes.byteLength / MIB).toFixed(1)} MiB`)
await measureHeap()
await measureDatabase()

async function measureHeap(): Promise<void> {
  const stateDir = await mkdtemp(join(tmpdir(), 'executor-measure-'))
  const port = Number(options.port)
  const inspectorPort = port + 4
  const say = (line: string) => console.log(line)
  const stack = await startStack({ port, stateDir, inspectorPort, withSample: false, say })
  try {
    const browser = createHttpBrowser(stack.url)
    await signIn(browser, ADMIN.email, '/integrations/new')
    const heap = await watchHeap(inspectorPort)
    const atRest = heap.most()
    const form = new FormData()
    form.set('file', new File([bytes], fileName, { type: 'application/json' }))
    const preview = await browser.submit('/integrations/new', form)
    const confirm = findForm(preview.html, 'import')
    if (confirm === undefined) throw new Error(`The console shows no preview: ${preview.status} at ${preview.url.href}`)
    const previewed = heap.most()
    const baseUrl = confirm.values.baseUrl || 'https://api.example.com'
    await browser.submit('/integrations/new', { ...confirm.values, slug: SLUG, baseUrl })
    for (const deadline = Date.now() + IMPORT_MS; Date.now() < deadline; await sleep(250)) {
      const { html } = await browser.open(`/integrations/${SLUG}`)
      if (html.includes('The import failed')) throw new Error('The import failed.')
      if (!html.includes('<progress')) break
    }
    const { samples } = heap.stop()
    const shown = [atRest, previewed, heap.most()].map((size) => `${(size / MIB).toFixed(1)} MiB`)
    console.log(
      `heap, most: ${shown[0]} at rest, ${shown[1]} up to the preview, ${shown[2]} in all (${samples} samples)`,
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
