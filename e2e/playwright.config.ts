// Journeys in a real browser against the whole local stack, started here on its own port with an empty folder.
// On a desktop and on a phone; a spec that works without JavaScript says so itself: test.use({ javaScriptEnabled: false }).
import { defineConfig } from '@playwright/test'
import { findChromium } from '../scripts/find-chromium.ts'
import { JOURNEYS_STATE } from './stack-origins.ts'

const PORT = 8940
const executablePath = findChromium()
const QUIET = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking']
const OFFLINE = ['--disable-component-update', '--disable-sync']

export default defineConfig({
  testDir: '.',
  testMatch: '**/*.spec.ts',
  outputDir: '../test-results',
  workers: 1,
  retries: 0,
  forbidOnly: process.env.CI !== undefined,
  reporter: 'list',
  timeout: 60_000,
  use: {
    baseURL: `http://localhost:${PORT}`,
    screenshot: 'only-on-failure',
    launchOptions: {
      args: ['--no-sandbox', ...QUIET, ...OFFLINE],
      ...(executablePath === undefined ? {} : { executablePath }),
    },
  },
  projects: [
    // Secrets that all others use the stack with, and that nobody may find when they are over.
    { name: 'canaries', testMatch: 'canary-plant.spec.ts' },
    {
      name: 'desktop',
      dependencies: ['canaries'],
      testIgnore: /canary.*\.spec\.ts/,
      use: { viewport: { width: 1280, height: 800 } },
    },
    {
      name: 'phone',
      dependencies: ['canaries'],
      // What has no screen runs once, and agents are set up on a desktop.
      testIgnore: /(canary.*|add-mcp|agent|attacks|documents|forgeries|github)\.spec\.ts/,
      use: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
    },
    { name: 'searched', testMatch: 'canary.spec.ts', dependencies: ['desktop', 'phone'] },
  ],
  webServer: {
    command: `node scripts/start.ts --fresh --state ${JOURNEYS_STATE}`,
    cwd: '..',
    env: { PORT: String(PORT) },
    wait: { stdout: /Executor ready at/ },
    timeout: 180_000,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 15_000 },
    stdout: 'pipe',
    stderr: 'pipe',
  },
})
