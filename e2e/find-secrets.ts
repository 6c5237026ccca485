// Looks for secrets in whatever form they could have been written: in texts, files, and every value of a database.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { gunzipSync, inflateRawSync, inflateSync } from 'node:zlib'

export interface Found {
  /** Name of the secret, never its value. */
  secret: string
  /** `as it is`, `base64` … */
  form: string
  where: string
}

interface Form {
  secret: string
  form: string
  bytes: Buffer
}

export interface SecretFinder {
  inText(text: string, where: string): Found[]
  inBytes(bytes: Uint8Array, where: string): Found[]
  /** Every file of a folder, as it is. */
  inFolder(folder: string, isLeftOut?: (path: string) => boolean): Found[]
  /** Every value of every table, unpacked where it is compressed. `looked` is told each table and its rows. */
  inDatabase(path: string, looked?: (table: string, rows: number) => void): Found[]
}

export function createSecretFinder(secrets: ReadonlyMap<string, string>): SecretFinder {
  const forms = Array.from(secrets, ([name, value]) => formsOf(name, value)).flat()

  const inBytes: SecretFinder['inBytes'] = (bytes, where) => {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return forms.filter((form) => buffer.includes(form.bytes)).map(({ secret, form }) => ({ secret, form, where }))
  }
  const inText: SecretFinder['inText'] = (text, where) => inBytes(Buffer.from(text), where)

  return {
    inText,
    inBytes,
    inFolder: (folder, isLeftOut = () => false) =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => join(parentPath, name))
        .filter((path) => !isLeftOut(path))
        .flatMap((path) => inBytes(readFileSync(path), path)),

    inDatabase(path, looked = () => undefined) {
      const database = new DatabaseSync(path, { readOnly: true, timeout: 5000 })
      try {
        return tablesOf(database).flatMap((table) => {
          const found: Found[] = []
          let rows = 0
          const all = database.prepare(`SELECT * FROM "${table}"`)
          // Some numbers are too large for JavaScript's.
          all.setReadBigInts(true)
          for (const row of all.iterate()) {
            rows++
            for (const [column, value] of Object.entries(row)) {
              const where = `${table}.${column}, row ${rows}`
              if (typeof value === 'string') found.push(...inText(value, where))
              if (value instanceof Uint8Array) {
                for (const [how, bytes] of unpacked(value)) found.push(...inBytes(bytes, `${where}${how}`))
              }
            }
          }
          looked(table, rows)
          return [...found, ...(table === 'run_chunks' ? inChunks(database, inBytes) : [])]
        })
      } finally {
        database.close()
      }
    },
  }
}

function tablesOf(database: DatabaseSync): string[] {
  const rows = database.prepare(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'",
  )
  return rows.all().map(({ name }) => String(name))
}

/** A long value of a run is compressed as a whole and then cut: its parts are nothing by themselves. */
function inChunks(database: DatabaseSync, inBytes: SecretFinder['inBytes']): Found[] {
  const values = new Map<string, Uint8Array[]>()
  for (const { run_id: run, number, bytes } of database.prepare('SELECT * FROM run_chunks ORDER BY part').iterate()) {
    const key = `value ${String(number)} of ${String(run)}`
    if (bytes instanceof Uint8Array) values.set(key, [...(values.get(key) ?? []), bytes])
  }
  return [...values].flatMap(([key, parts]) => {
    const whole = gunzipSync(Buffer.concat(parts))
    return inBytes(whole, key)
  })
}

const PACKINGS = [
  ['gzip', gunzipSync],
  ['deflate', inflateSync],
  ['raw deflate', inflateRawSync],
] as const

function* unpacked(bytes: Uint8Array): Generator<[how: string, bytes: Uint8Array]> {
  yield ['', bytes]
  for (const [how, unpack] of PACKINGS) {
    try {
      yield [`, ${how}`, unpack(bytes)]
    } catch {
      // It is not packed in this way.
    }
  }
}

function formsOf(secret: string, value: string): Form[] {
  const bytes = Buffer.from(value)
  const littleEndian = Buffer.from(value, 'utf16le')
  const texts: [string, string][] = [
    ['as it is', value],
    ['URL-encoded', encodeURIComponent(value)],
    ['form-encoded', new URLSearchParams({ '': value }).toString().slice(1)],
    ['in JSON', JSON.stringify(value).slice(1, -1)],
    ['in HTML', value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')],
    ['hex', bytes.toString('hex')],
    ['HEX', bytes.toString('hex').toUpperCase()],
    ['backwards', value.split('').toReversed().join('')],
    ...base64Forms(bytes).map((text): [string, string] => ['base64', text]),
  ]
  const written = new Map(texts.toReversed().map(([form, text]) => [text, form]))
  return [
    ...Array.from(written, ([text, form]) => ({ secret, form, bytes: Buffer.from(text) })),
    { secret, form: 'UTF-16LE', bytes: littleEndian },
    { secret, form: 'UTF-16BE', bytes: Buffer.from(littleEndian).swap16() },
  ]
}

/** What does not depend on what stands before and behind it, for each of the three places that it can begin at. */
function base64Forms(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((before) => {
    const padded = Buffer.concat([Buffer.alloc(before), bytes])
    const whole = padded.subarray(0, padded.length - (padded.length % 3))
    const text = whole.toString('base64').slice(before === 0 ? 0 : 4)
    return [text, text.replaceAll('+', '-').replaceAll('/', '_')]
  })
}
