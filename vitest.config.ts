// Two kinds of test: `*.test.ts` runs inside workerd with a real D1, `*.node.test.ts` runs in Node.
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

const migrations = await readD1Migrations(new URL('./drizzle/migrations', import.meta.url).pathname)

export default defineConfig({
  test: {
    fsModuleCache: false,
    projects: [
      {
        plugins: [
          cloudflareTest({
            main: './server/testing/worker.ts',
            miniflare: {
              compatibilityDate: '2026-10-01',
              compatibilityFlags: ['nodejs_compat', 'global_fetch_strictly_public'],
              d1Databases: ['DB'],
              bindings: { TEST_MIGRATIONS: migrations },
            },
          }),
        ],
        test: {
          name: 'worker',
          include: ['{server,app,drizzle}/**/*.test.{ts,tsx}'],
          exclude: ['**/*.node.test.{ts,tsx}'],
        },
      },
      {
        test: {
          name: 'node',
          include: ['{server,app,drizzle,e2e,scripts}/**/*.node.test.{ts,tsx}'],
          testTimeout: 30_000,
        },
      },
    ],
  },
})
