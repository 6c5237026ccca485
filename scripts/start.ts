// `npm start`: the local stack until Ctrl-C, and in the last lines everything needed to use it.
import { parseArgs } from 'node:util'
import { resolve } from 'node:path'
import { ADMIN, LOCAL_AGENT, MEMBER } from '../e2e/local-access/identities.ts'
import { defaultState, parsePorts } from './ports.ts'
import { ROOT } from './root.ts'
import { startStack } from './stack.ts'

const { values } = parseArgs({
  options: { state: { type: 'string' }, fresh: { type: 'boolean', default: false } },
})

function welcome(url: string, port: string | undefined): string {
  const mcp = `${url}/mcp`
  const headers = { 'CF-Access-Client-Id': LOCAL_AGENT.id, 'CF-Access-Client-Secret': LOCAL_AGENT.secret }
  const flags = Object.entries(headers).map(([name, value]) => `--header "${name}: ${value}"`)
  const json = { mcpServers: { executor: { type: 'http', url: mcp, headers } } }
  return `
Sign in at ${url}
  as ${ADMIN.email} (may do everything) or ${MEMBER.email} (uses tools, owns personal connections).

Connect an agent, here Claude Code with the local service token (without the headers it signs in as you):
  claude mcp add --transport http executor ${mcp} ${flags.join(' ')}

Any other agent, in its JSON file:
  ${JSON.stringify(json)}

Or try it without an agent:
  ${port ? `PORT=${port} ` : ''}npm run agent -- "return await tools.search({ query: 'list open tickets' })"
`
}

function fail(error: unknown): never {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}

const parsed = parsePorts(process.env.PORT)
if (!parsed.ok) fail(new Error(parsed.message))
const stateDir = resolve(ROOT, values.state ?? process.env.EXECUTOR_STATE ?? defaultState(parsed.ports.access))

let stop: () => Promise<void> = async () => undefined
let isEnding = false
/** Ends what runs, once; whoever is still starting is ended by the exit itself. */
async function end(code: number): Promise<void> {
  if (isEnding) return
  isEnding = true
  await stop()
  process.exit(code)
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end(0))
process.on('disconnect', () => void end(0))

try {
  const stack = await startStack({
    port: parsed.ports.access,
    stateDir,
    fresh: values.fresh,
    say: (line) => console.log(line),
    onOutput: (text) => process.stderr.write(text),
  })
  stop = () => stack.stop()
  console.log(welcome(stack.url, process.env.PORT))
  console.log(`Executor ready at ${stack.url}`)
  const output = await stack.workerEnded
  if (!isEnding) console.error(`The Worker ended by itself. The last it said:\n${output}`)
  await end(1)
} catch (error) {
  if (!isEnding) fail(error)
}
