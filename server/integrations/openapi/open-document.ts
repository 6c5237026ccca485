// From bytes to a DocumentIndex, or to a DocumentError that says what was found instead.
import type { SourceFile } from '../adapter.ts'
import { DocumentError } from '../document-error.ts'
import { shorten } from '../json-value.ts'
import type { ByteSequence } from '../byte-sequence.ts'
import type { DocumentIndex } from './document-index.ts'
import { JsonDocument } from './json-document.ts'
import { JsonScanner } from './json-scanner.ts'
import { htmlError } from './look-alike.ts'
import { YamlDocument } from './yaml-document.ts'

const MEBIBYTE = 1024 * 1024
const MAX_BYTES = 64 * MEBIBYTE

/** Reads the document once, by position. Throws DocumentError. */
export function openDocument({ bytes, url }: SourceFile): DocumentIndex {
  if (bytes.length > MAX_BYTES) {
    const size = (bytes.length / MEBIBYTE).toFixed(1)
    const limit = MAX_BYTES / MEBIBYTE
    throw new DocumentError('too_large', `The document of ${size} MiB is above the limit of ${limit} MiB.`)
  }
  const start = bytes.text(0, 3) === '\uFEFF' ? 3 : 0
  const first = new JsonScanner(bytes).space(start)
  if (first >= bytes.length) throw new DocumentError('empty', 'The document is empty.')
  refuseBinary(bytes)
  const opening = bytes.text(first, Math.min(first + 1, bytes.length))
  if (opening === '<') throw markupError(bytes, url)
  if (opening === '{' || opening === '[') return new JsonDocument(bytes, first)
  return openYaml(bytes, start)
}

function refuseBinary(bytes: ByteSequence): void {
  const known: [string, string][] = [
    ['1f8b', 'gzip-compressed data'],
    ['504b0304', 'a ZIP archive'],
    ['25504446', 'a PDF file'],
    ['89504e47', 'a PNG image'],
    ['fffe', 'UTF-16 text (save it as UTF-8)'],
    ['feff', 'UTF-16 text (save it as UTF-8)'],
  ]
  let magic = ''
  for (let at = 0; at < 4; at++) magic += Math.max(bytes.at(at), 0).toString(16).padStart(2, '0')
  const found = known.find(([prefix]) => magic.startsWith(prefix))
  if (found) throw new DocumentError('binary', `This is ${found[1]}, not an OpenAPI document.`)
  for (let at = 0; at < Math.min(bytes.length, 4096); at++) {
    if (bytes.at(at) === 0) {
      throw new DocumentError('binary', `This is binary data (a zero byte at byte ${at}), not an OpenAPI document.`)
    }
  }
}

function markupError(bytes: ByteSequence, url: string | undefined): DocumentError {
  const text = bytes.text(0, Math.min(bytes.length, MEBIBYTE))
  if (/<!doctype html|<html|<head|<body/i.test(text)) return htmlError(text, url)
  const kind = /<(wsdl:)?definitions/i.test(text) ? 'a WSDL document (SOAP)' : 'an XML document'
  return new DocumentError('not_openapi', `This is ${kind}, not an OpenAPI document in JSON or YAML.`)
}

function openYaml(bytes: ByteSequence, start: number): YamlDocument {
  const head = bytes.text(start, Math.min(bytes.length, start + 4096))
  if (/^\s*(schema\s*\{|type\s+\w+[^:]*\{|"""|directive\s+@)/m.test(head) && !/^(openapi|swagger)\s*:/m.test(head)) {
    throw new DocumentError('not_openapi', 'This looks like a GraphQL schema, not an OpenAPI document.')
  }
  const document = new YamlDocument(bytes, start)
  if (document.isMapping) return document
  const found = document.isList ? 'a YAML list' : 'plain text'
  throw new DocumentError(
    'not_openapi',
    `This is ${found}, not an OpenAPI document: it begins with "${shorten(head, 60)}".`,
  )
}
