import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { cloudflare } from '@cloudflare/vite-plugin'
import { reactRouter } from '@react-router/dev/vite'
import tailwindcss from '@tailwindcss/vite'
import { defineConfig } from 'vite'
import { orderModules } from './scripts/bundle-order.ts'
import { leanWorker } from './scripts/lean-worker.ts'
import { writeMeteredQuickjs } from './scripts/metered-quickjs.ts'
import { serverOnlyGuard } from './scripts/server-only-guard.ts'

const require = createRequire(import.meta.url)
/** `react-dom/server` brings the renderer of React 17 along, a twentieth of the bundle, for `renderToString`. */
const renderer = join(dirname(require.resolve('react-dom/package.json')), 'cjs/react-dom-server.edge.production.js')

export default defineConfig({
  plugins: [
    leanWorker(),
    orderModules(),
    serverOnlyGuard(),
    cloudflare({ viteEnvironment: { name: 'ssr' } }),
    tailwindcss(),
    reactRouter(),
  ],
  resolve: { alias: { 'executor:sandbox.wasm': writeMeteredQuickjs(), 'react-dom/server': renderer } },
  environments: { ssr: { build: { minify: true } } },
})
