import { beforeEach, expect, test } from 'vitest'
import type { AuthMethod, ImportPreview } from '../../../drizzle/shapes.ts'
import type { Principal } from '../../access/principal.ts'
import type { Database } from '../../db/database.ts'
import { findIntegrationBySlug } from '../../db/integrations.ts'
import { freshDatabase } from '../../testing/database.ts'
import { BEARER, importScripted, PUBLIC } from '../../testing/scripted-import.ts'
import { addMethod } from '../integration-methods.ts'
import { suitabilityOf, takesNoCredential } from '../suitable-method.ts'
import { methodsInForce } from './import-methods.ts'

const ada: Principal = {
  kind: 'person',
  id: 'person:ada@example.com',
  email: 'ada@example.com',
  subject: 'ada',
  groups: [],
  isAdmin: true,
}
const ADDED: AuthMethod = { ...BEARER, id: '~1', label: 'Sign-in at Acme', isAdded: true }
const KEY: AuthMethod = { ...BEARER, id: 'key', placements: [{ in: 'header', name: 'X-Key', template: '{token}' }] }
const tools = [{ operation: 'GET /things', suggestedName: 'things.list' }]

let db: Database

beforeEach(async () => {
  db = await freshDatabase()
})

async function methods(): Promise<AuthMethod[]> {
  return (await findIntegrationBySlug(db, 'acme'))?.authMethods ?? []
}

test('a new revision has its document’s ways to sign in, and what an admin has added', async () => {
  await importScripted(db, 'acme', { tools, authMethods: [BEARER] })
  const integration = await findIntegrationBySlug(db, 'acme')
  if (!integration) throw new Error('no integration')
  expect((await addMethod({ db, principal: ada }, integration, ADDED)).ok).toBe(true)
  await importScripted(db, 'acme', { tools, authMethods: [KEY, BEARER] })
  expect((await methods()).map(({ id }) => id)).toEqual(['key', 'bearer', '~1'])
  expect((await methods()).at(-1)).toEqual(ADDED)
  await importScripted(db, 'acme', { tools, authMethods: [PUBLIC] })
  expect((await methods()).map(({ id }) => id)).toEqual(['none', '~1'])
})

test('every way has an id of its own, whatever a document calls its own', () => {
  const preview: ImportPreview = {
    kind: 'openapi',
    title: '',
    description: '',
    version: '',
    suggestedSlug: 'acme',
    servers: [],
    authMethods: [{ ...KEY, id: '~1' }, BEARER],
    operationCount: 0,
  }
  const kept = methodsInForce({ origin: { kind: 'paste' }, preview }, { authMethods: [KEY, ADDED] })
  expect(kept).toEqual([BEARER, ADDED])
})

test('what an admin has added is not judged by the document', () => {
  const operation = { binding: { security: ['key'] } }
  expect(suitabilityOf(operation, [KEY, BEARER], BEARER)).toMatchObject({ isSuitable: false })
  expect(suitabilityOf(operation, [KEY, ADDED], ADDED)).toEqual({ isSuitable: true })
  const open = { binding: { security: [] } }
  expect(takesNoCredential(open, [BEARER], BEARER)).toBe(true)
  expect(takesNoCredential(open, [ADDED], ADDED)).toBe(false)
})
