import { expect, test } from 'vitest'
import { freshDatabase } from '../testing/database.ts'
import { stem } from './stem.ts'

const WORDS =
  `issues issue creating created creates repositories repository repos relational conditional valency hesitancy
  digitizer conformably radically differently vilely analogously vietnamization predication operator feudalism
  decisiveness hopefulness callousness formality sensitivity sensibility triplicate formative formalize electricity
  electrical hopeful goodness revival allowance inference airliner gyroscopic adjustable defensible irritant replacement
  adjustment dependent adoption communism activate angularity homologous effective bowdlerize probate rate cease
  controlling rolling happy sky enjoy caresses ponies ties caress cats feed agreed plastered bled motoring sing conflated
  troubled sized hopping tanned falling hissing fizzed failing filing users user authenticated authentication workflows
  runs branches branch protections protect deployed deployments deploying settings setting permissions members
  organizations organization labels labelled labelling files searching archived archive archives statuses status analyses
  analysis copies copy keys key gists yielded employees 2fa oauth2 sha256 io ai as by yes yet style types
  vulnerability vulnerabilities advisories advisory collaborators collaborate generate generation generator
  being seeing needs needed agrees speed succeed exceed apologize archaeology geologist`
    .split(/\s+/)
    .filter((word) => word !== '')

test('words are stemmed as the full-text index of D1 stems them', async () => {
  const db = await freshDatabase()
  for (const [index, word] of WORDS.entries()) {
    await db.$client
      .prepare('INSERT INTO tools_fts (rowid, name) VALUES (?, ?)')
      .bind(index + 1, word)
      .run()
  }
  const vocabulary = await db.$client.prepare('SELECT term FROM tools_vocab').all<{ term: string }>()
  const expected = vocabulary.results.map((row) => row.term).sort()
  expect([...new Set(WORDS.map(stem))].sort()).toEqual(expected)
})
