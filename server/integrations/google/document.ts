// Discovery documents (`discovery#restDescription`) as they were given: one, or the several of a bundle.
import type { Source, SourceFile } from '../adapter.ts'
import { DocumentError } from '../document-error.ts'
import { isRecord, own, ownEntries, ownText, shorten, type JsonRecord } from '../json-value.ts'
import { openDocument } from '../openapi/open-document.ts'
import { readJson } from '../read-json.ts'

/** Of all documents together: they are read as a whole. The largest known one, of Compute Engine, has 6 MB … */
const MAX_BYTES = 8 * 1024 * 1024
/** … and 60,000 of these. Empty ones take more memory than anything else of their length. */
const MAX_CONTAINERS = 500_000

export interface DiscoveryDocument {
  /** `gmail:v1`, unlike that of any other document of the source. */
  id: string
  /** `gmail`. */
  name: string
  /** `v1`. */
  version: string
  /** `Gmail API`. */
  title: string
  description: string
  /** `https://gmail.googleapis.com`: absolute http(s), without a trailing slash. */
  rootUrl: string
  /** `/drive/v3/`, or `/`. */
  servicePath: string
  /** Words that its schemas' names begin with among those of other documents; empty for the only one. */
  prefix: string
  /** Names of the parameters that every method has. */
  shared: ReadonlySet<string>
  /** By scope, what it lets a token do. */
  scopes: Map<string, string>
  value: JsonRecord
}

/** Throws DocumentError unless every document is one that can be called. */
export function readDocuments({ documents: files }: Source): DiscoveryDocument[] {
  const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0)
  if (bytes > MAX_BYTES) {
    const size = `${(bytes / 1024 / 1024).toFixed(1)} MiB`
    const limit = `${MAX_BYTES / 1024 / 1024} MiB`
    throw new DocumentError('too_large', `The Discovery documents of ${size} are above the limit of ${limit}.`)
  }
  const documents = files.map(readDocument)
  const ids = new Set<string>()
  for (const { id } of documents) {
    if (ids.has(id)) throw new DocumentError('repeated_document', `${id} is given twice.`)
    ids.add(id)
  }
  if (documents.length > 1) {
    for (const document of documents) {
      const isNameShared = documents.some((other) => other !== document && other.name === document.name)
      document.prefix = isNameShared ? `${document.name} ${document.version}` : document.name
    }
  }
  return documents
}

function readDocument(file: SourceFile): DiscoveryDocument {
  const kind = openDocument(file).get(['kind'])
  // What an index answers with is bounded, and Discovery documents are not that small.
  const read = kind === 'discovery#restDescription' ? readJson(textOf(file)) : null
  if (!read?.ok || !isRecord(read.value)) {
    const name = file.url ?? 'The document'
    const found = typeof kind === 'string' ? `it says it is "${shorten(kind, 60)}"` : 'it does not say what it is'
    throw new DocumentError('not_discovery', `${name} is not a Google Discovery document: ${found}.`)
  }
  const { value } = read
  const name = shorten(ownText(value, 'name'), 60) || 'api'
  const version = shorten(ownText(value, 'version'), 60)
  const id = version ? `${name}:${version}` : name
  const protocol = ownText(value, 'protocol')
  if (protocol && protocol !== 'rest') {
    throw new DocumentError('unsupported_protocol', `${id} speaks "${shorten(protocol, 60)}"; only REST can be called.`)
  }
  const { rootUrl, servicePath } = addressOf(value, id)
  return {
    id,
    name,
    version,
    title: shorten(ownText(value, 'title') || ownText(value, 'canonicalName'), 120) || name,
    description: ownText(value, 'description'),
    rootUrl,
    servicePath,
    prefix: '',
    shared: new Set(ownEntries(value, 'parameters').map(([parameter]) => parameter)),
    scopes: new Map(
      ownEntries(own(own(value, 'auth'), 'oauth2'), 'scopes').map(([scope, about]) => [
        scope,
        ownText(about, 'description'),
      ]),
    ),
    value,
  }
}

function textOf({ bytes }: SourceFile): string {
  const text = bytes.text(0, bytes.length).replace(/^\uFEFF/, '')
  let containers = 0
  for (let at = 0; at < text.length; at++) if (text[at] === '{' || text[at] === '[') containers++
  if (containers <= MAX_CONTAINERS) return text
  const limit = MAX_CONTAINERS.toLocaleString('en')
  throw new DocumentError('too_large', `The Discovery document has more than ${limit} objects and lists.`)
}

/** `rootUrl` and `servicePath`; documents from before there were such have `baseUrl`. `mtlsRootUrl` cannot be used. */
function addressOf(value: JsonRecord, id: string): { rootUrl: string; servicePath: string } {
  const declared = ownText(value, 'rootUrl')
  const written = declared || ownText(value, 'baseUrl')
  const url = URL.canParse(written) ? new URL(written) : null
  const isPlain = (url?.protocol === 'https:' || url?.protocol === 'http:') && !url.username && !url.password
  if (url === null || !isPlain) {
    const found = written ? `"${shorten(written, 100)}"` : 'nothing'
    const message = `${id} gives ${found} as its root URL, which needs to be an absolute http(s) URL without a user name.`
    throw new DocumentError('invalid_root_url', message)
  }
  const path = url.pathname.replace(/\/+$/, '')
  const servicePath = ownText(value, 'servicePath')
  return declared
    ? { rootUrl: url.origin + path, servicePath: `/${servicePath}/`.replaceAll(/\/{2,}/g, '/') }
    : { rootUrl: url.origin, servicePath: `${path}/` }
}
