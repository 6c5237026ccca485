// Is this input what the tool's schema asks for? Written for the agent that has to correct the call: every problem
// names its field by path, says what was given, and suggests what was probably meant. The schemas come from documents
// that others wrote, so the walk is bounded in steps and depth; what lies beyond the bounds, and every keyword that is
// not here, is left to the upstream to judge. `format` is not checked, `oneOf` asks for at least one alternative, because
// real documents describe overlapping ones, and a closed object knows the fields of what it is composed of.
import type { JsonSchema, ToolErrorShape } from '../../drizzle/shapes.ts'
import { isRecord, type JsonRecord, own } from '../integrations/json-value.ts'
import { checkAlternatives, checkConditions } from './validate-composed.ts'
import { checkArray, checkObject } from './validate-structure.ts'
import { checkBytes, checkChoice, checkNumber, checkString, checkType } from './validate-value.ts'
import { doubt, isBytes, isFull, list, type Problem, report, type Walk } from './validate-walk.ts'

export type Validation = { ok: true } | { ok: false; error: ToolErrorShape }

const mostProblems = 10
const mostSteps = 200_000
const mostDepth = 100

/** Checks `input` (an absent one counts as `{}`) against `schema`, whose `#/$defs/<name>` references are in `defs`. */
export function validateInput(
  schema: JsonSchema,
  defs: Readonly<Record<string, JsonSchema>>,
  input: unknown,
): Validation {
  const walk: Walk = {
    check,
    resolve: (reference) => resolve(defs, reference),
    problems: [],
    steps: { left: mostSteps },
  }
  check(walk, schema, input ?? {}, '', 0)
  if (walk.problems.length === 0) return { ok: true }
  const shown = walk.problems.slice(0, mostProblems)
  const lines = shown.map(({ path, message }: Problem) => (path === '' ? message : `${path}: ${message}`))
  if (walk.problems.length > shown.length) lines.push(`and ${walk.problems.length - shown.length} more`)
  return { ok: false, error: { code: 'invalid_arguments', message: lines.join('; '), details: { problems: shown } } }
}

/** `enclosing`: the schema that this one is a part of, of the same value. */
function check(walk: Walk, schema: unknown, value: unknown, path: string, depth: number, enclosing?: JsonRecord): void {
  if (walk.steps.left-- <= 0 || depth > mostDepth || isFull(walk)) return doubt(walk)
  if (schema === false) return report(walk, path, 'is not allowed here')
  if (!isRecord(schema)) return
  const whole = enclosing ?? schema
  const reference = schema['$ref']
  if (typeof reference === 'string') {
    const target = walk.resolve(reference)
    if (target === undefined) doubt(walk)
    else check(walk, target, value, path, depth + 1, whole)
  }
  if (isBytes(value)) checkBytes(walk, schema, value, path)
  else if (checkType(walk, schema, value, path)) checkPlain(walk, schema, value, path, depth, enclosing)
  else return
  for (const part of list(schema['allOf'])) check(walk, part, value, path, depth + 1, whole)
  checkAlternatives(walk, list(schema['anyOf']), value, path, depth, whole)
  checkAlternatives(walk, list(schema['oneOf']), value, path, depth, whole)
  checkConditions(walk, schema, value, path, depth, whole)
}

function checkPlain(
  walk: Walk,
  schema: JsonRecord,
  value: unknown,
  path: string,
  depth: number,
  enclosing: JsonRecord | undefined,
): void {
  checkChoice(walk, schema, value, path)
  if (typeof value === 'string') checkString(walk, schema, value, path)
  else if (typeof value === 'number') checkNumber(walk, schema, value, path)
  else if (Array.isArray(value)) checkArray(walk, schema, value, path, depth)
  else if (isRecord(value)) checkObject(walk, schema, value, path, depth, enclosing)
}

/** The schema that a reference names; undefined when it is not given, and anything may be a value of it. */
function resolve(defs: Readonly<Record<string, JsonSchema>>, reference: string): unknown {
  const name = reference.startsWith('#/$defs/') ? reference.slice('#/$defs/'.length) : ''
  return own(defs, name.replaceAll('~1', '/').replaceAll('~0', '~'))
}
