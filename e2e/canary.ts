// Secrets that no test may ever find again: used like any other from the beginning of the journeys, and searched for in
// everything that is left when all of them are over (canary.spec.ts).
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SAMPLE_API_KEY, SAMPLE_BASIC_PASSWORD, SAMPLE_READ_ONLY_KEY } from './sample-api/credentials.ts'

/** Of the integration `canary`, one for each way to send a secret. Letters and digits, so that they are easy to find. */
export const CANARY = {
  bearer: 'cnryBearer7f3Qx81TzWmKp04',
  query: 'cnryQuery9aLd52RvYhNs37Eu',
  basic: 'cnryBasic4cXg68MbJtPw15Zo',
  /** Of the member's own connection. */
  personal: 'cnryPersonal2eHk93VqSyDn6',
  /** In the address of a webhook. */
  webhook: 'cnryHook8bUf47GiCxRa29Lw',
  /** Typed into a form that was refused. */
  refused: 'cnryRefused5dOj16FsBkTz70',
} as const

const REMEMBERED = fileURLToPath(new URL('../.wrangler/canary-secrets', import.meta.url))

/** Tokens and secrets that somebody made up while a test ran: they are searched for as well. */
export function rememberSecret(value: string): void {
  if (value.length < 8) throw new Error('What is so short is found by chance.')
  mkdirSync(dirname(REMEMBERED), { recursive: true })
  appendFileSync(REMEMBERED, `${value}\n`)
}

export function forgetSecrets(): void {
  rmSync(REMEMBERED, { force: true })
}

/** Every secret that the journeys used, by what it is. */
export function secretsToFind(): Map<string, string> {
  const remembered = existsSync(REMEMBERED) ? readFileSync(REMEMBERED, 'utf8').split('\n').filter(Boolean) : []
  return new Map([
    ...Object.entries(CANARY),
    ['the key of the sample', SAMPLE_API_KEY],
    ['the read-only key of the sample', SAMPLE_READ_ONLY_KEY],
    ['the password of the sample', SAMPLE_BASIC_PASSWORD],
    ...remembered.map((value, index): [string, string] => [`remembered ${index + 1}`, value]),
  ])
}
