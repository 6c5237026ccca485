// Runs exactly what was uploaded: the modules of the deployed version with its variables and secrets, on a D1 of its own.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { startWorker } from '../../scripts/wrangler.ts'
import type { FakeAccount } from './fake-account.ts'

export interface UploadedWorker {
  url: string
  stop: () => Promise<void>
}

export async function serveUploadedWorker({ workers }: FakeAccount, port: number): Promise<UploadedWorker> {
  const [worker] = workers
  if (!worker) throw new Error('nothing was uploaded')
  const folder = await mkdtemp(join(tmpdir(), 'executor-uploaded-'))
  for (const { name, bytes } of worker.modules) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), bytes)
  }
  const texts = worker.bindings.filter(({ type }) => type === 'plain_text' || type === 'secret_text')
  const config = {
    name: worker.name,
    main: worker.mainModule,
    no_bundle: true,
    rules: [
      { type: 'ESModule', globs: ['**/*.js'] },
      { type: 'CompiledWasm', globs: ['**/*.wasm'] },
    ],
    compatibility_date: worker.compatibilityDate,
    compatibility_flags: worker.compatibilityFlags,
    vars: Object.fromEntries(texts.map(({ name, text }) => [name, text])),
    d1_databases: [{ binding: 'DB', database_name: 'executor', database_id: 'local' }],
  }
  await writeFile(join(folder, 'wrangler.json'), JSON.stringify(config))
  const options = { root: folder, stateDir: join(folder, 'state'), port, inspectorPort: 0, variables: {} }
  const running = await startWorker({ ...options, onOutput: () => undefined })
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      await running.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
