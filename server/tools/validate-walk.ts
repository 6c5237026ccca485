// What the parts of validate.ts share: a walk over a schema and a value, and words for what is found.
import type { JsonRecord } from '../integrations/json-value.ts'
import { isRecord } from '../integrations/json-value.ts'
import { FileValue } from '../sandbox/file.ts'

export interface Problem {
  /** `labels[0].name`; empty for the input itself. */
  path: string
  message: string
}

export interface Walk {
  check(walk: Walk, schema: unknown, value: unknown, path: string, depth: number, enclosing?: JsonRecord): void
  resolve(reference: string): unknown
  problems: Problem[]
  steps: { left: number }
  /** Set while it is only asked whether a value fits: what was left unchecked, and so may not hold. */
  doubts?: { count: number }
}

const enoughProblems = 50

export function isFull(walk: Walk): boolean {
  return walk.problems.length > enoughProblems
}

export function report(walk: Walk, path: string, message: string): void {
  walk.problems.push({ path, message })
}

export function doubt(walk: Walk): void {
  if (walk.doubts) walk.doubts.count++
}

/** Whether a value fits a schema, word for word; undefined when that cannot be said. */
export function fits(walk: Walk, schema: unknown, value: unknown, depth: number): boolean | undefined {
  const problems: Problem[] = []
  const doubts = { count: 0 }
  walk.check({ ...walk, problems, doubts }, schema, value, '', depth + 1)
  return problems.length > 0 ? false : doubts.count > 0 ? undefined : true
}

/** The schema itself, or what its reference leads to. */
export function look(walk: Walk, schema: unknown): unknown {
  let seen = schema
  for (let hops = 0; hops < 10 && isRecord(seen) && typeof seen['$ref'] === 'string'; hops++) {
    seen = walk.resolve(seen['$ref'])
  }
  return seen
}

/** A schema's type in a word, for "missing required". */
export function expected(walk: Walk, schema: unknown): string {
  const seen = look(walk, schema)
  if (!isRecord(seen)) return 'any'
  const choices = 'const' in seen ? [seen['const']] : list(seen['enum'])
  if (choices.length > 0 && choices.length <= 10) return choices.map((choice) => JSON.stringify(choice)).join(' | ')
  if (typeof seen['type'] === 'string') return seen['format'] === 'binary' ? 'file' : seen['type']
  const types = list(seen['type'])
  return types.length > 0 ? types.join(' | ') : 'any'
}

export function show(value: unknown): string {
  if (value instanceof FileValue) return `a file (${value.type})`
  if (value instanceof Uint8Array) return 'bytes'
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === 'string') return `string ${JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)}`
  if (isRecord(value)) return 'an object'
  if (typeof value === 'number') return `number ${value}`
  return value === null ? 'null' : `${typeof value} ${JSON.stringify(value)}`
}

export function isBytes(value: unknown): value is FileValue | Uint8Array {
  return value instanceof FileValue || value instanceof Uint8Array
}

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

export function join(path: string, name: string): string {
  if (!/^[A-Za-z_$][\w$]*$/.test(name)) return `${path}[${JSON.stringify(name.slice(0, 60))}]`
  return path === '' ? name : `${path}.${name}`
}

/** Equal as JSON: the order of an object's members does not matter. */
export function isSame(a: unknown, b: unknown): boolean {
  return a === b || (isStructure(a) && isStructure(b) && canonical(a, 0) === canonical(b, 0))
}

/** The same text for the same value. Values that are nested beyond reason are only the same as themselves. */
export function canonical(value: unknown, depth: number): string {
  if (depth > 100) return `…${Math.random()}`
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, depth + 1)).join(',')}]`
  if (!isRecord(value) || isBytes(value)) return JSON.stringify(value) ?? ''
  const members = Object.keys(value).sort()
  return `{${members.map((key) => `${JSON.stringify(key)}:${canonical(value[key], depth + 1)}`).join(',')}}`
}

function isStructure(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}
