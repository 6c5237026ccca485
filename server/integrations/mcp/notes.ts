// What a server says while it carries a call out: how far it is, and its log. As much of it as a person reads.
import type { JSONRPCMessage } from '@modelcontextprotocol/client'
import type { CallNotes } from '../../../drizzle/shapes.ts'
import { own, ownText, shorten } from '../json-value.ts'

const MOST_LINES = 50
const MAX_LINE = 300
/** Before it is shortened, which looks at all of it. */
const MAX_READ = 4000
const MAX_LEVEL = 20

export class Notes {
  #progress: CallNotes['progress']
  readonly #logs: CallNotes['logs'] = []
  #left = 0

  take(message: JSONRPCMessage): void {
    if (!('method' in message)) return
    if (message.method === 'notifications/progress') this.#advance(message.params)
    if (message.method === 'notifications/message') this.#log(message.params)
  }

  /** Undefined when it said nothing. */
  taken(): CallNotes | undefined {
    if (this.#progress === undefined && this.#logs.length === 0) return undefined
    return { ...(this.#progress && { progress: this.#progress }), logs: [...this.#logs], left: this.#left }
  }

  #advance(params: unknown): void {
    const progress = own(params, 'progress')
    const total = own(params, 'total')
    const message = lineOf(own(params, 'message'))
    if (typeof progress !== 'number') return
    this.#progress = { progress, ...(typeof total === 'number' && { total }), ...(message && { message }) }
  }

  #log(params: unknown): void {
    const logger = ownText(params, 'logger')
    const text = lineOf(own(params, 'data'))
    this.#logs.push({
      level: shorten(ownText(params, 'level').slice(0, MAX_LEVEL), MAX_LEVEL),
      text: shorten(logger ? `${logger.slice(0, MAX_LINE)}: ${text}` : text, MAX_LINE),
    })
    if (this.#logs.length <= MOST_LINES) return
    this.#logs.shift()
    this.#left++
  }
}

function lineOf(data: unknown): string {
  const text = typeof data === 'string' ? data : data === undefined ? '' : JSON.stringify(data)
  return shorten(text.slice(0, MAX_READ), MAX_LINE)
}
