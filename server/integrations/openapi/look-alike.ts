// What a document is when it is not OpenAPI, in words for the person who gave it.
import { DocumentError } from '../document-error.ts'
import { shorten } from '../json-value.ts'
import type { DocumentIndex } from './document-index.ts'
import { readPart } from './readable-part.ts'

/** A sentence such as `This is a Postman collection (My API).` for a readable document that is not OpenAPI. */
export function describeLookAlike(index: DocumentIndex): string {
  const keys = index.keys([])
  const has = (...names: string[]) => names.every((name) => keys.includes(name))
  // What is below a name may be anything, of any size.
  const text = (...place: string[]) => {
    const value = readPart(
      () => index.get(place),
      () => '',
    )
    return typeof value === 'string' ? value : ''
  }
  if (has('asyncapi')) return 'This is an AsyncAPI document: it describes messages, not HTTP operations.'
  if (text('info', 'schema').includes('getpostman.com') || text('info', '_postman_id')) {
    return `This is a Postman collection (${shorten(text('info', 'name'), 80) || 'without a name'}). Export the API's OpenAPI document instead.`
  }
  if (index.keys(['data']).includes('__schema') || has('__schema')) {
    return 'This is the answer to a GraphQL introspection query, not an OpenAPI document.'
  }
  if (text('kind').startsWith('discovery#') || has('discoveryVersion')) {
    return 'This is a Google Discovery document, not an OpenAPI document.'
  }
  if (has('swaggerVersion'))
    return `This is a Swagger ${text('swaggerVersion')} document; versions 2.0, 3.0 and 3.1 can be imported.`
  if (text('log', 'version') && index.keys(['log']).includes('entries')) return 'This is a HAR file: recorded traffic.'
  if (has('arazzo')) return 'This is an Arazzo document: it describes workflows over an API, not the API.'
  if (has('overlay')) return 'This is an OpenAPI Overlay: it changes another document and describes no API of its own.'
  if (has('mcpServers')) return 'This is the configuration of an MCP client, not an OpenAPI document.'
  if (has('$schema') || has('$defs') || (has('type') && has('properties'))) {
    return 'This is a JSON Schema: it describes data, and no operations.'
  }
  if (has('paths')) return 'It has "paths", but neither "openapi" nor "swagger" says which version it is written in.'
  if (
    keys.length === 0 &&
    readPart(
      () => index.get(['0']) !== undefined,
      () => true,
    )
  )
    return 'It is a list of plain data.'
  if (keys.length === 0) return 'It is an empty object.'
  const shown = keys.slice(0, 6).map((key) => `"${shorten(key, 40)}"`)
  return `It is plain data with ${shown.join(', ')}${keys.length > shown.length ? ' and more' : ''} at the top.`
}

/** The refusal of a web page, with the link to a specification that it contains, if there is one. */
export function htmlError(html: string, url: string | undefined): DocumentError {
  const title = /<title[^>]{0,200}>([^<]{1,200})/i.exec(html)?.[1]
  const named = title ? ` ("${shorten(title, 80)}")` : ''
  const link = specificationLink(html, url)
  const advice = link
    ? `It links to what looks like the document: ${link}`
    : 'Give the address of the OpenAPI document itself; it usually ends in .json or .yaml.'
  return new DocumentError('html', `This is a web page${named}, not an OpenAPI document. ${advice}`)
}

function specificationLink(html: string, url: string | undefined): string | null {
  const attribute = /(?:href|src|url|spec-url|data-url|apiDescriptionUrl)["']?\s*[=:]\s*["']([^"'<>\s]{1,500})["']/gi
  for (const [, candidate = ''] of html.matchAll(attribute)) {
    const isDocument =
      /\.(json|ya?ml)($|[?#])/i.test(candidate) || /(api-docs|openapi|swagger)\/?($|[?#])/i.test(candidate)
    const isSpecification = isDocument && /openapi|swagger|api-docs|spec|\.ya?ml/i.test(candidate)
    if (!isSpecification || /\.(js|css|png|svg)($|[?#])/i.test(candidate)) continue
    if (URL.canParse(candidate, url)) {
      const target = new URL(candidate, url)
      if (target.protocol === 'https:' || target.protocol === 'http:') return target.href
    } else if (url === undefined && !candidate.includes(':')) return candidate
  }
  return null
}
