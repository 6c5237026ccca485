import { assert, asyncProperty, integer, uint8Array } from 'fast-check'
import { expect, test } from 'vitest'
import { readParts } from './multipart.ts'

function requestOf(body: Uint8Array, type: string, chunkSize: number): Request {
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < body.length; at += chunkSize) controller.enqueue(body.slice(at, at + chunkSize))
      controller.close()
    },
  })
  // Node asks for `duplex` with a stream.
  const init = { method: 'POST', body: stream, headers: { 'content-type': type }, duplex: 'half' }
  return new Request('https://executor.test/', init)
}

async function sent(form: FormData, chunkSize = 7): Promise<Request> {
  const original = new Response(form)
  return requestOf(new Uint8Array(await original.arrayBuffer()), original.headers.get('content-type') ?? '', chunkSize)
}

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all)
}

test('fields and files come in order, with names and bytes unchanged', async () => {
  const form = new FormData()
  form.append('source', 'https://example.com/ä?x="1"')
  form.append('file', new File(['{"openapi":"3.1.0"}\r\n--not a boundary'], 'my "spec".json'))
  form.append('empty', '')
  const seen: [string, string | undefined, string][] = []
  for await (const part of readParts(await sent(form))) {
    seen.push([part.name, part.fileName, (await bytesOf(part.chunks)).toString()])
  }
  expect(seen).toEqual([
    ['source', undefined, 'https://example.com/ä?x="1"'],
    ['file', 'my "spec".json', '{"openapi":"3.1.0"}\r\n--not a boundary'],
    ['empty', undefined, ''],
  ])
})

test('any bytes in any chunks come back as they were', async () => {
  await assert(
    asyncProperty(uint8Array({ maxLength: 400 }), integer({ min: 1, max: 90 }), async (bytes, chunkSize) => {
      const form = new FormData()
      form.append('file', new File([Buffer.from(bytes)], 'x'))
      for await (const part of readParts(await sent(form, chunkSize))) {
        expect((await bytesOf(part.chunks)).equals(Buffer.from(bytes))).toBe(true)
      }
    }),
    { numRuns: 60 },
  )
})

test('a part that was read half, or not at all, does not disturb the next', async () => {
  const form = new FormData()
  form.append('first', 'x'.repeat(1000))
  form.append('second', 'y'.repeat(1000))
  form.append('third', 'last')
  const seen: string[] = []
  for await (const part of readParts(await sent(form, 64))) {
    if (part.name === 'first') {
      for await (const _ of part.chunks) break
    }
    if (part.name === 'third') seen.push((await bytesOf(part.chunks)).toString())
  }
  expect(seen).toEqual(['last'])
})

test('a form that is cut off, or is none, is refused', async () => {
  const read = async (request: Request) => {
    for await (const part of readParts(request)) await bytesOf(part.chunks)
  }
  const cut = Buffer.from('--b\r\ncontent-disposition: form-data; name="a"\r\n\r\nhalf')
  await expect(read(requestOf(cut, 'multipart/form-data; boundary=b', 5))).rejects.toThrow('ended before its last part')
  await expect(read(requestOf(cut, 'text/plain', 5))).rejects.toThrow('not a multipart form')
  const long = Buffer.from(`--b\r\nx: ${'y'.repeat(10_000)}`)
  await expect(read(requestOf(long, 'multipart/form-data; boundary=b', 500))).rejects.toThrow('too long a header')
})
