import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { delimiter, join } from 'node:path'

export interface ScriptResult {
  /** Undefined when it was killed. */
  code: number | undefined
  output: string
}

export interface ScriptOptions {
  folder: string
  args?: readonly string[]
  env: Record<string, string>
  /** Given each line as it is printed; true kills the script with everything it started. */
  killAt?: (line: string) => boolean
  onStart?: (kill: () => void) => void
}

/** Runs one of the scripts of a project, in a process group of its own, with nobody to ask and no login of anybody's. */
export async function runScript(script: string, options: ScriptOptions): Promise<ScriptResult> {
  const { folder, args = [], env, killAt = () => false, onStart } = options
  const child = spawn(process.execPath, [join(folder, 'scripts', script), ...args], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: [join(folder, 'node_modules/.bin'), process.env.PATH].join(delimiter),
      // What a killed command leaves goes with the project.
      TMPDIR: folder,
      HOME: folder,
      XDG_CONFIG_HOME: folder,
      WRANGLER_LOG_PATH: join(folder, 'logs'),
      ...env,
    },
  })
  onStart?.(() => killGroup(child))
  let output = ''
  let seen = 0
  const keep = (chunk: Buffer) => {
    output += chunk.toString()
    const lines = output.split('\n')
    for (; seen < lines.length - 1; seen++) {
      if (killAt(lines[seen] ?? '')) killGroup(child)
    }
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const [code]: unknown[] = await once(child, 'close')
  return { code: typeof code === 'number' ? code : undefined, output }
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // Nobody is left in it.
  }
}
