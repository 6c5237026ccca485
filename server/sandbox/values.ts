// Values cross the border as JSON text. A file crosses as bytes beside it; its place in the text is held by an object with
// one key, the marker, which is random and therefore in no value of the program or of an upstream.
import { FileValue } from './file.ts'

export interface EncodedValue {
  text: string
  files: FileValue[]
}

/** Throws RangeError when a value is nested too deeply for JSON, and TypeError when it is not JSON data. */
export function encodeValue(value: unknown, marker: string): EncodedValue {
  const files: FileValue[] = []
  const text = JSON.stringify(value, function (this: unknown, key: string, item: unknown) {
    // `item` went through toJSON already; the holder still has the file itself.
    const original: unknown = typeof this === 'object' && this !== null ? Reflect.get(this, key) : item
    if (original instanceof FileValue) return { [marker]: files.push(original) - 1 }
    return item
  })
  return { text: text ?? 'null', files }
}

/** `__proto__` keys stay plain own properties: `JSON.parse` defines and never assigns. */
export function decodeValue(text: string, marker: string, files: readonly FileValue[]): unknown {
  if (!text.includes(marker)) return JSON.parse(text)
  return JSON.parse(text, (_key, item: unknown) => {
    if (typeof item !== 'object' || item === null || !Object.hasOwn(item, marker)) return item
    return files[Number(Reflect.get(item, marker))]
  })
}
