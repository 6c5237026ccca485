import { env } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { openDatabase, type RoundTrip } from '../../../server/db/database.ts'
import { freshDatabase } from '../../../server/testing/database.ts'
import { importScripted } from '../../../server/testing/scripted-import.ts'
import { previewPattern } from './preview-pattern.ts'

test('a pattern is held against the tools in force, at the same cost for any number of integrations', async () => {
  await freshDatabase()
  const trips: RoundTrip[] = []
  const db = openDatabase(env.DB, { onQuery: (trip) => trips.push(trip) })
  const tool = (name: string) => ({ operation: `GET /${name}`, suggestedName: name })
  for (const slug of ['one', 'two', 'three']) await importScripted(db, slug, { tools: [tool('a.list')] })
  await importScripted(db, 'one', { tools: [tool('b.list')] })

  trips.length = 0
  expect(await previewPattern(db, '*.a.*')).toMatchObject({ count: 2, examples: ['three.a.list', 'two.a.list'] })
  expect(trips).toHaveLength(3)
  expect(await previewPattern(db, 'one.a.list')).toMatchObject({ count: 0 })
})
