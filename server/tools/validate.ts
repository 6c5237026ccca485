// Is this input what the tool's schema asks for? Written for the agent that has to correct the call: every problem
// names its field by path, says what was given, and suggests what was probably meant. The schemas come from documents
// that others wrote, so the walk is bounded in steps and depth; what lies beyond the bounds, and every keyword that is
// not here, is left to the upstream to judge. `format` is not checked, and `oneOf` asks for at least one alternative,
// because real documents describe overlapping ones.
import type { JsonSchema, ToolErrorShape } from '../../drizzle/shapes.ts'
import { isRecord, type JsonRecord, own } from '../integrations/json-value.ts'
import { FileValue } from '../sandbox/file.ts'
import { nearest } from './nearest.ts'
import { violatesPattern } from './safe-pattern.ts'

export interface Problem {
  /** `labels[0].name`; empty for the input itself. */
  path: string
  message: string
}

export type Validation = { ok: true } | { ok: false; error: ToolErrorShape }

interface Walk {
  defs: Readonly<Record<string, JsonSchema>>
  problems: Problem[]
  steps: { left: number }
}

const mostProblems = 10
const mostSteps = 200_000
const mostDepth = 100

/** Checks `input` (an absent one counts as `{}`) against `schema`, whose `#/$defs/<name>` references are in `defs`. */
export function validateInput(
  schema: JsonSchema,
  defs: Readonly<Record<string, JsonSchema>>,
  input: unknown,
): Validation {
  const walk: Walk = { defs, problems: [], steps: { left: mostSteps } }
  check(walk, schema, input ?? {}, '', 0)
  if (walk.problems.length === 0) return { ok: true }
  const shown = walk.problems.slice(0, mostProblems)
  const lines = shown.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
  if (walk.problems.length > shown.length) lines.push(`and ${walk.problems.length - shown.length} more`)
  return { ok: false, error: { code: 'invalid_arguments', message: lines.join('; '), details: { problems: shown } } }
}

function check(walk: Walk, schema: unknown, value: unknown, path: string, depth: number): void {
  if (walk.steps.left-- <= 0 || depth > mostDepth || isFull(walk)) return
  if (schema === false) return report(walk, path, 'is not allowed here')
  if (!isRecord(schema)) return
  if (typeof schema['$ref'] === 'string') check(walk, resolve(walk, schema['$ref']), value, path, depth + 1)
  if (isBytes(value)) return checkBytes(walk, schema, value, path)
  if (!checkType(walk, schema, value, path)) return
  checkChoice(walk, schema, value, path)
  if (typeof value === 'string') checkString(walk, schema, value, path)
  else if (typeof value === 'number') checkNumber(walk, schema, value, path)
  else if (Array.isArray(value)) checkArray(walk, schema, value, path, depth)
  else if (isRecord(value)) checkObject(walk, schema, value, path, depth)
  for (const part of list(schema['allOf'])) check(walk, part, value, path, depth + 1)
  checkAlternatives(walk, [...list(schema['anyOf'])], value, path, depth)
  checkAlternatives(walk, [...list(schema['oneOf'])], value, path, depth)
}

function resolve(walk: Walk, reference: string): unknown {
  const name = reference.startsWith('#/$defs/') ? reference.slice('#/$defs/'.length) : ''
  const plain = name.replaceAll('~1', '/').replaceAll('~0', '~')
  return Object.hasOwn(walk.defs, plain) ? walk.defs[plain] : true
}

/** Whether there is more to check: the value has a type that the schema names, or the schema names none. */
function checkType(walk: Walk, schema: JsonRecord, value: unknown, path: string): boolean {
  const types = typeof schema['type'] === 'string' ? [schema['type']] : list(schema['type'])
  if (types.length === 0) return true
  if (value === null && schema['nullable'] === true) return false
  const given = typeOf(value)
  if (types.some((type) => type === given || (type === 'number' && given === 'integer'))) return true
  report(walk, path, `expected ${types.join(' or ')}, got ${show(value)}`)
  return false
}

function checkChoice(walk: Walk, schema: JsonRecord, value: unknown, path: string): void {
  const choices = 'const' in schema ? [schema['const']] : list(schema['enum'])
  walk.steps.left -= choices.length >> 3
  if (choices.length === 0 || choices.some((choice) => isSame(choice, value))) return
  const known = choices.filter((choice) => typeof choice === 'string')
  const [meant] = typeof value === 'string' ? nearest(value, known) : []
  const allowed = choices.slice(0, 20).map((choice) => show(choice))
  if (choices.length > allowed.length) allowed.push('…')
  const hint = meant === undefined ? '' : `; did you mean ${JSON.stringify(meant)}?`
  report(walk, path, `expected ${choices.length > 1 ? 'one of ' : ''}${allowed.join(', ')}, got ${show(value)}${hint}`)
}

function checkString(walk: Walk, schema: JsonRecord, value: string, path: string): void {
  const { minLength, maxLength, pattern } = schema
  if (typeof minLength === 'number' && value.length < minLength) {
    report(walk, path, `needs at least ${minLength} characters, got ${value.length}`)
  }
  if (typeof maxLength === 'number' && value.length > maxLength && charactersOf(value) > maxLength) {
    report(walk, path, `takes at most ${maxLength} characters, got ${charactersOf(value)}`)
  }
  if (typeof pattern === 'string' && violatesPattern(pattern, value)) {
    report(walk, path, `must match /${pattern}/, got ${show(value)}`)
  }
}

function checkNumber(walk: Walk, schema: JsonRecord, value: number, path: string): void {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema
  const above =
    typeof exclusiveMinimum === 'number' ? exclusiveMinimum : exclusiveMinimum === true ? minimum : undefined
  const below =
    typeof exclusiveMaximum === 'number' ? exclusiveMaximum : exclusiveMaximum === true ? maximum : undefined
  if (typeof minimum === 'number' && value < minimum) report(walk, path, `must be at least ${minimum}, got ${value}`)
  if (typeof maximum === 'number' && value > maximum) report(walk, path, `must be at most ${maximum}, got ${value}`)
  if (typeof above === 'number' && value <= above) report(walk, path, `must be above ${above}, got ${value}`)
  if (typeof below === 'number' && value >= below) report(walk, path, `must be below ${below}, got ${value}`)
}

function checkArray(walk: Walk, schema: JsonRecord, value: unknown[], path: string, depth: number): void {
  const { minItems, maxItems } = schema
  if (typeof minItems === 'number' && value.length < minItems) {
    report(walk, path, `needs at least ${minItems} items, got ${value.length}`)
  }
  if (typeof maxItems === 'number' && value.length > maxItems) {
    report(walk, path, `takes at most ${maxItems} items, got ${value.length}`)
  }
  const first = list(schema['prefixItems'])
  for (const [index, item] of value.entries()) {
    check(walk, index < first.length ? first[index] : schema['items'], item, `${path}[${index}]`, depth + 1)
    if (walk.steps.left <= 0 || isFull(walk)) return
  }
}

function checkObject(walk: Walk, schema: JsonRecord, value: JsonRecord, path: string, depth: number): void {
  const properties = isRecord(schema['properties']) ? schema['properties'] : {}
  const missing = new Set(
    list(schema['required'])
      .filter((name) => typeof name === 'string')
      .filter((name) => own(value, name) === undefined),
  )
  for (const [name, item] of Object.entries(value)) {
    if (item === undefined) continue
    const at = join(path, name)
    if (Object.hasOwn(properties, name)) check(walk, properties[name], item, at, depth + 1)
    else checkUnknown(walk, schema, properties, missing, { name, item, at, path, value }, depth)
    if (walk.steps.left <= 0 || isFull(walk)) return
  }
  const absent = [...missing].map((name) => `${JSON.stringify(name)} (${expected(walk, own(properties, name))})`)
  if (absent.length > 0)
    report(walk, path, `missing required field${absent.length > 1 ? 's' : ''} ${absent.join(', ')}`)
}

/**
 * A field that `properties` does not list. Where the schema is closed it is refused; where it says nothing, only what
 * looks like a misspelling of a declared field that is absent is: the upstream would ignore it without a word.
 */
function checkUnknown(
  walk: Walk,
  schema: JsonRecord,
  properties: JsonRecord,
  missing: Set<string>,
  field: { name: string; item: unknown; at: string; path: string; value: JsonRecord },
  depth: number,
): void {
  const rest = schema['additionalProperties']
  if (isRecord(schema['patternProperties']) || rest === true) return
  if (isRecord(rest)) return check(walk, rest, field.item, field.at, depth + 1)
  walk.steps.left -= Object.keys(properties).length
  const absent = Object.keys(properties).filter((name) => own(field.value, name) === undefined)
  const [meant] = nearest(field.name, missing.size > 0 ? [...missing, ...absent] : absent)
  if (rest !== false && (meant === undefined || 'allOf' in schema || 'anyOf' in schema || 'oneOf' in schema)) return
  const unknown = `unknown field ${JSON.stringify(field.name)}`
  if (meant !== undefined) {
    const isRequired = missing.delete(meant)
    const kind = isRequired ? ` (${expected(walk, own(properties, meant))}, required)` : ''
    return report(walk, field.path, `${unknown}; did you mean ${JSON.stringify(meant)}${kind}?`)
  }
  const known = Object.keys(properties).slice(0, 30).join(', ')
  report(walk, field.path, `${unknown}; ${known === '' ? 'no fields are expected' : `known fields: ${known}`}`)
}

/** At least one alternative must hold; otherwise the problems of the one that came nearest are reported. */
function checkAlternatives(walk: Walk, alternatives: unknown[], value: unknown, path: string, depth: number): void {
  if (alternatives.length === 0) return
  let best: Problem[] | undefined
  for (const alternative of alternatives) {
    const problems: Problem[] = []
    check({ ...walk, problems }, alternative, value, path, depth + 1)
    if (problems.length === 0) return
    if (best === undefined || nearness(problems, path) < nearness(best, path)) best = problems
  }
  walk.problems.push(...(best ?? []))
}

/** Few problems deep inside are nearer than one at the very place, which means that the type itself was wrong. */
function nearness(problems: Problem[], path: string): number {
  const atPlace = problems.filter((problem) => problem.path === path && !problem.message.startsWith('missing')).length
  return problems.length + atPlace * 100
}

function checkBytes(walk: Walk, schema: JsonRecord, value: FileValue | Uint8Array, path: string): void {
  const says = (keyword: string) => keyword in schema
  const isBinary = schema['format'] === 'binary' || schema['format'] === 'byte' || says('contentEncoding')
  if (isBinary || says('contentMediaType') || !says('type')) return
  report(walk, path, `expected ${String(schema['type'])}, got ${show(value)}`)
}

function isFull(walk: Walk): boolean {
  return walk.problems.length > 5 * mostProblems
}

function report(walk: Walk, path: string, message: string): void {
  walk.problems.push({ path, message })
}

/** A schema's type in a word, for "missing required". */
function expected(walk: Walk, schema: unknown): string {
  let seen = schema
  for (let hops = 0; hops < 10 && isRecord(seen) && typeof seen['$ref'] === 'string'; hops++) {
    seen = resolve(walk, seen['$ref'])
  }
  if (!isRecord(seen)) return 'any'
  const choices = list(seen['enum'])
  if (choices.length > 0 && choices.length <= 10) return choices.map((choice) => JSON.stringify(choice)).join(' | ')
  if (typeof seen['type'] === 'string') return seen['format'] === 'binary' ? 'file' : seen['type']
  const types = list(seen['type'])
  return types.length > 0 ? types.join(' | ') : 'any'
}

function show(value: unknown): string {
  if (value instanceof FileValue) return `a file (${value.type})`
  if (value instanceof Uint8Array) return 'bytes'
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === 'string') return `string ${JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)}`
  if (isRecord(value)) return 'an object'
  return value === null ? 'null' : `${typeof value} ${JSON.stringify(value)}`
}

/** As JSON Schema counts them: a character outside the basic plane is one. */
function charactersOf(text: string): number {
  return text.length - (text.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0)
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === 'object' && a !== null && JSON.stringify(a) === JSON.stringify(b))
}

function isBytes(value: unknown): value is FileValue | Uint8Array {
  return value instanceof FileValue || value instanceof Uint8Array
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function join(path: string, name: string): string {
  if (!/^[A-Za-z_$][\w$]*$/.test(name)) return `${path}[${JSON.stringify(name.slice(0, 60))}]`
  return path === '' ? name : `${path}.${name}`
}
