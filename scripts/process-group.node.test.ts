import { expect, test } from 'vitest'
import { ROOT } from './root.ts'
import { type RunningTool, runTool, startTool } from './process-group.ts'

/** A tool that starts another one in its group, both deaf to SIGTERM when asked, and prints both ids. */
function startFamily(ignoreTerm: boolean): RunningTool {
  const deaf = ignoreTerm ? `process.on('SIGTERM', () => {});` : ''
  const child = `${deaf} setInterval(() => {}, 1000)`
  const script = `${deaf}
    const child = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}], { stdio: 'ignore' })
    console.log('ids', process.pid, child.pid)
    setInterval(() => {}, 1000)`
  return startTool(process.execPath, ['-e', script], { cwd: ROOT })
}

async function idsOf(tool: RunningTool): Promise<number[]> {
  await expect.poll(() => tool.output(), { timeout: 10_000 }).toMatch(/ids \d+ \d+\n/)
  return tool.output().match(/\d+/g)?.map(Number) ?? []
}

function isAlive(id: number): boolean {
  try {
    process.kill(id, 0)
    return true
  } catch {
    return false
  }
}

test('stopping a tool ends everything it started', async () => {
  const tool = startFamily(false)
  const ids = await idsOf(tool)
  expect(ids.map(isAlive)).toEqual([true, true])
  await tool.stop()
  await expect.poll(() => ids.some(isAlive), { timeout: 5000 }).toBe(false)
})

test('a child that outlives its tool is ended with it', async () => {
  const tool = startFamily(true)
  const ids = await idsOf(tool)
  process.kill(ids[0] ?? 0, 'SIGKILL')
  await tool.ended
  await expect.poll(() => ids.some(isAlive), { timeout: 5000 }).toBe(false)
})

test('a tool that does not listen is ended all the same', async () => {
  const tool = startFamily(true)
  const ids = await idsOf(tool)
  await tool.stop(200)
  await expect.poll(() => ids.some(isAlive), { timeout: 5000 }).toBe(false)
})

test('what a tool prints and how it ended come back, also when there is no such tool', async () => {
  const spoken = await runTool(process.execPath, ['-e', 'console.log(1); console.error(2)'], { cwd: ROOT })
  expect(spoken.ok).toBe(true)
  expect(spoken.output.split('\n').sort()).toEqual(['', '1', '2'])
  expect(await runTool(process.execPath, ['-e', 'process.exit(3)'], { cwd: ROOT })).toMatchObject({ ok: false })
  expect(await runTool('no-such-tool-here', [], { cwd: ROOT })).toMatchObject({
    ok: false,
    output: expect.stringContaining('could not be started'),
  })
  const absent = startTool('no-such-tool-here', [], { cwd: ROOT })
  await absent.ended
  expect(absent.output()).toContain('ENOENT')
})
