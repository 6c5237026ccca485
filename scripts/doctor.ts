// `npm run doctor -- <url>`: looks at a deployment from outside and, with a service token, from inside, and says what
// was seen, what it means and what to do next. Exits with 1 when something is wrong. `--json` prints for programs:
// { ok, url, findings: [{ id, level, title, detail, fix }] }, and nothing else.
import { parseArgs } from 'node:util'
import { diagnose } from './doctor/diagnose.ts'
import type { Finding } from './doctor/finding.ts'
import { observe, type ServiceToken } from './doctor/observe.ts'

const USAGE = `Usage: npm run doctor -- <url> [--client-id <id> --client-secret <secret>] [--json]

  <url>             of the deployment, for example https://executor.example.com
  --client-id, --client-secret
                    of a service token of Access, to look at the inside too; or set
                    EXECUTOR_CLIENT_ID and EXECUTOR_CLIENT_SECRET, which leave no trace in the shell's history
  --json            for programs (npm run --silent doctor -- …)`

type Command = { ok: true; origin: string; token: ServiceToken | undefined; json: boolean } | { ok: false; why: string }

function parseCommand(args: string[]): Command {
  let parsed
  try {
    const option = { type: 'string' } as const
    const options = { 'client-id': option, 'client-secret': option, json: { type: 'boolean', default: false } } as const
    parsed = parseArgs({ args, options, allowPositionals: true })
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : String(error) }
  }
  const { positionals, values } = parsed
  const [address = ''] = positionals
  if (positionals.length !== 1) return { ok: false, why: 'Say which deployment: one address.' }
  const origin = originOf(address)
  if (origin === undefined) return { ok: false, why: `${address} is not the address of a website.` }
  const id = values['client-id'] ?? process.env.EXECUTOR_CLIENT_ID ?? ''
  const secret = values['client-secret'] ?? process.env.EXECUTOR_CLIENT_SECRET ?? ''
  if ((id === '') !== (secret === '')) return { ok: false, why: 'A service token has both an id and a secret.' }
  return { ok: true, origin, token: id === '' ? undefined : { id, secret }, json: values.json }
}

/** Whatever page of it was copied; https unless it is on this machine or said otherwise. */
function originOf(address: string): string | undefined {
  const isLocal = /^(localhost|127\.0\.0\.1|\[::1\])(:|\/|$)/.test(address)
  const whole = address.includes('://') ? address : `${isLocal ? 'http' : 'https'}://${address}`
  return /^https?:/i.test(whole) && URL.canParse(whole) ? new URL(whole).origin : undefined
}

const MARKS: Record<Finding['level'], string> = { ok: '✓', note: '·', warning: '!', error: '✗' }
const WIDTH = 100

function wrapped(text: string, indent: string): string {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const line = lines.at(-1)
    if (line !== undefined && line.length + word.length < WIDTH) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(indent + word)
  }
  return lines.join('\n')
}

function printed({ level, title, detail, fix }: Finding): string {
  const what = `${MARKS[level]} ${title}\n${wrapped(detail, '    ')}`
  return fix === '' ? what : `${what}\n${wrapped(`→ ${fix}`, '    ')}`
}

const command = parseCommand(process.argv.slice(2))
if (command.ok) {
  const { origin: url, token, json } = command
  const findings = diagnose(await observe(url, token))
  const errors = findings.filter(({ level }) => level === 'error').length
  if (json) console.log(JSON.stringify({ ok: errors === 0, url, findings }, null, 2))
  else {
    const sum = errors === 0 ? 'Nothing is wrong.' : `${errors} ${errors === 1 ? 'thing is' : 'things are'} wrong.`
    console.log(`${url}\n\n${findings.map(printed).join('\n\n')}\n\n${sum}`)
  }
  process.exitCode = errors === 0 ? 0 : 1
} else {
  console.error(`${command.why}\n\n${USAGE}`)
  process.exitCode = 1
}
