// Reads a multipart form as a stream: `request.formData()` would hold a whole uploaded document in memory, twice.
// What a browser sends is read, RFC 7578, and nothing more.

export interface Part {
  name: string
  /** Set for files, also when none was chosen: then it is empty. */
  fileName?: string
  /** The part's bytes. Read them before asking for the next part; what is left unread is skipped. */
  chunks: AsyncIterable<Uint8Array>
}

const MOST_HEADER_BYTES = 8192

/** The parts in their order. Throws when the body is not a multipart form or ends before its last boundary. */
export async function* readParts(request: Request): AsyncGenerator<Part, void> {
  const boundary = /;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(request.headers.get('content-type') ?? '')
  if (!boundary || !request.body) throw new Error('The request is not a multipart form.')
  const delimiter = Buffer.from(`\r\n--${boundary[1] ?? boundary[2]}`)
  // The first boundary may stand at the very beginning, so the line break before it is added.
  const body = new Scanner(request.body, Buffer.from('\r\n'))
  try {
    await skip(body.until(delimiter))
    while (!(await body.isNext('--'))) {
      const head = await collect(body.until(Buffer.from('\r\n\r\n')), MOST_HEADER_BYTES)
      const chunks = body.until(delimiter)
      yield { ...describePart(head.toString('utf8')), chunks }
      await skip(chunks)
    }
  } finally {
    // A browser that is still sending when the answer comes shows a broken connection instead of the answer.
    await body.drain()
  }
}

function describePart(head: string): { name: string; fileName?: string } {
  const disposition = /^content-disposition:(.*)$/im.exec(head)?.[1] ?? ''
  const parameter = (name: string) => new RegExp(`;\\s*${name}="([^"]*)"`, 'i').exec(disposition)?.[1]
  const fileName = parameter('filename')
  const name = unescaped(parameter('name') ?? '')
  return fileName === undefined ? { name } : { name, fileName: unescaped(fileName) }
}

/** Browsers escape these three characters in names, and only these. */
function unescaped(name: string): string {
  return name.replaceAll('%22', '"').replaceAll('%0D', '\r').replaceAll('%0A', '\n')
}

class Scanner {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  #buffer: Buffer

  constructor(body: ReadableStream<Uint8Array>, start: Buffer) {
    this.#reader = body.getReader()
    this.#buffer = start
  }

  /** The bytes before `delimiter`, which is taken too. Reading may stop and go on: it continues where it was. */
  until(delimiter: Buffer): AsyncIterable<Uint8Array> {
    let isFound = false
    const next = async (): Promise<Uint8Array | undefined> => {
      while (!isFound) {
        const at = this.#buffer.indexOf(delimiter)
        if (at >= 0) {
          isFound = true
          return this.#take(at, delimiter.length)
        }
        // The end of what is here may be the beginning of the delimiter.
        const safe = this.#buffer.length - delimiter.length + 1
        if (safe > 0) return this.#take(safe, 0)
        await this.#more()
      }
      return undefined
    }
    return {
      async *[Symbol.asyncIterator]() {
        for (let chunk = await next(); chunk !== undefined; chunk = await next()) {
          if (chunk.length > 0) yield chunk
        }
      },
    }
  }

  /** Whether `text` comes next; it is not taken. */
  async isNext(text: string): Promise<boolean> {
    while (this.#buffer.length < text.length) await this.#more()
    return this.#buffer.toString('latin1', 0, text.length) === text
  }

  /** Reads the rest and forgets it. */
  async drain(): Promise<void> {
    this.#buffer = Buffer.alloc(0)
    while (!(await this.#reader.read()).done);
  }

  #take(length: number, skipped: number): Uint8Array {
    const taken = this.#buffer.subarray(0, length)
    this.#buffer = this.#buffer.subarray(length + skipped)
    return taken
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#reader.read()
    if (done) throw new Error('The form ended before its last part.')
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    this.#buffer = this.#buffer.length === 0 ? bytes : Buffer.concat([this.#buffer, bytes])
  }
}

async function skip(chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of chunks);
}

async function collect(chunks: AsyncIterable<Uint8Array>, mostBytes: number): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    length += chunk.length
    if (length > mostBytes) throw new Error('A part of the form has too long a header.')
    parts.push(chunk)
  }
  return Buffer.concat(parts)
}
