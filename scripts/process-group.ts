// A tool of ours with everything it starts: wrangler's workerd outlives a killed wrangler, so the whole group is ended.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

export interface RunningTool {
  /** Resolves when the tool has ended, by itself or by `stop`. */
  ended: Promise<void>
  /** The last lines it printed. */
  output(): string
  /** Asks first, and insists after `graceMs`. */
  stop(graceMs?: number): Promise<void>
  /** Ends the whole group at once, as a machine that goes away would. */
  kill(): Promise<void>
}

export interface ToolOptions {
  cwd: string
  env?: Record<string, string>
  /** Called with what the tool prints as it prints it. */
  onOutput?: (text: string) => void
}

const KEPT_CHARACTERS = 20_000
const GRACE_MS = 5000

function signalGroup(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return
  try {
    if (process.platform === 'win32') spawn('taskkill', ['/pid', String(child.pid), '/t', '/f'])
    else process.kill(-child.pid, signal)
  } catch {
    // Nobody is left in the group.
  }
}

export function startTool(command: string, args: readonly string[], options: ToolOptions): RunningTool {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
  })
  let output = ''
  const keep = (chunk: Buffer) => {
    const text = chunk.toString()
    output = (output + text).slice(-KEPT_CHARACTERS)
    options.onOutput?.(text)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  child.on('error', (error) => keep(Buffer.from(`${error.message}\n`)))

  const killAll = () => signalGroup(child, 'SIGKILL')
  process.on('exit', killAll)
  const ended = new Promise<void>((resolve) => {
    child.on('error', () => resolve())
    child.on('exit', () => {
      killAll()
      process.off('exit', killAll)
      resolve()
    })
  })
  return {
    ended,
    output: () => output,
    async stop(graceMs = GRACE_MS) {
      signalGroup(child, 'SIGTERM')
      const grace = new AbortController()
      const late = sleep(graceMs, undefined, { signal: grace.signal }).then(killAll, () => undefined)
      await ended
      grace.abort()
      await late
    },
    async kill() {
      killAll()
      await ended
    },
  }
}

/** Runs a tool to its end. `output` is what it printed. */
export async function runTool(
  command: string,
  args: readonly string[],
  options: ToolOptions,
): Promise<{ ok: boolean; output: string }> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const keep = (chunk: Buffer) => {
    output += chunk.toString()
    options.onOutput?.(chunk.toString())
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const kill = () => child.kill()
  process.on('exit', kill)
  try {
    const [code]: unknown[] = await once(child, 'close')
    return { ok: code === 0, output }
  } catch (error) {
    return { ok: false, output: `${command} could not be started: ${String(error)}` }
  } finally {
    process.off('exit', kill)
  }
}
