import { expect, test } from 'vitest'
import { createOutbound } from '../net/outbound.ts'
import { collectDocument } from './document-bytes.ts'
import { fetchDocument } from './document-source.ts'

/** What the documents' host answers; names resolve to a public address. */
function outboundTo(answer: (request: Request) => Response) {
  return createOutbound({
    allowLocalNetwork: false,
    fetch: (request) => Promise.resolve(answer(request)),
    resolver: () => Promise.resolve({ ok: true, addresses: ['93.184.215.14'] }),
  })
}

test('a document is fetched as a stream, also from an address without a scheme', async () => {
  const asked: string[] = []
  const outbound = outboundTo((request) => {
    asked.push(request.url)
    return new Response('{"openapi":"3.1.0"}')
  })
  const fetched = await fetchDocument({ outbound }, ' api.example.com/openapi.json ')
  expect(asked).toEqual(['https://api.example.com/openapi.json'])
  if (!fetched.ok) throw new Error(fetched.message)
  expect(fetched.url).toBe('https://api.example.com/openapi.json')
  expect(await collectDocument(fetched.chunks)).toMatchObject({ ok: true, bytes: 19 })
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
  const fetched = await fetchDocument({ outbound }, 'https://api.example.com/x', 1_000)
  if (!fetched.ok) throw new Error(fetched.message)
  await expect(collectDocument(fetched.chunks)).rejects.toMatchObject({ code: 'too_large' })
})
