// Server-sent events (HTML, 9.2) as one value. A feed may never end, so that collecting it does: at a number of events, at
// a size, or when the call's time is over. What came until then is the answer, and it says that it was cut.
import { isNestedDeeperThan, readJson } from '../read-json.ts'

export interface CollectedEvents {
  events: StreamEvent[]
  /** There was more, or there may have been. */
  truncated: boolean
}

export interface StreamEvent {
  /** `message` where the stream names none. */
  event: string
  /** The id that was in force, where there was one. */
  id?: string
  /** Parsed when it is a JSON object, list or string; text otherwise. */
  data: unknown
}

export interface EventLimits {
  events: number
  /** Of the stream. */
  bytes: number
  /** Levels that JSON in `data` may have; beyond, it stays text. */
  depth: number
}

/** Throws what reading throws, unless it is the end of time, or of a connection that had brought something. */
export async function collectEvents(body: ReadableStream<Uint8Array>, limits: EventLimits): Promise<CollectedEvents> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  const parser = new EventParser(limits.depth)
  let bytes = 0
  try {
    for (;;) {
      const chunk = await reader.read()
      if (chunk.done) break
      bytes += chunk.value.byteLength
      parser.push(decoder.decode(chunk.value, { stream: true }))
      if (parser.events.length < limits.events && bytes < limits.bytes) continue
      reader.cancel().catch(() => {})
      return { events: parser.events.slice(0, limits.events), truncated: true }
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (code !== 'timeout' && (parser.events.length === 0 || code === 'aborted')) throw error
    return { events: parser.events, truncated: true }
  }
  parser.end()
  return { events: parser.events, truncated: false }
}

class EventParser {
  readonly events: StreamEvent[] = []
  readonly #depth: number
  /** The line that has not ended. */
  #rest = ''
  /** The last text ended in half of what may be one line break. */
  #hasReturned = false
  #event = ''
  #id = ''
  #data: string[] = []

  constructor(depth: number) {
    this.#depth = depth
  }

  push(text: string): void {
    const lines = (this.#hasReturned && text.startsWith('\n') ? text.slice(1) : text).split(/\r\n|\n|\r/)
    if (text !== '') this.#hasReturned = text.endsWith('\r')
    // Of the new text only: a line may come in a thousand pieces.
    for (const end of lines.splice(0, lines.length - 1)) {
      this.#line(this.#rest + end)
      this.#rest = ''
    }
    this.#rest += lines[0] ?? ''
  }

  /** Many streams end without the empty line that their last event is due. */
  end(): void {
    this.push('\n\n')
  }

  #line(line: string): void {
    if (line === '') return this.#dispatch()
    const colon = line.indexOf(':')
    const name = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (name === 'event') this.#event = value
    if (name === 'data') this.#data.push(value)
    if (name === 'id' && !value.includes('\0')) this.#id = value
  }

  #dispatch(): void {
    const text = this.#data.join('\n')
    const event = this.#event || 'message'
    if (this.#data.length > 0) this.events.push({ event, ...(this.#id && { id: this.#id }), data: this.#valueOf(text) })
    this.#event = ''
    this.#data = []
  }

  /** A number alone stays text, as a piece of text that happens to be digits has to. */
  #valueOf(text: string): unknown {
    const reading = /^\s*[[{"]/.test(text) ? readJson(text) : { ok: false as const }
    return reading.ok && !isNestedDeeperThan(reading.value, this.#depth) ? reading.value : text
  }
}
