// The form that a server asks a person to fill in: a flat object of texts, numbers, yes or no, and choices (MCP, client
// features: elicitation, requested schema). Schema and answer are strangers' both.
import type { UpstreamAnswer } from '../../../drizzle/shapes.ts'
import { isRecord, own, ownEntries, ownList, ownText } from '../json-value.ts'

export interface FormField {
  /** Of the property, as the server has it. */
  name: string
  label: string
  hint: string
  kind: 'text' | 'number' | 'integer' | 'boolean' | 'choice' | 'choices'
  format: '' | 'email' | 'uri' | 'date' | 'date-time'
  isRequired: boolean
  /** Of its length, its value, or how many are chosen. */
  min: number | null
  max: number | null
  /** Of a choice. */
  options: { value: string; label: string }[]
  /** What it begins with, as a form sends it. */
  initial: string[]
}

export type Form = { ok: true; fields: FormField[] } | { ok: false; reason: string }

export type Filled =
  | { ok: true; content: NonNullable<UpstreamAnswer['content']> }
  /** `field` is its place in the form. */
  | { ok: false; errors: { field?: number; message: string }[] }

const MOST_FIELDS = 50
const MOST_OPTIONS = 500
const MAX_LABEL = 200
const MAX_HINT = 1000
/** Of one text, where the server allows more. */
const MAX_TEXT = 10_000
const MAX_CONTENT = 64 * 1024

const NUMBER = /^-?\d{1,30}(?:\.\d{1,30})?(?:e[+-]?\d{1,3})?$/i
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?<seconds>:\d\d(?:\.\d{1,9})?)?(?<zone>Z|[+-]\d\d:\d\d)?$/
/** Keywords of what is no single value. */
const COMPOSED = ['$ref', 'allOf', 'not', 'if', 'properties', 'patternProperties', 'prefixItems']

/** Without what only hides or turns text around, in its lines. */
export function plainText(text: string, maxLength: number): string {
  const plain = text.replaceAll(/(?![\n\t])[\p{Cc}\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu, '').trim()
  return plain.length <= maxLength ? plain : `${plain.slice(0, maxLength - 1)}…`
}

export function formOf(schema: unknown): Form {
  const properties = ownEntries(schema, 'properties')
  if (own(schema, 'type') !== 'object' || !isRecord(own(schema, 'properties')))
    return refused('It is no list of fields.')
  if (properties.length > MOST_FIELDS) return refused(`It has more than ${MOST_FIELDS} fields.`)
  const required = new Set(ownList(schema, 'required'))
  const fields: FormField[] = []
  for (const [name, property] of properties) {
    const field = fieldOf(name, property, required.has(name))
    if (typeof field === 'string') return refused(`${plainText(name, MAX_LABEL)} ${field}`)
    fields.push(field)
  }
  return { ok: true, fields }
}

function refused(reason: string): Form {
  return { ok: false, reason }
}

/** A field, or what is wrong with it. */
function fieldOf(name: string, property: unknown, isRequired: boolean): FormField | string {
  if (!isRecord(property) || COMPOSED.some((keyword) => Object.hasOwn(property, keyword))) return 'is no single value.'
  const shape = shapeOf(property)
  if (typeof shape === 'string') return shape
  const initial = initialOf(property.default, shape)
  return {
    name,
    label: plainText(ownText(property, 'title') || name, MAX_LABEL),
    hint: plainText(ownText(property, 'description'), MAX_HINT),
    ...shape,
    initial,
    // The client puts a default wherever there is nothing: to leave such a field empty would not be what it looks like.
    isRequired: isRequired || (initial.length > 0 && !mayBeEmptyText(shape)),
  }
}

type Shape = Pick<FormField, 'kind' | 'format' | 'min' | 'max' | 'options'>

const BLANK = { format: '', min: null, max: null, options: [] } as const satisfies Partial<Shape>

function shapeOf(property: Record<string, unknown>): Shape | string {
  const { type, format } = property
  const limits = (from: string, to: string) => ({ min: limitOf(property[from]), max: limitOf(property[to]) })
  if (type === 'boolean') return { ...BLANK, options: [], kind: 'boolean' }
  if (type === 'number' || type === 'integer') {
    return { ...BLANK, options: [], kind: type, ...limits('minimum', 'maximum') }
  }
  if (type === 'array') {
    const options = optionsOf(property.items)
    return options
      ? { ...BLANK, kind: 'choices', options, ...limits('minItems', 'maxItems') }
      : 'is a list of what is no choice.'
  }
  if (type !== 'string') return 'is no single value.'
  if (format === 'password' || property.writeOnly === true) {
    return 'is a secret, which servers must not ask for in a form.'
  }
  if (['enum', 'oneOf', 'anyOf'].some((keyword) => Object.hasOwn(property, keyword))) {
    const options = optionsOf(property)
    return options ? { ...BLANK, kind: 'choice', options } : 'is a choice without usable options.'
  }
  const { min, max } = limits('minLength', 'maxLength')
  const isKnown = format === 'email' || format === 'uri' || format === 'date' || format === 'date-time'
  return { kind: 'text', format: isKnown ? format : '', options: [], min, max: Math.min(max ?? MAX_TEXT, MAX_TEXT) }
}

function limitOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

/** `enum`, with the names of before 2025-11-25, or titled constants. */
function optionsOf(schema: unknown): FormField['options'] | null {
  const names = ownList(schema, 'enumNames')
  const titled = [...ownList(schema, 'oneOf'), ...ownList(schema, 'anyOf')]
  const options = [
    ...ownList(schema, 'enum').map((value, index) => ({ value, title: names[index] })),
    ...titled.map((each) => ({ value: own(each, 'const'), title: own(each, 'title') })),
  ]
  if (options.length === 0 || options.length > MOST_OPTIONS) return null
  const usable = options.flatMap(({ value, title }) =>
    typeof value === 'string'
      ? [{ value, label: plainText(typeof title === 'string' && title ? title : value, MAX_LABEL) }]
      : [],
  )
  return usable.length === options.length ? usable : null
}

/** A default that the field does not take is none. */
function initialOf(value: unknown, { kind, options }: Shape): string[] {
  const isOption = (each: unknown): each is string => options.some((option) => option.value === each)
  if (kind === 'choices') return Array.isArray(value) ? value.filter(isOption) : []
  if (kind === 'choice') return isOption(value) ? [value] : []
  if (kind === 'boolean') return value === true ? ['true'] : []
  if (kind === 'text') return typeof value === 'string' && value !== '' ? [value.slice(0, MAX_TEXT)] : []
  return typeof value === 'number' ? [String(value)] : []
}

function mayBeEmptyText({ kind, format, min }: Shape): boolean {
  return kind === 'boolean' || kind === 'choices' || (kind === 'text' && format === '' && (min ?? 0) <= 0)
}

/** What was filled in, as the server wants it. `values` are of the fields, in their order. */
export function readForm(fields: readonly FormField[], values: readonly (readonly string[])[]): Filled {
  if (values.length !== fields.length) return { ok: false, errors: [{ message: 'The form had other fields.' }] }
  const read = fields.map((field, index) => readField(field, values[index] ?? []))
  const errors = read.flatMap((each, field) => ('problem' in each ? [{ field, message: each.problem }] : []))
  if (errors.length > 0) return { ok: false, errors }
  const content = Object.fromEntries(
    read.flatMap((each, index) => {
      const name = fields[index]?.name ?? ''
      return 'value' in each && each.value !== undefined ? [[name, each.value] as const] : []
    }),
  )
  const isTooMuch = JSON.stringify(content).length > MAX_CONTENT
  return isTooMuch ? { ok: false, errors: [{ message: 'This is too much for one answer.' }] } : { ok: true, content }
}

/** An undefined value is left out. */
type Read = { value: string | number | boolean | string[] | undefined } | { problem: string }

function readField(field: FormField, values: readonly string[]): Read {
  if (field.kind === 'choices') return readChoices(field, values)
  const [first = ''] = values
  if (values.length > 1) return { problem: 'Only one answer fits here.' }
  if (field.kind === 'boolean') {
    return first === '' || first === 'true' ? { value: first === 'true' } : { problem: 'Say yes or no.' }
  }
  const text = first.replaceAll('\r\n', '\n')
  if (text.trim() === '') return readNothing(field)
  if (field.kind === 'text') return readText(field, text)
  if (field.kind === 'choice') {
    return field.options.some(({ value }) => value === first) ? { value: first } : { problem: 'Choose one of these.' }
  }
  return readNumber(field, text.trim())
}

function readNothing(field: FormField): Read {
  if (field.isRequired) return { problem: field.kind === 'choice' ? 'Choose one of these.' : 'Fill this in.' }
  // Said so, where a default would stand for it otherwise.
  return { value: field.initial.length > 0 ? '' : undefined }
}

function readChoices({ options, min, max, initial, isRequired }: FormField, values: readonly string[]): Read {
  if (values.length === 0 && !isRequired && initial.length === 0 && min !== null && min > 0) return { value: undefined }
  const isKnown = (each: string) => options.some(({ value }) => value === each)
  if (!values.every(isKnown) || new Set(values).size !== values.length) return { problem: 'Choose some of these.' }
  if (min !== null && values.length < min) return { problem: `Choose at least ${min}.` }
  if (max !== null && values.length > max) return { problem: `Choose at most ${max}.` }
  return { value: [...values] }
}

function readNumber({ kind, min, max }: FormField, text: string): Read {
  const value = Number(text)
  if (!NUMBER.test(text) || !Number.isFinite(value)) return { problem: 'This is no number.' }
  if (kind === 'integer' && !Number.isSafeInteger(value)) return { problem: 'This is no whole number.' }
  if (min !== null && value < min) return { problem: `It is at least ${min}.` }
  if (max !== null && value > max) return { problem: `It is at most ${max}.` }
  return { value }
}

function readText({ format, min, max }: FormField, text: string): Read {
  const length = text.length > 2 * MAX_TEXT ? text.length : Array.from(text).length
  if (max !== null && length > max) return { problem: `It has at most ${max.toLocaleString('en')} characters.` }
  if (min !== null && length < min) return { problem: `It has at least ${min.toLocaleString('en')} characters.` }
  const value = text.trim()
  switch (format) {
    case 'email':
      return /^[^\s@]+@[^\s@]+$/.test(value) ? { value } : { problem: 'This is no email address.' }
    case 'uri':
      return URL.canParse(value) ? { value } : { problem: 'This is no URL. It begins with https://' }
    case 'date':
      return /^\d{4}-\d\d-\d\d$/.test(value) && isDay(value)
        ? { value }
        : { problem: 'This is no date, as 2026-07-28.' }
    case 'date-time':
      return readTime(value)
    default:
      return { value: text }
  }
}

/** Forms send a time without seconds and zone (RFC 3339 wants both): it is told as UTC. */
function readTime(text: string): Read {
  const { seconds, zone } = DATE_TIME.exec(text)?.groups ?? {}
  const at = `${text.slice(0, 16)}${seconds ?? ':00'}${zone ?? 'Z'}`
  const isTime = DATE_TIME.test(text) && isDay(text.slice(0, 10)) && !Number.isNaN(Date.parse(at))
  return isTime ? { value: at } : { problem: 'This is no time, as 2026-07-28T09:30.' }
}

/** Not the 31st of February. */
function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text)
}
