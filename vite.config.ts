import { cloudflare } from '@cloudflare/vite-plugin'
import { reactRouter } from '@react-router/dev/vite'
import tailwindcss from '@tailwindcss/vite'
import { defineConfig } from 'vite'
import { writeMeteredQuickjs } from './scripts/metered-quickjs.ts'
import { serverOnlyGuard } from './scripts/server-only-guard.ts'

export default defineConfig({
  plugins: [serverOnlyGuard(), cloudflare({ viteEnvironment: { name: 'ssr' } }), tailwindcss(), reactRouter()],
  resolve: { alias: { 'executor:sandbox.wasm': writeMeteredQuickjs() } },
  environments: { ssr: { build: { minify: true } } },
})
