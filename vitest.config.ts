// Two kinds of test: `*.test.ts` runs inside workerd with a real D1, `*.node.test.ts` runs in Node.
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'
import { writeMeteredQuickjs } from './scripts/metered-quickjs.ts'

const migrations = await readD1Migrations(new URL('./drizzle/migrations', import.meta.url).pathname)

// server/testing/worker-engine.ts imports the file that this writes.
writeMeteredQuickjs()

const sucrase = ['index', 'parser/index', 'parser/tokenizer/state', 'parser/tokenizer/types'].map(
  (file) => `sucrase/dist/${file}.js`,
)

export default defineConfig({
  test: {
    fsModuleCache: false,
    // The longest files wait for programs that they start: on two cores, two at a time take 0.7 of the time of one.
    maxWorkers: 2,
    projects: [
      {
        plugins: [
          cloudflareTest({
            main: './server/testing/worker.ts',
            miniflare: {
              modulesRules: [{ type: 'CompiledWasm', include: ['**/*.wasm'] }],
              compatibilityDate: '2026-10-01',
              compatibilityFlags: ['nodejs_compat', 'global_fetch_strictly_public'],
              d1Databases: ['DB'],
              bindings: { TEST_MIGRATIONS: migrations },
            },
          }),
        ],
        test: {
          name: 'worker',
          globalSetup: ['./server/testing/answers/serve.ts', './server/testing/mcp/serve.ts'],
          // A bound for what hangs, on a machine that is busy with the other tests too.
          testTimeout: 30_000,
          hookTimeout: 60_000,
          // Bundled first, as the Worker's build does: what these CommonJS files require does not load one by one.
          deps: { optimizer: { ssr: { enabled: true, include: sucrase } } },
          include: ['{server,app,drizzle}/**/*.test.{ts,tsx}'],
          exclude: ['**/*.node.test.{ts,tsx}'],
        },
      },
      {
        test: {
          name: 'node',
          include: ['{server,app,drizzle,e2e,scripts}/**/*.node.test.{ts,tsx}'],
          // With the same graphql as what imports it: Node and Vite resolve two.
          server: { deps: { inline: ['graphql-http'] } },
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
