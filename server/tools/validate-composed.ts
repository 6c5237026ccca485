// What a value must be besides: one of several alternatives, not something, or something under a condition.
import { isRecord, type JsonRecord, own, ownEntries } from '../integrations/json-value.ts'
import { refuseChoice } from './validate-value.ts'
import { doubt, fits, isSame, join, list, look, type Problem, report, type Walk } from './validate-walk.ts'

/** At least one alternative must hold; otherwise the problems of the one that was meant are reported. */
export function checkAlternatives(
  walk: Walk,
  alternatives: unknown[],
  value: unknown,
  path: string,
  depth: number,
  whole: JsonRecord,
): void {
  if (alternatives.length === 0) return
  const meant = alternatives.length > 1 ? taggedAs(walk, alternatives, value) : undefined
  if (meant?.choices) return refuseChoice(walk, meant.choices, own(value, meant.name), join(path, meant.name))
  let best: Problem[] | undefined
  for (const alternative of meant?.alternatives ?? alternatives) {
    const problems: Problem[] = []
    walk.check({ ...walk, problems }, alternative, value, path, depth + 1, whole)
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

/** `choices` when the value names none of the alternatives. */
type Tagged =
  | { name: string; alternatives: unknown[]; choices?: never }
  | { name: string; choices: unknown[]; alternatives?: never }

/**
 * Which alternatives a value says that it is, by a field that is a constant in every one of them, as the mapping of a
 * discriminator has it; undefined without such a field.
 */
function taggedAs(walk: Walk, alternatives: unknown[], value: unknown): Tagged | undefined {
  if (!isRecord(value)) return undefined
  const all = alternatives.map((alternative) => constantsOf(walk, alternative, 0))
  walk.steps.left -= alternatives.length
  for (const name of all[0]?.keys() ?? []) {
    if (own(value, name) === undefined || !all.every((constants) => constants.has(name))) continue
    const choices = all.flatMap((constants) => constants.get(name) ?? [])
    const isMeant = (index: number) => all[index]?.get(name)?.some((choice) => isSame(choice, value[name]))
    const meant = alternatives.filter((_, index) => isMeant(index))
    if (meant.length === alternatives.length) continue
    return meant.length > 0 ? { name, alternatives: meant } : { name, choices }
  }
  return undefined
}

/** Fields that have one of a few values. */
function constantsOf(walk: Walk, schema: unknown, hops: number): Map<string, unknown[]> {
  const looked = look(walk, schema)
  if (!isRecord(looked) || hops > 5 || walk.steps.left-- <= 0) return new Map()
  const constants = new Map(list(looked['allOf']).flatMap((part) => [...constantsOf(walk, part, hops + 1)]))
  // What stands beside a reference narrows what it leads to.
  const beside = isRecord(schema) && schema !== looked ? ownEntries(schema, 'properties') : []
  for (const [name, property] of [...ownEntries(looked, 'properties'), ...beside]) {
    if (!isRecord(property)) continue
    if ('const' in property) constants.set(name, [property['const']])
    else if (list(property['enum']).length > 0) constants.set(name, list(property['enum']))
  }
  return constants
}

/** `not`, and `if` with `then` and `else`. Where it is not sure what holds, nothing is asked. */
export function checkConditions(
  walk: Walk,
  schema: JsonRecord,
  value: unknown,
  path: string,
  depth: number,
  whole: JsonRecord,
): void {
  if (schema['not'] !== undefined) {
    const isRefused = fits(walk, schema['not'], value, depth)
    if (isRefused === undefined) doubt(walk)
    if (isRefused) report(walk, path, `must not be ${wordsOf(schema['not'])}`)
  }
  if (schema['if'] === undefined) return
  const holds = fits(walk, schema['if'], value, depth)
  if (holds === undefined) return doubt(walk)
  const part = holds ? schema['then'] : schema['else']
  if (part !== undefined) walk.check(walk, part, value, path, depth + 1, whole)
}

function wordsOf(schema: unknown): string {
  const required = list(own(schema, 'required'))
  if (required.length > 0) return `given with ${required.map((name) => JSON.stringify(name)).join(' and ')}`
  const text = JSON.stringify(schema) ?? ''
  return text === '{}' || text === 'true' ? 'given' : text.length > 200 ? 'what it is' : `a value of ${text}`
}
