// Runs exactly what was uploaded: the modules of the deployed version with its variables and secrets, on a D1 of its own.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { startWorker } from '../../scripts/wrangler.ts'
import type { FakeAccount } from './fake-account.ts'
import { close, listen } from '../listen.ts'

export interface UploadedWorker {
  url: string
  stop: () => Promise<void>
}

export async function serveUploadedWorker({ workers }: FakeAccount): Promise<UploadedWorker> {
  const [worker] = workers
  if (!worker) throw new Error('nothing was uploaded')
  const folder = await mkdtemp(join(tmpdir(), 'executor-uploaded-'))
  // wrangler begins anew whenever something changes beside the modules: its own state must not lie there.
  const root = join(folder, 'worker')
  for (const { name, bytes } of worker.modules) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), bytes)
  }
  const texts = worker.bindings.filter(({ type }) => type === 'plain_text' || type === 'secret_text')
  const config = {
    name: worker.name,
    main: worker.mainModule,
    no_bundle: true,
    rules: [
      { type: 'ESModule', globs: ['**/*.js'], fallthrough: false },
      { type: 'CompiledWasm', globs: ['**/*.wasm'], fallthrough: false },
    ],
    compatibility_date: worker.compatibilityDate,
    compatibility_flags: worker.compatibilityFlags,
    vars: Object.fromEntries(texts.map(({ name, text }) => [name, text])),
    d1_databases: [{ binding: 'DB', database_name: 'executor', database_id: 'local' }],
  }
  await writeFile(join(root, 'wrangler.json'), JSON.stringify(config))
  const port = await freePort()
  const options = { root, stateDir: join(folder, 'state'), port, inspectorPort: 0, variables: {} }
  const running = await startWorker({ ...options, onOutput: () => undefined })
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      await running.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  const port = await listen(server)
  await close(server)
  return port
}
