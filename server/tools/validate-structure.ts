// Arrays and objects: their items and fields, how many there are, and which belong together.
import { isRecord, type JsonRecord, own, ownEntries } from '../integrations/json-value.ts'
import { extended, nearest } from './nearest.ts'
import { matches } from './validate-value.ts'
import { canonical, doubt, expected, fits, isFull, join, list, look, report, type Walk } from './validate-walk.ts'

const mostCandidates = 1000
const mostUnique = 10_000

export function checkArray(walk: Walk, schema: JsonRecord, value: unknown[], path: string, depth: number): void {
  checkCount(walk, schema, ['minItems', 'maxItems'], value.length, 'items', path)
  const first = list(schema['prefixItems'])
  for (const [index, item] of value.entries()) {
    walk.check(walk, index < first.length ? first[index] : schema['items'], item, `${path}[${index}]`, depth + 1)
    if (walk.steps.left <= 0 || isFull(walk)) return doubt(walk)
  }
  if (schema['uniqueItems'] === true && value.length <= mostUnique) {
    const seen = new Set<string>()
    const again = value.findIndex((item) => seen.size === seen.add(canonical(item, 0)).size)
    if (again >= 0) report(walk, `${path}[${again}]`, 'is there already; every item must be different')
  }
  if (isRecord(schema['contains'])) checkContains(walk, schema, schema['contains'], value, path, depth)
  if ('unevaluatedItems' in schema) doubt(walk)
}

function checkContains(
  walk: Walk,
  schema: JsonRecord,
  contains: JsonRecord,
  value: unknown[],
  path: string,
  depth: number,
): void {
  const found = value.map((item) => fits(walk, contains, item, depth))
  if (found.includes(undefined)) return doubt(walk)
  const count = found.filter(Boolean).length
  const least = typeof schema['minContains'] === 'number' ? schema['minContains'] : 1
  const most = schema['maxContains']
  const kind = expected(walk, contains)
  if (count < least) report(walk, path, `needs at least ${least} items that are ${kind}, got ${count}`)
  if (typeof most === 'number' && count > most)
    report(walk, path, `takes at most ${most} items that are ${kind}, got ${count}`)
}

export function checkObject(
  walk: Walk,
  schema: JsonRecord,
  value: JsonRecord,
  path: string,
  depth: number,
  enclosing: JsonRecord | undefined,
): void {
  const properties = isRecord(schema['properties']) ? schema['properties'] : {}
  const missing = new Set(
    list(schema['required'])
      .filter((name) => typeof name === 'string')
      .filter((name) => own(value, name) === undefined && isPossible(walk, schema, enclosing, name)),
  )
  const given = Object.entries(value).filter(([, item]) => item !== undefined)
  checkCount(walk, schema, ['minProperties', 'maxProperties'], given.length, 'fields', path)
  for (const [name, item] of given) {
    const at = join(path, name)
    if (Object.hasOwn(properties, name)) walk.check(walk, properties[name], item, at, depth + 1)
    const isPatterned = checkPatterns(walk, schema, name, item, at, depth)
    const isKnown = isPatterned || Object.hasOwn(properties, name)
    if (!isKnown) checkUnknown(walk, { schema, enclosing, properties, missing, value }, name, item, { path, at, depth })
    checkName(walk, schema, name, path, depth)
    if (walk.steps.left <= 0 || isFull(walk)) return doubt(walk)
  }
  const typeIn = (name: string) => own(properties, name) ?? own(enclosing?.['properties'], name)
  const absent = [...missing].map((name) => `${JSON.stringify(name)} (${expected(walk, typeIn(name))})`)
  if (absent.length > 0)
    report(walk, path, `missing required field${absent.length > 1 ? 's' : ''} ${absent.join(', ')}`)
  checkDependencies(walk, schema, value, path, depth)
}

function checkDependencies(walk: Walk, schema: JsonRecord, value: JsonRecord, path: string, depth: number): void {
  const isGiven = (name: unknown) => typeof name === 'string' && own(value, name) !== undefined
  for (const [name, needed] of ownEntries(schema, 'dependentRequired')) {
    if (!isGiven(name)) continue
    const absent = list(needed).filter((other) => typeof other === 'string' && !isGiven(other))
    const shown = absent.map((other) => JSON.stringify(other)).join(', ')
    if (absent.length > 0)
      report(walk, path, `missing field ${shown}, which is required beside ${JSON.stringify(name)}`)
  }
  for (const [name, part] of ownEntries(schema, 'dependentSchemas')) {
    if (!isGiven(name)) continue
    const problems: Walk['problems'] = []
    walk.check({ ...walk, problems }, part, value, path, depth + 1, schema)
    for (const problem of problems) {
      report(walk, problem.path, `${problem.message} (because of ${JSON.stringify(name)})`)
    }
  }
}

function checkCount(
  walk: Walk,
  schema: JsonRecord,
  names: [string, string],
  count: number,
  what: string,
  path: string,
): void {
  const [least, most] = names.map((name) => schema[name])
  if (typeof least === 'number' && count < least) report(walk, path, `needs at least ${least} ${what}, got ${count}`)
  if (typeof most === 'number' && count > most) report(walk, path, `takes at most ${most} ${what}, got ${count}`)
}

/** Whether a pattern describes the field, or may. */
function checkPatterns(
  walk: Walk,
  schema: JsonRecord,
  name: string,
  item: unknown,
  at: string,
  depth: number,
): boolean {
  let isDescribed = false
  for (const [pattern, part] of ownEntries(schema, 'patternProperties')) {
    const isMatch = matches(pattern, name)
    if (isMatch === false) continue
    isDescribed = true
    if (isMatch) walk.check(walk, part, item, at, depth + 1)
    else doubt(walk)
  }
  return isDescribed
}

function checkName(walk: Walk, schema: JsonRecord, name: string, path: string, depth: number): void {
  if (schema['propertyNames'] === undefined) return
  const isAllowed = fits(walk, schema['propertyNames'], name, depth)
  if (isAllowed === undefined) doubt(walk)
  if (isAllowed === false) report(walk, path, `field ${JSON.stringify(name.slice(0, 60))} is not allowed here`)
}

interface ObjectCheck {
  schema: JsonRecord
  enclosing: JsonRecord | undefined
  properties: JsonRecord
  missing: Set<string>
  value: JsonRecord
}

/**
 * A field that `properties` does not list. Where the schema is closed it is refused; where it says nothing, only what
 * looks like a misspelling of a declared field that is absent is: the upstream would ignore it without a word.
 */
function checkUnknown(
  walk: Walk,
  { schema, enclosing, properties, missing, value }: ObjectCheck,
  name: string,
  item: unknown,
  { path, at, depth }: { path: string; at: string; depth: number },
): void {
  const rest = schema['additionalProperties']
  const isClosed = rest === false || schema['unevaluatedProperties'] === false
  // Asked word for word, a schema that says nothing takes any field.
  if (rest === true || (!isClosed && !isRecord(rest) && walk.doubts)) return
  const isOpen = isClosed ? isRecord : () => false
  if (isKnownTo(walk, schema, name, { choices: true, isOpen }, 0)) return
  if (enclosing && isKnownTo(walk, enclosing, name, { choices: false, isOpen }, 0)) return
  if (!isClosed && list(schema['required']).includes(name)) return
  if (isRecord(rest)) return walk.check(walk, rest, item, at, depth + 1)
  const absent = Object.keys(properties).filter((known) => own(value, known) === undefined)
  const candidates = [...missing, ...absent].slice(0, mostCandidates)
  walk.steps.left -= Object.keys(properties).length + candidates.length * (Math.min(name.length, 100) >> 3)
  const longer = () => extended(name, [...missing]) ?? extended(name, candidates)
  const meant = nearest(name, candidates)[0] ?? (isClosed ? longer() : undefined)
  if (!isClosed && (meant === undefined || 'allOf' in schema || 'anyOf' in schema || 'oneOf' in schema)) return
  const unknown = `unknown field ${JSON.stringify(name.slice(0, 200))}`
  if (meant !== undefined) {
    const kind = missing.delete(meant) ? ` (${expected(walk, own(properties, meant))}, required)` : ''
    return report(walk, path, `${unknown}; did you mean ${JSON.stringify(meant)}${kind}?`)
  }
  const known = Object.keys(properties).slice(0, 30).join(', ')
  report(walk, path, `${unknown}; ${known === '' ? 'no fields are expected' : `known fields: ${known}`}`)
}

/**
 * False for a field that a closed schema requires and does not have: nobody can give it. Nor can anybody give two
 * fields, each of which only one of its alternatives has: those require theirs themselves.
 */
function isPossible(walk: Walk, schema: JsonRecord, enclosing: JsonRecord | undefined, name: string): boolean {
  if (schema['additionalProperties'] !== false || isRecord(schema['patternProperties'])) return true
  const isOwn = own(schema['properties'], name) !== undefined
  for (const alternatives of isOwn ? [] : [list(schema['oneOf']), list(schema['anyOf'])]) {
    const isKnown = (one: unknown) => isKnownTo(walk, one, name, { choices: true, isOpen: isRecord }, 0)
    if (alternatives.some(isKnown) && !alternatives.every(isKnown)) return false
  }
  const known = { choices: true, isOpen: isRecord }
  return [schema, enclosing].some((one) => one !== undefined && isKnownTo(walk, one, name, known, 0))
}

/**
 * Whether a schema, or one that it is composed of, describes a field. `choices`: also those that are alternatives;
 * `isOpen` tells by the `additionalProperties` of a part whether it describes every field.
 */
function isKnownTo(
  walk: Walk,
  schema: unknown,
  name: string,
  { choices, isOpen }: { choices: boolean; isOpen: (rest: unknown) => boolean },
  hops: number,
): boolean {
  if (hops > 20 || walk.steps.left-- <= 0) return true
  const looked = look(walk, schema)
  if (!isRecord(looked)) return looked === undefined && isRecord(schema)
  if (own(looked['properties'], name) !== undefined) return true
  if (hops > 0 && isOpen(looked['additionalProperties'])) return true
  const dependent = ownEntries(looked, 'dependentSchemas').map(([, part]) => part)
  const alternatives = [looked['anyOf'], looked['oneOf'], [looked['then'], looked['else']], dependent]
  const parts = [...list(looked['allOf']), ...(choices ? alternatives.flatMap(list) : [])]
  return parts.some((part) => part !== undefined && isKnownTo(walk, part, name, { choices: true, isOpen }, hops + 1))
}
