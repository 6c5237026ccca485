// `npm test`: everything there is to check, one stage after the other, ending at the first that fails.
import { spawn } from 'node:child_process'
import { buildWhenStale } from './build.ts'
import { checkBundle } from './bundle-size.ts'
import { ensureChromium } from './find-chromium.ts'
import { ROOT } from './root.ts'

interface Stage {
  name: string
  run(): Promise<void>
}

/** What is `quiet` is heard when it is over. */
function command(
  name: string,
  args: readonly string[],
  { env = {}, quiet = false }: { env?: Record<string, string>; quiet?: boolean } = {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    const shell = process.platform === 'win32'
    const stdio = quiet ? 'pipe' : 'inherit'
    const child = spawn(name, args, { cwd: ROOT, stdio, env: { ...process.env, ...env }, shell })
    const said: Buffer[] = []
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => said.push(chunk))
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => child.kill(signal))
    child.on('error', reject)
    child.on('close', (code) => {
      process.stdout.write(Buffer.concat(said))
      if (code === 0) resolve()
      else reject(new Error(`${name} ${args.join(' ')} failed.`))
    })
  })
}

/** A browser waits for a Worker and a Worker for a browser: two runs, a stack each, leave two cores less idle. */
async function runJourneys(chromium: string): Promise<void> {
  const run = (screen: string, port: number, quiet: boolean) => {
    const env = { CHROMIUM_PATH: chromium, JOURNEYS_SCREEN: screen, JOURNEYS_PORT: String(port) }
    return command('playwright', ['test', '-c', 'e2e'], { env, quiet })
  }
  const runs = await Promise.allSettled([run('desktop', 8940, false), run('phone', 8950, true)])
  const failed = runs.find((one) => one.status === 'rejected')
  if (failed) throw failed.reason
}

const STAGES: readonly Stage[] = [
  { name: 'types, formatting, lint', run: () => command('npm', ['run', '--silent', 'check']) },
  {
    name: 'build and bundle size',
    async run() {
      await buildWhenStale(ROOT, console.log)
      await checkBundle(ROOT)
    },
  },
  // Some of them start the Worker that was built.
  { name: 'tests in Node and in workerd', run: () => command('vitest', ['run']) },
  {
    name: 'journeys in a browser',
    async run() {
      const path = ensureChromium()
      console.log(`The browser is ${path}`)
      await runJourneys(path)
    },
  },
]

const results: string[] = []
let failed = 0
for (const stage of STAGES) {
  const { name } = stage
  if (failed > 0) {
    results.push(`  skipped  ${name}`)
    continue
  }
  console.log(`\n── ${name}\n`)
  const start = performance.now()
  try {
    await stage.run()
    results.push(`  passed   ${name}, ${((performance.now() - start) / 1000).toFixed(0)} s`)
  } catch (error) {
    failed += 1
    console.error(error instanceof Error ? error.message : error)
    results.push(`  FAILED   ${name}`)
  }
}
const passed = results.filter((line) => line.startsWith('  passed')).length
console.log(
  `\n${results.join('\n')}\n\nStages: ${passed} passed, ${failed} failed, ${STAGES.length - passed - failed} skipped`,
)
process.exitCode = failed > 0 ? 1 : 0
