// A form as text: `application/x-www-form-urlencoded`, in a body or as a whole query.
import { isRecord } from '../json-value.ts'
import type { FieldEncoding } from './binding.ts'
import { bytesText, encodingOf, isBytes, jsonText, type Encodings } from './body-text.ts'
import { classOf } from './media-type.ts'
import { queryPairs, textOf, type Style } from './parameter-style.ts'

/**
 * A field that the document gives a style is written like a parameter of a query. Any other is written in its media
 * type and then as the URL standard writes forms: a space is `+`, an object is JSON, and a list is a pair for each item.
 */
export function formText(value: object, encodings: Encodings = {}): string {
  const pairs = Object.entries(value).flatMap(([name, member]: [string, unknown]) => {
    const encoding = encodingOf(encodings, name)
    const written = isBytes(member) ? bytesText(member, encoding) : member
    const style = encoding && styleOf(encoding)
    if (style) return written === undefined || written === null ? [] : queryPairs(name, written, style)
    return fieldTexts(written, encoding).map((text) => new URLSearchParams([[name, text]]).toString())
  })
  return pairs.join('&')
}

/** The style of a field; undefined when the document leaves it to the field's media type. */
export function styleOf(encoding: FieldEncoding): Style | undefined {
  const { style = 'form', explode = style === 'form' || style === 'deepObject', allowReserved } = encoding
  const isSaid = [encoding.style, encoding.explode, allowReserved].some((said) => said !== undefined)
  return isSaid ? { ...encoding, style, explode } : undefined
}

function fieldTexts(value: unknown, encoding: FieldEncoding | undefined): string[] {
  const isJson = classOf(encoding?.contentType ?? '') === 'json'
  // A media type that is said to be JSON is that of the whole list.
  const items: unknown[] = Array.isArray(value) && !isJson ? value : [value]
  return items.flatMap((item) => {
    if (item === undefined || item === null) return []
    const isStructure = !isBytes(item) && (isRecord(item) || Array.isArray(item))
    return isBytes(item) ? bytesText(item, encoding) : isJson || isStructure ? jsonText(item) : textOf(item)
  })
}
