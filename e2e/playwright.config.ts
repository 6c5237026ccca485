// Journeys in a real browser against the whole local stack, started here on its own port with an empty folder.
// On a desktop and on a phone; a spec that works without JavaScript says so itself: test.use({ javaScriptEnabled: false }).
import { defineConfig } from '@playwright/test'
import { findChromium } from '../scripts/find-chromium.ts'
import { JOURNEYS_PORT, JOURNEYS_STATE } from './stack-origins.ts'

/** One of the two, where each has a run and a stack of its own; otherwise both, one after the other. */
const SCREENS = process.env.JOURNEYS_SCREEN?.split(',') ?? ['desktop', 'phone']

const executablePath = findChromium()
const QUIET = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking']
const OFFLINE = ['--disable-component-update', '--disable-sync']

const SCREEN_PROJECTS = [
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
]

export default defineConfig({
  testDir: '.',
  testMatch: '**/*.spec.ts',
  outputDir: `../test-results/${JOURNEYS_PORT}`,
  workers: 1,
  retries: 0,
  forbidOnly: process.env.CI !== undefined,
  reporter: 'list',
  timeout: 60_000,
  use: {
    baseURL: `http://localhost:${JOURNEYS_PORT}`,
    screenshot: 'only-on-failure',
    launchOptions: {
      args: ['--no-sandbox', ...QUIET, ...OFFLINE],
      ...(executablePath === undefined ? {} : { executablePath }),
    },
  },
  projects: [
    // Secrets that all others use the stack with, and that nobody may find when they are over.
    { name: 'canaries', testMatch: 'canary-plant.spec.ts' },
    ...SCREEN_PROJECTS.filter(({ name }) => SCREENS.includes(name)),
    { name: 'searched', testMatch: 'canary.spec.ts', dependencies: SCREENS },
  ],
  webServer: {
    command: `node scripts/start.ts --fresh --state ${JOURNEYS_STATE}`,
    cwd: '..',
    env: { PORT: String(JOURNEYS_PORT) },
    wait: { stdout: /Executor ready at/ },
    timeout: 180_000,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 15_000 },
    stdout: 'pipe',
    stderr: 'pipe',
  },
})
