import { expect, test } from 'vitest'
import { ENDPOINT, graphQlEndpoint, TOKEN } from '../../../server/testing/graphql-endpoint.ts'
import { ada, helpdeskDocument, openHelpdesk } from '../../../server/testing/helpdesk.ts'
import { listOpenImports } from '../../../server/db/imports.ts'
import { takeDocument } from './take-document.ts'

/** A host with an endpoint, and where `hasDocument` is set, a document at a usual place. */
async function give(source: string, { token = null as string | null, hasDocument = false } = {}) {
  const endpoint = graphQlEndpoint({ token })
  const desk = await openHelpdesk((request) =>
    hasDocument && request.url.endsWith('/openapi.json') ? Response.json(helpdeskDocument()) : endpoint.answer(request),
  )
  const body = new FormData()
  body.set('source', source)
  const request = new Request('https://executor.example.com/integrations/new', { method: 'POST', body })
  const taken = await takeDocument(desk.deps, request, ada.id)
  return { ...taken, imports: await listOpenImports(desk.db, 5) }
}

test('an endpoint is found at its address, and at a usual place of its host', async () => {
  for (const address of [ENDPOINT, 'tracker.example.com', `curl ${ENDPOINT} -H 'Authorization: Bearer x-secret'`]) {
    const { result, imports } = await give(address)
    expect(result).toMatchObject({ ok: true, isRead: true })
    expect(imports).toMatchObject([{ origin: { kind: 'endpoint', protocol: 'graphql', url: ENDPOINT } }])
    expect(JSON.stringify(imports)).not.toContain('x-secret')
  }
})

test('where there is a document as well, a person chooses; whoever names one of them means that one', async () => {
  const both = await give('tracker.example.com', { hasDocument: true })
  expect(both.result).toBeNull()
  expect(both.several).toEqual([
    { url: 'https://tracker.example.com/openapi.json' },
    { url: ENDPOINT, label: 'GraphQL endpoint' },
  ])
  expect(both.imports).toEqual([])
  for (const { url } of both.several ?? []) {
    const { result, imports } = await give(url, { hasDocument: true })
    expect(result).toMatchObject({ ok: true })
    expect(imports).toMatchObject([{ origin: { url } }])
  }
})

test('an endpoint that wants a credential is named and connected first', async () => {
  const { result, imports } = await give(ENDPOINT, { token: TOKEN })
  expect(result).toMatchObject({
    ok: false,
    connectFirst: `/integrations/from-endpoint?protocol=graphql&url=${encodeURIComponent(ENDPOINT)}`,
  })
  expect(imports).toEqual([])
})

test('a schema that is pasted is a document', async () => {
  const { result, imports } = await give('type Query { viewer: User }\ntype User { id: ID! }')
  expect(result).toMatchObject({ ok: true, isRead: true })
  expect(imports).toMatchObject([{ origin: { kind: 'paste' }, preview: { kind: 'graphql', servers: [] } }])
})
