// The first stage of every npm script of ours, on whatever Node the machine has: installs the packages when they are
// absent or out of date, then hands over to the Node 22 among them, which runs TypeScript. Only `node:` modules here.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const OLDEST_NODE = 20

/** What to tell somebody whose Node is too old, or undefined. */
export function nodeComplaint(version) {
  if (Number.parseInt(version, 10) >= OLDEST_NODE) return undefined
  return `Executor needs Node ${OLDEST_NODE} or newer, and this is Node ${version}. Install a current one from https://nodejs.org and try again.`
}

/**
 * Why the packages have to be installed, or undefined when what is installed is what the lockfile says.
 * `wanted` is package-lock.json, `installed` npm's own record in node_modules; each parsed, or undefined when absent.
 */
export function installReason({ wanted, installed, hasNode }) {
  if (!installed) return 'they are not there yet'
  const locked = wanted?.packages ?? {}
  const present = installed.packages ?? {}
  const isOther = (name) => locked[name]?.version !== present[name]?.version
  // What is for another platform is in the lockfile only.
  const isNeeded = (name) => name !== '' && !locked[name].optional && !locked[name].devOptional
  if (Object.keys(present).some(isOther)) return 'package-lock.json has changed'
  if (Object.keys(locked).some((name) => isNeeded(name) && isOther(name))) return 'package-lock.json has changed'
  return hasNode ? undefined : 'the Node that comes with them is missing'
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

function bundledNode() {
  const folder = join(ROOT, 'node_modules', 'node', 'bin')
  return [join(folder, 'node'), join(folder, 'node.exe')].find((path) => existsSync(path))
}

function install() {
  const reason = installReason({
    wanted: readJson(join(ROOT, 'package-lock.json')),
    installed: readJson(join(ROOT, 'node_modules', '.package-lock.json')),
    hasNode: bundledNode() !== undefined,
  })
  if (!reason) return true
  console.log(`Installing packages with npm ci, because ${reason} …`)
  const args = ['ci', '--loglevel=error']
  const npm = process.env.npm_execpath
  const options = { cwd: ROOT, stdio: 'inherit', shell: process.platform === 'win32' && !npm }
  const result = npm ? spawnSync(process.execPath, [npm, ...args], options) : spawnSync('npm', args, options)
  if (result.status === 0) return true
  const why = result.error ? `could not be started: ${result.error.message}` : 'failed; its reasons are above'
  console.error(`npm ci ${why}.`)
  return false
}

/** Runs one of the scripts beside this file and resolves to its exit code. Signals are passed on, and waited for. */
function run(script, args) {
  const node = bundledNode() ?? process.execPath
  const path = [join(ROOT, 'node_modules', '.bin'), process.env.PATH].join(delimiter)
  const child = spawn(node, [join(ROOT, 'scripts', script), ...args], {
    cwd: ROOT,
    // The channel tells the script when this process is gone without a word.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, PATH: path },
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  return new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(`Node could not be started: ${error.message}`)
      resolve(1)
    })
    child.on('exit', (code) => resolve(code ?? 1))
  })
}

export async function bootstrap(script) {
  const complaint = nodeComplaint(process.versions.node)
  if (complaint) console.error(complaint)
  if (complaint || !install()) process.exit(1)
  process.exit(await run(script, process.argv.slice(2)))
}
