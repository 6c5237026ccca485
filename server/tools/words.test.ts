import { expect, test } from 'vitest'
import { freshDatabase } from '../testing/database.ts'
import { stem } from './stem.ts'
import { spacedWords, wordsOf } from './words.ts'

test('identifiers are split where a word begins', () => {
  expect(spacedWords('createIssueComment')).toBe('create Issue Comment')
  expect(spacedWords('HTTPServer.list_for-org')).toBe('HTTP Server list for org')
  expect(spacedWords('getV2Users')).toBe('get V2 Users')
})

test('prose keeps the names of products whole', () => {
  expect(wordsOf('Créer un Dépôt on GitHub, by createIssue()')).toEqual(
    'creer un depot on github by create issue'.split(' '),
  )
  expect(wordsOf('  ¿?! ')).toEqual([])
})

test('words are split and folded as the full-text index of D1 does it', async () => {
  const db = await freshDatabase()
  const prose = "Ångström's naïve café — FOO_bar/baz 2FA über-cool OAuth2.0 ﬁne 日本語 x²"
  await db.$client.prepare('INSERT INTO tools_fts (rowid, description) VALUES (1, ?)').bind(prose).run()
  const rows = await db.$client.prepare('SELECT term FROM tools_vocab').all<{ term: string }>()
  const indexed = rows.results.map(({ term }) => term).sort()
  expect([...new Set(wordsOf(prose).map(stem))].sort()).toEqual(indexed)
})
