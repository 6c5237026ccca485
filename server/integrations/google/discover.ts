// The methods of Discovery documents as tools. What they are is told by their documents, how they are called is HTTP.
import type { Discovered, Position, Source } from '../adapter.ts'
import { DocumentError } from '../document-error.ts'
import { shorten } from '../json-value.ts'
import { isBinding, type Binding } from '../openapi/binding.ts'
import { skipOf, Skips, toolOf, type Found, type ToolReading } from '../openapi/discover.ts'
import { SchemaCatalog } from '../openapi/schema-catalog.ts'
import { TagGroups } from '../openapi/tag-groups.ts'
import { authMethodsOf } from './auth-methods.ts'
import type { GoogleBinding } from './binding.ts'
import { readDocuments, type DiscoveryDocument } from './document.ts'
import { methodsOf, nameOf, type Method } from './method.ts'
import { readMethod, type GoogleParts } from './operation.ts'
import { fixed } from './request.ts'
import { DiscoverySchemas, referIn } from './schemas.ts'

const BEGINNING: Position = { done: 0, schemas: [] }
const MAX_TITLE = 200
const MAX_DESCRIPTION = 8000
/** Of a bundle that are named in its title. */
const MAX_NAMED = 3

export function* discoverMethods(source: Source, from = BEGINNING): Generator<Discovered> {
  const documents = readDocuments(source)
  const methods = methodsOf(documents)
  if (methods.length === 0) {
    const ids = documents.map(({ id }) => id).join(', ')
    throw new DocumentError('no_methods', `There is no method in ${shorten(ids, 200)}, so there is nothing to call.`)
  }
  const skips = new Skips()
  const report = skips.add.bind(skips)
  const [first] = documents
  const servers = first ? [{ url: first.rootUrl }] : []
  yield {
    type: 'about',
    ...aboutOf(documents),
    servers,
    authMethods: authMethodsOf(documents, methods, report),
    operationCount: methods.length,
  }
  const whole = skips.taken()
  if (from.done === 0) yield* whole
  const catalog = new SchemaCatalog(new DiscoverySchemas(documents), report, from.schemas)
  const reading: ToolReading = { catalog, servers, retrieved: undefined, tags: new TagGroups([]), report }
  for (const method of methods.slice(from.done)) {
    catalog.operation = method.operation
    const found = readTool(reading, method)
    for (const schema of catalog.reached()) yield { type: 'schema', ...schema }
    yield* skips.taken()
    yield found
  }
}

function readTool(reading: ToolReading, method: Method): Found {
  const { operation } = method
  const read = readMethod(method, referIn(method.document), (reason) => reading.report(operation, reason))
  if (!read.ok) return skipOf(operation, read.reason, true)
  const found = toolOf(reading, read.model)
  if (found.type === 'skipped' || !isBinding(found.binding)) return found
  return { ...found, suggestedName: nameOf(method), binding: googleBinding(found.binding, read.parts) }
}

function googleBinding(binding: Binding, { apiVersion, ...parts }: GoogleParts): GoogleBinding {
  const { upload } = parts
  // Content is a field of the input, but no part of the URL.
  const parameters = binding.parameters.filter(({ in: where, name }) => where === 'path' || name !== upload?.key)
  if (apiVersion) parameters.push(fixed('header', 'X-Goog-Api-Version', apiVersion))
  return { ...binding, parameters, ...parts }
}

function aboutOf(documents: readonly DiscoveryDocument[]): { title: string; description: string; version: string } {
  const [only] = documents
  if (documents.length === 1 && only) {
    return { title: only.title, description: only.description.slice(0, MAX_DESCRIPTION), version: only.version }
  }
  const names = documents.map(({ title }) => title.replace(/ API$/, ''))
  const named =
    names.length > MAX_NAMED ? [...names.slice(0, MAX_NAMED - 1), `${names.length - MAX_NAMED + 1} more`] : names
  return {
    title: shorten(new Intl.ListFormat('en-GB').format(named), MAX_TITLE),
    description: documents
      .map(({ title, description }) => `${title}: ${description}`)
      .join('\n')
      .slice(0, MAX_DESCRIPTION),
    version: shorten(documents.map(({ id }) => id).join(', '), MAX_TITLE),
  }
}
