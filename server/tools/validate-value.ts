// A single value: its type, its choices, and the bounds of texts, numbers and bytes.
import { type JsonRecord } from '../integrations/json-value.ts'
import type { FileValue } from '../sandbox/file.ts'
import { nearest } from './nearest.ts'
import { isSafe, violatesPattern } from './safe-pattern.ts'
import { doubt, isSame, list, report, show, type Walk } from './validate-walk.ts'

/** Whether there is more to check: the value has a type that the schema names, or the schema names none. */
export function checkType(walk: Walk, schema: JsonRecord, value: unknown, path: string): boolean {
  const types = typesOf(schema)
  if (types.length === 0) return true
  if (value === null && schema['nullable'] === true) return false
  if (isOf(types, value)) return true
  // Documents list choices of another type than they say; what they list is what the upstream takes.
  if (isAmong(schema, list(schema['enum']), value)) return false
  // An integer that no number holds is text in answers (server/integrations/read-json.ts), and so here.
  const isLarge = typeof value === 'string' && /^-?[1-9]\d{15,}$/.test(value) && !Number.isSafeInteger(Number(value))
  if (isLarge && types.includes('integer') && !types.includes('string')) return false
  report(walk, path, `expected ${types.join(' or ')}, got ${show(value)}`)
  return false
}

function typesOf(schema: JsonRecord): unknown[] {
  return typeof schema['type'] === 'string' ? [schema['type']] : list(schema['type'])
}

function isOf(types: unknown[], value: unknown): boolean {
  const given = typeOf(value)
  return types.some((type) => type === given || (type === 'number' && given === 'integer'))
}

export function checkChoice(walk: Walk, schema: JsonRecord, value: unknown, path: string): void {
  const choices = 'const' in schema ? [schema['const']] : list(schema['enum'])
  walk.steps.left -= choices.length >> 3
  if (choices.length > 0 && !isAmong(schema, choices, value)) refuseChoice(walk, choices, value, path)
}

/** Choices of another type than the schema has are compared as text, and those of an array are of its items. */
function isAmong(schema: JsonRecord, choices: unknown[], value: unknown): boolean {
  if (choices.some((choice) => isSame(choice, value))) return true
  const types = typesOf(schema)
  if (types.length === 0 || 'const' in schema || choices.some((choice) => isOf(types, choice))) return false
  if (choices.length === 0 || !isOf(types, value)) return false
  if (Array.isArray(value)) return value.every((item) => choices.some((choice) => isSame(choice, item)))
  return choices.some((choice) => textOf(choice) === textOf(value))
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

export function refuseChoice(walk: Walk, choices: unknown[], value: unknown, path: string): void {
  const known = choices.filter((choice) => typeof choice === 'string')
  const [meant] = typeof value === 'string' ? nearest(value, known) : []
  const allowed = choices.slice(0, 20).map((choice) => show(choice))
  if (choices.length > allowed.length) allowed.push('…')
  const hint = meant === undefined ? '' : `; did you mean ${JSON.stringify(meant)}?`
  report(walk, path, `expected ${choices.length > 1 ? 'one of ' : ''}${allowed.join(', ')}, got ${show(value)}${hint}`)
}

export function checkString(walk: Walk, schema: JsonRecord, value: string, path: string): void {
  const { minLength, maxLength, pattern } = schema
  if (typeof minLength === 'number' && charactersOf(value) < minLength) {
    report(walk, path, `needs at least ${minLength} characters, got ${charactersOf(value)}`)
  }
  if (typeof maxLength === 'number' && value.length > maxLength && charactersOf(value) > maxLength) {
    report(walk, path, `takes at most ${maxLength} characters, got ${charactersOf(value)}`)
  }
  const isMatch = typeof pattern === 'string' ? matches(pattern, value) : true
  if (isMatch === false) report(walk, path, `must match /${String(pattern)}/, got ${show(value)}`)
  if (isMatch === undefined || 'format' in schema) doubt(walk)
}

/** Undefined when the pattern is not run: it could take long, or is not what was meant. */
export function matches(pattern: string, text: string): boolean | undefined {
  // Escaped twice, `\\d` asks for a backslash; as a literal of JavaScript, for slashes around the text.
  if (pattern.includes(String.raw`\\`)) return undefined
  const [, bare, flags] = /^\/(\^.*\$)\/([a-z]*)$/s.exec(pattern) ?? [undefined, pattern, '']
  if (flags !== '' || bare === undefined) return undefined
  if (violatesPattern(bare, text)) return false
  return isSafe(bare) && text.length <= 256 ? true : undefined
}

export function checkNumber(walk: Walk, schema: JsonRecord, value: number, path: string): void {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema
  const above =
    typeof exclusiveMinimum === 'number' ? exclusiveMinimum : exclusiveMinimum === true ? minimum : undefined
  const below =
    typeof exclusiveMaximum === 'number' ? exclusiveMaximum : exclusiveMaximum === true ? maximum : undefined
  if (typeof minimum === 'number' && value < minimum) report(walk, path, `must be at least ${minimum}, got ${value}`)
  if (typeof maximum === 'number' && value > maximum) report(walk, path, `must be at most ${maximum}, got ${value}`)
  if (typeof above === 'number' && value <= above) report(walk, path, `must be above ${above}, got ${value}`)
  if (typeof below === 'number' && value >= below) report(walk, path, `must be below ${below}, got ${value}`)
  if (typeof multipleOf === 'number' && multipleOf > 0 && !isMultiple(value, multipleOf)) {
    report(walk, path, `must be a multiple of ${multipleOf}, got ${value}`)
  }
}

/** 19.99 is one of 0.01, although a division of floating-point numbers says 1998.9999999999998. */
function isMultiple(value: number, step: number): boolean {
  const quotient = value / step
  return (
    !Number.isFinite(quotient) || Math.abs(quotient - Math.round(quotient)) <= 1e-9 * Math.max(1, Math.abs(quotient))
  )
}

export function checkBytes(walk: Walk, schema: JsonRecord, value: FileValue | Uint8Array, path: string): void {
  const says = (keyword: string) => keyword in schema
  const isBinary = schema['format'] === 'binary' || schema['format'] === 'byte' || says('contentEncoding')
  if (isBinary || says('contentMediaType') || !says('type')) return
  report(walk, path, `expected ${list([schema['type']].flat()).join(' or ')}, got ${show(value)}`)
}

/** As JSON Schema counts them: a character outside the basic plane is one. */
function charactersOf(text: string): number {
  return text.length - (text.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0)
}

/** NaN and the infinities are no numbers of JSON. */
function typeOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : Number.isFinite(value) ? 'number' : 'NaN'
  return typeof value
}
