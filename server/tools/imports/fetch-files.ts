// The documents of a bundle, one after the other: each is stored before the next is asked for.
import { DocumentError } from '../../integrations/document-error.ts'
import { fetchDocument } from '../document-source.ts'
import type { GivenFile, ImportDeps } from './receive.ts'

/** Throws DocumentError for the first one that cannot be had. */
export async function* fetchFiles(
  deps: Pick<ImportDeps, 'outbound'>,
  urls: readonly string[],
): AsyncGenerator<GivenFile> {
  for (const url of urls) {
    const fetched = await fetchDocument(deps, url)
    if (!fetched.ok) throw new DocumentError(fetched.code, fetched.message)
    if (!fetched.notModified) yield fetched
  }
}
