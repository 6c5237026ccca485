// The one place that decides whether a tool may be used: a pure function of the rules and the tool (design: policies).
import { type Address, isNarrower, matches, parsePattern, type Pattern } from './pattern.ts'

export type Action = 'allow' | 'require_approval' | 'block'
export type Effect = 'read' | 'write' | 'destructive'

export interface Rule {
  id: string
  pattern: string
  action: Action
}

export interface Question {
  rules: readonly Rule[]
  /** Rules of the toolkit the call came through. Each can only make the result stricter; `allow` changes nothing. */
  toolkitRules?: readonly Rule[]
  tool: { integration: string; name: string; effect: Effect }
  /** Slug of the connection that the call goes through. Leave out only when it goes through none. */
  connection?: string
  /** A person approved this tool for this principal before, and the approval is still in force. */
  remembered?: boolean
  /** The tool is new or changed since somebody last looked at it. */
  needsReview?: boolean
}

export type Because =
  | { kind: 'rule'; rule: Rule }
  | { kind: 'toolkit_rule'; rule: Rule }
  | { kind: 'default'; effect: Effect }
  | { kind: 'remembered' }
  | { kind: 'needs_review' }

export interface Decision {
  action: Action
  because: Because
  /** The reason in one sentence for people and agents. */
  sentence: string
}

const STRICTNESS: Record<Action, number> = { allow: 0, require_approval: 1, block: 2 }

/** Throws when a stored rule has a pattern that cannot be read: ignoring it might let something through. */
export function decide(question: Question): Decision {
  const { integration, name, effect } = question.tool
  const address: Address = { integration, name, connection: question.connection }

  const rule = strictest(narrowest(matching(question.rules, address)))
  let action: Action = rule?.action ?? (effect === 'read' ? 'allow' : 'require_approval')
  let because: Because = rule ? { kind: 'rule', rule } : { kind: 'default', effect }

  const toolkitRule = strictest(matching(question.toolkitRules ?? [], address))
  if (toolkitRule && STRICTNESS[toolkitRule.action] > STRICTNESS[action]) {
    action = toolkitRule.action
    because = { kind: 'toolkit_rule', rule: toolkitRule }
  }
  if (question.remembered && action === 'require_approval') {
    action = 'allow'
    because = { kind: 'remembered' }
  }
  // Last, since what was remembered was said of the tool as it was.
  if (question.needsReview && action === 'allow') {
    action = 'require_approval'
    because = { kind: 'needs_review' }
  }
  return { action, because, sentence: sentenceFor(action, because) }
}

function matching(rules: readonly Rule[], address: Address): Rule[] {
  return rules.filter((rule) => matches(patternOf(rule), address))
}

/** The rules that no other rule overrides: those with no strictly narrower one among `rules`. */
function narrowest(rules: readonly Rule[]): Rule[] {
  return rules.filter((rule) => {
    const own = patternOf(rule)
    return !rules.some((other) => isNarrower(patternOf(other), own) && !isNarrower(own, patternOf(other)))
  })
}

/** Ties go by pattern and id, so that the order of rules never shows, not even in the reason. */
function strictest(rules: readonly Rule[]): Rule | undefined {
  return rules.toSorted(
    (a, b) => STRICTNESS[b.action] - STRICTNESS[a.action] || compare(a.pattern, b.pattern) || compare(a.id, b.id),
  )[0]
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** Rules are read once from the database and asked about many tools. */
const parsed = new WeakMap<Rule, Pattern>()

function patternOf(rule: Rule): Pattern {
  const known = parsed.get(rule)
  if (known) return known
  const result = parsePattern(rule.pattern)
  if (!result.ok) throw new Error(`Policy ${rule.id} has the unreadable pattern "${rule.pattern}": ${result.message}`)
  parsed.set(rule, result.pattern)
  return result.pattern
}

const VERB: Record<Action, string> = {
  allow: 'allows this tool',
  require_approval: 'asks for approval before this tool is used',
  block: 'blocks this tool',
}

const DEFAULT_SENTENCE: Record<Effect, string> = {
  read: 'No policy covers this tool, and tools that only read are allowed.',
  write: 'No policy covers this tool, and tools that may change something require approval.',
  destructive: 'No policy covers this tool, and tools that delete something require approval.',
}

function sentenceFor(action: Action, because: Because): string {
  if (because.kind === 'rule') return `The policy ${because.rule.pattern} ${VERB[action]}.`
  if (because.kind === 'toolkit_rule') return `The toolkit's rule ${because.rule.pattern} ${VERB[action]}.`
  if (because.kind === 'default') return DEFAULT_SENTENCE[because.effect]
  return because.kind === 'remembered'
    ? 'A person approved this tool before, and the approval is still in force.'
    : 'This tool is new or has changed, and asks for approval until someone has looked at the difference.'
}
