// How a tool differs between two revisions, in sentences for the person who decides whether that is fine.
import type { JsonSchema } from '../../../drizzle/shapes.ts'
import type { ToolRow } from '../../db/tools.ts'
import { isRecord, own, ownEntries, ownList, ownText } from '../../integrations/json-value.ts'

export interface WordedTool {
  tool: Pick<
    ToolRow,
    'operation' | 'description' | 'effect' | 'isDeprecated' | 'inputSchema' | 'outputSchema' | 'origin' | 'binding'
  >
  /** What its schemas refer to as `#/$defs/<name>`. */
  schemas: Readonly<Record<string, JsonSchema>>
}

const MOST_WORDS = 30
const MOST_DEPTH = 6
const MOST_STEPS = 5_000
const AROUND = 40

/** `withWords`: what documentation says counts, and is shown as far as it differs. */
export function changesInWords(before: WordedTool, after: WordedTool, withWords = false): string[] {
  const words: string[] = []
  const say = (text: string) => void (words.includes(text) || words.push(text))
  const [was, is] = [before.tool, after.tool]
  if (was.effect !== is.effect) say(`It was a ${was.effect} and is a ${is.effect} now.`)
  if (was.isDeprecated !== is.isDeprecated) say(is.isDeprecated ? 'It is deprecated.' : 'It is no longer deprecated.')
  if (was.origin !== is.origin)
    say(`It is called at ${is.origin ?? 'the base URL'}, not at ${was.origin ?? 'the base URL'}.`)
  if (withWords && was.description !== is.description)
    say(`Its description ${otherwise(was.description, is.description)}`)
  const comparison = {
    before: before.schemas,
    after: after.schemas,
    withWords,
    say,
    steps: { left: MOST_STEPS },
    seen: new Set<string>(),
  }
  compare({ ...comparison, side: 'input' }, was.inputSchema, is.inputSchema, '', 0)
  compare({ ...comparison, side: 'answer' }, was.outputSchema ?? true, is.outputSchema ?? true, '', 0)
  if (words.length === 0 && JSON.stringify(was.binding) !== JSON.stringify(is.binding)) {
    say(withWords ? 'Its title, icons or hints are other ones.' : 'Its input is the same and is sent in another way.')
  }
  return words.length > MOST_WORDS ? [...words.slice(0, MOST_WORDS), `… and ${words.length - MOST_WORDS} more`] : words
}

interface Comparison {
  side: 'input' | 'answer'
  before: Readonly<Record<string, JsonSchema>>
  after: Readonly<Record<string, JsonSchema>>
  withWords: boolean
  say: (text: string) => void
  steps: { left: number }
  /** Pairs of references that were compared: schemas may be part of themselves. */
  seen: Set<string>
}

function compare(comparison: Comparison, before: unknown, after: unknown, path: string, depth: number): void {
  if (comparison.steps.left-- <= 0 || depth > MOST_DEPTH) return
  const pair = `${ownText(before, '$ref')} ${ownText(after, '$ref')}`
  if (pair !== ' ') {
    if (comparison.seen.has(`${comparison.side} ${pair}`)) return
    comparison.seen.add(`${comparison.side} ${pair}`)
  }
  const was = resolved(comparison.before, before)
  const is = resolved(comparison.after, after)
  if (!isRecord(was) || !isRecord(is)) {
    if (typeof was === 'boolean' && typeof is === 'boolean' && was === is) return
    if (JSON.stringify(was) !== JSON.stringify(is)) comparison.say(`${named(comparison, path)} has another form.`)
    return
  }
  compareWords(comparison, was, is, path)
  compareTypes(comparison, was, is, path)
  compareValues(comparison, was, is, path)
  compareLimits(comparison, was, is, path)
  compareMembers(comparison, was, is, path, depth)
  if ('items' in was || 'items' in is) {
    compare(comparison, own(was, 'items') ?? true, own(is, 'items') ?? true, `${path}[]`, depth + 1)
  }
  compareAlternatives(comparison, was, is, path, depth)
}

function compareMembers(comparison: Comparison, was: object, is: object, path: string, depth: number): void {
  const before = new Map(ownEntries(was, 'properties'))
  const after = new Map(ownEntries(is, 'properties'))
  const required = { before: new Set(ownList(was, 'required')), after: new Set(ownList(is, 'required')) }
  const at = (name: string) => quoted(path === '' ? name : `${path}.${name}`)
  const [where, needed] = comparison.side === 'input' ? ['', 'is required'] : ['The answer: ', 'is always there']
  for (const name of after.keys()) {
    if (before.has(name)) continue
    const isNeeded = comparison.side === 'input' && required.after.has(name)
    comparison.say(`${where}${at(name)} is new${isNeeded ? ', and required' : ''}.`)
  }
  for (const [name, schema] of before) {
    const now = after.get(name)
    if (now === undefined) {
      comparison.say(`${where}${at(name)} is gone.`)
      continue
    }
    if (required.before.has(name) !== required.after.has(name)) {
      const negated = needed.replace('is ', 'is no longer ')
      comparison.say(`${where}${at(name)} ${required.after.has(name) ? `${needed} now` : negated}.`)
    }
    compare(comparison, schema, now, path === '' ? name : `${path}.${name}`, depth + 1)
  }
}

function compareWords(comparison: Comparison, was: object, is: object, path: string): void {
  if (!comparison.withWords) return
  for (const keyword of ['title', 'description']) {
    const [before, after] = [ownText(was, keyword), ownText(is, keyword)]
    if (before !== after) comparison.say(`${named(comparison, path)}: its ${keyword} ${otherwise(before, after)}`)
  }
}

/** All of what differs, with a few characters around it. */
function otherwise(before: string, after: string): string {
  const shorter = Math.min(before.length, after.length)
  let start = 0
  while (start < shorter && before[start] === after[start]) start++
  let end = 0
  while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) end++
  const from = start > AROUND ? start - AROUND : 0
  const rest = end > AROUND ? end - AROUND : 0
  const part = (text: string) =>
    quoted((from > 0 ? '…' : '') + text.slice(from, text.length - rest) + (rest > 0 ? '…' : ''))
  return `was ${part(before)} and is ${part(after)} now.`
}

function compareTypes(comparison: Comparison, was: object, is: object, path: string): void {
  const [before, after] = [typesOf(was), typesOf(is)]
  if (before === after) return
  comparison.say(`${named(comparison, path)} was ${before || 'anything'} and is ${after || 'anything'} now.`)
}

function typesOf(schema: object): string {
  const type = own(schema, 'type')
  const names = (Array.isArray(type) ? type : [type]).filter((name) => typeof name === 'string')
  const format = ownText(schema, 'format')
  return names.sort().join(' or ') + (format ? ` (${format})` : '')
}

function compareValues(comparison: Comparison, was: object, is: object, path: string): void {
  const values = (schema: object) => {
    const list = Object.hasOwn(schema, 'const') ? [own(schema, 'const')] : ownList(schema, 'enum')
    return new Set(list.map((value) => JSON.stringify(value)))
  }
  const [before, after] = [values(was), values(is)]
  const [gained, lost] = [[...after].filter((one) => !before.has(one)), [...before].filter((one) => !after.has(one))]
  const name = named(comparison, path)
  if (before.size > 0 && after.size === 0) comparison.say(`${name} takes other values than ${few(lost)} too.`)
  else if (before.size === 0 && after.size > 0) comparison.say(`${name} is one of ${few(gained)} now.`)
  else {
    if (gained.length > 0) comparison.say(`${name} may be ${few(gained)} now.`)
    if (lost.length > 0) comparison.say(`${name} can no longer be ${few(lost)}.`)
  }
}

const LIMITS: Record<string, string> = {
  minimum: 'smallest value',
  maximum: 'largest value',
  exclusiveMinimum: 'lower bound',
  exclusiveMaximum: 'upper bound',
  minLength: 'least length',
  maxLength: 'greatest length',
  minItems: 'least number of items',
  maxItems: 'greatest number of items',
  pattern: 'pattern',
  default: 'default',
}

function compareLimits(comparison: Comparison, was: object, is: object, path: string): void {
  for (const [keyword, words] of Object.entries(LIMITS)) {
    const [before, after] = [own(was, keyword), own(is, keyword)].map((value) => JSON.stringify(value))
    if (before === after) continue
    const name = named(comparison, path)
    if (after === undefined) comparison.say(`${name} has no ${words} any more (it was ${cut(before ?? '')}).`)
    else if (before === undefined) comparison.say(`${name} has a ${words} now: ${cut(after)}.`)
    else comparison.say(`${name} has another ${words}: ${cut(after)} instead of ${cut(before)}.`)
  }
}

function compareAlternatives(comparison: Comparison, was: object, is: object, path: string, depth: number): void {
  for (const keyword of ['allOf', 'anyOf', 'oneOf', 'prefixItems']) {
    const [before, after] = [ownList(was, keyword), ownList(is, keyword)]
    if (before.length === after.length) {
      for (const [index, schema] of before.entries()) compare(comparison, schema, after[index], path, depth + 1)
    } else comparison.say(`${named(comparison, path)} has ${after.length} alternatives instead of ${before.length}.`)
  }
  const [before, after] = [own(was, 'additionalProperties'), own(is, 'additionalProperties')]
  if (isRecord(before) && isRecord(after)) compare(comparison, before, after, `${path}[…]`, depth + 1)
  else if ((before === false) !== (after === false) && comparison.side === 'input') {
    comparison.say(
      `${named(comparison, path)} ${after === false ? 'takes no other fields any more' : 'takes other fields too'}.`,
    )
  }
}

function resolved(schemas: Readonly<Record<string, JsonSchema>>, schema: unknown): unknown {
  let current = schema
  for (let steps = 0; steps < 10; steps++) {
    const reference = ownText(current, '$ref')
    if (!reference.startsWith('#/$defs/')) return current
    const name = reference.slice('#/$defs/'.length)
    current = Object.hasOwn(schemas, name) ? schemas[name] : true
  }
  return current
}

function named({ side }: Comparison, path: string): string {
  if (path === '') return side === 'input' ? 'The input' : 'The answer'
  return side === 'input' ? quoted(path) : `The answer: ${quoted(path)}`
}

function quoted(path: string): string {
  return `“${path}”`
}

function few(values: readonly string[]): string {
  const shown = values.slice(0, 6).map(cut)
  return shown.join(', ') + (values.length > shown.length ? ` and ${values.length - shown.length} more` : '')
}

function cut(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}
