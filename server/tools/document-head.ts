// The beginning of an answer, read to tell what it is, and put before the rest again when it is what was looked for.

export type Looks = 'document' | 'json' | 'yaml' | 'html' | 'text'

/** What the first few kilobytes are; `document` only when they say that they describe an API. */
export function looksLike(head: string): Looks {
  const text = head.replace(/^\uFEFF/, '').trimStart()
  if (text.startsWith('<')) return /<(!doctype html|html|head|body|script|title)\b/i.test(text) ? 'html' : 'text'
  const isAsync = /(^|["'\s{])asyncapi["']?\s{0,20}:/.test(text)
  if (text.startsWith('{')) return !isAsync && isJsonDocument(text) ? 'document' : 'json'
  if (text.startsWith('[')) return 'json'
  if (!isAsync && /^["']?(openapi|swagger)["']?[ \t]*:[ \t]*["']?\d/m.test(text)) return 'document'
  return /^["']?[\w$-]{1,100}["']?[ \t]*:([ \t]|\r?$)/m.test(text) ? 'yaml' : 'text'
}

/** Top members of OpenAPI documents that may fill the beginning before the version comes, and what they hold. */
const FIRST_MEMBER =
  /^\{\s*"(?:(?:components|definitions|externalDocs|info|parameters|paths|responses|securityDefinitions|x-[\w-]{1,60})"\s{0,20}:\s{0,20}\{|(?:consumes|produces|schemes|security|servers|tags)"\s{0,20}:\s{0,20}\[|basePath")/
const DISCOVERY = /"(?:batchPath|discoveryVersion|mtlsRootUrl|ownerDomain|rootUrl|servicePath)"\s{0,20}:/g

function isJsonDocument(text: string): boolean {
  if (/"(openapi|swagger)"\s{0,20}:\s{0,20}"\d/.test(text) || FIRST_MEMBER.test(text)) return true
  return new Set(text.match(DISCOVERY)).size >= 2 || /"kind"\s{0,20}:\s{0,20}"discovery#restDescription"/.test(text)
}

/** A body that is read from its start as far as is needed, and can still be handed on whole. */
export class PeekedBody {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #seen: Uint8Array[] = []
  #length = 0
  #isAtEnd = false

  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader()
  }

  /** The first `bytes`, or all there are. */
  async text(bytes: number): Promise<string> {
    while (this.#length < bytes && !this.#isAtEnd) {
      const { done, value } = await this.#reader.read()
      if (done) this.#isAtEnd = true
      else {
        this.#seen.push(value)
        this.#length += value.byteLength
      }
    }
    const decoder = new TextDecoder()
    return this.#seen.map((chunk) => decoder.decode(chunk, { stream: true })).join('')
  }

  /** From the first byte to the last. Whoever stops early cancels the rest. */
  async *chunks(): AsyncGenerator<Uint8Array> {
    try {
      for (let chunk = this.#seen.shift(); chunk !== undefined; chunk = this.#seen.shift()) yield chunk
      while (!this.#isAtEnd) {
        const { done, value } = await this.#reader.read()
        if (done) break
        yield value
      }
    } finally {
      await this.cancel()
    }
  }

  async cancel(): Promise<void> {
    await this.#reader.cancel().catch(() => {})
  }
}
