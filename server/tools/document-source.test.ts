import { expect, test } from 'vitest'
import { createOutbound } from '../net/outbound.ts'
import { type FetchOptions, fetchDocument } from './document-source.ts'

/** What the documents' host answers; names resolve to a public address. */
function outboundTo(answer: (request: Request) => Response) {
  return createOutbound({
    allowLocalNetwork: false,
    fetch: (request) => Promise.resolve(answer(request)),
    resolver: () => Promise.resolve({ ok: true, addresses: ['93.184.215.14'] }),
  })
}

async function bytesOf(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<number> {
  let bytes = 0
  for await (const chunk of chunks) bytes += chunk.byteLength
  return bytes
}

test('a document is fetched as a stream, also from an address without a scheme', async () => {
  const asked: string[] = []
  const outbound = outboundTo((request) => {
    asked.push(request.url)
    return new Response('{"openapi":"3.1.0"}')
  })
  const fetched = await fetchDocument({ outbound }, ' api.example.com/openapi.json ')
  expect(asked).toEqual(['https://api.example.com/openapi.json'])
  if (!fetched.ok || fetched.notModified) throw new Error('no document')
  expect(fetched.url).toBe('https://api.example.com/openapi.json')
  expect(await bytesOf(fetched.chunks)).toBe(19)
})

test('what is no web address, or one of this network, is refused without a request', async () => {
  const outbound = outboundTo(() => {
    throw new Error('nothing may be sent')
  })
  for (const address of ['', 'javascript:alert(1)', 'ftp://example.com/a.json', 'http://', 'not an address']) {
    expect(await fetchDocument({ outbound }, address)).toMatchObject({ ok: false, code: 'invalid_url' })
  }
  for (const address of ['http://127.0.0.1/a.json', 'http://169.254.169.254/latest', 'http://[::1]/']) {
    expect(await fetchDocument({ outbound }, address)).toMatchObject({ ok: false, code: 'blocked_address' })
  }
})

test('an answer that is no document is an error that says what came', async () => {
  const outbound = outboundTo(() => new Response('gone', { status: 404 }))
  expect(await fetchDocument({ outbound }, 'https://api.example.com/x')).toEqual({
    ok: false,
    code: 'bad_status',
    message: 'api.example.com answered 404 instead of a document.',
  })
})

test('a document that is too large fails while it is read', async () => {
  const outbound = outboundTo(() => new Response('x'.repeat(5_000)))
  const fetched = await fetchDocument({ outbound }, 'https://api.example.com/x', { maxBytes: 1_000 })
  if (!fetched.ok || fetched.notModified) throw new Error('no document')
  await expect(bytesOf(fetched.chunks)).rejects.toMatchObject({ code: 'too_large' })
})

test('what the host says of the version is handed on, and asked about the next time', async () => {
  const lastModified = 'Wed, 21 Oct 2026 07:28:00 GMT'
  const outbound = outboundTo(({ headers }) =>
    headers.get('if-none-match') === '"v1"' || headers.get('if-modified-since') === lastModified
      ? new Response(null, { status: 304 })
      : new Response('{}', { headers: { etag: '"v1"', 'last-modified': lastModified } }),
  )
  const ask = (options?: FetchOptions) => fetchDocument({ outbound }, 'https://api.example.com/x', options)
  expect(await ask()).toMatchObject({ ok: true, notModified: false, etag: '"v1"', lastModified })
  expect(await ask({ ifNoneMatch: '"v1"' })).toEqual({ ok: true, notModified: true })
  expect(await ask({ ifModifiedSince: lastModified })).toEqual({ ok: true, notModified: true })
  expect(await ask({ ifNoneMatch: '"v0"' })).toMatchObject({ ok: true, notModified: false })
})

test('a 304 that nobody asked for is no document, and a validator without end is not kept', async () => {
  const unasked = outboundTo(() => new Response(null, { status: 304 }))
  expect(await fetchDocument({ outbound: unasked }, 'https://api.example.com/x')).toMatchObject({ code: 'bad_status' })
  const endless = outboundTo(() => new Response('{}', { headers: { etag: `"${'x'.repeat(4_000)}"` } }))
  expect(await fetchDocument({ outbound: endless }, 'https://api.example.com/x')).not.toHaveProperty('etag')
})
