// Makes the references in a value absolute (RFC 3986; JSON Schema 2020-12, section 8.2).
import { isRecord, own, ownText, type JsonRecord } from '../json-value.ts'
import { placeOf } from './document-index.ts'
import { fileUrl, splitReference } from './references.ts'

/** A schema with an `$id`: references within it are relative to that. */
export interface Resource {
  url: string
  /** Whether it has a member of this name: many write `#/components/…` below an `$id` and mean the file. */
  has: (name: string) => boolean
}

export interface Base {
  /** The URL of the file; empty for the document itself, whose own references stay as they are. */
  file: string
  /** What relative references in the file are relative to. */
  url: string
  resource: Resource | null
  /** Whether this is the URL of something that can be read. */
  isKnown: (url: string) => boolean
  /** Whether `$id` means anything. */
  hasIdentifiers: boolean
}

export function withAbsoluteReferences(value: unknown, base: Base): unknown {
  if (Array.isArray(value)) return value.map((item) => withAbsoluteReferences(item, base))
  if (!isRecord(value)) return value
  const inner = base.hasIdentifiers ? within(value, base) : base
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      if (typeof member === 'string') {
        const isReference = key === '$ref' || key === '$dynamicRef'
        return [key, isReference ? absolute(member.trim(), inner) : member]
      }
      // A property can have that name too.
      const isDiscriminator =
        key === 'discriminator' && isRecord(member) && typeof own(member, 'propertyName') === 'string'
      if (isDiscriminator) return [key, withAbsoluteMapping(member, inner)]
      return [key, withAbsoluteReferences(member, inner)]
    }),
  )
}

function within(value: JsonRecord, base: Base): Base {
  const { address } = splitReference(ownText(value, '$id'))
  const url = address === '' ? null : fileUrl(address, base.resource?.url ?? base.url)
  return url === null ? base : { ...base, resource: { url, has: (name) => Object.hasOwn(value, name) } }
}

/** Values of a mapping are names of components, or references. */
function withAbsoluteMapping(discriminator: JsonRecord, base: Base): JsonRecord {
  const named = (value: unknown) => (typeof value === 'string' && isReference(value) ? absolute(value, base) : value)
  const mapping = own(discriminator, 'mapping')
  const entries = Object.entries(discriminator).map(([key, member]): [string, unknown] => [
    key,
    key === 'defaultMapping' ? named(member) : member,
  ])
  if (isRecord(mapping)) {
    const values = Object.entries(mapping).map(([value, target]) => [value, named(target)])
    entries.push(['mapping', Object.fromEntries(values)])
  }
  return Object.fromEntries(entries)
}

/** Names of components are letters, digits, dots, hyphens and underscores; dots alone do not make a file of one. */
export function isReference(text: string): boolean {
  return /[#/:]|\.(json|ya?ml)$/i.test(text)
}

function absolute(reference: string, base: Base): string {
  const { address, fragment } = splitReference(reference)
  if (address === '') {
    if (base.resource && isWithin(fragment, base.resource, base)) return `${base.resource.url}#${fragment}`
    return base.file === '' ? reference : `${base.file}#${fragment}`
  }
  if (base.file === '' && base.resource === null) return reference
  const urls = [base.resource?.url, base.url].flatMap((from) => (from && fileUrl(address, from)) ?? [])
  const url = urls.find((candidate) => base.isKnown(candidate)) ?? urls[0]
  return url === undefined ? reference : `${url}${reference.slice(address.length)}`
}

function isWithin(fragment: string, { url, has }: Resource, { isKnown }: Base): boolean {
  const [first] = placeOf(`#${fragment}`) ?? []
  if (first !== undefined) return has(first)
  return fragment === '' || isKnown(`${url}#${fragment}`)
}
